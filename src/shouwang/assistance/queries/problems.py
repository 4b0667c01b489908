"""Owed and not on its way: payables without an account, and lines that came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import Span, spans_q
from shouwang.registry.public import account_ids_as_of, members_as_of, person_facts_as_of

from ..models import Payable, PaymentAttempt, PaymentOutcome
from ..policies import ensure_may_read_payments
from ..states import AttemptState, Origin, OutcomeKind
from .overpayments import set_off_sum

_LIVE_OR_SETTLED = (
    AttemptState.OPEN,
    AttemptState.SUCCEEDED,
    AttemptState.CANCELLED,
    AttemptState.REVERSED,
)


_NOT_LISTED_AT_ONCE = Q(was_listed_at_once=False, case=None) & ~Q(origin=Origin.HISTORY)
"""The condition of the index `payable_not_listed`."""


def unsettled_payables(*, programme: str = "", month: date | None = None) -> QuerySet[Payable]:
    """Payables that nobody has been paid for and nobody is being paid for, each with `owed_fen`, `last_reason`,
    `last_account_id` and `was_returned`. A cancelled or reversed payable is settled: an officer decided so; and so is
    one that was wholly set off against what was overpaid before.

    What a relief case is owed waits with its case until a list has carried it; what came back from the bank waits here.
    """
    attempts = PaymentAttempt.objects.filter(payable_id=OuterRef("id"))
    last = attempts.order_by("-recorded_at", "-id")
    returned = PaymentOutcome.objects.filter(payable_id=OuterRef("id"), kind=OutcomeKind.RETURNED)
    # Both halves have a partial index of their own: hundreds of thousands of payables are settled, and never looked at.
    candidates = (
        Payable.objects.filter(_NOT_LISTED_AT_ONCE)
        .values("id")
        .union(PaymentAttempt.objects.filter(state=AttemptState.RETURNED).values("payable_id"))
    )
    payables = Payable.objects.filter(id__in=candidates).filter(~Exists(attempts.filter(state__in=_LIVE_OR_SETTLED)))
    condition = Q()
    if programme:
        condition &= Q(programme=programme)
    if month is not None:
        condition &= Q(benefit_month=month)
    owed = payables.filter(condition).annotate(owed_fen=F("amount_fen") - set_off_sum()).filter(owed_fen__gt=0)
    return owed.annotate(
        was_returned=Exists(attempts.filter(state=AttemptState.RETURNED)),
        last_account_id=Subquery(last.values("account_id")[:1]),
        last_reason=Subquery(returned.order_by("-recorded_at", "-id").values("reason")[:1]),
        last_batch_number=Subquery(last.values("batch__number")[:1]),
        last_at=Subquery(returned.order_by("-recorded_at", "-id").values("recorded_at")[:1]),
    )


def list_problems_for(
    actor: Actor, *, programme: str = "", month: date | None = None, spans: Sequence[Span] | None = None, kind: str = ""
) -> QuerySet[Payable]:
    """What the actor's area owes and cannot pay yet, the oldest month first. `kind`: "returned" or "no_account"."""
    ensure_may_read_payments(actor)
    payables = unsettled_payables(programme=programme, month=month).filter(actor.scope.q())
    if spans is not None:
        payables = payables.filter(spans_q(spans))
    if kind:
        returned = Exists(PaymentAttempt.objects.filter(payable_id=OuterRef("id"), state=AttemptState.RETURNED))
        payables = payables.filter(returned if kind == "returned" else ~returned)
    return payables.select_related("household", "person", "payee").order_by("benefit_month", "area_code", "id")


def payees_today(payables: Sequence[Payable]) -> dict[UUID, UUID]:
    """Who would be paid today, by payable: the person, the household's living head, or the applicant of a relief case.
    Who has none is left out."""
    today = clock.today()
    members = members_as_of([p.household_id for p in payables if p.household_id], on=today)
    heads = {
        household_id: next((member.person_id for member in family if member.relation == "head"), None)
        for household_id, family in members.items()
    }
    payees = {
        p.id: p.payee_id if p.case_id else heads.get(p.household_id) if p.household_id else p.person_id
        for p in payables
    }
    deaths = person_facts_as_of([payee for payee in payees.values() if payee], ["death"], on=today)
    return {
        payable_id: payee
        for payable_id, payee in payees.items()
        if payee is not None and not deaths.get(payee, {}).get("death")
    }


def accounts_today(payables: Sequence[Payable]) -> dict[UUID, UUID]:
    """The account each payable would be paid to today, by payable; who has none is left out."""
    payees = payees_today(payables)
    accounts = account_ids_as_of(set(payees.values()), on=clock.today())
    return {payable_id: accounts[payee] for payable_id, payee in payees.items() if payee in accounts}
