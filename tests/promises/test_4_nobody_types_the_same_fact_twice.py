"""Promise 4: what is recorded once is never asked for again."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.public import ReliefApplication, open_case
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.registry.commands.imports import import_content
from shouwang.registry.models import Household, Membership, Person, PersonFact
from shouwang.registry.public import Household as RegisteredHousehold
from shouwang.registry.public import NewMember, PersonDetails, register_household
from tests.accounts.clients import client_of
from tests.factories import GUDI, GUDI_VILLAGE, acting, id_number
from tests.reporting.world import make_family, pay

pytestmark = pytest.mark.django_db

NUMBER = id_number(date(1958, 3, 9), 971)
SHEET = "\n".join(
    (
        "固堤街道低保家庭名册",
        "村,户主姓名,姓名,与户主关系,身份证号,月收入",
        f"{GUDI_VILLAGE // 1000},齐守田,齐守田,户主,{NUMBER},320元",
        f"{GUDI_VILLAGE // 1000},齐守田,柳玉梅,配偶,{id_number(date(1960, 7, 2), 972)},0",
        "合计,,2人,,,",
    )
).encode("gb18030")


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Person, Household, Membership, PersonFact))


def test_same_spreadsheet_twice_writes_nothing() -> None:
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI) as actor:
        first = import_content(actor=actor, area_code=GUDI, file_name="名册.csv", file=io.BytesIO(SHEET))
        before = rows()
        with clock.at(clock.instant(2020, 3, 19, 8)):
            again = import_content(actor=actor, area_code=GUDI, file_name="名册.csv", file=io.BytesIO(SHEET))
        assert (first.created_count, again.created_count, again.changed_count, again.equal_count) == (2, 0, 0, 2)
        assert rows() == before


def a_family() -> tuple[RegisteredHousehold, Person]:
    members = [
        NewMember("head", PersonDetails("齐守田", NUMBER, phone="13800138000")),
        NewMember("spouse", PersonDetails("柳玉梅", id_number(date(1960, 7, 2), 972))),
    ]
    with acting(Role.COUNTY_OFFICER) as actor:
        household = register_household(
            actor=actor, area_code=GUDI_VILLAGE, registered_on=date(2020, 1, 1), members=members, source="测试"
        )
        return household, Person.objects.get(name="齐守田")


def test_application_for_relief_comes_filled_in_from_the_register() -> None:
    _household, head = a_family()
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI) as actor:
        page = client_of(actor).get(reverse("relief_open_for", args=[head.id]))
        form = page.context["form"]
        assert [label for _value, label in form.fields["covered"].choices] == ["齐守田", "柳玉梅"]
        assert form["area"].value() == f"{GUDI_VILLAGE // 1000}"
        assert [name for name in ("name", "id_number", "phone", "birth_on") if name in form.fields] == []


def test_relief_case_reuses_the_person_of_the_register() -> None:
    household, head = a_family()
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI) as actor:
        before = rows()
        application = ReliefApplication(
            area_code=GUDI_VILLAGE,
            kind="urgent",
            cause="illness",
            story="突发重病",
            occurred_on=clock.today(),
            applicant=PersonDetails("齐守田", NUMBER),
        )
        case = open_case(actor=actor, case_id=new_id(), application=application)
        assert (case.applicant_id, case.household_id) == (head.id, household.id)
        assert rows() == before


def test_bulletin_comes_filled_in_from_the_payments() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, fen=315_50, paid_on=date(2020, 3, 10))
        figures = client_of(actor).get(reverse("bulletin")).context["table"].figures
        values = {value.figure.key: value.value for value in figures}
        assert (values["dibao.people"], values["dibao.amount"]) == (2, 315_50)
