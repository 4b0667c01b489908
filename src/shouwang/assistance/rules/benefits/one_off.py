"""一次性补助 in an emergency: so much for each person, or each household, of the groups named; nobody twice.

The notice of the month gives amounts, groups and whether it is by person or by household (Hubei, February 2020: goods worth
500 yuan in towns and 300 in the country for each person in hardship). Who is in two groups has the better one.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, whole
from .clauses import LINE, Clause, Kind, Record, Rule, Text
from .inputs import Tables
from .keeping import bit
from .parameters import StandardsRow
from .reasons import Reason

ONE_OFF = "one_off"
GROUPS = ("dibao", "tekun", "orphan", "unattended_child", "borderline")

TEXTS = (Text("local", date(2020, 1, 1), "应急期间的通知", "困难群众一次性补助"),)
USES = ("one_off.per", *(f"one_off.{group}.{town}" for group in GROUPS for town in ("urban", "rural")))
KEPT = ("is_urban", "group_number", "group_count", "is_household")


def build(t: Tables, version: str) -> ir.Table:
    """One line a person, or a household where the notice says so, of `holds`; `grant_id` is null."""
    del version
    holds = t.holds.filter(t.holds.programme.isin(GROUPS)).drop("received_fen")
    lines = holds.join(t.standards_of(USES), "unit_code")
    # Who lives in no household has it as a person: a notice by household would leave them out together.
    is_household = (lines.one_off_per == "household") & lines.household_id.notnull()
    lines = lines.mutate(group_number=_position(lines.programme), is_household=is_household)
    lines = lines.mutate(rate_fen=_rate(lines))
    lines = _best_group(lines)
    is_some = lines.rate_fen > 0
    lines = lines.mutate(
        grant_id=ibis.null("int64"),
        person_id=lines.is_household.ifelse(ibis.null("int64"), lines.person_id),
        amount_fen=lines.rate_fen,
        ordinary_fen=whole(0),
        reasons=bit(~is_some, Reason.NOT_IN_GROUP)
        + bit(lines.group_count > 1, Reason.OTHER_GROUP_BETTER)
        + bit(lines.is_household & is_some, Reason.PAID_TO_HEAD),
    )
    return lines.select(*LINE, *(column for column in KEPT if column not in LINE))


def _position(programme: Expression) -> Expression:
    return ibis.cases(
        *((programme == group, ibis.literal(number, type="int64")) for number, group in enumerate(GROUPS)),
        else_=whole(-1),
    )


def _rate(lines: ir.Table) -> Expression:
    return ibis.cases(
        *(
            (
                lines.group_number == number,
                lines.is_urban.ifelse(lines[f"one_off_{group}_urban"], lines[f"one_off_{group}_rural"]),
            )
            for number, group in enumerate(GROUPS)
        ),
        else_=whole(0),
    )


def _best_group(lines: ir.Table) -> ir.Table:
    """One line a subject: its best group, the first of GROUPS among equals."""
    lines = lines.mutate(subject_id=lines.is_household.ifelse(lines.household_id, lines.person_id))
    subject = ["is_household", "subject_id"]
    ranked = ibis.window(
        group_by=subject, order_by=[ibis.desc("rate_fen"), "group_number", "unit_code", "household_id", "person_id"]
    )
    groups = lines.group_number.nunique().over(ibis.window(group_by=subject))
    lines = lines.mutate(place=ibis.row_number().over(ranked), group_count=groups)
    return lines.filter(lines.place == 0)


def derive(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    town = "urban" if record["is_urban"] else "rural"
    return {"paid": standards.number(f"one_off.{GROUPS[record['group_number']]}.{town}")}


CLAUSES = (
    Clause(
        "paid",
        _("一次性补助"),
        Kind.ADD,
        {"": "应急期间的通知"},
        keys=tuple(key for key in USES if key != "one_off.per"),
        is_emergency=True,
    ),
)

RULE = Rule(ONE_OFF, TEXTS, USES, KEPT, build, CLAUSES, derive, GROUPS)
