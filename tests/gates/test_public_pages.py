"""The pages of residents: no account, nothing told of what exists, the code shown once, the own page for half an hour."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.gates.commands.registrations import confirm_registration
from shouwang.gates.models import HealthDeclaration, Pass, Registration, Resident
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from tests.factories import GUDI_VILLAGE, acting
from tests.registry.families import fresh_number

from .households import GATE_RULE, PHONE, estate_of, order

pytestmark = pytest.mark.django_db

NUMBER = fresh_number()


def posted(*members: dict[str, str], **more: str) -> dict[str, str]:
    rows = members or ({"name": "张永福", "id_number": NUMBER},)
    said = {
        "request_id": str(new_id()), "building": "3", "room": "502", "phone": PHONE, "agrees": "on",
        "members-TOTAL_FORMS": str(len(rows)), "members-INITIAL_FORMS": "0",
    }  # fmt: skip
    for position, row in enumerate(rows):
        said |= {f"members-{position}-{name}": value for name, value in row.items()}
    return said | more


def code_on(page: str) -> str:
    (code,) = re.findall(r'class="public-code">([A-Z0-9-]{9})<', page)
    return code


def registered_page(client: Client, **more: str) -> str:
    estate = estate_of(buildings=("1", "3"))
    answer = client.post(reverse("register_household", args=[estate.id]), posted(**more))
    assert answer.status_code == 200
    return answer.content.decode()


def own_address(client: Client, code: str, tail: str = NUMBER[-4:]) -> str:
    answer = client.post(reverse("own_page_open"), {"code": code, "tail": tail})
    assert answer.status_code == 302
    return answer.headers["Location"]


def confirm_all() -> None:
    with acting(Role.GRID_WORKER, GUDI_VILLAGE) as actor:
        for one in Registration.objects.filter(state="pending"):
            confirm_registration(actor=actor, registration_id=one.id)


def test_estate_is_found_by_a_part_of_its_name() -> None:
    estate = estate_of(name="海棠苑")
    estate_of(name="翠竹园")
    page = Client().get(reverse("register_find"), {"q": "海棠"}).content.decode()
    assert re.findall(r'href="(/gates/register/\d+/)"', page) == [f"/gates/register/{estate.id}/"]
    assert "没有找到" in Client().get(reverse("register_find"), {"q": "不存在"}).content.decode()


def test_household_is_registered_and_the_code_is_shown_once() -> None:
    page = registered_page(Client())
    assert len(code_on(page)) == 9
    assert NUMBER not in page
    assert PHONE not in page
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        assert Registration.objects.get().source == "resident"


def test_known_number_and_unknown_one_give_the_same_page() -> None:
    """But for the code and what is new at every asking."""
    client, estate = Client(), estate_of(buildings=("3",))
    address = reverse("register_household", args=[estate.id])
    fresh = {"name": "张永福", "id_number": fresh_number()}
    pages = [client.post(address, posted(row)).content.decode() for row in (fresh, fresh, {**fresh, "name": "王强"})]
    plain = {re.sub(r"[A-Z0-9]{4}-[A-Z0-9]{4}", "", page) for page in pages}
    assert len(plain) == 1


def test_rows_are_added_and_removed_without_losing_what_was_typed() -> None:
    client, estate = Client(), estate_of()
    address = reverse("register_household", args=[estate.id])
    more = client.post(address, posted({"name": "张永福", "id_number": "370"}, add_row="1")).content.decode()
    assert (more.count('class="public-member"'), 'value="张永福"' in more) == (2, True)
    assert "field-error" not in more
    rows = ({"name": "张永福"}, {"name": "李秀英"})
    fewer = client.post(address, posted(*rows, **{"remove_row-0": "1"})).content.decode()
    assert (fewer.count('class="public-member"'), "李秀英" in fewer, "张永福" in fewer) == (1, True, False)


@pytest.mark.parametrize(
    ("row", "more", "said"),
    [
        ({"name": ""}, {}, "请填写姓名"),
        ({"name": "张永福"}, {}, "请填写身份证号；没有的，选明原因"),
        ({"name": "张永福", "id_number": "370703196005010129"}, {}, "校验码不符"),
        ({"name": "张永福", "id_number": NUMBER}, {"agrees": ""}, "agrees"),
        ({"name": "张永福", "id_number": NUMBER}, {"building": "99"}, "99"),
        ({"name": "张永福", "id_number": NUMBER, "person_id": "x"}, {}, "person_id"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_nothing_is_kept(row, more, said: str) -> None:
    estate = estate_of(buildings=("3",))
    answer = Client().post(reverse("register_household", args=[estate.id]), posted(row, **more))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        assert (Registration.objects.count(), Resident.objects.count()) == (0, 0)


def test_record_of_the_register_cannot_be_named_from_outside() -> None:
    estate = estate_of()
    row = {"name": "张永福", "id_number": NUMBER, "person_id": str(new_id())}
    answer = Client().post(reverse("register_household", args=[estate.id]), posted(row))
    assert answer.status_code == 200
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        assert Resident.objects.get().person_id is None


def test_health_is_asked_while_the_measure_is_in_force() -> None:
    client, estate = Client(), estate_of()
    address = reverse("register_household", args=[estate.id])
    assert "健康登记" not in client.get(address).content.decode().replace("另有健康登记", "")
    order("health_declaration", {"every_days": 7})
    row = {"name": "张永福", "id_number": NUMBER}
    assert client.post(address, posted(row)).status_code == 422
    sick = row | {"health": "unwell", "symptoms": "cough", "temperature": "37.4", "places": "济宁市"}
    assert client.post(address, posted(sick)).status_code == 200
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        declared = HealthDeclaration.objects.get()
        assert (declared.reports_symptoms, '"temperature_tenths": 374' in declared.answers) == (True, True)


def test_own_page_shows_the_pass_once_it_is_confirmed() -> None:
    client = Client()
    code = code_on(registered_page(client))
    address = own_address(client, code.lower().replace("-", " "))
    assert "待确认" in client.get(address).content.decode()
    confirm_all()
    page = client.get(address).content.decode()
    assert ("张永福" in page, "2020-07-14" in page, NUMBER in page) == (True, True, False)
    (image,) = re.findall(r'<img src="([^"]+)"', page)
    drawn = client.get(image)
    assert (drawn.headers["Content-Type"], drawn.content[:4]) == ("image/svg+xml", b"<svg")
    assert client.session.keys() == set()


@pytest.mark.parametrize(("code", "tail"), [("ABCD-2345", NUMBER[-4:]), (None, "0000"), ("", "")])
def test_wrong_code_and_wrong_digits_are_told_alike(code: str | None, tail: str) -> None:
    client = Client()
    right = code_on(registered_page(client))
    answer = client.post(reverse("own_page_open"), {"code": right if code is None else code, "tail": tail})
    assert answer.status_code == 422
    if code != "":
        assert "登记码或者后四位不对" in answer.content.decode()


def test_guessing_the_digits_of_a_code_ends_after_six() -> None:
    client = Client()
    code = code_on(registered_page(client))
    for digits in range(6):
        client.post(reverse("own_page_open"), {"code": code, "tail": f"000{digits}"})
    page = client.post(reverse("own_page_open"), {"code": code, "tail": NUMBER[-4:]}).content.decode()
    assert "这个登记码一小时内查询的次数太多" in page


def test_address_of_the_own_page_ends_after_half_an_hour_and_cannot_be_made() -> None:
    client = Client()
    address = own_address(client, code_on(registered_page(client)))
    with clock.at(clock.now() + timedelta(minutes=30)):
        assert client.get(address).status_code == 404
    assert client.get(address[:-3] + "AA/").status_code == 404
    assert client.get(reverse("own_page", args=["x"])).status_code == 404


def test_another_households_pass_is_not_drawn() -> None:
    client = Client()
    first = own_address(client, code_on(registered_page(client)))
    other = fresh_number()
    estate = estate_of(name="翠竹园")
    client.post(reverse("register_household", args=[estate.id]), posted({"name": "王强", "id_number": other}))
    confirm_all()
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        theirs = Pass.objects.get(holder__name="王强")
    assert client.get(f"{first}pass/{theirs.id}.svg").status_code == 404


def test_own_steps_declare_invite_renew_and_withdraw() -> None:
    client = Client()
    address = own_address(client, code_on(registered_page(client)))
    assert client.post(f"{address}renew/").status_code == 409
    confirm_all()
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        resident = Resident.objects.get()
    declared = client.post(f"{address}declare/", {f"{resident.id.hex}-health": "well"})
    assert declared.headers["Location"].endswith("?said=declared")
    guest = {"request_id": str(new_id()), "host": str(resident.id), "name": "客人", "on": "2020-03-18"}
    assert client.post(f"{address}guest/", guest).status_code == 302
    assert client.post(f"{address}guest/", guest).status_code == 302
    assert "客人" in client.get(address).content.decode()
    assert client.post(f"{address}renew/").headers["Location"].endswith("?said=nothing")
    assert client.post(f"{address}withdraw/").status_code == 409
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        assert (Pass.objects.filter(host=resident).count(), HealthDeclaration.objects.count()) == (1, 1)


def test_guest_is_refused_while_no_guest_is_admitted() -> None:
    client = Client()
    address = own_address(client, code_on(registered_page(client)))
    confirm_all()
    order("gate_control", GATE_RULE | {"visitors": 0})
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        resident = Resident.objects.get()
    guest = {"request_id": str(new_id()), "host": str(resident.id), "name": "客人", "on": "2020-03-18"}
    answer = client.post(f"{address}guest/", guest)
    assert (answer.status_code, "不准访客进入" in answer.content.decode()) == (422, True)


def test_forgotten_registration_has_no_page() -> None:
    client = Client()
    address = own_address(client, code_on(registered_page(client)))
    with acting(Role.GRID_WORKER, GUDI_VILLAGE):
        Registration.objects.update(forgotten_at=clock.now())
    assert client.get(address).status_code == 404
