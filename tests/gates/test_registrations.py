"""Registering a household: pending until the community confirms, nothing that exists is told, moving out ends its passes."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.gates.commands.registrations import (
    SentMember,
    add_resident,
    confirm_registration,
    end_registration,
    move_rooms,
    record_resident_left,
    refuse_registration,
    register_by_resident,
    register_for_household,
)
from shouwang.gates.errors import TooMany
from shouwang.gates.models import HealthDeclaration, Pass, PassDenial, Registration, Resident
from shouwang.gates.queries.keys import keys_to_trust
from shouwang.gates.queries.registrations import duplicates_for, list_registrations_for
from shouwang.gates.rules.codec import decode
from shouwang.gates.rules.declarations import DeclaredHealth
from shouwang.gates.states import REGISTRATION_MOVES, DenyReason, PassKind, RegistrationSource, RegistrationState
from shouwang.kernel import clock
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import CLOSED, current_scope
from shouwang.registry.public import PersonDetails
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting
from tests.registry.families import fresh_number, person_of

from .households import confirmed, estate_of, member, order, passes_of, sent, sent_by_resident

pytestmark = pytest.mark.django_db

WORKER = Role.GRID_WORKER


def test_resident_registers_and_gets_a_code_and_no_pass() -> None:
    estate = estate_of(buildings=("1", "3"))
    registered = sent_by_resident(estate, member("张永福"), member("李秀英"), building="3号楼", room="2单元502室")
    assert (len(registered.code), current_scope()) == (8, CLOSED)
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (row,) = list_registrations_for(actor)
        assert (row.state, row.source, row.building, row.room) == ("pending", "resident", "3", "2单元502")
        assert (row.member_count, row.forget_on) == (2, date(2020, 4, 17))
        assert [one.initials for one in row.residents.order_by("position")] == ["zyf", "lxy"]
        assert Pass.objects.count() == 0


def test_known_and_unknown_are_answered_alike() -> None:
    """The same household registers again, and its neighbour with a number that somebody has: nothing is told."""
    estate, number = estate_of(), fresh_number()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        person_of(actor, "张永福", id_number=number)
        confirmed(actor, estate, member("张永福", number))
    first, second = (sent_by_resident(estate, member("张永福", number)) for _ in range(2))
    unknown = sent_by_resident(estate, member("陈新"))
    states = {one.registration.state for one in (first, second, unknown)}
    assert (states, len({first.code, second.code, unknown.code})) == ({RegistrationState.PENDING}, 3)


def test_form_sent_twice_is_one_registration_with_one_code() -> None:
    estate, registration_id = estate_of(), new_id()
    said = sent(estate)
    first = register_by_resident(registration_id=registration_id, sent=said)
    again = register_by_resident(registration_id=registration_id, sent=said)
    assert (first.code, again.registration.id) == (again.code, registration_id)
    with pytest.raises(Conflict) as refused:
        register_by_resident(registration_id=registration_id, sent=sent(estate, room="601"))
    assert refused.value.reason == "request.reused"
    with acting(WORKER, GUDI_VILLAGE):
        assert (Registration.objects.count(), Resident.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "members", "reason"),
    [
        ({"building": " "}, (), "registration.building"),
        ({"building": "9"}, (), "registration.unknown_building"),
        ({"room": ""}, (), "registration.room"),
        ({"phone": "12"}, (), "person.phone"),
        ({"phone": ""}, (), "registration.incomplete"),
        ({}, (SentMember(PersonDetails("张永福", "370799196005010129")),), "id.checksum"),
        ({}, (SentMember(PersonDetails("张永福")),), "person.no_id_reason"),
        ({}, (SentMember(PersonDetails("", no_id_reason="newborn")),), "person.name_missing"),
    ],
)
def test_what_cannot_be_so_is_refused_and_leaves_nothing(changes, members, reason: str) -> None:
    estate = estate_of(buildings=("3",))
    with pytest.raises(Invalid) as refused:
        sent_by_resident(estate, *members, **changes)
    assert refused.value.reason == reason
    with acting(WORKER, GUDI_VILLAGE):
        assert (Registration.objects.count(), Resident.objects.count()) == (0, 0)
        assert AuditEntry.objects.filter(action__startswith="registration.").count() == 0


def test_one_number_twice_in_a_household_is_refused() -> None:
    number = fresh_number()
    with pytest.raises(Invalid) as refused:
        sent_by_resident(estate_of(), member("张永福", number), member("张永禄", number))
    assert refused.value.reason == "registration.member_twice"


def test_person_without_a_number_is_registered_with_the_reason() -> None:
    newborn = SentMember(PersonDetails("张小宝", no_id_reason="newborn"))
    registered = sent_by_resident(estate_of(), member(), newborn)
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirm_registration(actor=actor, registration_id=registered.registration.id)
        rows = Resident.objects.order_by("position").values_list("id_tail", "no_id_reason")
        assert [row[1] for row in rows] == ["", "newborn"]
        assert len(passes_of(registered)) == 2


def test_declaration_is_asked_while_the_measure_is_in_force() -> None:
    estate = estate_of()
    order("health_declaration", {"every_days": 7})
    with pytest.raises(Invalid) as refused:
        sent_by_resident(estate, member(declared=DeclaredHealth()), member("李秀英"))
    assert refused.value.reason == "registration.declaration_missing"
    sent_by_resident(
        estate, member(declared=DeclaredHealth()), member("李秀英", declared=DeclaredHealth(temperature_tenths=374))
    )
    with acting(WORKER, GUDI_VILLAGE):
        rows = HealthDeclaration.objects.order_by("resident__position").values_list("source", "reports_symptoms")
        assert list(rows) == [("resident", False), ("resident", True)]


def test_one_address_sends_for_a_staircase_and_then_waits_an_hour() -> None:
    estate = estate_of()
    for _ in range(30):
        register_by_resident(registration_id=new_id(), sent=sent(estate), address="10.1.2.3")
    with pytest.raises(TooMany) as refused:
        register_by_resident(registration_id=new_id(), sent=sent(estate), address="10.1.2.3")
    assert (refused.value.reason, "这个网络" in refused.value.message) == ("too_many.register.address", True)
    register_by_resident(registration_id=new_id(), sent=sent(estate), address="10.1.2.4")
    with clock.at(clock.instant(2020, 3, 18, 9)):
        register_by_resident(registration_id=new_id(), sent=sent(estate), address="10.1.2.3")
    with acting(WORKER, GUDI_VILLAGE):
        assert Registration.objects.count() == 32


def test_confirmed_household_gets_a_pass_each_that_phones_believe() -> None:
    registered = sent_by_resident(estate_of(), member("张永福"), member("李秀英"))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirm_registration(actor=actor, registration_id=registered.registration.id, expected_version=1)
        made = passes_of(registered)
        facts = [decode(one.text, keys_to_trust(clock.now()), clock.now()) for one in made]
        assert [one.pass_id for one in facts] == [one.id for one in made]
        assert {(one.kind, one.estate, one.expires_at) for one in facts} == {
            (PassKind.RESIDENT, registered.registration.estate_id, clock.instant(2020, 6, 16, 8))
        }
        registration = Registration.objects.get()
        assert (registration.state, registration.forget_on, registration.version) == ("confirmed", date(2020, 7, 14), 2)


def test_confirming_links_who_is_in_the_register_and_copies_nothing() -> None:
    number = fresh_number()
    with acting(Role.COUNTY_OFFICER) as officer:
        person = person_of(officer, "张永福", id_number=number)
    registered = sent_by_resident(estate_of(), member("张永福", number), member("李秀英"))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirm_registration(actor=actor, registration_id=registered.registration.id)
        assert list(Resident.objects.order_by("position").values_list("person_id", flat=True)) == [person.id, None]


@pytest.mark.parametrize("verb", ["confirm", "refuse", "end"])
@pytest.mark.parametrize("state", RegistrationState.values)
def test_every_move_of_every_state(state: str, verb: str) -> None:
    commands = {
        "confirm": lambda actor, key: confirm_registration(actor=actor, registration_id=key),
        "refuse": lambda actor, key: refuse_registration(actor=actor, registration_id=key, reason="不在本小区"),
        "end": lambda actor, key: end_registration(actor=actor, registration_id=key),
    }
    registered = sent_by_resident(estate_of())
    key = registered.registration.id
    with acting(WORKER, GUDI_VILLAGE) as actor:
        decided_at = None if state == RegistrationState.PENDING else clock.now()
        Registration.objects.filter(id=key).update(state=state, decided_at=decided_at)
        audits = AuditEntry.objects.count()
        if (state, verb) in REGISTRATION_MOVES:
            commands[verb](actor, key)
            assert Registration.objects.get(id=key).state == REGISTRATION_MOVES[state, verb]
        else:
            with pytest.raises(StateConflict):
                commands[verb](actor, key)
            assert (Registration.objects.get(id=key).state, AuditEntry.objects.count()) == (state, audits)


@pytest.mark.parametrize(
    ("role", "by", "error"),
    [
        (Role.GRID_WORKER, GUDI_VILLAGE, None),
        (Role.TOWNSHIP_ASSISTANT, GUDI, None),
        (Role.COUNTY_OFFICER, HANTING, None),
        (Role.TOWNSHIP_HEAD, GUDI, NotAllowed),
        (Role.CITY_OFFICER, WEIFANG, NotAllowed),
        (Role.AUDITOR, HANTING, NotAllowed),
        (Role.COUNTY_OFFICER, FANGZI, NotFound),
        (Role.SYSADMIN, HANTING, NotFound),
    ],
)
def test_only_the_community_and_those_above_it_decide(role: str, by: int, error: type[DomainError] | None) -> None:
    registered = sent_by_resident(estate_of())
    key = registered.registration.id
    with acting(role, by) as actor:
        if error is None:
            confirm_registration(actor=actor, registration_id=key)
            return
        for act in (
            lambda: confirm_registration(actor=actor, registration_id=key),
            lambda: refuse_registration(actor=actor, registration_id=key, reason="不在"),
        ):
            with pytest.raises(error):
                act()
    with acting(WORKER, GUDI_VILLAGE):
        assert (Registration.objects.get().state, Pass.objects.count()) == ("pending", 0)
        assert AuditEntry.objects.filter(action__in=["registration.confirm", "registration.refuse"]).count() == 0


def test_refused_household_may_register_again_at_once() -> None:
    """A refusal is told to who sent it and leaves no mark on anybody."""
    number = fresh_number()
    estate = estate_of()
    first = sent_by_resident(estate, member("张永福", number))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        refuse_registration(actor=actor, registration_id=first.registration.id, reason="房号写错了")
        with pytest.raises(Invalid):
            refuse_registration(actor=actor, registration_id=first.registration.id, reason=" ")
    second = sent_by_resident(estate, member("张永福", number))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirm_registration(actor=actor, registration_id=second.registration.id)
        assert len(passes_of(second)) == 1


def test_stale_page_decides_nothing() -> None:
    registered = sent_by_resident(estate_of())
    with acting(WORKER, GUDI_VILLAGE) as actor:
        with pytest.raises(Conflict) as refused:
            confirm_registration(actor=actor, registration_id=registered.registration.id, expected_version=7)
        assert (refused.value.reason, Pass.objects.count()) == ("registration.version", 0)


def test_duplicates_are_shown_to_the_community_by_number_or_name_and_building() -> None:
    estate, elsewhere, number = estate_of(), estate_of(name="翠竹园"), fresh_number()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirmed(actor, elsewhere, member("张永福", number))
        confirmed(actor, estate, member("李秀英"), building="3", room="101")
        confirmed(actor, estate, member("王强"), building="4", room="101")
    new = sent_by_resident(estate, member("张永福", number), member("李秀英"), member("王强"), room="999").registration
    with acting(WORKER, GUDI_VILLAGE) as actor:
        found = duplicates_for(actor, [new])[new.id]
        assert sorted((one.resident.name, one.by_id) for one in found) == [("张永福", True), ("李秀英", False)]
    with acting(WORKER, FANGZI) as stranger:
        assert duplicates_for(stranger, [new]) == {}


def test_proxy_takes_the_person_from_the_register() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        person = person_of(actor, "张永福")
        registered = confirmed(actor, estate, SentMember(person_id=person.id), phone="")
        resident = Resident.objects.get()
        assert (resident.name, resident.id_number, resident.person_id) == ("张永福", person.id_number, person.id)
        assert (registered.registration.state, len(passes_of(registered))) == ("confirmed", 1)


def test_person_of_another_county_is_not_there_for_a_proxy() -> None:
    with acting(Role.COUNTY_OFFICER, FANGZI) as officer:
        person = person_of(officer, "张永福", area_code=370704003009000)
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        with pytest.raises(NotFound):
            confirmed(actor, estate, SentMember(person_id=person.id))
        assert Registration.objects.count() == 0


def test_interview_by_phone_names_the_phone() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        with pytest.raises(Invalid) as refused:
            register_for_household(
                actor=actor, registration_id=new_id(), sent=sent(estate, phone=""), source=RegistrationSource.PHONE
            )
        assert refused.value.reason == "registration.phone_missing"
        done = register_for_household(
            actor=actor, registration_id=new_id(), sent=sent(estate), source=RegistrationSource.PHONE, note="本人接听"
        )
        assert (done.registration.source, done.registration.decision_note) == ("phone", "本人接听")


def test_moving_out_takes_the_passes_out_of_use() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registered = confirmed(actor, estate, member("张永福"), member("李秀英"))
        end_registration(actor=actor, registration_id=registered.registration.id, note="搬走")
        assert list(PassDenial.objects.values_list("reason", flat=True)) == [DenyReason.MOVED_OUT] * 2
        row = Registration.objects.get()
        assert (row.state, row.forget_on) == ("ended", date(2020, 4, 15))
        assert Resident.objects.filter(left_on=date(2020, 3, 18)).count() == 2


def test_one_member_leaves_and_the_last_does_not() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registered = confirmed(actor, estate, member("张永福"), member("李秀英"))
        first, last = Resident.objects.order_by("position")
        record_resident_left(actor=actor, resident_id=last.id)
        record_resident_left(actor=actor, resident_id=last.id)
        assert [one.denied.holder_id for one in PassDenial.objects.all()] == [last.id]
        with pytest.raises(Conflict):
            record_resident_left(actor=actor, resident_id=first.id)
        joined = add_resident(actor=actor, registration_id=registered.registration.id, member=member("张小宝"))
        assert (joined.position, joined.passes.count()) == (3, 1)


def test_rooms_are_changed_and_passes_stay() -> None:
    estate = estate_of(buildings=("3", "5"))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registered = confirmed(actor, estate)
        before = [one.text for one in passes_of(registered)]
        moved = move_rooms(actor=actor, registration_id=registered.registration.id, building="5号楼", room="101室")
        assert (moved.building, moved.room, [one.text for one in passes_of(registered)]) == ("5", "101", before)


def test_declaration_is_never_edited_or_deleted_while_its_person_is_known() -> None:
    sent_by_resident(estate_of(), member(declared=DeclaredHealth(symptoms=("cough",))))
    with acting(WORKER, GUDI_VILLAGE):
        for act in (
            lambda: HealthDeclaration.objects.update(reports_symptoms=False),
            lambda: HealthDeclaration.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()
        assert HealthDeclaration.objects.get().reports_symptoms
