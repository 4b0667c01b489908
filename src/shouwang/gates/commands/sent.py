"""What a form or a sheet says of a household, and whether it can be so.

Guarantees: an ID number is checked as the register checks it; a person of the register is taken over, not typed again;
nobody stands twice in one household; a building is one of the estate's, where the community has counted them. Refuses
everything else, in words that name the person by place and never by a number. Nothing is looked up for who is no officer.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.registry.public import (
    CheckedPerson,
    NoIdReason,
    PersonDetails,
    check_name,
    check_person,
    check_phone,
    get_person_for,
)

from ..models import Estate
from ..queries.estates_public import building_names
from ..rules.addresses import tidy_building, tidy_room
from ..rules.declarations import DeclaredHealth
from ..states_residents import MEMBERS_MAX

CheckedMember = tuple[CheckedPerson, UUID | None, DeclaredHealth | None]
"""Who it is, the record of the register if there is one, and what was declared."""


@dataclass(frozen=True, slots=True)
class SentMember:
    """One person of a household: what was typed, or the record of the register. `declared` None: nothing declared."""

    details: PersonDetails | None = None
    person_id: UUID | None = None
    declared: DeclaredHealth | None = None


@dataclass(frozen=True, slots=True)
class SentRegistration:
    """A household at an address, as a form or a sheet says it."""

    estate_id: int
    building: str
    room: str
    phone: str
    members: tuple[SentMember, ...]


@dataclass(frozen=True, slots=True)
class CheckedHousehold:
    building: str
    room: str
    phone: str | None
    members: tuple[CheckedMember, ...]


def check_sent(actor: Actor, estate: Estate, sent: SentRegistration) -> CheckedHousehold:
    if not sent.members:
        raise Invalid(_("请至少填写一个人"), reason="registration.no_members")
    ensure_room_for(len(sent.members))
    members = tuple(checked_member(actor, one, number) for number, one in enumerate(sent.members, 1))
    numbers = [person.id_number for person, _id, _said in members if person.id_number]
    if len(numbers) != len(set(numbers)):
        raise Invalid(_("两个人填了同一个身份证号，请核对"), reason="registration.member_twice")
    return CheckedHousehold(
        building=known_building(estate, sent.building),
        room=tidy_room(sent.room),
        phone=check_phone(sent.phone) if sent.phone.strip() else None,
        members=members,
    )


def ensure_room_for(count: int) -> None:
    if count > MEMBERS_MAX:
        message = _("一份登记最多 %(limit)s 人，超过的请分两份登记") % {"limit": MEMBERS_MAX}
        raise Invalid(message, reason="registration.too_many_members")


def known_building(estate: Estate, building: str) -> str:
    """Where the community has counted its buildings, one of them."""
    tidy = tidy_building(building)
    known = {tidy_building(name): name for name in building_names(estate)}
    if known and tidy not in known:
        message = _("%(estate)s没有“%(building)s”号楼，请从列出的楼号中选择") % {
            "estate": estate.name,
            "building": tidy,
        }
        raise Invalid(message, reason="registration.unknown_building")
    return known.get(tidy, tidy)


def checked_member(actor: Actor, member: SentMember, number: int | None = None) -> CheckedMember:
    """What was typed, or what the register says of the person: nobody types it twice."""
    if member.person_id is not None:
        known = get_person_for(actor, member.person_id)
        said = PersonDetails(name=known.name, id_number=known.id_number or "", no_id_reason=known.no_id_reason)
        return _checked_details(said), known.id, member.declared
    assert member.details is not None
    try:
        return _checked_details(member.details), None, member.declared
    except Invalid as refusal:
        if number is None:
            raise
        message = _("第 %(number)s 个人：%(why)s") % {"number": number, "why": refusal.message}
        raise Invalid(message, reason=refusal.reason, member=number) from None


def _checked_details(details: PersonDetails) -> CheckedPerson:
    """By ID number as the register checks it. Without one a name and the reason are enough here: sex and birth date would
    be asked of people without papers alone, and nothing at a gate needs them."""
    if details.id_number.strip():
        return check_person(details, today=clock.today())
    if details.no_id_reason not in NoIdReason.values:
        raise Invalid(_("请填写身份证号；没有身份证号的，要选明原因"), reason="person.no_id_reason")
    return CheckedPerson(check_name(details.name), "", None, None, details.no_id_reason, None, None, None)
