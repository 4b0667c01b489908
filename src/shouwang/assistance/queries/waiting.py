"""Lists of payments that wait for a person's step, for the page 今天."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Mod
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.worklist import WorkItem

from ..models import BatchMove, BatchPart, PaymentAttempt, PaymentBatch
from ..rules.payment import DUE_BY_DAY, payment_rule_on
from ..rules.places import TOWNSHIP
from ..states import BATCH_STEPS, NOT_STEPS, SENT_BACK_FROM, AttemptState, BatchState, BatchStep, BatchVerb


def lists_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:
    """The lists whose next step is the actor's, the oldest first; where they took a step already is left out."""
    waiting = Q(pk__in=[])
    for step in (step for step in BATCH_STEPS if actor.role in step.roles):
        waiting |= Q(state__in=step.from_states) & _is_next(actor, step) & _is_free(actor, step)
    batches = PaymentBatch.objects.filter(waiting, is_history=False).order_by("benefit_month", "recorded_at", "number")
    return [_work_item(batch) for batch in batches[:limit]]


def _is_free(actor: Actor, step: BatchStep) -> Q:
    """That no other step of the list is the actor's: see queries.batches.taken_by."""
    if not step.is_personal:
        return Q()
    answered = Q(verb__in=[step.verb, *NOT_STEPS]) | Q(
        verb=BatchVerb.SEND_BACK, from_state__in=[state for state, other in SENT_BACK_FROM.items() if other is step]
    )
    return ~Q(Exists(BatchMove.objects.filter(~answered, batch_id=OuterRef("id"), user_id=actor.user_id)))


def _is_next(actor: Actor, step: BatchStep) -> Q:
    if step.verb == BatchVerb.CONFIRM:
        reopened = BatchMove.objects.filter(
            batch_id=OuterRef("batch_id"),
            round=OuterRef("round"),
            verb=BatchVerb.REOPEN_PART,
            township_code=OuterRef("township_code"),
            position__gt=OuterRef("position"),
        )
        confirmed = BatchMove.objects.filter(
            ~Exists(reopened),
            batch_id=OuterRef("batch_id"),
            round=OuterRef("batch__round"),
            verb=BatchVerb.CONFIRM,
            township_code=OuterRef("area_code"),
        )
        awaited = BatchPart.objects.filter(actor.scope.q(), ~Exists(confirmed))
        if actor.role == Role.COUNTY_OFFICER:  # see policies.parts_of
            own_place = Q(area_code=OuterRef("area_code"))
            awaited = awaited.annotate(below=Mod("area_code", TOWNSHIP)).filter(own_place | Q(below__gt=0))
        return Q(Exists(awaited.filter(batch_id=OuterRef("id"))))
    open_lines = Exists(PaymentAttempt.objects.filter(batch_id=OuterRef("id"), state=AttemptState.OPEN))
    condition = actor.scope.q()
    if step.verb == BatchVerb.RECEIVE:
        condition &= Q(open_lines)
    elif step.verb == BatchVerb.RECONCILE:
        condition &= ~Q(open_lines)
    return condition


def _work_item(batch: PaymentBatch) -> WorkItem:
    return WorkItem(
        kind=_("资金发放"),
        title=f"{batch.number} {batch.get_programme_display()} {batch.benefit_month:%Y-%m}",
        action=str(_ACTIONS[BatchState(batch.state)]),
        url=reverse("batch_page", args=[batch.id]),
        due_on=_due_on(batch),
    )


def _due_on(batch: PaymentBatch) -> date | None:
    """By when a monthly list must be with the bank; one that has left, or goes out a second time, has no such day."""
    if batch.programme not in DUE_BY_DAY or batch.is_reissue or batch.state not in SENT_BACK_FROM:
        return None
    return payment_rule_on(batch.benefit_month).due_on(batch.benefit_month)


_ACTIONS = {
    BatchState.DRAFTED: BatchVerb.CONFIRM.label,
    BatchState.TOWNSHIP_CONFIRMED: BatchVerb.APPROVE.label,
    BatchState.COUNTY_APPROVED: BatchVerb.APPROVE_FUNDS.label,
    BatchState.FINANCE_APPROVED: BatchVerb.SEND.label,
    BatchState.SENT: BatchVerb.RECEIVE.label,
    BatchState.RETURNED: BatchVerb.RECONCILE.label,
}
