"""孤儿基本生活费, and 事实无人抚养儿童 who are topped up to their rate.

Law: 国办发〔2010〕54号; 民发〔2019〕62号. An orphan in an institution has the higher rate; a child nobody cares for has the rate
less what dibao, tekun and the living subsidy of the disabled pay for it, and never less than nothing.
"""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, at_least_zero, day_number, share, whole
from .clauses import Clause, Kind, Record, Rule, Shown, Text
from .holding import as_lines, personal_lines
from .inputs import Tables
from .keeping import bit
from .parameters import StandardsRow
from .reasons import Reason
from .rounding import share as share_of

ORPHAN, UNATTENDED = "orphan", "unattended_child"

ORPHAN_TEXTS = (Text("2010", date(2010, 11, 16), "国办发〔2010〕54号", "关于加强孤儿保障工作的意见"),)
UNATTENDED_TEXTS = (Text("2019", date(2020, 1, 1), "民发〔2019〕62号", "关于进一步加强事实无人抚养儿童保障工作的意见"),)

ORPHAN_USES = ("child.orphan.concentrated", "child.orphan.dispersed", "child.age_below")
UNATTENDED_USES = ("child.orphan.dispersed", "child.unattended.percent", "child.age_below")
ORPHAN_KEPT = ("is_urban", "persons", "is_minor", "is_concentrated", "excluded_by")
UNATTENDED_KEPT = ("is_urban", "persons", "is_minor", "taken_off_fen")


def build_orphan(t: Tables, version: str) -> ir.Table:
    """One line a grant of orphan. Without a mode it is the rate of those who live with relatives, and says so."""
    del version
    lines = _minors(personal_lines(t, ORPHAN, ORPHAN_USES))
    lines = lines.mutate(is_concentrated=(lines.care_mode == "concentrated").fill_null(False))
    rate = lines.is_concentrated.ifelse(lines.child_orphan_concentrated, lines.child_orphan_dispersed)
    is_due = (lines.persons > 0) & lines.is_minor & ~lines.is_excluded
    lines = lines.mutate(computed_fen=is_due.ifelse(rate, whole(0)))
    lines = lines.mutate(
        reasons=_reasons(lines)
        + bit(lines.is_excluded, Reason.EXCLUDED)
        + bit((lines.persons > 0) & lines.care_mode.isnull(), Reason.NO_CARE_MODE)
    )
    return as_lines(lines, ORPHAN_KEPT)


def build_unattended(t: Tables, version: str) -> ir.Table:
    """One line a grant of unattended_child."""
    del version
    lines = _minors(personal_lines(t, UNATTENDED, UNATTENDED_USES))
    lines = lines.mutate(rate_fen=share(lines.child_orphan_dispersed, lines.child_unattended_percent))
    lines = lines.mutate(is_due=(lines.persons > 0) & lines.is_minor)
    lines = lines.mutate(
        computed_fen=lines.is_due.ifelse(at_least_zero(lines.rate_fen - lines.taken_off_fen), whole(0))
    )
    lines = lines.mutate(
        reasons=_reasons(lines)
        + bit((lines.computed_fen > 0) & (lines.taken_off_fen > 0), Reason.TOPPED_UP)
        + bit(lines.is_due & (lines.computed_fen == 0), Reason.RECEIVED_COVERS)
    )
    return as_lines(lines, UNATTENDED_KEPT)


def _minors(lines: ir.Table) -> ir.Table:
    born_after = day_number(lines.benefit_month) - lines.child_age_below * 10_000
    return lines.mutate(is_minor=(day_number(lines.birth_on) > born_after).fill_null(False))


def _reasons(lines: ir.Table) -> Expression:
    return bit(lines.persons == 0, Reason.NOBODY_LIVING) + bit((lines.persons > 0) & ~lines.is_minor, Reason.AGE_PASSED)


def derive_orphan(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    mode = "concentrated" if record["is_concentrated"] else "dispersed"
    rate = standards.number(f"child.orphan.{mode}")
    is_due = record["persons"] and record["is_minor"] and not record["excluded_by"]
    return {"rate": rate, "concentrated": record["is_concentrated"], "paid": rate if is_due else 0}


def derive_unattended(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    rate = share_of(standards.number("child.orphan.dispersed"), standards.number("child.unattended.percent"))
    full = rate if record["persons"] and record["is_minor"] else 0
    return {
        "rate": rate,
        "full": full,
        "received": record["taken_off_fen"],
        "taken_off": min(full, record["taken_off_fen"]),
    }


ORPHAN_RULE = Rule(
    ORPHAN,
    ORPHAN_TEXTS,
    ORPHAN_USES,
    ORPHAN_KEPT,
    build_orphan,
    (
        Clause("concentrated", _("机构集中养育"), Kind.FACT, {"": "国办发〔2010〕54号"}, Shown.CODE),
        Clause(
            "paid",
            _("孤儿基本生活费"),
            Kind.ADD,
            {"": "国办发〔2010〕54号"},
            keys=("child.orphan.concentrated", "child.orphan.dispersed"),
        ),
    ),
    derive_orphan,
)
UNATTENDED_RULE = Rule(
    UNATTENDED,
    UNATTENDED_TEXTS,
    UNATTENDED_USES,
    UNATTENDED_KEPT,
    build_unattended,
    (
        Clause("received", _("已享受的低保、特困、残疾人生活补贴"), Kind.FACT, {"": "民发〔2019〕62号"}),
        Clause(
            "full",
            _("事实无人抚养儿童补贴标准"),
            Kind.ADD,
            {"": "民发〔2019〕62号"},
            keys=("child.orphan.dispersed", "child.unattended.percent"),
        ),
        Clause("taken_off", _("扣除已享受的待遇"), Kind.SUBTRACT, {"": "民发〔2019〕62号"}),
    ),
    derive_unattended,
)
