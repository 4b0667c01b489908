"""Who lives in a household and who is its head: joining by a form, and naming another head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, StateConflict
from shouwang.kernel.requests import digest_of, take_turns

from ..models import Household, Membership, Person
from ..policies import require_writer
from ..queries.as_of import members_as_of
from ..queries.households import get_household_for
from ..rules.person import check_person
from ..states import Relation
from .facts import append_membership, record_membership
from .households import NewMember
from .persons import insert_person, refuse_registered
from .writing import REQUEST, ensure_same_request, lock_household, lock_persons, refuse_future, touch


def join_household(
    *, actor: Actor, household_id: UUID, member: NewMember, since: date, source: str, request_id: UUID
) -> Person:
    """A new person, or one of the register, lives in the household from a day on; returns the person.

    `request_id` becomes the membership's id: sent twice it is one member, with other content it is refused. Raises
    Conflict, as `register_person` does, when the ID number is somebody's already.
    """
    household = get_household_for(actor, household_id)
    require_writer(actor, household.area_code)
    refuse_future(since)
    digest = digest_of(household_id, member, since)
    repeated = _joined_by(actor, request_id, digest)
    if repeated is not None:
        return repeated
    checked = check_person(member.details, today=clock.today()) if member.details else None
    # Outside the transaction: an answer from another county stays in the audit though the command is refused.
    try:
        refuse_registered(actor, checked.id_number if checked else None)
    except Conflict:  # by this very request, when two came at once?
        repeated = _joined_by(actor, request_id, digest)
        if repeated is None:
            raise
        return repeated
    try:
        with transaction.atomic():
            take_turns([request_id])
            repeated = _joined_by(actor, request_id, digest)
            if repeated is not None:
                return repeated
            person_id = member.person_id
            if checked is not None:
                person_id = insert_person(actor, checked, household.area_code, since, source=source).id
            assert person_id is not None
            record_membership(
                actor=actor,
                person_id=person_id,
                household_id=household_id,
                relation=member.relation,
                valid_from=since,
                source=source,
                membership_id=request_id,
            )
            data = {"person_id": person_id, REQUEST: digest.hex()}
            subject = f"membership:{request_id}"
            audit.record(
                actor=actor, action="household.join", subject=subject, area_code=household.area_code, data=data
            )
            return Person.objects.get(id=person_id)
    except IntegrityError:
        refuse_registered(actor, checked.id_number if checked else None)
        raise


def _joined_by(actor: Actor, request_id: UUID, digest: bytes) -> Person | None:
    """Whom this very request let join before."""
    found = Membership.objects.filter(actor.scope.q(), id=request_id).select_related("person").first()
    if found is None:
        return None
    ensure_same_request(f"membership:{request_id}", "household.join", digest)
    return found.person


@transaction.atomic
def change_head(
    *,
    actor: Actor,
    household_id: UUID,
    person_id: UUID,
    relations: Mapping[UUID, str],
    valid_from: date,
    source: str,
    expected_version: int | None = None,
) -> Household:
    """The person is the head from a day on; `relations` says what every other member of that day is to the new head.

    One command, because a relation says nothing without its head: old and new change on the same day or not at all.
    """
    refuse_future(valid_from)
    household = lock_household(actor, household_id, expected_version)
    members = members_as_of([household_id], on=valid_from)[household_id]
    _check_new_family(person_id, relations, {member.person_id: member.name for member in members})
    wanted = {**relations, person_id: Relation.HEAD.value}
    persons = lock_persons(actor, list(wanted))
    changed = []
    for member_id, relation in wanted.items():
        person = persons[member_id]
        if append_membership(actor, person, household, relation, valid_from, source) is not None:
            touch(actor, person, "person.record_membership", {"household_id": household_id, "relation": relation})
            changed.append(member_id)
    if changed:
        data = {"head_id": person_id, "valid_from": valid_from, "changed": changed}
        touch(actor, household, "household.change_head", data)
    return household


def _check_new_family(person_id: UUID, relations: Mapping[UUID, str], names: Mapping[UUID, str]) -> None:
    if person_id not in names:
        raise StateConflict(_("新户主在那一天不是这一户的成员，请核对日期"), reason="household.not_a_member")
    allowed = frozenset(Relation) - {Relation.HEAD}
    for member_id, name in names.items():
        if member_id != person_id and relations.get(member_id) not in allowed:
            message = _("请选择 %(name)s 与新户主的关系") % {"name": name}
            raise Invalid(message, reason="household.relation_missing", person_id=member_id)
    if person_id in relations or not relations.keys() <= names.keys():
        raise StateConflict(_("这一户的成员与表单上的不同，请核对日期，刷新后再填"), reason="household.members_differ")
