"""One box for a name, a number, a place; words travel in the body, never in an address."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.registry.public import Household, NewMember, PersonDetails, register_household
from tests.accounts.clients import client_of
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, acting, id_number, make_actor

pytestmark = pytest.mark.django_db

NUMBER, PHONE = id_number(date(1958, 3, 9), 971), "13864600123"


@pytest.fixture
def household() -> Household:
    with acting(Role.COUNTY_OFFICER) as actor:
        return register_household(
            actor=actor,
            area_code=GUDI_VILLAGE,
            registered_on=date(2020, 1, 1),
            members=[NewMember("head", PersonDetails("齐守田", NUMBER, phone=PHONE))],
            source="测试",
        )


def found(role: str, area_code: int, text: str) -> list[str]:
    """Titles of what was found, places aside."""
    page = client_of(make_actor(role, area_code)).post(reverse("search"), {"q": text})
    assert page.status_code == 200
    return [hit.title for group in page.context["groups"] if group.label != "区划" for hit in group.hits]


@pytest.mark.parametrize("text", ["齐守田", "守田", "qishoutian", "qst", NUMBER, f" {NUMBER} ", PHONE])
def test_person_is_found(household: Household, text: str) -> None:
    assert "齐守田" in found(Role.TOWNSHIP_ASSISTANT, GUDI, text)


@pytest.mark.parametrize("text", [NUMBER[:12], NUMBER[6:14], NUMBER[-4:], PHONE[-8:]])
def test_part_of_a_number_finds_nobody(household: Household, text: str) -> None:
    assert "齐守田" not in found(Role.TOWNSHIP_ASSISTANT, GUDI, text)


def test_household_is_found_by_its_number(household: Household) -> None:
    assert found(Role.TOWNSHIP_ASSISTANT, GUDI, household.number) == [household.number]


def test_neighbour_and_administrator_find_nobody(household: Household) -> None:
    for role, area_code in ((Role.COUNTY_OFFICER, FANGZI), (Role.SYSADMIN, HANTING)):
        for text in ("齐守田", NUMBER, PHONE, household.number):
            assert found(role, area_code, text) == []


def test_whole_number_is_on_no_page(household: Household) -> None:
    client = client_of(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI))
    page = client.post(reverse("search"), {"q": NUMBER})
    assert NUMBER not in page.content.decode()
    assert NUMBER not in "".join(page.headers.values())


def test_words_in_the_address_are_not_searched(household: Household) -> None:
    page = client_of(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)).get(reverse("search"), {"q": "齐守田"})
    assert page.context["groups"] == []


def test_place_is_found_by_initials() -> None:
    page = client_of(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)).post(reverse("search"), {"q": "gudi"})
    assert "山东省潍坊市寒亭区固堤街道" in page.content.decode()
