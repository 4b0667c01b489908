"""The rule of a gate as plain facts (docs/gate-formats.md, format 3): compiled by the server, evaluated by the phone.

Guarantees: without a measure nothing is asked and everybody passes; of several orders the stricter holds; a resident
comes home under any measure. An institution's door knows no exits of a household and no hours of an estate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..states import ADMITTED, AFTER_ENTRY, FEVER_FROM_TENTHS, UNLIMITED_EXITS, Check, EstateKind

Values = Mapping[str, int]

WHO = ("resident", "staff", "helper", "visitor", "institution", "elsewhere", "unknown")
_GATE_CONTROL = {
    "resident": "residents",
    "staff": "staff",
    "helper": "helpers",
    "visitor": "visitors",
    "institution": "staff",
    "elsewhere": "others",
    "unknown": "others",
}
_OUTSIDERS = ("helper", "visitor", "elsewhere", "unknown")


@dataclass(frozen=True, slots=True)
class InForce:
    """What the measures say together at a moment: parameters by kind, their ids, their sentences."""

    gate_control: Values | None = None
    closed_management: Values | None = None
    declaration_every_days: int | None = None
    measure_ids: Sequence[str] = ()
    sentences: Sequence[str] = ()


def compiled(kind: EstateKind, orders: InForce) -> dict[str, object]:
    """The facts of a segment, without its span."""
    is_institution = kind == EstateKind.INSTITUTION
    control = orders.gate_control or {}
    closed = (orders.closed_management or {}) if is_institution else {}
    return {
        "measures": list(orders.measure_ids),
        "sentences": list(orders.sentences),
        "who": _who(control, closed),
        "checks": _checks(control),
        "fever_from_tenths": control.get("fever_from_tenths", FEVER_FROM_TENTHS),
        "leave_hours": [0, 24] if is_institution else _leave_hours(control),
        "exits": None if is_institution else _exits(control),
        "declaration_every_days": orders.declaration_every_days,
        "inside_leave": {"resident": closed.get("residents_leave", 1), "staff": closed.get("staff_leave", 1)},
    }


def _who(control: Values, closed: Values) -> dict[str, int]:
    who = {kind: control.get(_GATE_CONTROL[kind], ADMITTED) for kind in WHO}
    who["resident"] = max(who["resident"], AFTER_ENTRY)
    if "outsiders" in closed:
        who |= {kind: min(who[kind], closed["outsiders"]) for kind in _OUTSIDERS}
    return who


def _checks(control: Values) -> int:
    checks = 0
    if control.get("temperature"):
        checks |= Check.TEMPERATURE
    if control.get("mask"):
        checks |= Check.MASK
    if control.get("credentials"):
        checks |= Check.HEALTH_CODE | Check.TRIP_CARD
    return int(checks)


def _leave_hours(control: Values) -> list[int]:
    return [control.get("leave_from_hour", 0), control.get("leave_until_hour", 24)]


def _exits(control: Values) -> dict[str, int] | None:
    count = control.get("exits", UNLIMITED_EXITS)
    return None if count == UNLIMITED_EXITS else {"count": count, "days": control["exit_days"]}
