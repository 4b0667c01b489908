"""A form brings the id of what it makes: sent again it is the first answer, with other content it is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.commands.imports import open_import
from shouwang.registry.models import BankAccount, Household, ImportBatch, Membership, Person, Transfer
from shouwang.registry.public import (
    AccountDetails,
    NewMember,
    PersonDetails,
    join_household,
    record_bank_account,
    record_membership,
    register_household,
    register_person,
    request_transfer,
)
from tests.conftest import OPENING
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, acting
from tests.registry.families import FANGZI_VILLAGE, SINCE, details, fresh_number, household_of, person_of

CSV = "户号,姓名,身份证号,与户主关系,村\n"


def refused(send: Callable[..., object], **changed: object) -> None:
    with pytest.raises(Conflict) as refusal:
        send(**changed)
    assert refusal.value.reason == "request.reused"


@pytest.mark.django_db
def test_transfer_asked_again_is_compared() -> None:
    numbers = [fresh_number(), fresh_number()]
    with acting() as holder:
        for number in numbers:
            person_of(holder, id_number=number)
    request_id = new_id()
    with acting(area_code=FANGZI) as asker:

        def send(**changed: object) -> Transfer:
            said: dict[str, object] = {
                "id_number": numbers[0],
                "to_area_code": FANGZI_VILLAGE,
                "with_household": True,
                "moved_on": SINCE,
                "reason": "随子女居住",
                **changed,
            }
            return request_transfer(actor=asker, transfer_id=request_id, **said)  # type: ignore[arg-type]

        assert send().id == send().id == request_id
        refused(send, id_number=numbers[1])
        refused(send, with_household=False)
        refused(send, moved_on=date(2020, 2, 1))
        refused(send, reason="其他")
        assert Transfer.objects.count() == 1


@pytest.mark.django_db
def test_household_person_and_member_asked_again_are_compared() -> None:
    family, single = details("张永福"), details("李桂兰")
    home_id, person_id, joined_id = new_id(), new_id(), new_id()
    with acting() as actor:

        def home(person: PersonDetails = family, on: date = SINCE) -> Household:
            return register_household(
                actor=actor,
                area_code=GUDI_VILLAGE,
                registered_on=on,
                members=[NewMember("head", person)],
                source="测试",
                household_id=home_id,
            )

        def person(said: PersonDetails = single, since: date = SINCE) -> Person:
            return register_person(actor=actor, details=said, area_code=GUDI_VILLAGE, since=since, person_id=person_id)

        def joined(relation: str = "spouse", since: date = SINCE) -> Person:
            member = NewMember(relation, person_id=person_id)
            return join_household(
                actor=actor, household_id=home_id, member=member, since=since, source="测试", request_id=joined_id
            )

        assert home().id == home().id == home_id
        refused(home, person=details("王海"))
        refused(home, on=date(2020, 2, 1))
        assert person().id == person().id == person_id
        refused(person, said=replace(single, phone="13800001111"))
        refused(person, since=date(2020, 2, 1))
        assert joined().id == joined().id == person_id
        refused(joined, relation="child")
        refused(joined, since=date(2020, 2, 1))
        assert (Household.objects.count(), Person.objects.count(), Membership.objects.count()) == (1, 2, 2)


@pytest.mark.django_db
def test_account_and_membership_asked_again_are_compared() -> None:
    account_id, membership_id = new_id(), new_id()
    with acting() as actor:
        home, person, other = household_of(actor), person_of(actor, "李桂兰"), person_of(actor, "王海")

        def account(bank: str = "农商行", on: date = SINCE) -> BankAccount | None:
            said = AccountDetails(number="6217001234567890123", bank_name=bank, holder_name="李桂兰")
            return record_bank_account(
                actor=actor, person_id=person.id, details=said, valid_from=on, source="测试", account_id=account_id
            )

        def moved(who: Person = person, on: date = SINCE) -> Membership | None:
            return record_membership(
                actor=actor,
                person_id=who.id,
                household_id=home.id,
                relation="child",
                valid_from=on,
                source="测试",
                membership_id=membership_id,
            )

        assert account() == account()
        refused(account, bank="工商银行")
        refused(account, on=date(2020, 2, 1))
        assert moved() == moved()
        refused(moved, who=other)
        refused(moved, on=date(2020, 2, 1))


@pytest.mark.django_db
def test_upload_asked_again_is_compared() -> None:
    batch_id = new_id()
    with acting("township_assistant", GUDI) as actor:

        def upload(text: str = CSV, since: date = SINCE, area_code: int = GUDI) -> ImportBatch:
            file = io.BytesIO(text.encode())
            return open_import(
                actor=actor, area_code=area_code, file_name="a.csv", file=file, since=since, batch_id=batch_id
            )

        assert upload().id == upload().id == batch_id
        refused(upload, text=CSV + "1,张永福,,户主,\n")
        refused(upload, since=date(2020, 2, 1))
        refused(upload, area_code=GUDI_VILLAGE)


def test_two_at_once_have_one_answer(committed_db: str) -> None:
    number = fresh_number()
    with acting() as holder:
        person_of(holder, id_number=number)
    with acting(area_code=FANGZI) as asker:
        family, home_id, transfer_id = details("王海"), new_id(), new_id()

        def home() -> object:
            return register_household(
                actor=asker,
                area_code=FANGZI_VILLAGE,
                registered_on=SINCE,
                members=[NewMember("head", family)],
                source="测试",
                household_id=home_id,
            ).id

        def transfer(reason: str = "随子女居住") -> object:
            return request_transfer(
                actor=asker,
                id_number=number,
                to_area_code=FANGZI_VILLAGE,
                with_household=False,
                moved_on=SINCE,
                reason=reason,
                transfer_id=transfer_id,
            ).id

        assert at_once(asker, home, home) == [home_id, home_id]
        answers = at_once(asker, transfer, transfer, lambda: transfer("其他"))
        reasons = {one.reason for one in answers if isinstance(one, Conflict)}
        assert reasons == {"request.reused"}
        assert [one for one in answers if not isinstance(one, Conflict)] in ([transfer_id], [transfer_id] * 2)


def at_once(actor: Actor, *works: Callable[[], object]) -> list[object]:
    """Each work in its own thread and connection; its result, or what it raised."""
    together = Barrier(len(works), timeout=20)

    def run(work: Callable[[], object]) -> object:
        try:
            with clock.at(OPENING), use_scope(actor.scope):
                together.wait()
                return work()
        except Exception as error:  # noqa: BLE001 - the test compares what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
