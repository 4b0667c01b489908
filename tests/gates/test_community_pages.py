"""The community's pages: what waits, deciding, proxy registration with what is known filled in, workbooks, printing."""

from __future__ import annotations

import io
import re
import subprocess

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from shouwang.accounts.public import Role
from shouwang.gates.commands.registrations import SentMember
from shouwang.gates.models import (
    DenialProposal,
    Estate,
    HealthDeclaration,
    Pass,
    PassDenial,
    Registration,
    RegistrationSheet,
    Resident,
)
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import PersonDetails
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, acting, make_actor
from tests.registry.families import fresh_number, household_of, person_of

from .households import PHONE, confirmed, estate_of, member, passes_of, sent_by_resident

pytestmark = pytest.mark.django_db

FANGZI_VILLAGE = 370704003009000


@pytest.fixture
def worker() -> Actor:
    return make_actor(Role.GRID_WORKER, GUDI_VILLAGE)


@pytest.fixture
def client(worker: Actor) -> Client:
    return client_of(worker)


@pytest.fixture
def estate() -> Estate:
    return estate_of(buildings=("1", "3"))


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def step(client: Client, registration: Registration, verb: str, **more: str) -> int:
    address = reverse("registration_step", args=[registration.id, verb])
    return client.post(address, {"version": str(registration.version), **more}).status_code


def test_waiting_list_shows_what_waits_and_who_may_be_twice(client: Client, worker: Actor, estate: Estate) -> None:
    number = fresh_number()
    with use_scope(worker.scope):
        confirmed(worker, estate, member("李秀英", number), room="101")
    sent_by_resident(estate, member("李秀英", number), room="502")
    page = shown(client, reverse("registration_list"))
    assert ("3 - 502" in page, "3 - 101" in page, "可能重复 1 处" in page, number in page) == (True, False, True, False)
    assert "3 - 101" in shown(client, reverse("registration_list") + "?state=confirmed")
    assert "可能重复" not in shown(
        client_of(make_actor(Role.GRID_WORKER, FANGZI_VILLAGE)), reverse("registration_list")
    )


def test_household_is_confirmed_on_its_page(client: Client, estate: Estate) -> None:
    registration = sent_by_resident(estate).registration
    detail = reverse("registration_detail", args=[registration.id])
    assert "确认并签发通行证" in shown(client, detail)
    assert step(client, registration, "confirm") == 302
    page = shown(client, detail)
    assert ("确认并签发通行证" in page, "打印全家的通行证" in page, PHONE in page) == (False, True, False)
    assert step(client, registration, "confirm") == 409


def test_refusal_needs_its_reason(client: Client, estate: Estate) -> None:
    registration = sent_by_resident(estate).registration
    assert step(client, registration, "refuse") == 422
    assert step(client, registration, "refuse", note="房号写错了") == 302
    assert "房号写错了" in shown(client, reverse("registration_detail", args=[registration.id]))


def test_several_are_confirmed_at_once(client: Client, worker: Actor, estate: Estate) -> None:
    waiting = [sent_by_resident(estate, room=str(room)).registration for room in (101, 102, 103)]
    chosen = [str(waiting[0].id), str(waiting[2].id), "x"]
    assert client.post(reverse("registration_confirm_many"), {"registration": chosen}).status_code == 302
    with use_scope(worker.scope):
        states = dict(Registration.objects.values_list("room", "state"))
    assert states == {"101": "confirmed", "102": "pending", "103": "confirmed"}


def test_moving_renewing_leaving_and_ending(client: Client, worker: Actor, estate: Estate) -> None:
    with use_scope(worker.scope):
        registered = confirmed(worker, estate, member("张永福"), member("李秀英"))
        last = Resident.objects.get(name="李秀英")
    registration = registered.registration
    assert step(client, registration, "move", building="1", room="9") == 302
    assert client.post(reverse("resident_left", args=[last.id])).status_code == 302
    with use_scope(worker.scope):
        registration.refresh_from_db()
        assert (registration.building, registration.room) == ("1", "9")
    assert step(client, registration, "renew") == 302
    assert step(client, registration, "end") == 302
    with use_scope(worker.scope):
        assert (Pass.objects.count(), PassDenial.objects.filter(reason="moved_out").count()) == (2, 2)
    assert step(client, registration, "close") == 404


def test_card_fills_in_the_household_of_the_register(client: Client, worker: Actor, estate: Estate) -> None:
    """Promise 4: nobody types the same fact twice."""
    with acting(Role.COUNTY_OFFICER) as officer:
        household_of(officer, "张永福", "张晓")
    with use_scope(worker.scope):
        from shouwang.registry.public import Person

        number = Person.objects.get(name="张永福").id_number
    address = reverse("registration_new")
    page = client.post(address, {"estate": str(estate.id), "id_number": number}).content.decode()
    known = re.findall(r'name="members-\d-person_id" value="([0-9a-f-]{36})"', page)
    assert (len(known), "张永福" in page, "张晓" in page, number in page) == (2, True, True, False)
    said = {
        "request_id": str(new_id()), "estate": str(estate.id), "source": "proxy", "building": "3", "room": "502",
        "phone": "", "agrees": "on", "members-TOTAL_FORMS": "2", "members-INITIAL_FORMS": "2",
        **{f"members-{at}-person_id": value for at, value in enumerate(known)},
    }  # fmt: skip
    again = client.post(address, said | {"add_row": "1"}).content.decode()
    assert (again.count("不用再填"), again.count('name="members-2-name"')) == (2, 1)
    assert client.post(address, said).status_code == 302
    with use_scope(worker.scope):
        assert [one.person_id is not None for one in Resident.objects.all()] == [True, True]
        assert Pass.objects.count() == 2


def test_card_of_another_county_is_told_and_does_not_hinder(client: Client, estate: Estate) -> None:
    with acting(Role.COUNTY_OFFICER, FANGZI) as officer:
        number = person_of(officer, "王五福", area_code=FANGZI_VILLAGE).id_number
    page = client.post(reverse("registration_new"), {"estate": str(estate.id), "id_number": number}).content.decode()
    assert ("王**" in page, "王五福" in page, f'value="{number}"' in page) == (True, False, True)


def test_wrong_card_and_foreign_estate_are_refused(client: Client, estate: Estate) -> None:
    elsewhere = estate_of(FANGZI_VILLAGE, "坊子苑")
    address = reverse("registration_new")
    assert client.post(address, {"estate": str(estate.id), "id_number": "37"}).status_code == 422
    assert client.post(address, {"estate": str(elsewhere.id)}).status_code == 422
    said = {"request_id": str(new_id()), "estate": str(elsewhere.id)}
    assert client.post(address, said).status_code == 404


def test_health_is_taken_down_for_the_household(client: Client, worker: Actor, estate: Estate) -> None:
    with use_scope(worker.scope):
        registration = confirmed(worker, estate).registration
        resident = Resident.objects.get()
    address = reverse("registration_declare", args=[registration.id])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {f"{resident.id.hex}-health": "well"}).status_code == 302
    with use_scope(worker.scope):
        assert HealthDeclaration.objects.get().source == "proxy"


def test_somebody_joins_a_household(client: Client, worker: Actor, estate: Estate) -> None:
    with use_scope(worker.scope):
        registration = confirmed(worker, estate).registration
    address = reverse("resident_add", args=[registration.id])
    assert client.post(address, {"name": "张小宝", "no_id_reason": "newborn"}).status_code == 302
    with use_scope(worker.scope):
        assert Pass.objects.count() == 2


SHEET = (
    "幢,单元,房间号,住户姓名,证件号码,没有身份证号的原因,手机号\n"
    "3号楼,2,502,张永福,{0},,13812345678\n"
    "3栋,2单元,502室,张小宝,,新生儿未办证,\n"
    "3,,601,王强,370703196005010129,,\n"
    "3,,601,王丽,{1},,\n"
    "9,,101,赵六,{2},,\n"
    "1,,101,孙七,,,\n"
)


def send_sheet(client: Client, estate: Estate, text: str) -> int:
    said = {
        "request_id": str(new_id()),
        "estate": str(estate.id),
        "agrees": "on",
        "file": SimpleUploadedFile("住户.csv", text.encode("gb18030")),
    }
    return client.post(reverse("registration_import"), said).status_code


def test_workbook_registers_households_and_sends_rows_back(client: Client, worker: Actor, estate: Estate) -> None:
    text = SHEET.format(*(fresh_number() for _ in range(3)))
    assert send_sheet(client, estate, text) == 302
    with use_scope(worker.scope):
        (sheet,) = RegistrationSheet.objects.all()
        assert (sheet.row_count, sheet.household_count, sheet.refused_count) == (6, 1, 4)
        (registration,) = Registration.objects.all()
        assert (registration.building, registration.room, registration.source) == ("3", "2单元502", "spreadsheet")
        assert Pass.objects.count() == 2
    answer = client.post(reverse("registration_refused", args=[sheet.id]))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()  # type: ignore[arg-type]
    reasons = {row[3]: row[-1] for row in rows[1:]}
    assert list(reasons) == ["王强", "王丽", "赵六", "孙七"]
    assert "校验码不符" in reasons["王强"]
    assert reasons["王丽"] == "同一户第 4 行有问题，这一户没有登记"
    assert "没有“9”号楼" in reasons["赵六"]
    assert "无证原因" in reasons["孙七"]


def test_workbook_sent_again_registers_nobody_twice(client: Client, worker: Actor, estate: Estate) -> None:
    text = SHEET.format(*(fresh_number() for _ in range(3)))
    for _ in range(2):
        assert send_sheet(client, estate, text) == 302
    with use_scope(worker.scope):
        assert (Registration.objects.count(), Resident.objects.count()) == (1, 2)
        assert sorted(RegistrationSheet.objects.values_list("household_count", "known_count")) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("text", ["", "姓名,电话\n张三,1\n", "楼号,房号,姓名,身份证号\n"])
def test_workbook_that_is_none_is_refused_whole(client: Client, worker: Actor, estate: Estate, text: str) -> None:
    assert send_sheet(client, estate, text) == 422
    with use_scope(worker.scope):
        assert RegistrationSheet.objects.count() == 0


def text_of_pdf(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def test_cards_are_printed_masked_and_noted(client: Client, worker: Actor, estate: Estate) -> None:
    number, newborn = fresh_number(), SentMember(PersonDetails("张小宝", no_id_reason="newborn"))
    with use_scope(worker.scope):
        passes = passes_of(confirmed(worker, estate, member("张永福", number), newborn))
    answer = client.post(reverse("pass_cards"), {"pass": [str(one.id) for one in passes]})
    text = text_of_pdf(b"".join(answer))  # type: ignore[arg-type]
    assert (f"张*福 {number[-4:]}" in " ".join(text.split()), "张永福" in text, number in text) == (True, False, False)
    with use_scope(worker.scope):
        assert set(Pass.objects.values_list("printed_at", flat=True)) == {clock.now()}
    word = client.post(reverse("pass_cards"), {"pass": [str(passes[0].id)], "format": "docx"})
    assert b"".join(word).startswith(b"PK")  # type: ignore[arg-type]
    assert client.post(reverse("pass_cards"), {"pass": ["1"]}).status_code == 404


@pytest.mark.parametrize(("paper", "said"), [("slips", "2020 年 3 月 18 日"), ("log", "卡口出入登记表")])
def test_papers_of_an_estate(client: Client, estate: Estate, paper: str, said: str) -> None:
    answer = client.get(reverse("estate_paper", args=[estate.id, paper]))
    assert said in text_of_pdf(b"".join(answer))  # type: ignore[arg-type]
    assert "今天的纸条" in shown(client, reverse("paper_list"))


def test_pass_is_given_by_name_replaced_and_taken_out_of_use(client: Client, worker: Actor, estate: Estate) -> None:
    said = {"request_id": str(new_id()), "estate": str(estate.id), "kind": "2", "name": "保洁员", "purpose": "保洁"}
    address = client.post(reverse("pass_new"), said).headers["Location"]
    assert client.post(reverse("pass_new"), said).headers["Location"] == address
    assert "保*员" in shown(client, address)
    replaced = client.post(f"{address}replace/", {"reason": "lost"}).headers["Location"]
    assert ("已作废：遗失" in shown(client, address), replaced != address) == (True, True)
    denied = {"request_id": str(new_id()), "pass": replaced.split("/")[-2], "reason": "issued_in_error"}
    assert client.post(reverse("denial_new"), denied).status_code == 302
    assert shown(client, reverse("denial_list")).count("误发") >= 1
    with use_scope(worker.scope):
        assert sorted(PassDenial.objects.values_list("reason", flat=True)) == ["issued_in_error", "lost"]


def test_more_than_twenty_wait_for_a_second_officer(client: Client, worker: Actor, estate: Estate) -> None:
    with use_scope(worker.scope):
        ids = [str(passes_of(confirmed(worker, estate, room=str(room)))[0].id) for room in range(21)]
    said = {"request_id": str(new_id()), "pass": ids, "reason": "issued_in_error"}
    assert client.post(reverse("denial_new"), said).status_code == 302
    with use_scope(worker.scope):
        (proposal,) = DenialProposal.objects.all()
        assert PassDenial.objects.count() == 0
    page = reverse("denial_proposal", args=[proposal.id])
    decide = reverse("denial_decide", args=[proposal.id])
    assert "同意作废" not in shown(client, page)
    assert client.post(decide, {"decision": "confirm"}).status_code == 403
    second = client_of(make_actor(Role.TOWNSHIP_HEAD, GUDI))
    assert "同意作废" in shown(second, page)
    assert second.post(decide, {"decision": "confirm"}).status_code == 302
    with use_scope(worker.scope):
        assert PassDenial.objects.count() == 21


@pytest.mark.parametrize("name", ["registration_list", "pass_list", "denial_list", "registration_import"])
def test_lists_ask_as_much_for_one_as_for_three(client: Client, worker: Actor, estate: Estate, name: str) -> None:
    address = reverse(name) + ("?state=" if name == "registration_list" else "")
    counts = []
    for rooms in (("1",), ("2", "3")):
        for room in rooms:
            with use_scope(worker.scope):
                one = passes_of(confirmed(worker, estate, room=room))[0]
            said = {"request_id": str(new_id()), "pass": str(one.id), "reason": "lost"}
            client.post(reverse("denial_new"), said)
            send_sheet(client, estate, f"楼号,房号,姓名,身份证号\n3,{room}9,张三,{fresh_number()}\n")
        counts.append(queries_of_page(client, address))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["registration_list", "pass_list", "denial_list"])
def test_whoever_has_no_business_there_is_sent_away(name: str) -> None:
    assert client_of(make_actor(Role.FINANCE, HANTING)).get(reverse(name)).status_code == 403


def test_waiting_registrations_stand_on_the_home_page_by_estate(client: Client, estate: Estate) -> None:
    for room in ("101", "102"):
        sent_by_resident(estate, room=room)
    page = shown(client, "/")
    assert "海棠苑：2 户等待确认" in page
    head = client_of(make_actor(Role.TOWNSHIP_HEAD, GUDI))
    assert "等待确认" not in shown(head, "/")
