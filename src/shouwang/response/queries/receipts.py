"""The answers of the sites that measures name: who has not received, who has not done it, who is late."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from shouwang.areas.public import Area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import intersect, spans_q

from ..models import Measure, SiteReceipt
from ..states import ReceiptState


@dataclass(frozen=True, slots=True)
class ReceiptCounts:
    """Of one measure, as far as the actor sees its sites."""

    sites: int
    received: int
    confirmed: int
    overdue: int


def receipt_counts(actor: Actor, measure: Measure) -> ReceiptCounts:
    counted = SiteReceipt.objects.filter(actor.scope.q(), measure=measure).aggregate(
        sites=Count("id"),
        received=Count("id", filter=Q(received_at__isnull=False)),
        confirmed=Count("id", filter=Q(confirmed_at__isnull=False)),
        overdue=Count("id", filter=_state_q(ReceiptState.OVERDUE)),
    )
    return ReceiptCounts(**counted)


def receipts_for(actor: Actor, *, area: Area, measure: Measure | None = None, state: str = "") -> QuerySet[SiteReceipt]:
    """The sites in `area` that measures name, those due first ahead."""
    receipts = SiteReceipt.objects.filter(spans_q(intersect(actor.scope.spans, area.span)))
    if measure is not None:
        receipts = receipts.filter(measure=measure)
    if state:
        receipts = receipts.filter(_state_q(ReceiptState(state)))
    return receipts.select_related("measure").order_by("due_at", "area_code", "id")


def receipt_state(receipt: SiteReceipt) -> ReceiptState:
    if receipt.confirmed_at is not None:
        return ReceiptState.CONFIRMED
    if receipt.due_at <= clock.now():
        return ReceiptState.OVERDUE
    return ReceiptState.WAITING if receipt.received_at is None else ReceiptState.RECEIVED


def _state_q(state: ReceiptState) -> Q:
    open_now = Q(confirmed_at=None)
    return {
        ReceiptState.CONFIRMED: Q(confirmed_at__isnull=False),
        ReceiptState.OVERDUE: open_now & Q(due_at__lte=clock.now()),
        ReceiptState.WAITING: open_now & Q(received_at=None, due_at__gt=clock.now()),
        ReceiptState.RECEIVED: open_now & Q(received_at__isnull=False, due_at__gt=clock.now()),
    }[state]
