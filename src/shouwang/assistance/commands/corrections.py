"""Single lines put right: withdrawn before the list leaves, given up after it came back, taken back after it arrived.

Guarantees: each has a reason and an officer; the money goes back where it came from in the same transaction; what a
figure counted yesterday stays counted for yesterday's cut-off, because nothing is edited.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound, StateConflict
from shouwang.ledger.public import AccountKind, Entry, post_entry

from ..events import PaymentReversed
from ..models import BatchPart, Payable, PaymentAttempt, PaymentBatch, PaymentOutcome
from ..policies import ensure_may_cancel, ensure_may_correct
from ..queries.batches import confirmed_codes
from ..queries.problems import unsettled_payables
from ..rules.book import given_up, taken_back
from ..states import VOIDS, AttemptState, BatchState, BatchVerb, Channel, OutcomeKind
from .batches import audit_step, move_batch, moves_of
from .money import UnitAccounts
from .overpayments import settle_with_reversal, undo_offsets
from .payables import record_outcome
from .staging import lock_months


@transaction.atomic
def withdraw_line(*, actor: Actor, attempt_id: UUID, reason: str) -> PaymentAttempt:
    """Take a line off a drafted list: a death, a mistake seen by the township. Its payable is settled as cancelled.

    A township that has confirmed its part confirms what is left of it anew. With its last line the list is void.
    """
    attempt = _attempt(actor, attempt_id)
    ensure_may_cancel(actor, attempt.area_code)
    if attempt.batch is None or attempt.part is None:
        raise StateConflict(_("这一笔不在清册中"), reason="attempt.no_list")
    batch, part = attempt.batch, attempt.part
    if batch.state != BatchState.DRAFTED:
        raise StateConflict(
            _("批次 %(number)s %(state)s，不能再撤下明细。退票后可以取消，到账后可以冲回。")
            % {"number": batch.number, "state": BatchState(batch.state).label},
            reason="batch.state",
        )
    reason = _required(reason)
    for counted in (batch, part):
        counted.line_count -= 1
        counted.amount_fen -= attempt.amount_fen
    batch.version += 1
    batch.save(update_fields=["line_count", "amount_fen", "version"])
    part.save(update_fields=["line_count", "amount_fen"])
    entry = None
    if batch.is_reissue:  # its money lies apart since it came back
        entry = _move_money(actor, attempt, given_up(amount_fen=attempt.amount_fen), "cancel", reason)
    record_outcome(
        actor=actor, attempt=attempt, kind=OutcomeKind.CANCELLED, paid_on=clock.today(), reason=reason, entry=entry
    )
    attempt.batch = attempt.part = attempt.line_number = None
    attempt.save(update_fields=["batch", "part", "line_number"])
    undo_offsets(actor=actor, payable=attempt.payable, reason=reason)
    _audit(actor, "payment.withdraw", attempt.payable, reason, batch=batch.number)
    _tell_the_list(actor, batch, part.area_code, reason)
    return attempt


def _tell_the_list(actor: Actor, batch: PaymentBatch, part_code: int, reason: str) -> None:
    """What a withdrawn line means for its list: it is over, or a township's word no longer fits its lines."""
    moves = moves_of(batch)
    if batch.line_count == 0:
        move_batch(actor=actor, batch=batch, moves=moves, verb=VOIDS.verb, to_state=VOIDS.to_state, note=reason)
        audit_step(actor, batch, VOIDS.verb)
    elif part_code in confirmed_codes(batch, moves):
        move_batch(
            actor=actor,
            batch=batch,
            moves=moves,
            verb=BatchVerb.REOPEN_PART,
            to_state=BatchState.DRAFTED,
            township_code=part_code,
            note=reason,
        )


@transaction.atomic
def cancel_payable(*, actor: Actor, payable_id: UUID, reason: str) -> PaymentAttempt:
    """Give up a payable that came back or never had an account; returned money goes back into the treasury."""
    owed = Payable.objects.filter(actor.scope.q(), id=payable_id).first()
    if owed is None:
        raise _not_waiting(payable_id)
    ensure_may_cancel(actor, owed.area_code)
    reason = _required(reason)
    # A re-issue of the month reads what waits under this lock: either it or we see what the other did.
    lock_months([(owed.programme, owed.benefit_month.isoformat())])
    payable = unsettled_payables().filter(id=owed.id).first()
    if payable is None:
        raise _not_waiting(payable_id)
    last = PaymentAttempt.objects.filter(payable=payable, state=AttemptState.RETURNED).order_by("-recorded_at", "-id")
    returned = last.first()
    entry = None
    if returned is None:
        attempt = PaymentAttempt.objects.create(
            payable=payable,
            channel=Channel.BANK,
            amount_fen=payable.amount_fen,
            area_code=payable.area_code,
            state=AttemptState.OPEN,
            recorded_at=clock.now(),
        )
    else:
        attempt = _attempt(actor, returned.id)
        entry = _move_money(actor, attempt, given_up(amount_fen=attempt.amount_fen), "cancel", reason)
    record_outcome(
        actor=actor, attempt=attempt, kind=OutcomeKind.CANCELLED, paid_on=clock.today(), reason=reason, entry=entry
    )
    undo_offsets(actor=actor, payable=payable, reason=reason)
    _audit(actor, "payment.cancel", payable, reason)
    return attempt


@transaction.atomic
def reverse_payment(*, actor: Actor, attempt_id: UUID, reason: str) -> PaymentOutcome:
    """冲回: a payment of a list that arrived and should not have is recovered. It counts no more, from now on."""
    attempt = _attempt(actor, attempt_id)
    ensure_may_correct(actor, attempt.area_code)
    reason = _required(reason)
    paid = PaymentOutcome.objects.filter(attempt=attempt, kind=OutcomeKind.PAID).first()
    if attempt.state != AttemptState.SUCCEEDED or paid is None or attempt.batch is None:
        raise StateConflict(
            _("只有清册中已到账的款项可以冲回，这一笔%(state)s") % {"state": AttemptState(attempt.state).label},
            reason="attempt.state",
            state=attempt.state,
        )
    if attempt.batch.is_history:
        raise StateConflict(_("历史发放不在本系统支付，不能在这里冲回"), reason="attempt.history")
    settle_with_reversal(actor=actor, payable=attempt.payable, reason=reason)
    undo_offsets(actor=actor, payable=attempt.payable, reason=reason)
    entry = _move_money(actor, attempt, taken_back(amount_fen=attempt.amount_fen), "reversal", reason)
    outcome = record_outcome(
        actor=actor, attempt=attempt, kind=OutcomeKind.REVERSED, paid_on=paid.paid_on, reason=reason, entry=entry
    )
    _audit(actor, "payment.reverse", attempt.payable, reason)
    events.publish(PaymentReversed(attempt.payable_id, attempt.amount_fen, reason, attempt.area_code))
    return outcome


def _not_waiting(payable_id: UUID) -> NotFound:
    return NotFound(_("没有这一笔待处理的应发，可能已经重新发放或者取消"), payable_id=payable_id)


def _attempt(actor: Actor, attempt_id: UUID) -> PaymentAttempt:
    """Locked after its list and its part, the order of everybody: see README.md. Raises NotFound."""
    seen = PaymentAttempt.objects.filter(actor.scope.q(), id=attempt_id).values("batch_id", "part_id").first()
    if seen is not None:
        list(PaymentBatch.objects.select_for_update().filter(id=seen["batch_id"]))
        list(BatchPart.objects.select_for_update().filter(id=seen["part_id"]))
    attempt = (
        PaymentAttempt.objects.select_for_update(of=("self",))
        .select_related("payable", "batch", "batch__fund", "part")
        .filter(actor.scope.q(), id=attempt_id)
        .first()
    )
    if attempt is None:
        raise NotFound(_("没有这一笔发放，可能不在您的辖区"), attempt_id=attempt_id)
    return attempt


def _move_money(
    actor: Actor, attempt: PaymentAttempt, moved: dict[AccountKind, int], prefix: str, reason: str
) -> Entry:
    batch, part = attempt.batch, attempt.part
    if batch is None or part is None:
        raise StateConflict(_("这一笔不是由清册发放的"), reason="attempt.no_list")
    return post_entry(
        actor=actor,
        area_code=part.area_code,
        occurred_on=clock.today(),
        source=f"{prefix}:{attempt.id}",
        memo=f"{batch.number}-{attempt.line_number} {reason}"[:200],
        lines=UnitAccounts(batch.fund, batch.area_code).lines(moved),
    )


def _required(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("请写明原因"), reason="payment.no_reason")
    return reason.strip()[:100]


def _audit(actor: Actor, action: str, payable: Payable, reason: str, **data: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=f"payable:{payable.id}",
        area_code=payable.area_code,
        data={"amount_fen": payable.amount_fen, "reason": reason, **data},
    )
