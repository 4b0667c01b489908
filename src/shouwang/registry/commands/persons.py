"""Registering persons, correcting what is known about them, and the exact look-up across counties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import blind_index
from shouwang.kernel.errors import Conflict
from shouwang.kernel.identity import parse_id_number
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, reused, take_turns
from shouwang.kernel.search import index_terms, name_terms

from ..models import Person
from ..policies import require_writer
from ..queries.people import ElsewhereAnswer, get_person_for, holders, persons_with_id_number
from ..rules.person import CheckedPerson, PersonDetails, check_person
from ..states import PersonFactKind
from .facts import append_person_fact
from .writing import REQUEST, ensure_same_request, lock_person, touch


@transaction.atomic
def find_person_by_id_number(*, actor: Actor, number: str) -> Person | ElsewhereAnswer | None:
    """The person, or where else they are registered, or None. An answer from beyond the scope is logged.

    Raises Invalid for what is no ID number.
    """
    parsed = parse_id_number(number, today=clock.today()).number
    person = persons_with_id_number(actor, parsed).first()
    if person is not None:
        return person
    elsewhere = holders([blind_index("id_number", parsed)])
    for answer in elsewhere.values():
        subject, data = f"person:{answer.person_id}", {"held_in": answer.township_code}
        audit.record(actor=actor, action="person.look_up", subject=subject, area_code=actor.area_code, data=data)
        return answer
    return None


def register_person(
    *,
    actor: Actor,
    details: PersonDetails,
    area_code: int,
    since: date,
    person_id: UUID | None = None,
    is_synthetic: bool = False,
    source: str = "",
) -> Person:
    """Raises Conflict when the ID number is registered already, here (data `person_id`) or elsewhere (`elsewhere`).

    `person_id` is the form's request id: sent twice it is one person, with other content it is refused. A disability
    certificate is recorded as a fact from `since` on.
    """
    require_writer(actor, area_code)
    checked = check_person(details, today=clock.today())
    person_id = person_id or new_id()
    digest = digest_of(checked, area_code, since)
    repeated = _made_by(actor, person_id, digest)
    if repeated is not None:
        return repeated
    try:
        refuse_registered(actor, checked.id_number)
    except Conflict:  # by this very request, when two came at once?
        repeated = _made_by(actor, person_id, digest)
        if repeated is None:
            raise
        return repeated
    try:
        with transaction.atomic():
            take_turns([person_id])
            repeated = _made_by(actor, person_id, digest)
            if repeated is not None:
                return repeated
            return insert_person(actor, checked, area_code, since, person_id, is_synthetic, source, digest)
    except IntegrityError as error:
        refuse_registered(actor, checked.id_number)
        if "registry_person_pkey" in str(error):  # the id of another county's person, out of our sight
            raise reused() from error
        raise


def correct_person(
    *, actor: Actor, person_id: UUID, expected_version: int, details: PersonDetails, since: date, source: str
) -> Person:
    """Correct name, phone or ID, or add the ID of who had none. A sealed value that is left empty stays as it is.

    Raises Conflict when the number is another person's, here or in another county.
    """
    person = get_person_for(actor, person_id)
    require_writer(actor, person.area_code)
    number = details.id_number.strip()
    if number and parse_id_number(number, today=clock.today()).number != person.id_number:
        # Outside the transaction: an answer from another county stays in the audit though the command is refused.
        refuse_registered(actor, number)
    try:
        return _correct(actor, person_id, expected_version, details, since, source)
    except IntegrityError:
        refuse_registered(actor, number or None)
        raise


@transaction.atomic
def _correct(
    actor: Actor, person_id: UUID, expected_version: int, details: PersonDetails, since: date, source: str
) -> Person:
    person = lock_person(actor, person_id, expected_version)
    whole = replace(
        details,
        id_number=details.id_number.strip() or person.id_number or "",
        phone=details.phone.strip() or person.phone or "",
        disability_certificate=details.disability_certificate.strip() or person.disability_certificate or "",
    )
    checked = check_person(whole, today=clock.today())
    changed = _apply(person, checked)
    if checked.disability is not None:
        append_person_fact(actor, person, PersonFactKind.DISABILITY, checked.disability, since, source)
    if changed:
        person.save(update_fields=[*changed])
        index_terms("person", [(person.id, person.area_code, name_terms(person.name))], replace=True)
        touch(actor, person, "person.correct", {"fields": sorted(changed)})
    return person


def refuse_registered(actor: Actor, id_number: str | None) -> None:
    """Raises Conflict when the number belongs to somebody's record, and says whose or where."""
    if id_number is None:
        return
    found = find_person_by_id_number(actor=actor, number=id_number)
    if isinstance(found, ElsewhereAnswer):
        raise Conflict(found.message, reason="person.registered_elsewhere", elsewhere=found)
    if found is not None:
        message = _("该身份证号已登记为 %(name)s，请直接选用这条记录") % {"name": found.name}
        raise Conflict(message, reason="person.registered", person_id=found.id)


def insert_person(
    actor: Actor,
    checked: CheckedPerson,
    area_code: int,
    since: date,
    person_id: UUID | None = None,
    is_synthetic: bool = False,
    source: str = "",
    digest: bytes | None = None,
) -> Person:
    """Write a checked person with search terms and audit, inside the caller's transaction. `digest`: of the request
    that brought the id."""
    person = Person(
        id=person_id or new_id(),
        area_code=area_code,
        recorded_at=clock.now(),
        is_synthetic=is_synthetic,
        sex=checked.sex,
    )
    _apply(person, checked)
    person.save(force_insert=True)
    index_terms("person", [(person.id, area_code, name_terms(person.name))])
    if checked.disability is not None:
        append_person_fact(actor, person, PersonFactKind.DISABILITY, checked.disability, since, source)
    data = {REQUEST: digest.hex()} if digest else None
    audit.record(actor=actor, action="person.register", subject=f"person:{person.id}", area_code=area_code, data=data)
    return person


def person_columns(checked: CheckedPerson) -> Mapping[str, object]:
    """The columns of a checked person, sensitive ones in the clear: the fields seal them."""
    return {
        "name": checked.name,
        "sex": checked.sex,
        "birth_on": checked.birth_on,
        "id_number": checked.id_number,
        "id_index": blind_index("id_number", checked.id_number) if checked.id_number else None,
        "id_tail": checked.id_number[-4:] if checked.id_number else "",
        "no_id_reason": checked.no_id_reason,
        "phone": checked.phone,
        "phone_index": blind_index("phone", checked.phone) if checked.phone else None,
        "disability_certificate": checked.disability_certificate,
    }


def _apply(person: Person, checked: CheckedPerson) -> set[str]:
    """Set the columns that differ; returns their names. A missing value and an empty one are the same."""
    changed = set()
    for column, value in person_columns(checked).items():
        if (getattr(person, column) or None) != (value or None):
            setattr(person, column, value)
            changed.add(column)
    return changed


def _made_by(actor: Actor, person_id: UUID, digest: bytes) -> Person | None:
    """What this very request made before."""
    found = Person.objects.filter(actor.scope.q(), id=person_id).first()
    if found is not None:
        ensure_same_request(f"person:{person_id}", "person.register", digest)
    return found
