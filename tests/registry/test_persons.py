"""Registering persons and households, sealing what is sensitive, refusing what cannot be."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from stdnum.cn import uscc

from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord, SearchTerm
from shouwang.registry.models import BankAccount, Household, Membership, PersonFact
from shouwang.registry.public import (
    AccountDetails,
    ElsewhereAnswer,
    NewMember,
    OrganisationDetails,
    Person,
    PersonDetails,
    account_as_of,
    correct_person,
    find_person_by_id_number,
    get_person_for,
    members_as_of,
    person_facts_as_of,
    record_bank_account,
    record_death,
    record_organisation,
    record_person_fact,
    register_household,
    register_person,
    reveal,
    shared_accounts,
)
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting, id_number
from tests.registry.families import FANGZI_VILLAGE, SINCE, details, fresh_number, household_of, person_of

pytestmark = pytest.mark.django_db


def test_sex_and_birth_come_from_the_number() -> None:
    with acting() as actor:
        person = person_of(actor, id_number=id_number(date(1960, 5, 1), 12))
    assert (person.sex, person.birth_on, person.id_tail) == ("female", date(1960, 5, 1), person.id_number[-4:])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"sex": "male", "id_number": id_number(date(1960, 5, 1), 12)}, "person.sex_differs"),
        ({"birth_on": date(1960, 5, 2)}, "person.birth_differs"),
        ({"id_number": "370703198001011480"}, "id.checksum"),
        ({"id_number": ""}, "person.no_id_reason"),
        ({"id_number": "", "no_id_reason": "newborn"}, "person.sex_missing"),
        ({"id_number": "", "no_id_reason": "newborn", "sex": "male"}, "person.birth_missing"),
        ({"phone": "12"}, "person.phone"),
        ({"disability_certificate": id_number(date(1950, 1, 1), 21) + "41"}, "disability.other_holder"),
    ],
)
def test_person_that_cannot_be_is_refused_and_nothing_is_written(said: dict[str, object], reason: str) -> None:
    with acting() as actor:
        audits = AuditEntry.objects.count()
        with pytest.raises(Invalid) as refusal:
            person_of(actor, **said)
        assert refusal.value.reason == reason
        assert (Person.objects.count(), AuditEntry.objects.count()) == (0, audits)


def test_certificate_is_recorded_as_a_dated_fact() -> None:
    number = fresh_number()
    with acting() as actor:
        person = person_of(actor, id_number=number, disability_certificate=number + "42B1")
        facts = person_facts_as_of([person.id], ["disability"], on=SINCE)
    assert facts[person.id] == {"disability": "42"}


def test_unknown_identity_needs_no_birth_date() -> None:
    with acting() as actor:
        person = person_of(actor, "无名氏", id_number="", no_id_reason="unknown_identity", sex="male")
    assert (person.birth_on, person.id_index) == (None, None)


def test_sealed_columns_hold_no_number() -> None:
    number = fresh_number()
    with acting() as actor:
        person = person_of(actor, id_number=number, phone="13812345678", disability_certificate=number + "41")
        record_bank_account(
            actor=actor,
            person_id=person.id,
            details=AccountDetails(number="6217001234567890123", bank_name="农商银行", holder_name=person.name),
            valid_from=SINCE,
            source="测试",
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "select p::text, a::text from registry_person p join registry_bankaccount a on a.person_id = p.id"
            )
            stored = "".join(cursor.fetchone())
            for secret in (number, "13812345678", "6217001234567890123"):
                assert secret not in stored
                assert secret.encode().hex() not in stored
            cursor.execute("select data::text || subject from kernel_auditentry")
            audit = "".join(row[0] for row in cursor.fetchall())
        assert number not in audit
        again = Person.objects.get(id=person.id)
        assert (again.id_number, again.phone, again.disability_certificate) == (number, "13812345678", number + "41")
        assert not SearchTerm.objects.filter(term__contains=number[-4:]).exists()


def test_number_registered_here_is_refused_with_the_record() -> None:
    number = fresh_number()
    with acting() as actor:
        person = person_of(actor, id_number=number)
        with pytest.raises(Conflict) as refusal:
            person_of(actor, "李四", id_number=number)
    assert (refusal.value.reason, refusal.value.data["person_id"]) == ("person.registered", person.id)


def test_number_registered_in_another_county_answers_place_and_masked_name_and_is_logged() -> None:
    number = fresh_number()
    with acting(area_code=FANGZI) as neighbour:
        person = person_of(neighbour, "欧阳建国", FANGZI_VILLAGE, id_number=number)
    with acting(area_code=HANTING) as actor:
        found = find_person_by_id_number(actor=actor, number=number)
        assert isinstance(found, ElsewhereAnswer)
        assert (found.person_id, found.masked_name, found.unit_name) == (person.id, "欧***", "山东省潍坊市坊子区")
        with pytest.raises(Conflict) as refusal:
            person_of(actor, "欧阳建国", id_number=number)
        assert refusal.value.reason == "person.registered_elsewhere"
        logged = AuditEntry.objects.filter(action="person.look_up", user_id=actor.user_id)
        assert [entry.subject for entry in logged] == [f"person:{person.id}"] * 2
        with pytest.raises(NotFound):
            get_person_for(actor, person.id)


def test_neighbour_cannot_write_and_nothing_is_left() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
    with acting(area_code=FANGZI) as neighbour:
        with pytest.raises(NotFound):
            record_person_fact(
                actor=neighbour, person_id=person.id, kind="student", value=1, valid_from=SINCE, source="测试"
            )
        with pytest.raises(NotAllowed):
            person_of(neighbour, area_code=GUDI_VILLAGE)
        assert AuditEntry.objects.filter(user_id=neighbour.user_id).count() == 0
    with acting(area_code=WEIFANG):
        assert (PersonFact.objects.count(), Person.objects.count(), EventRecord.objects.count()) == (0, 1, 0)


@pytest.mark.parametrize("role", ["auditor", "finance", "township_head", "county_leader"])
def test_who_does_not_keep_the_register_cannot_write(role: str) -> None:
    with acting(role, HANTING) as actor:
        with pytest.raises(NotAllowed):
            person_of(actor)
        assert (Person.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_household_has_one_head_and_lives_in_a_village() -> None:
    with acting() as actor:
        for members, area, reason in (
            ([NewMember("child", details())], GUDI_VILLAGE, "household.one_head"),
            ([NewMember("head", details()), NewMember("head", details())], GUDI_VILLAGE, "household.one_head"),
            ([NewMember("head", details())], GUDI, "household.not_a_village"),
        ):
            with pytest.raises(Invalid) as refusal:
                register_household(actor=actor, area_code=area, registered_on=SINCE, members=members, source="测试")
            assert refusal.value.reason == reason
        assert (Household.objects.count(), Person.objects.count(), Membership.objects.count()) == (0, 0, 0)


def test_household_sent_twice_is_one() -> None:
    request_id = new_id()
    members = [NewMember("head", details())]
    with acting() as actor:
        sent = [
            register_household(
                actor=actor,
                area_code=GUDI_VILLAGE,
                registered_on=SINCE,
                members=members,
                source="测试",
                household_id=request_id,
            )
            for _ in range(2)
        ]
        assert [home.id for home in sent] == [request_id, request_id]
        assert (Household.objects.count(), Person.objects.count()) == (1, 1)


def test_fact_sent_twice_is_one_and_with_another_content_is_refused() -> None:
    request_id = new_id()

    def send(value: int) -> object:
        return record_person_fact(
            actor=actor,
            person_id=person.id,
            kind="self_care",
            value=value,
            valid_from=SINCE,
            source="测试",
            fact_id=request_id,
        )

    with acting() as actor:
        person = person_of(actor)
        assert send(3) == send(3)
        with pytest.raises(Conflict) as refusal:
            send(4)
        assert refusal.value.reason == "request.reused"
        assert PersonFact.objects.count() == 1


def test_second_officer_sees_who_changed_what() -> None:
    with acting() as first:
        person = person_of(first)
        shown = person.version
        with clock.at(clock.instant(2020, 3, 18, 9)):
            correct_person(
                actor=first,
                person_id=person.id,
                expected_version=shown,
                details=PersonDetails(name="张永富"),
                since=SINCE,
                source="身份证",
            )
    with acting() as second:
        with pytest.raises(Conflict) as refusal:
            correct_person(
                actor=second,
                person_id=person.id,
                expected_version=shown,
                details=PersonDetails(name="章永福"),
                since=SINCE,
                source="身份证",
            )
        assert (refusal.value.data["who"], refusal.value.data["what"]) == (first.name, "person.correct")
        kept = Person.objects.get(id=person.id)
        assert (kept.name, kept.id_number) == ("张永富", person.id_number)


def test_death_takes_the_person_out_of_the_household_and_tells_the_apps_above() -> None:
    with acting() as actor:
        home = household_of(actor, "张永福", "张建国")
        child = members_as_of([home.id], on=SINCE)[home.id][1]
        record_death(actor=actor, person_id=child.person_id, died_on=date(2020, 2, 20), source="死亡证明")
        for day, names in ((date(2020, 2, 19), ["张永福", "张建国"]), (date(2020, 2, 20), ["张永福"])):
            assert [member.name for member in members_as_of([home.id], on=day)[home.id]] == names
        event = EventRecord.objects.get()
        assert (event.kind, event.payload["household_id"]) == ("person.died", str(home.id))
        assert (
            record_death(actor=actor, person_id=child.person_id, died_on=date(2020, 2, 20), source="死亡证明") is None
        )
        with pytest.raises(StateConflict):
            record_death(actor=actor, person_id=child.person_id, died_on=date(2020, 2, 21), source="死亡证明")


def test_account_on_another_name_needs_its_agreement() -> None:
    with acting() as actor:
        person = person_of(actor)

        def send(agreement: str) -> BankAccount | None:
            return record_bank_account(
                actor=actor,
                person_id=person.id,
                details=AccountDetails("6217001234567890123", "农商银行", "李秀英", agreement),
                valid_from=SINCE,
                source="测试",
            )

        with pytest.raises(Invalid) as refusal:
            send("")
        assert refusal.value.reason == "account.agreement_missing"
        assert BankAccount.objects.count() == 0
        assert send("2020-01-05 代领协议") is not None
        assert send("2020-01-05 代领协议") is None
        assert account_as_of([person.id], on=SINCE)[person.id].account == "6217001234567890123"


def test_account_of_two_households_is_flagged() -> None:
    with acting() as actor:
        homes = [household_of(actor, name) for name in ("张永福", "李秀英")]
        heads = [members_as_of([home.id], on=SINCE)[home.id][0] for home in homes]
        for person in heads:
            record_bank_account(
                actor=actor,
                person_id=person.person_id,
                details=AccountDetails("6217001234567890123", "农商银行", person.name),
                valid_from=SINCE,
                source="测试",
            )
        first, second = (person.person_id for person in heads)
        assert shared_accounts(actor, [first, second]) == {first: [second], second: [first]}


def test_reveal_without_a_reason_shows_nothing_and_with_one_is_logged() -> None:
    with acting() as actor:
        person = person_of(actor)
        with pytest.raises(DomainError):
            reveal(actor=actor, person_id=person.id, field="id_number", reason="")
        assert AuditEntry.objects.filter(action="field.reveal").count() == 0
        assert reveal(actor=actor, person_id=person.id, field="id_number", reason="verify") == person.id_number
        entry = AuditEntry.objects.get(action="field.reveal")
        assert (entry.subject, entry.data["field"]) == (f"person:{person.id}", "id_number")


def test_credit_code_of_another_county_is_refused_in_words() -> None:
    body = "11370703MB2837465"
    code = body + uscc.calc_check_digit(body)
    with acting(area_code=FANGZI) as neighbour:
        record_organisation(
            actor=neighbour, organisation_id=new_id(), details=OrganisationDetails("坊子区救助站", FANGZI, code)
        )
    with acting(area_code=HANTING) as actor:
        with pytest.raises(Conflict) as refusal:
            record_organisation(
                actor=actor, organisation_id=new_id(), details=OrganisationDetails("寒亭区救助站", HANTING, code)
            )
        assert refusal.value.reason == "organisation.registered"


def test_database_refuses_a_person_without_number_and_reason() -> None:
    with acting() as actor:
        person = person_of(actor)
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(id=person.id).update(id_index=None)


def test_register_person_needs_the_area_in_scope() -> None:
    with acting(area_code=HANTING) as actor, pytest.raises(NotAllowed):
        register_person(actor=actor, details=details(), area_code=FANGZI_VILLAGE, since=SINCE)
