"""Appending dated facts about persons and households, and correcting them in retrospect.

A value that is already so on that day writes no row. `fact_id` is the form's request id: sent twice it is one row, sent
with another content it is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import ensure_same, take_turns

from ..events import PersonDied
from ..models import Household, HouseholdFact, Membership, Person, PersonFact
from ..queries.as_of import FactValue, household_facts_as_of, household_of, membership_of, person_facts_as_of
from ..rules.values import check_household_fact, check_person_fact
from ..states import AMOUNT_KINDS, HouseholdFactKind, PersonFactKind, Relation
from .custody import move_custody
from .writing import lock_household, lock_person, refuse_future, stamp, touch

_Fact = TypeVar("_Fact", PersonFact, HouseholdFact)


@transaction.atomic
def record_person_fact(
    *,
    actor: Actor,
    person_id: UUID,
    kind: str,
    value: FactValue | None,
    valid_from: date,
    source: str,
    expected_version: int | None = None,
    fact_id: UUID | None = None,
) -> PersonFact | None:
    """The appended row, or None when it was so already. A null value says: no longer so from that day."""
    value = check_person_fact(kind, value)
    refuse_future(valid_from)
    if fact_id is not None:
        take_turns([fact_id])
        repeat = PersonFact.objects.filter(actor.scope.q(), id=fact_id).first()
        if repeat is not None:
            ensure_same((repeat.person_id, *_said(repeat)), (person_id, kind, value, valid_from))
            return repeat
    person = lock_person(actor, person_id, expected_version)
    fact = append_person_fact(actor, person, kind, value, valid_from, source, fact_id)
    if fact is not None:
        touch(actor, person, "person.record_fact", {"kind": kind, "valid_from": valid_from, "fact_id": fact.id})
    return fact


@transaction.atomic
def record_household_fact(
    *,
    actor: Actor,
    household_id: UUID,
    kind: str,
    value: FactValue | None,
    valid_from: date,
    source: str,
    expected_version: int | None = None,
    fact_id: UUID | None = None,
) -> HouseholdFact | None:
    """The appended row, or None when it was so already. Residence is recorded by `move_household`."""
    if kind == HouseholdFactKind.RESIDENCE:
        raise Invalid(_("居住地变更请用“迁移”办理"), reason="fact.residence_moves")
    value = check_household_fact(kind, value)
    refuse_future(valid_from)
    if fact_id is not None:
        take_turns([fact_id])
        repeat = HouseholdFact.objects.filter(actor.scope.q(), id=fact_id).first()
        if repeat is not None:
            ensure_same((repeat.household_id, *_said(repeat)), (household_id, kind, value, valid_from))
            return repeat
    household = lock_household(actor, household_id, expected_version)
    fact = append_household_fact(actor, household, kind, value, valid_from, source, fact_id)
    if fact is not None:
        touch(actor, household, "household.record_fact", {"kind": kind, "valid_from": valid_from, "fact_id": fact.id})
    return fact


@transaction.atomic
def correct_person_fact(
    *,
    actor: Actor,
    fact_id: UUID,
    value: FactValue | None,
    valid_from: date,
    source: str,
    expected_version: int | None = None,
) -> list[PersonFact]:
    """Say what the fact should have been, and from when. The wrong row stays, known until now; new rows outrank it.

    When it should have begun later, what held before it is restored for the days between.
    """
    wrong = PersonFact.objects.filter(actor.scope.q(), id=fact_id).first()
    if wrong is None:
        raise NotFound(_("没有找到要更正的记录，或者不在您的管辖范围内"), fact_id=fact_id)
    value = check_person_fact(wrong.kind, value)
    refuse_future(valid_from)
    person = lock_person(actor, wrong.person_id, expected_version)
    wanted = [(valid_from, value)]
    if valid_from > wrong.valid_from:
        day_before = wrong.valid_from - timedelta(days=1)
        before = person_facts_as_of([person.id], [wrong.kind], on=day_before)[person.id].get(wrong.kind)
        wanted.insert(0, (wrong.valid_from, before))
    elif valid_from < wrong.valid_from:
        wanted.append((wrong.valid_from, value))
    appended = [append_person_fact(actor, person, wrong.kind, said, day, source) for day, said in wanted]
    rows = [row for row in appended if row is not None]
    if rows:
        data = {"kind": wrong.kind, "corrects": fact_id, "fact_ids": [row.id for row in rows]}
        touch(actor, person, "person.correct_fact", data)
    return rows


@transaction.atomic
def record_membership(
    *,
    actor: Actor,
    person_id: UUID,
    household_id: UUID | None,
    relation: str,
    valid_from: date,
    source: str,
    expected_version: int | None = None,
    membership_id: UUID | None = None,
) -> Membership | None:
    """Let a person live in a household (None: leave it) from a day on; None when it was so already.

    The person goes into the custody of the household's village, if both lie in the actor's scope. A household has one
    head: the new one replaces the old, who stays as another member until said otherwise.
    """
    refuse_future(valid_from)
    if (household_id is None) != (relation == ""):
        raise Invalid(_("请选择与户主的关系"), reason="membership.relation")
    if membership_id is not None:
        take_turns([membership_id])
        repeated = Membership.objects.filter(actor.scope.q(), id=membership_id).first()
        if repeated is not None:
            before = (repeated.person_id, repeated.household_id, repeated.relation, repeated.valid_from)
            ensure_same(before, (person_id, household_id, relation, valid_from))
            return repeated
    left = lock_households_of(actor, [person_id], valid_from, household_id)
    person = lock_person(actor, person_id, expected_version)
    household = lock_household(actor, household_id) if household_id else None
    if household:
        refuse_dead(person, valid_from)
    if household and relation == Relation.HEAD:
        _step_down(actor, household, person, valid_from, source)
    row = append_membership(actor, person, household, relation, valid_from, source, membership_id)
    if row is None:
        return None
    touch(actor, person, "person.record_membership", {"household_id": household_id, "relation": relation})
    if household:
        touch(actor, household, "household.record_member", {"person_id": person_id, "relation": relation})
        if household.area_code != person.area_code:
            move_custody(person_ids=[person.id], household_id=None, to_area_code=household.area_code)
    for one in left:
        touch(actor, one, "household.member_left", {"person_id": person_id})
    return row


@transaction.atomic
def record_death(
    *, actor: Actor, person_id: UUID, died_on: date, source: str, expected_version: int | None = None
) -> PersonFact | None:
    """From the day of death on the person is in no household; None when the same death is recorded already.

    A household whose head dies waits for a new one to be named.
    """
    refuse_future(died_on)
    person = lock_person(actor, person_id, expected_version)
    if person.birth_on and died_on < person.birth_on:
        raise Invalid(_("死亡日期早于出生日期，请核对"), reason="death.before_birth")
    known = PersonFact.objects.filter(person=person, kind=PersonFactKind.DEATH).order_by("-recorded_at").first()
    if known is not None and known.amount == 1 and known.valid_from != died_on:
        day = known.valid_from.isoformat()
        message = _("%(name)s 已登记于 %(day)s 死亡；日期有误请用更正") % {"name": person.name, "day": day}
        raise StateConflict(message, reason="death.recorded")
    household_id = membership_of([person.id], on=died_on).get(person.id, (None, ""))[0]
    fact = append_person_fact(actor, person, PersonFactKind.DEATH, 1, died_on, source)
    if fact is None:
        return None
    append_membership(actor, person, None, "", died_on, source)
    touch(actor, person, "person.record_death", {"died_on": died_on})
    events.publish(PersonDied(person.id, household_id, died_on, person.area_code))
    return fact


def append_person_fact(
    actor: Actor, person: Person, kind: str, value: FactValue | None, on: date, source: str, fact_id: UUID | None = None
) -> PersonFact | None:
    """One row unless it is so already. The caller has checked the value and locked the person."""
    if person_facts_as_of([person.id], [kind], on=on)[person.id].get(kind) == value:
        return None
    is_amount = kind in AMOUNT_KINDS
    return PersonFact.objects.create(
        id=fact_id or new_id(),
        person=person,
        kind=kind,
        amount=value if is_amount else None,
        code=None if is_amount else value,
        valid_from=on,
        recorded_at=stamp(PersonFact.objects.filter(person=person, kind=kind, valid_from=on)),
        recorded_by=actor.user_id,
        source=source,
        area_code=person.area_code,
    )


def append_household_fact(
    actor: Actor,
    household: Household,
    kind: str,
    value: FactValue | None,
    on: date,
    source: str,
    fact_id: UUID | None = None,
) -> HouseholdFact | None:
    """One row unless it is so already. The caller has checked the value and locked the household."""
    if household_facts_as_of([household.id], [kind], on=on)[household.id].get(kind) == value:
        return None
    is_amount = kind in AMOUNT_KINDS
    return HouseholdFact.objects.create(
        id=fact_id or new_id(),
        household=household,
        kind=kind,
        amount=value if is_amount else None,
        code=None if is_amount else value,
        valid_from=on,
        recorded_at=stamp(HouseholdFact.objects.filter(household=household, kind=kind, valid_from=on)),
        recorded_by=actor.user_id,
        source=source,
        area_code=household.area_code,
    )


def append_membership(
    actor: Actor,
    person: Person,
    household: Household | None,
    relation: str,
    on: date,
    source: str,
    membership_id: UUID | None = None,
) -> Membership | None:
    """One row unless it is so already. The caller has locked both."""
    household_id = household.id if household else None
    if membership_of([person.id], on=on).get(person.id, (None, "")) == (household_id, relation):
        return None
    return Membership.objects.create(
        id=membership_id or new_id(),
        person=person,
        household=household,
        relation=relation,
        valid_from=on,
        recorded_at=stamp(Membership.objects.filter(person=person, valid_from=on)),
        recorded_by=actor.user_id,
        source=source,
        area_code=person.area_code,
    )


def refuse_dead(person: Person, on: date) -> None:
    """Raises StateConflict when the person is dead on that day: the dead live in no household."""
    if person_facts_as_of([person.id], [PersonFactKind.DEATH], on=on)[person.id].get(PersonFactKind.DEATH) == 1:
        message = _("%(name)s 已登记死亡，不能作为家庭成员；登记有误请先更正") % {"name": person.name}
        raise StateConflict(message, reason="person.dead", person_id=person.id)


def lock_households_of(
    actor: Actor, person_ids: Collection[UUID], on: date, joined_id: UUID | None = None
) -> list[Household]:
    """Lock, in the order of their ids and before any person, the household that is joined and those that are left;
    returns the left ones. They count their versions up, so that whoever has their page open sees the change."""
    left_ids = set(household_of(person_ids, on=on).values()) - {joined_id}
    wanted = Household.objects.select_for_update().filter(actor.scope.q(), id__in=left_ids | {joined_id})
    return [household for household in wanted.order_by("id") if household.id in left_ids]


def _step_down(actor: Actor, household: Household, new_head: Person, on: date, source: str) -> None:
    """Whoever is head of the household on that day becomes another member."""
    candidates = Membership.objects.filter(household=household, relation=Relation.HEAD).values_list(
        "person_id", flat=True
    )
    heads = membership_of(list(set(candidates)), on=on)
    for person_id, place in heads.items():
        if place == (household.id, Relation.HEAD) and person_id != new_head.id:
            old_head = lock_person(actor, person_id)
            append_membership(actor, old_head, household, Relation.OTHER, on, source)
            touch(actor, old_head, "person.step_down", {"household_id": household.id})


def _said(fact: PersonFact | HouseholdFact) -> tuple[str, FactValue | None, date]:
    return fact.kind, fact.amount if fact.kind in AMOUNT_KINDS else fact.code, fact.valid_from
