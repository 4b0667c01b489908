"""A few families of 寒亭 with payments, small enough to count by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shouwang.assistance.commands.payables import create_payable, open_attempt, record_outcome
from shouwang.assistance.models import PaymentAttempt
from shouwang.assistance.states import Channel, Origin, OutcomeKind, Programme
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.registry.models import Household, Membership
from shouwang.registry.public import NewMember, PersonDetails, register_household
from tests.factories import GUDI_VILLAGE, id_number

SINCE = date(2020, 1, 1)
AS_OF = clock.parse_cutoff("2020-03-17T24:00")


def make_family(
    actor: Actor, sequence: int, *, size: int = 2, area_code: int = GUDI_VILLAGE
) -> tuple[Household, list[UUID]]:
    """A household of `size` with its members' ids, registered before the period."""
    with clock.at(clock.instant(2019, 12, 1)):
        household = register_household(
            actor=actor,
            area_code=area_code,
            registered_on=date(2019, 12, 1),
            members=[
                NewMember(
                    relation="head" if number == 0 else "child",
                    details=PersonDetails(
                        name="测" + "甲乙丙丁戊己"[number], id_number=id_number(sequence=sequence * 10 + number)
                    ),
                )
                for number in range(size)
            ],
            source="test",
        )
    return household, member_ids(household)


def make_unnumbered(actor: Actor) -> tuple[Household, list[UUID]]:
    """A household of one person without an ID number."""
    details = PersonDetails(name="无证", no_id_reason="unregistered", sex="male", birth_on=date(1950, 1, 1))
    with clock.at(clock.instant(2019, 12, 1)):
        household = register_household(
            actor=actor,
            area_code=GUDI_VILLAGE,
            registered_on=date(2019, 12, 1),
            members=[NewMember(relation="head", details=details)],
            source="test",
        )
    return household, member_ids(household)


def member_ids(household: Household) -> list[UUID]:
    memberships = Membership.objects.filter(household=household).order_by("recorded_at", "id")
    return list(memberships.values_list("person", flat=True))


def pay(
    actor: Actor,
    household: Household,
    person_ids: Sequence[UUID],
    *,
    programme: str = Programme.DIBAO,
    month: date = date(2020, 1, 1),
    fen: int = 30_000,
    paid_on: date = date(2020, 1, 10),
    recorded_at: datetime | None = None,
    area_code: int = GUDI_VILLAGE,
) -> PaymentAttempt:
    """A payment that arrived on `paid_on`, recorded at its noon unless said otherwise."""
    with clock.at(recorded_at or clock.day_start(paid_on).replace(hour=12)), transaction.atomic():
        payable = create_payable(
            programme=programme,
            benefit_month=month,
            household_id=household.id,
            person_id=None,
            reason_key=str(new_id()),
            amount_fen=fen,
            area_code=area_code,
            origin=Origin.CASE,
            payee_id=person_ids[0],
            person_ids=person_ids,
        )
        attempt = open_attempt(payable=payable, channel=Channel.CASH, amount_fen=fen)
        record_outcome(actor=actor, attempt=attempt, kind=OutcomeKind.PAID, paid_on=paid_on)
    return attempt


def reverse(actor: Actor, attempt: PaymentAttempt, *, paid_on: date, recorded_at: datetime) -> None:
    with clock.at(recorded_at), transaction.atomic():
        record_outcome(actor=actor, attempt=attempt, kind=OutcomeKind.REVERSED, paid_on=paid_on, reason="错发")
