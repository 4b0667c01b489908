"""A community's gates today: who passed by the hour, which phones are silent, how much of each building is registered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from shouwang.areas.public import Area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import intersect, spans_q

from ..models import Building, Device, Gate, Registration
from ..states import GateState, RegistrationState
from .devices import Uploads, gates_for, open_alarms_for, uploads_of
from .passages import GateHour, kept_hours, passed_by_hour

GATES_MAX = 300
"""A community has a few gates, a township dozens; a county asks for a township."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Persons: let in, let out, turned back, sent to the fever clinic."""

    entered: int = 0
    left: int = 0
    turned_back: int = 0
    fever: int = 0


@dataclass(frozen=True, slots=True)
class GateLine:
    gate: Gate
    is_open: bool
    passed: Passed
    phones: int
    silent: int
    missing: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Households of a building as the community counted them, and those that registered."""

    building: str
    counted: int
    registered: int

    @property
    def percent(self) -> int:
        return min(100, self.registered * 100 // self.counted) if self.counted else 0


@dataclass(frozen=True, slots=True)
class Board:
    lines: Sequence[GateLine]
    hours: Sequence[tuple[int, Passed]]
    total: Passed
    open_count: int
    sealed_count: int
    alarm_count: int
    is_cut: bool


def board_of(actor: Actor, area: Area, on: date) -> Board:
    """The gates of the area that lie in the actor's scope, on a day."""
    spans = intersect(actor.scope.spans, area.span)
    gates = list(gates_for(actor).filter(spans_q(spans)).order_by("area_code", "estate__name", "name")[: GATES_MAX + 1])
    shown = gates[:GATES_MAX]
    devices = list(Device.objects.filter(gate__in=shown, revoked_at=None))
    gate_of = {device.id: device.gate_id for device in devices}
    everyone = Device.objects.filter(gate__in=shown).values_list("id", "gate_id")
    seen = passed_by_hour(everyone, spans, on) or [
        (gate.id, hour) for gate in shown if on < clock.today() for hour in kept_hours(gate.id, on)
    ]
    by_gate, by_hour = _sums(seen)
    uploads = uploads_of(devices)
    return Board(
        lines=[_line(gate, by_gate.get(gate.id, Passed()), uploads, gate_of) for gate in shown],
        hours=sorted(by_hour.items()),
        total=_add(by_gate.values()),
        open_count=sum(_is_open(gate) for gate in shown),
        sealed_count=sum(not _is_open(gate) for gate in shown),
        alarm_count=open_alarms_for(actor).filter(spans_q(spans)).count(),
        is_cut=len(gates) > GATES_MAX,
    )


def _is_open(gate: Gate) -> bool:
    return bool(gate.state == GateState.OPEN)  # type: ignore[attr-defined]  # annotated by gates_for


def _line(gate: Gate, passed: Passed, uploads: dict[int, Uploads], gate_of: dict[int, int]) -> GateLine:
    mine = [one for device_id, one in uploads.items() if gate_of.get(device_id) == gate.id]
    return GateLine(
        gate=gate,
        is_open=_is_open(gate),
        passed=passed,
        phones=sum(1 for gate_id in gate_of.values() if gate_id == gate.id),
        silent=sum(one.is_silent for one in mine),
        missing=sum(one.missing_count for one in mine),
    )


def _sums(seen: Iterable[tuple[int, GateHour]]) -> tuple[dict[int, Passed], dict[int, Passed]]:
    by_gate: dict[int, Passed] = {}
    by_hour: dict[int, Passed] = {}
    for gate_id, hour in seen:
        persons = Passed(hour.entered, hour.left, hour.turned_back, hour.fever)
        by_gate[gate_id] = _add([by_gate.get(gate_id, Passed()), persons])
        by_hour[hour.hour] = _add([by_hour.get(hour.hour, Passed()), persons])
    return by_gate, by_hour


def _add(many: Iterable[Passed]) -> Passed:
    counted = list(many)
    return Passed(
        sum(one.entered for one in counted),
        sum(one.left for one in counted),
        sum(one.turned_back for one in counted),
        sum(one.fever for one in counted),
    )


def coverage_of(estate_id: int) -> list[Coverage]:
    """By building, those that the community counted and those that only registrations name; 2 before 10."""
    counted = dict(Building.objects.filter(estate_id=estate_id).values_list("name", "household_count"))
    registered = dict(
        Registration.objects.filter(estate_id=estate_id, state=RegistrationState.CONFIRMED)
        .values_list("building")
        .annotate(households=Count("room", distinct=True))
    )
    names = sorted(counted.keys() | registered.keys(), key=lambda name: (not name.isdigit(), name.zfill(6)))
    return [Coverage(name, counted.get(name, 0), registered.get(name, 0)) for name in names]


def coverage_in(actor: Actor, area: Area) -> tuple[int, int]:
    """Households registered and households counted, in the area."""
    spans = intersect(actor.scope.spans, area.span)
    registered = Registration.objects.filter(spans_q(spans), Q(state=RegistrationState.CONFIRMED))
    rooms = registered.values("estate", "building", "room").distinct().count()
    counted = sum(Building.objects.filter(spans_q(spans)).values_list("household_count", flat=True))
    return rooms, counted
