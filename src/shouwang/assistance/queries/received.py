"""What a household or a person is entitled to and was paid, for the pages of the register."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from shouwang.kernel.actor import Actor

from ..models import Grant, PayablePerson, PaymentAttempt, PaymentOutcome
from ..policies import ensure_may_read_payments
from ..states import OutcomeKind
from .grants import list_grants_for


def grants_of(actor: Actor, *, month: date, household_id: UUID | None, person_ids: Collection[UUID]) -> QuerySet[Grant]:
    """The grants of the household and of the persons with what they pay in `month`, those in force first."""
    own = Q(person_id__in=person_ids)
    if household_id is not None:
        own |= Q(household_id=household_id)
    return list_grants_for(actor, month=month, sort="-amount").filter(own)


def payments_to_household(
    actor: Actor, *, household_id: UUID, person_ids: Collection[UUID]
) -> QuerySet[PaymentAttempt]:
    """Payments owed to the household, and to its members for themselves, the latest first."""
    return _payments(actor, Q(payable__household_id=household_id) | Q(payable__person_id__in=person_ids))


def payments_covering(actor: Actor, person_id: UUID) -> QuerySet[PaymentAttempt]:
    """Payments that cover the person, alone or with the household of then, the latest first."""
    covering = PayablePerson.objects.filter(actor.scope.q(), person_id=person_id)
    return _payments(actor, Q(payable_id__in=covering.values("payable_id")))


def _payments(actor: Actor, whose: Q) -> QuerySet[PaymentAttempt]:
    paid = PaymentOutcome.objects.filter(attempt_id=OuterRef("id"), kind=OutcomeKind.PAID)
    ensure_may_read_payments(actor)
    return (
        PaymentAttempt.objects.filter(actor.scope.q(), whose)
        .select_related("payable")
        .annotate(paid_on=Subquery(paid.values("paid_on")[:1]))
        .order_by("-payable__benefit_month", "-recorded_at", "-id")
    )
