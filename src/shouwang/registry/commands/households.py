"""Registering a household by hand: its head and members in one command; and moving it inside the actor's areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, reused, take_turns

from ..events import RecordsMoved
from ..models import Household, Person
from ..policies import require_writer
from ..queries.as_of import FactValue, members_as_of
from ..rules.person import CheckedPerson, PersonDetails, check_person
from ..rules.values import check_household_fact, check_person_fact
from ..states import HouseholdFactKind, Relation
from .custody import move_custody
from .facts import append_household_fact, append_membership, append_person_fact, lock_households_of, refuse_dead
from .persons import insert_person, refuse_registered
from .writing import REQUEST, ensure_same_request, lock_household, lock_person, lock_persons, refuse_future, touch

VILLAGE_LEVELS = frozenset({"village", "grid"})


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody of a new household: a new person by `details`, or one of the register by `person_id`."""

    relation: str
    details: PersonDetails | None = None
    person_id: UUID | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)


def register_household(
    *,
    actor: Actor,
    area_code: int,
    registered_on: date,
    members: Sequence[NewMember],
    source: str,
    facts: Mapping[str, FactValue] | None = None,
    household_id: UUID | None = None,
    is_synthetic: bool = False,
) -> Household:
    """Head, members and first facts at once. `household_id` is the form's request id: sent twice it is one household.

    Raises Conflict when a new member's ID number is registered already (data `person_id` or `elsewhere`): the officer
    then picks that record, or asks for a transfer; and when the id was used for another household.
    """
    require_writer(actor, area_code)
    refuse_future(registered_on)
    household_id = household_id or new_id()
    digest = digest_of(area_code, registered_on, *members, sorted((facts or {}).items()))
    repeated = _made_by(actor, household_id, digest)
    if repeated is not None:
        return repeated
    require_village(area_code)
    try:
        checked = _checked_members(actor, members)
    except Conflict:  # the number is registered: by this very request, when two came at once?
        repeated = _made_by(actor, household_id, digest)
        if repeated is None:
            raise
        return repeated
    try:
        with transaction.atomic():
            take_turns([household_id])
            repeated = _made_by(actor, household_id, digest)
            if repeated is not None:
                return repeated
            household = _insert(household_id, area_code, registered_on, is_synthetic)
            adopted = [member.person_id for member in members if member.person_id]
            for left in lock_households_of(actor, adopted, registered_on) if adopted else ():
                touch(actor, left, "household.member_left", {"joined": household.id})
            for member, details in zip(members, checked, strict=True):
                person = (
                    insert_person(actor, details, area_code, registered_on, None, is_synthetic, source)
                    if details is not None
                    else _adopt(actor, member, household)
                )
                append_membership(actor, person, household, member.relation, registered_on, source)
                for kind, value in member.facts.items():
                    append_person_fact(actor, person, kind, check_person_fact(kind, value), registered_on, source)
            said: dict[str, FactValue] = {**(facts or {}), HouseholdFactKind.RESIDENCE: f"{area_code:015d}"}
            for kind, value in said.items():
                append_household_fact(actor, household, kind, check_household_fact(kind, value), registered_on, source)
            audit.record(
                actor=actor,
                action="household.register",
                subject=f"household:{household.id}",
                area_code=area_code,
                data={"number": household.number, "members": len(members), REQUEST: digest.hex()},
            )
            return household
    except IntegrityError as error:
        for details in checked:
            refuse_registered(actor, details.id_number if details else None)
        if "registry_household_pkey" in str(error):  # the id of another county's household, out of our sight
            raise reused() from error
        raise


@transaction.atomic
def move_household(
    *,
    actor: Actor,
    household_id: UUID,
    to_area_code: int,
    moved_on: date,
    source: str,
    expected_version: int | None = None,
) -> Household:
    """The household lives in another village from a day on. Both ends lie in the actor's scope; across counties it is
    a transfer."""
    refuse_future(moved_on)
    household = lock_household(actor, household_id, expected_version)
    require_writer(actor, to_area_code)
    require_village(to_area_code)
    from_area_code = household.area_code
    value = f"{to_area_code:015d}"
    append_household_fact(actor, household, HouseholdFactKind.RESIDENCE, value, moved_on, source)
    if from_area_code == to_area_code:
        return household
    person_ids = [member.person_id for member in members_as_of([household_id], on=clock.today())[household_id]]
    lock_persons(actor, person_ids)
    move_custody(person_ids=person_ids, household_id=household_id, to_area_code=to_area_code)
    household.area_code = to_area_code
    touch(actor, household, "household.move", {"from": from_area_code, "to": to_area_code, "moved_on": moved_on})
    events.publish(RecordsMoved(household_id, tuple(person_ids), from_area_code, moved_on, to_area_code))
    return household


def household_numbers(count: int) -> list[str]:
    """The next `count` household numbers; a number says nothing about the place, because households move."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('registry_household_number') from generate_series(1, %s)", [count])
        return [f"H{number:08d}" for (number,) in cursor.fetchall()]


def _made_by(actor: Actor, household_id: UUID, digest: bytes) -> Household | None:
    """What this very request made before."""
    found = Household.objects.filter(actor.scope.q(), id=household_id).first()
    if found is not None:
        ensure_same_request(f"household:{household_id}", "household.register", digest)
    return found


def _insert(household_id: UUID, area_code: int, registered_on: date, is_synthetic: bool) -> Household:
    return Household.objects.create(
        id=household_id,
        number=household_numbers(1)[0],
        area_code=area_code,
        registered_on=registered_on,
        recorded_at=clock.now(),
        is_synthetic=is_synthetic,
    )


def _adopt(actor: Actor, member: NewMember, household: Household) -> Person:
    """A person of the register comes into the new household, and into its village's custody."""
    assert member.person_id is not None
    person = lock_person(actor, member.person_id)
    refuse_dead(person, household.registered_on)
    if person.area_code != household.area_code:
        move_custody(person_ids=[person.id], household_id=None, to_area_code=household.area_code)
        person.area_code = household.area_code
    touch(actor, person, "person.join_household", {"household_id": household.id})
    return person


def _checked_members(actor: Actor, members: Sequence[NewMember]) -> list[CheckedPerson | None]:
    if sum(member.relation == Relation.HEAD for member in members) != 1:
        raise Invalid(_("每户要有且只有一位户主"), reason="household.one_head")
    checked = [check_person(member.details, today=clock.today()) if member.details else None for member in members]
    numbers = [person.id_number for person in checked if person and person.id_number]
    if len(set(numbers)) != len(numbers):
        raise Invalid(_("同一个身份证号在这一户中填写了两次"), reason="household.id_twice")
    for number in numbers:
        refuse_registered(actor, number)
    return checked


def require_village(area_code: int) -> None:
    """Raises Invalid unless the area is a village or a grid: that is where people live."""
    if get_area(area_code).level not in VILLAGE_LEVELS:
        raise Invalid(_("居住地要选到村（社区）"), reason="household.not_a_village")
