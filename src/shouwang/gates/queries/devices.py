"""Estates, gates and phones as officers see them; and how much of what a phone saw has come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import Device, DeviceReport, Estate, Gate, GateStatus, HeldBatch, IngestAlarm

SILENT_AFTER = timedelta(hours=12)
"""A phone in use that has not synced for a shift."""


def estates_for(actor: Actor) -> QuerySet[Estate]:
    return Estate.objects.filter(actor.scope.q())


def get_estate_for(actor: Actor, estate_id: int) -> Estate:
    """Raises NotFound, also for one outside the actor's areas."""
    found = estates_for(actor).filter(id=estate_id).first()
    if found is None:
        raise NotFound(_("没有找到这个小区，或者不在您的管辖范围内"), estate_id=estate_id)
    return found


def gates_for(actor: Actor) -> QuerySet[Gate]:
    """Each with `state` and `emergency_note` as they hold now."""
    now = clock.now()
    latest = GateStatus.objects.filter(gate=OuterRef("pk"), from_at__lte=now).order_by(
        "-from_at", "-recorded_at", "-id"
    )
    return (
        Gate.objects.filter(actor.scope.q())
        .select_related("estate")
        .annotate(
            state=Subquery(latest.values("state")[:1]), emergency_note=Subquery(latest.values("emergency_note")[:1])
        )
    )


def get_gate_for(actor: Actor, gate_id: int) -> Gate:
    """Raises NotFound, also for one outside the actor's areas."""
    found = gates_for(actor).filter(id=gate_id).first()
    if found is None:
        raise NotFound(_("没有找到这个卡口，或者不在您的管辖范围内"), gate_id=gate_id)
    return found


def statuses_of(gate: Gate) -> QuerySet[GateStatus]:
    """The latest first."""
    return GateStatus.objects.filter(gate=gate).order_by("-from_at", "-recorded_at", "-id")


def devices_for(actor: Actor) -> QuerySet[Device]:
    return Device.objects.filter(actor.scope.q()).select_related("gate__estate", "report")


def get_device_for(actor: Actor, device_id: int) -> Device:
    """Raises NotFound, also for one outside the actor's areas."""
    found = devices_for(actor).filter(id=device_id).first()
    if found is None:
        raise NotFound(_("没有找到这部手机，或者不在您的管辖范围内"), device_id=device_id)
    return found


@dataclass(frozen=True, slots=True)
class Uploads:
    """How far a phone's numbers are in: 1 to `through`, but for `missing` (pairs first and last).

    `waiting` is what it said still lay on it when it was last heard; `is_silent`: in use and not heard for a shift.
    What a lost phone or a cleared browser held is the `waiting` of a phone that is never heard again.
    """

    device_id: int
    through: int
    missing: Sequence[tuple[int, int]]
    waiting: int
    seen_at: datetime
    clock_offset: timedelta
    is_silent: bool

    @property
    def missing_count(self) -> int:
        return sum(last - first + 1 for first, last in self.missing)


def uploads_of(devices: Iterable[Device]) -> dict[int, Uploads]:
    """By device; rows outside the connection's scope are not there."""
    in_use = {device.id: device.revoked_at is None for device in devices}
    now = clock.now()
    return {
        report.device_id: Uploads(
            device_id=report.device_id,
            through=report.last_seq,
            missing=gaps_in(report.received),
            waiting=report.waiting,
            seen_at=report.seen_at,
            clock_offset=timedelta(milliseconds=report.clock_offset_ms),
            is_silent=in_use[report.device_id] and now - report.seen_at > SILENT_AFTER,
        )
        for report in DeviceReport.objects.filter(device_id__in=in_use)
    }


def gaps_in(received: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Numbers from 1 on that lie between the spans that are in, as pairs first and last."""
    gaps, expected = [], 1
    for low, high in received:
        if low > expected:
            gaps.append((expected, low - 1))
        expected = high
    return gaps


def open_alarms_for(actor: Actor) -> QuerySet[IngestAlarm]:
    """The latest first."""
    return IngestAlarm.objects.filter(actor.scope.q(), settled_at=None).order_by("-recorded_at", "-id")


def held_batches_for(actor: Actor) -> QuerySet[HeldBatch]:
    """What revoked phones still sent and nobody has judged, the oldest first."""
    return HeldBatch.objects.filter(actor.scope.q(), judged_at=None).select_related("device").order_by("received_at")
