"""高龄津贴: by age on the day, the highest tier that is reached; all the old or those of low income, as the province says.

There is no national rate; each province's notice gives ages and amounts. It ends with a death and begins with a birthday.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, day_number, div_floor, whole
from .clauses import Clause, Kind, Record, Rule, Shown, Text
from .holding import as_lines, personal_lines
from .inputs import Tables
from .keeping import bit
from .parameters import StandardsRow
from .reasons import Reason

OLD_AGE = "old_age"
LOW_INCOME = ("dibao", "tekun", "borderline")
TIERS = (1, 2, 3)

TEXTS = (Text("local", date(2013, 7, 1), "老年人权益保障法第三十三条", "八十周岁以上低收入老年人高龄津贴"),)
USES = (
    "old_age.scope",
    "old_age.counted_on",
    *(f"old_age.age_{tier}" for tier in TIERS),
    *(f"old_age.amount_{tier}" for tier in TIERS),
)
KEPT = ("is_urban", "persons", "age", "scope_count")


def build(t: Tables, version: str) -> ir.Table:
    """One line a grant of old_age."""
    del version
    lines = personal_lines(t, OLD_AGE, USES, LOW_INCOME)
    lines = lines.mutate(age=_age(lines))
    lines = lines.mutate(is_in_scope=(lines.old_age_scope == "all") | (lines.scope_count > 0), tier=_tier(lines))
    rate = ibis.cases(*((lines.tier == tier, lines[f"old_age_amount_{tier}"]) for tier in TIERS), else_=whole(0))
    lines = lines.mutate(rate_fen=rate)
    is_due = (lines.persons > 0) & lines.is_in_scope
    lines = lines.mutate(computed_fen=is_due.ifelse(lines.rate_fen, whole(0)))
    lines = lines.mutate(
        reasons=bit(lines.persons == 0, Reason.NOBODY_LIVING)
        + bit((lines.persons > 0) & (lines.tier == 0), Reason.AGE_NOT_REACHED)
        + bit(
            (lines.persons > 0) & (~lines.is_in_scope | ((lines.tier > 0) & (lines.rate_fen == 0))), Reason.OUT_OF_SCOPE
        )
    )
    return as_lines(lines, KEPT)


def _age(lines: ir.Table) -> Expression:
    """Whole years on the day that counts: the last day of a month is after each of its days, so 31 stands for it."""
    first = day_number(lines.benefit_month)
    on = (lines.old_age_counted_on == "last_day").ifelse(first + 30, first)
    lived = ibis.greatest(ibis.coalesce(on - day_number(lines.birth_on), whole(0)), whole(0))
    return div_floor(lived, 10_000)


def _tier(lines: ir.Table) -> Expression:
    return ibis.cases(
        *((lines.age >= lines[f"old_age_age_{tier}"], ibis.literal(tier, type="int64")) for tier in reversed(TIERS)),
        else_=whole(0),
    )


def derive(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    reached = [tier for tier in TIERS if record["age"] >= standards.number(f"old_age.age_{tier}")]
    rate = standards.number(f"old_age.amount_{max(reached)}") if reached else 0
    is_in_scope = standards.text("old_age.scope") == "all" or record["scope_count"] > 0
    return {"age": record["age"], "paid": rate if record["persons"] and is_in_scope else 0}


CLAUSES = (
    Clause("age", _("周岁"), Kind.FACT, {"": "老年人权益保障法第三十三条"}, Shown.COUNT, keys=("old_age.counted_on",)),
    Clause(
        "paid",
        _("高龄津贴"),
        Kind.ADD,
        {"": "省级规定"},
        keys=(*(f"old_age.age_{tier}" for tier in TIERS), *(f"old_age.amount_{tier}" for tier in TIERS)),
    ),
)

RULE = Rule(OLD_AGE, TEXTS, USES, KEPT, build, CLAUSES, derive)
