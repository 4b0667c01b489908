"""Registering a household 居民登记: by a member on a phone, or by the community for it; confirmed, refused, ended.

Guarantees: who registers learns nothing of what exists: a known ID number, a known address and an unknown one are answered
alike. Passes come with the community's confirmation only. What a form sends has the form's id: sent again it is the
first answer with the same code, with other content it is refused. Moving out takes the passes out of use with the
reason, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, ensure_same, take_turns
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import (
    CheckedPerson,
    NoIdReason,
    PersonDetails,
    check_name,
    check_person,
    check_phone,
    get_person_for,
    persons_for,
)

from ..models import Estate, HealthDeclaration, Registration, Resident
from ..policies_residents import require_registrar, resident_actor
from ..queries.declarations import every_days
from ..queries.estates_public import building_names, get_estate, get_estate_of
from ..queries.registrations import get_registration_for, residents_of
from ..rules.addresses import tidy_building, tidy_room
from ..rules.codes import code_from
from ..rules.declarations import DeclaredHealth
from ..rules.names import initials_of
from ..states import REGISTRATION_MOVES, DenyReason, RegistrationSource, RegistrationState
from ..states_residents import CONSENT_VERSION, KEPT_AFTER_LAST_PASS, MEMBERS_MAX, UNDECIDED_KEPT
from .declarations import declared_rows
from .denials import deny_passes_of
from .passes import issue_to_residents
from .public_limits import ensure_not_too_often, registration_limits

NOTE_LENGTH_MAX = 200


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
class Registered:
    """`code` is shown once and printed; the row keeps its digest only."""

    registration: Registration
    code: str


@dataclass(frozen=True, slots=True)
class _Checked:
    building: str
    room: str
    phone: str | None
    members: tuple[tuple[CheckedPerson, UUID | None, DeclaredHealth | None], ...]


def register_by_resident(*, registration_id: UUID, sent: SentRegistration, address: str = "") -> Registered:
    """A pending registration of the own household, without an account.

    Raises TooMany, Invalid for what cannot be so, Conflict for the form's id with other content. Never says what exists.
    """
    estate = get_estate(sent.estate_id)
    ensure_not_too_often(registration_limits(address, estate.id))
    actor = resident_actor(estate.area_code)
    if every_days(estate.area_code, clock.today()) is not None and any(one.declared is None for one in sent.members):
        raise Invalid(_("现在要求健康登记，请填写每个人的健康情况"), reason="registration.declaration_missing")
    if any(one.details is None for one in sent.members) or not sent.phone.strip():
        raise Invalid(_("请填写每个人的姓名和一个联系电话"), reason="registration.incomplete")
    with use_scope(actor.scope):
        return _register(actor, estate, registration_id, sent, RegistrationSource.RESIDENT)


def register_for_household(
    *, actor: Actor, registration_id: UUID, sent: SentRegistration, source: str, note: str = ""
) -> Registered:
    """By the community for the household, confirmed at once, with passes. A phone and an ID number are not needed.

    `note`: how it was told (an interview by phone: who was called). Raises NotFound, NotAllowed, Invalid, Conflict.
    """
    estate = get_estate_of(actor, sent.estate_id)
    require_registrar(actor, estate.area_code)
    if source == RegistrationSource.RESIDENT:
        raise ValueError("a resident registers by register_by_resident")
    if source == RegistrationSource.PHONE and not sent.phone.strip():
        raise Invalid(_("电话登记要填写打通的电话"), reason="registration.phone_missing")
    with transaction.atomic():
        registered = _register(actor, estate, registration_id, sent, source)
        if registered.registration.state == RegistrationState.PENDING:
            _confirm(actor, registered.registration, note)
        return registered


@transaction.atomic
def _register(actor: Actor, estate: Estate, registration_id: UUID, sent: SentRegistration, source: str) -> Registered:
    checked = _check(actor, estate, sent)
    digest = digest_of(estate.id, source, checked)
    take_turns([registration_id])
    code = code_from(crypto.blind_index("registration_code", str(registration_id)))
    there = Registration.objects.filter(id=registration_id).first()
    if there is not None:
        ensure_same(bytes(there.request_digest), digest)
        return Registered(there, code)
    now = clock.now()
    registration = Registration.objects.create(
        id=registration_id,
        estate=estate,
        building=checked.building,
        room=checked.room,
        area_code=estate.area_code,
        state=RegistrationState.PENDING,
        source=source,
        code_digest=code_digest(code),
        request_digest=digest,
        phone=checked.phone,
        consent_version=CONSENT_VERSION,
        consented_at=now,
        forget_on=clock.today() + UNDECIDED_KEPT,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    residents = _write_residents(registration, checked.members, first=1)
    declared = [
        (resident, said) for resident, (_person, _id, said) in zip(residents, checked.members, strict=True) if said
    ]
    HealthDeclaration.objects.bulk_create(declared_rows(actor, declared, source))
    data = {"members": len(residents), "kind": str(source)}
    _audit(actor, registration, "register", data)
    return Registered(registration, code)


@transaction.atomic
def confirm_registration(
    *, actor: Actor, registration_id: UUID, expected_version: int | None = None, note: str = ""
) -> Registration:
    """The community knows the household: every resident gets a pass. Raises NotFound, NotAllowed, StateConflict."""
    registration = _locked(actor, registration_id, expected_version)
    require_registrar(actor, registration.area_code)
    _ensure_move(registration, "confirm")
    _confirm(actor, registration, note)
    return registration


@transaction.atomic
def refuse_registration(
    *, actor: Actor, registration_id: UUID, reason: str, expected_version: int | None = None
) -> Registration:
    """Sent back with a reason that its sender reads. It leaves no mark: the household may register again at once."""
    registration = _locked(actor, registration_id, expected_version)
    require_registrar(actor, registration.area_code)
    if not reason.strip():
        raise Invalid(_("请写明退回的原因，登记人会看到"), reason="registration.reason_missing")
    _decide(actor, registration, "refuse", reason.strip())
    return registration


@transaction.atomic
def withdraw_own_registration(*, actor: Actor, registration_id: UUID) -> Registration:
    """By who sent it, while nobody has decided. `actor` is the own page's: see commands.own_page."""
    registration = _locked(actor, registration_id, None)
    _decide(actor, registration, "withdraw", "")
    return registration


@transaction.atomic
def end_registration(
    *, actor: Actor, registration_id: UUID, expected_version: int | None = None, note: str = ""
) -> Registration:
    """The household has moved out: its passes, and those of its guests, go out of use as moved_out."""
    registration = _locked(actor, registration_id, expected_version)
    require_registrar(actor, registration.area_code)
    _ensure_move(registration, "end")
    residents = residents_of(registration, with_left=True)
    denied = deny_passes_of(actor, residents, DenyReason.MOVED_OUT)
    registration.residents.filter(left_on=None).update(left_on=clock.today())
    registration.forget_on = clock.today() + KEPT_AFTER_LAST_PASS
    _decide(actor, registration, "end", note, {"count": len(denied)})
    return registration


@transaction.atomic
def record_resident_left(*, actor: Actor, resident_id: UUID) -> Resident:
    """One member has moved out, the household stays. Told twice, it is told once."""
    found = Resident.objects.filter(actor.scope.q(), id=resident_id).first()
    if found is None:
        raise NotFound(_("没有找到这个人，或者不在您的管辖范围内"), resident_id=resident_id)
    registration = _locked(actor, found.registration_id, None)
    require_registrar(actor, registration.area_code)
    resident = Resident.objects.get(id=resident_id)
    if resident.left_on is not None:
        return resident
    if len(residents_of(registration)) == 1:
        raise Conflict(_("这是这一户最后一个人，请办理整户迁出"), reason="registration.last_resident")
    resident.left_on = clock.today()
    resident.save(update_fields=["left_on"])
    denied = deny_passes_of(actor, [resident], DenyReason.MOVED_OUT)
    _touch(registration)
    _audit(actor, registration, "member_left", {"count": len(denied)})
    return resident


@transaction.atomic
def add_resident(
    *, actor: Actor, registration_id: UUID, member: SentMember, expected_version: int | None = None
) -> Resident:
    """Somebody joins a household that is registered: a newborn, a parent from the country. With a pass at once."""
    registration = _locked(actor, registration_id, expected_version)
    require_registrar(actor, registration.area_code)
    if registration.state != RegistrationState.CONFIRMED:
        raise _moved_on(registration)
    checked = _checked_member(actor, member)
    present = residents_of(registration)
    _ensure_room_for(len(present) + 1)
    if checked[0].id_number and any(bytes(one.id_index or b"") == _index(checked[0]) for one in present):
        raise Conflict(_("这个人已经在这一户的登记里"), reason="registration.member_twice")
    last = registration.residents.order_by("-position").values_list("position", flat=True).first() or 0
    (resident,) = _write_residents(registration, [checked], first=last + 1)
    issue_to_residents(actor, registration.estate, [resident])
    _touch(registration)
    _audit(actor, registration, "join", {"members": 1})
    return resident


@transaction.atomic
def move_rooms(
    *, actor: Actor, registration_id: UUID, building: str, room: str, expected_version: int | None = None
) -> Registration:
    """Another door of the same estate: registration and passes stay."""
    registration = _locked(actor, registration_id, expected_version)
    require_registrar(actor, registration.area_code)
    if registration.state != RegistrationState.CONFIRMED:
        raise _moved_on(registration)
    registration.building = _known_building(registration.estate, building)
    registration.room = tidy_room(room)
    registration.save(update_fields=["building", "room"])
    _touch(registration)
    _audit(actor, registration, "move", {})
    return registration


def code_digest(code: str) -> bytes:
    """What the row keeps of a code."""
    return crypto.blind_index("registration_code_typed", code)


def _confirm(actor: Actor, registration: Registration, note: str) -> None:
    residents = residents_of(registration)
    _link_to_register(actor, residents)
    passes = issue_to_residents(actor, registration.estate, residents)
    registration.forget_on = max(one.expires_at for one in passes).astimezone(clock.TZ).date() + KEPT_AFTER_LAST_PASS
    _decide(actor, registration, "confirm", note, {"count": len(passes)})


def _link_to_register(actor: Actor, residents: Sequence[Resident]) -> None:
    """Who is in the register is linked by ID number, within the confirming officer's areas only."""
    unlinked = {bytes(one.id_index): one for one in residents if one.id_index and one.person_id is None}
    for person in persons_for(actor).filter(id_index__in=list(unlinked)).only("id", "id_index"):
        resident = unlinked[bytes(person.id_index or b"")]
        resident.person_id = person.id
        resident.save(update_fields=["person_id"])


def _decide(
    actor: Actor, registration: Registration, verb: str, note: str, data: dict[str, object] | None = None
) -> None:
    registration.state = _ensure_move(registration, verb)
    registration.decided_at = clock.now()
    registration.decided_by = actor.user_id
    registration.decision_note = note[:NOTE_LENGTH_MAX]
    if registration.state == RegistrationState.CONFIRMED:
        registration.confirmed_at = registration.decided_at
    elif registration.state == RegistrationState.ENDED:
        registration.ended_at = registration.decided_at
    if registration.state in (RegistrationState.REFUSED, RegistrationState.WITHDRAWN):
        registration.forget_on = clock.today() + UNDECIDED_KEPT
    fields = ["state", "decided_at", "decided_by", "decision_note", "forget_on", "confirmed_at", "ended_at"]
    registration.save(update_fields=fields)
    _touch(registration)
    _audit(actor, registration, verb, data or {})


def _ensure_move(registration: Registration, verb: str) -> str:
    to = REGISTRATION_MOVES.get((registration.state, verb))
    if to is None:
        raise _moved_on(registration)
    return to


def _moved_on(registration: Registration) -> StateConflict:
    message = _("这份登记现在是“%(state)s”，不能这样办理") % {"state": registration.get_state_display()}
    return StateConflict(message, reason="registration.state", state=registration.state)


def _locked(actor: Actor, registration_id: UUID, expected_version: int | None) -> Registration:
    get_registration_for(actor, registration_id)
    registration = Registration.objects.select_for_update(of=("self",)).select_related("estate").get(id=registration_id)
    if expected_version is not None and registration.version != expected_version:
        raise Conflict(_("这份登记刚被别人办理过，请刷新后再看"), reason="registration.version")
    return registration


def _touch(registration: Registration) -> None:
    Registration.objects.filter(id=registration.id).update(version=F("version") + 1)
    registration.version += 1


def _audit(actor: Actor, registration: Registration, verb: str, data: dict[str, object]) -> None:
    subject = f"registration:{registration.id}"
    audit.record(
        actor=actor, action=f"registration.{verb}", subject=subject, area_code=registration.area_code, data=data
    )


def _check(actor: Actor, estate: Estate, sent: SentRegistration) -> _Checked:
    if not sent.members:
        raise Invalid(_("请至少填写一个人"), reason="registration.no_members")
    _ensure_room_for(len(sent.members))
    members = tuple(_checked_member(actor, one, number) for number, one in enumerate(sent.members, 1))
    numbers = [person.id_number for person, _id, _said in members if person.id_number]
    if len(numbers) != len(set(numbers)):
        raise Invalid(_("两个人填了同一个身份证号，请核对"), reason="registration.member_twice")
    return _Checked(
        building=_known_building(estate, sent.building),
        room=tidy_room(sent.room),
        phone=check_phone(sent.phone) if sent.phone.strip() else None,
        members=members,
    )


def _ensure_room_for(count: int) -> None:
    if count > MEMBERS_MAX:
        message = _("一份登记最多 %(limit)s 人，超过的请分两份登记") % {"limit": MEMBERS_MAX}
        raise Invalid(message, reason="registration.too_many_members")


def _known_building(estate: Estate, building: str) -> str:
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


def _checked_member(
    actor: Actor, member: SentMember, number: int | None = None
) -> tuple[CheckedPerson, UUID | None, DeclaredHealth | None]:
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


def _index(person: CheckedPerson) -> bytes:
    return crypto.blind_index("id_number", person.id_number or "")


def _write_residents(
    registration: Registration,
    members: Sequence[tuple[CheckedPerson, UUID | None, DeclaredHealth | None]],
    *,
    first: int,
) -> list[Resident]:
    rows = [
        Resident(
            id=new_id(),
            registration=registration,
            area_code=registration.area_code,
            position=position,
            name=person.name,
            initials=initials_of(person.name),
            id_number=person.id_number,
            id_index=_index(person) if person.id_number else None,
            id_tail=person.id_number[-4:] if person.id_number else "",
            no_id_reason=person.no_id_reason,
            person_id=person_id,
        )
        for position, (person, person_id, _said) in enumerate(members, first)
    ]
    return Resident.objects.bulk_create(rows)
