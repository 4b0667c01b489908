"""退回: until a list has left for the bank, whoever may take its next step may send it back instead, and says why.

Guarantees: the list stands where it began, the money held back is free again, and every township confirms anew, because
lines may be taken off in between. Who sent it back has answered that step: in the next round the same person may take
the same step, and still nobody takes two. Refuses: a list that has left, a reason left blank.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.ledger.public import void_reservation

from ..models import BatchPart, PaymentBatch
from ..states import SENT_BACK_FROM, BatchState, BatchVerb
from .batches import audit_step, ensure_step, lock_batch, move_batch


@transaction.atomic
def send_back_batch(*, actor: Actor, batch_id: UUID, reason: str, expected_version: int | None = None) -> PaymentBatch:
    """Raises NotAllowed, NotFound, Conflict (someone was faster), StateConflict, Invalid."""
    batch, moves = lock_batch(batch_id)
    step = SENT_BACK_FROM.get(batch.state)
    if batch.is_history or step is None:
        raise StateConflict(
            _("批次 %(number)s %(state)s，不能退回。已送银行的，退票后取消或者到账后冲回。")
            % {"number": batch.number, "state": BatchState(batch.state).label},
            reason="batch.state",
            batch_id=batch.id,
            state=batch.state,
        )
    ensure_step(actor=actor, batch=batch, moves=moves, verb=step.verb, expected_version=expected_version)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明退回的原因"), reason="batch.no_reason")
    for part in BatchPart.objects.filter(batch=batch).exclude(reservation=None).order_by("area_code"):
        assert part.reservation_id is not None
        void_reservation(actor=actor, reservation_id=part.reservation_id, reason=_("清册退回"))
    BatchPart.objects.filter(batch=batch).exclude(reservation=None).update(reservation=None)
    move_batch(
        actor=actor, batch=batch, moves=moves, verb=BatchVerb.SEND_BACK, to_state=BatchState.DRAFTED, note=reason
    )
    audit_step(actor, batch, BatchVerb.SEND_BACK, round=batch.round, from_state=step.verb)
    return batch
