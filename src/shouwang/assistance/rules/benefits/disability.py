"""残疾人两项补贴: the living subsidy 困难残疾人生活补贴 and the nursing subsidy 重度残疾人护理补贴.

Law: 国发〔2015〕52号, from 2016-01-01. Living: disabled members of dibao families, where a bureau says so also of low-income
ones. Nursing: level 1 and 2 who need care for six months and more, where a bureau says so also level 3 of 智力 or 精神.
Who is excluded, and where one chooses the higher, is data (exclusions.yaml).
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, whole
from .clauses import Clause, Kind, Record, Rule, Shown, Text
from .holding import as_lines, personal_lines
from .inputs import Tables
from .keeping import bit
from .parameters import StandardsRow
from .reasons import Reason

LIVING, NURSING = "disability_living", "disability_nursing"
INTELLECTUAL, MENTAL = 5, 6

TEXTS = (
    Text("2015", date(2016, 1, 1), "国发〔2015〕52号", "全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见"),
)

LIVING_USES = ("disability.living.amount", "disability.living.scope")
NURSING_USES = tuple(f"disability.nursing.level_{level}" for level in (1, 2, 3))
_KEPT = ("is_urban", "persons", "excluded_by", "similar_fen", "scope_count", "disability_kind", "disability_level")
LIVING_KEPT = (*_KEPT, "low_income_count")
NURSING_KEPT = (*_KEPT, "needs_care")


def build_living(t: Tables, version: str) -> ir.Table:
    """One line a grant of disability_living."""
    del version
    lines = personal_lines(t, LIVING, LIVING_USES, ("dibao", "borderline"))
    dibao = t.holds.filter(t.holds.programme == "dibao").select(dibao_holder="person_id").distinct()
    lines = lines.left_join(dibao, lines.person_id == dibao.dibao_holder)
    is_on_dibao = lines.dibao_holder.notnull()
    # `scope_count` counts what lets a person in everywhere, `low_income_count` what does where the bureau widened it.
    lines = lines.mutate(
        low_income_count=lines.scope_count - is_on_dibao.ifelse(whole(1), whole(0)),
        scope_count=is_on_dibao.ifelse(whole(1), whole(0)),
    )
    is_widened = lines.disability_living_scope == "low_income"
    lines = lines.mutate(
        is_in_scope=(lines.scope_count > 0) | (is_widened & (lines.low_income_count > 0)),
        is_level=lines.disability_level > 0,
        rate_fen=lines.disability_living_amount,
        is_needing=ibis.literal(True),
    )
    return as_lines(_paid(lines), LIVING_KEPT)


def build_nursing(t: Tables, version: str) -> ir.Table:
    """One line a grant of disability_nursing."""
    del version
    lines = personal_lines(t, NURSING, NURSING_USES)
    is_third = (lines.disability_level == 3) & lines.disability_kind.isin([INTELLECTUAL, MENTAL])
    rate = ibis.cases(
        (lines.disability_level == 1, lines.disability_nursing_level_1),
        (lines.disability_level == 2, lines.disability_nursing_level_2),
        (is_third, lines.disability_nursing_level_3),
        else_=whole(0),
    )
    lines = lines.mutate(rate_fen=rate, is_in_scope=ibis.literal(True), is_needing=lines.needs_care)
    lines = lines.mutate(is_level=lines.rate_fen > 0)
    return as_lines(_paid(lines), NURSING_KEPT)


def _paid(lines: ir.Table) -> ir.Table:
    is_due = (lines.persons > 0) & lines.is_level & lines.is_in_scope & lines.is_needing & ~lines.is_excluded
    lines = lines.mutate(is_due=is_due)
    lines = lines.mutate(is_covered=lines.is_due & (lines.similar_fen >= lines.rate_fen) & (lines.rate_fen > 0))
    lines = lines.mutate(computed_fen=(lines.is_due & ~lines.is_covered).ifelse(lines.rate_fen, whole(0)))
    return lines.mutate(reasons=_reasons(lines))


def _reasons(lines: ir.Table) -> Expression:
    is_living = lines.persons > 0
    return (
        bit(~is_living, Reason.NOBODY_LIVING)
        + bit(is_living & ~lines.is_level & ~lines.is_excluded, Reason.LEVEL_TOO_LIGHT)
        + bit(is_living & ~lines.is_in_scope, Reason.OUT_OF_SCOPE)
        + bit(is_living & ~lines.is_needing, Reason.NO_CARE_NEED)
        + bit(is_living & lines.is_excluded, Reason.EXCLUDED)
        + bit(lines.is_covered, Reason.RECEIVED_COVERS)
    )


def derive_living(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    is_widened = standards.text("disability.living.scope") == "low_income"
    is_in_scope = record["scope_count"] > 0 or (is_widened and record["low_income_count"] > 0)
    rate = standards.number("disability.living.amount")
    is_due = bool(record["persons"] and record["disability_level"] and is_in_scope and not record["excluded_by"])
    return _steps(record, rate, is_due)


def derive_nursing(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    level, kind = record["disability_level"], record["disability_kind"]
    is_level = level in (1, 2) or (level == 3 and kind in (INTELLECTUAL, MENTAL))
    rate = standards.number(f"disability.nursing.level_{level}") if is_level else 0
    is_due = bool(record["persons"] and rate and record["needs_care"] and not record["excluded_by"])
    return _steps(record, rate, is_due)


def _steps(record: Record, rate: int, is_due: bool) -> dict[str, int]:
    is_paid = is_due and record["similar_fen"] < rate
    return {
        "rate": rate,
        "level": record["disability_level"],
        "similar": record["similar_fen"],
        "paid": rate if is_paid else 0,
    }


def _clauses(label: str, *keys: str) -> tuple[Clause, ...]:
    return (
        Clause("level", _("残疾等级"), Kind.FACT, {"": "国发〔2015〕52号"}, Shown.COUNT),
        Clause("rate", _("补贴标准"), Kind.PARAMETER, {"": "国发〔2015〕52号"}, keys=keys),
        Clause("similar", _("已享受的同类待遇"), Kind.FACT, {"": "国发〔2015〕52号"}),
        Clause("paid", label, Kind.ADD, {"": "国发〔2015〕52号"}, keys=keys),
    )


LIVING_RULE = Rule(
    LIVING,
    TEXTS,
    LIVING_USES,
    LIVING_KEPT,
    build_living,
    _clauses("困难残疾人生活补贴", "disability.living.amount"),
    derive_living,
)
NURSING_RULE = Rule(
    NURSING,
    TEXTS,
    NURSING_USES,
    NURSING_KEPT,
    build_nursing,
    _clauses("重度残疾人护理补贴", *NURSING_USES),
    derive_nursing,
)
