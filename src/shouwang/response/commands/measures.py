"""Lifting measures, and the answers of the sites that they name. Nothing is edited: a measure is ended by a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound, StateConflict

from ..events import MeasureLifted
from ..models import Measure, MeasureEnd, SiteReceipt
from ..policies import ensure_may_answer_for_sites, ensure_may_order_measures
from ..queries.documents import get_document
from ..queries.measures import get_measure


@transaction.atomic
def lift_measure(
    *, actor: Actor, measure_id: UUID, at: datetime, reason: str, document_id: UUID | None = None
) -> MeasureEnd:
    """End a measure before its term, from an instant on; at its start it never comes into force.

    Raises StateConflict when it is lifted already or over by then, NotAllowed for who could not have ordered it.
    """
    measure = get_measure(measure_id)
    ensure_may_order_measures(actor, measure.spans)
    if not reason.strip():
        raise Invalid(_("请写明解除的原因"), reason="measure.reason_missing")
    if at < measure.from_at:
        raise Invalid(_("解除时间不能早于措施开始的时间"), reason="measure.lifted_before_it_starts")
    if measure.until_at is not None and at >= measure.until_at:
        raise StateConflict(_("这项措施到那时已经期满，不用解除"), reason="measure.over")
    Measure.objects.select_for_update().get(id=measure.id)
    earlier = MeasureEnd.objects.filter(measure=measure).first()
    if earlier is not None:
        raise StateConflict(
            _("这项措施已经解除：%(reason)s") % {"reason": earlier.reason}, reason="measure.lifted", at=earlier.at
        )
    end = MeasureEnd.objects.create(
        measure=measure,
        at=at,
        reason=reason.strip()[:200],
        document=get_document(document_id) if document_id else None,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    audit.record(
        actor=actor,
        action="measure.lift",
        subject=f"measure:{measure.id}",
        area_code=measure.area_code,
        data={"at": at, "reason": end.reason},
    )
    events.publish(
        MeasureLifted(
            measure_id=measure.id,
            measure_kind=measure.kind,
            area_code=measure.area_code,
            at=at,
            is_exercise=measure.is_exercise,
        )
    )
    return end


@transaction.atomic
def receive_measure(*, actor: Actor, receipt_ids: Sequence[UUID]) -> int:
    """签收: the sites have the measure. Returns how many had not been received yet. Raises NotFound for any of another area."""
    receipts = _receipts(actor, receipt_ids)
    waiting = [receipt for receipt in receipts if receipt.received_at is None]
    for receipt in waiting:
        receipt.received_at, receipt.received_by = clock.now(), actor.user_id
    SiteReceipt.objects.bulk_update(waiting, ["received_at", "received_by"])
    _audit_receipts(actor, "measure.receive", waiting)
    return len(waiting)


@transaction.atomic
def confirm_measure(*, actor: Actor, receipt_ids: Sequence[UUID], note: str = "") -> int:
    """落实: it is done at the sites as ordered; by an officer of their area it is said by proxy.

    What had not been received is received with it. Returns how many had not been confirmed yet.
    """
    receipts = _receipts(actor, receipt_ids)
    waiting = [receipt for receipt in receipts if receipt.confirmed_at is None]
    for receipt in waiting:
        now = clock.now()
        if receipt.received_at is None:
            receipt.received_at, receipt.received_by = now, actor.user_id
        receipt.confirmed_at, receipt.confirmed_by, receipt.is_by_proxy = now, actor.user_id, True
        receipt.note = " ".join(note.split())[:200]
    fields = ["received_at", "received_by", "confirmed_at", "confirmed_by", "is_by_proxy", "note"]
    SiteReceipt.objects.bulk_update(waiting, fields)
    _audit_receipts(actor, "measure.confirm", waiting)
    return len(waiting)


def _receipts(actor: Actor, receipt_ids: Sequence[UUID]) -> list[SiteReceipt]:
    ensure_may_answer_for_sites(actor)
    receipts = list(SiteReceipt.objects.select_for_update().filter(actor.scope.q(), id__in=receipt_ids).order_by("id"))
    if len(receipts) != len(set(receipt_ids)) or not receipts:
        raise NotFound(_("没有这家机构的签收记录，或者不在您的管辖范围"), reason="receipt.unknown")
    return receipts


def _audit_receipts(actor: Actor, action: str, receipts: Sequence[SiteReceipt]) -> None:
    if receipts:
        audit.record(
            actor=actor,
            action=action,
            subject=f"measure:{receipts[0].measure_id}",
            area_code=actor.area_code,
            data={"sites": [receipt.organisation_id for receipt in receipts]},
        )
