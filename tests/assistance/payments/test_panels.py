"""Grants and payments on the register's pages, and its household list by who is in receipt."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwang.assistance.panels_payments import of_household, of_person
from shouwang.assistance.public import Programme, run_month
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import list_households_for
from tests.accounts.clients import client_of
from tests.asking import queries_of
from tests.factories import FANGZI, GUDI_VILLAGE, make_actor

from .setting import MARCH, County, everywhere, make_family, take_over

pytestmark = pytest.mark.django_db


def numbers(county: County, programme: str) -> set[str]:
    actor = county.officers.opener
    with use_scope(actor.scope):
        return {household.number for household in list_households_for(actor, chosen={"programme": programme})}


def test_household_list_by_programme_counts_a_members_grant_and_nobody_else(county: County) -> None:
    with use_scope(everywhere().scope):
        tekun, nothing = make_family(GUDI_VILLAGE, size=2), make_family(GUDI_VILLAGE, size=1)
    dibao = {family.household.number for family in county.families}
    take_over(county, [(tekun, 700_00)], programme=Programme.TEKUN)
    assert dibao
    assert numbers(county, "dibao") == dibao
    assert numbers(county, "tekun") == {tekun.household.number}
    assert numbers(county, "none") == {nothing.household.number}
    assert numbers(county, "") == {*dibao, tekun.household.number, nothing.household.number}


def test_filter_stands_in_the_query_bar_and_in_the_export(county: County) -> None:
    client = client_of(county.officers.opener)
    url = reverse("household_list")
    assert 'name="programme"' in client.get(url).content.decode()
    page = client.get(url, {"programme": "dibao"}).content.decode()
    assert county.families[0].household.number in page
    export = client.get(url, {"programme": "none", "format": "csv"})
    assert county.families[0].household.number not in b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]


def test_panels_show_the_grant_with_a_constant_number_of_queries(county: County) -> None:
    actor, family = county.officers.opener, county.families[0]
    with use_scope(actor.scope):
        asked = []
        for one in (family, county.families[2]):
            asked.append(queries_of(lambda one=one: of_household(actor, one.household.id)))  # type: ignore[misc]
            html = of_household(actor, one.household.id)
            assert ("450.00" if one is family else "902.00") in html
        assert asked[0] == asked[1]
        assert "没有在保" in of_person(actor, family.persons[0].id)  # the grant is the household's


def test_payments_stand_on_the_household_and_on_everyone_they_cover(county: County) -> None:
    actor, family = county.officers.opener, county.families[1]
    with use_scope(actor.scope):
        run_month(actor=actor, programme=Programme.DIBAO, benefit_month=MARCH, area_code=county.area_code)
        for html in (of_household(actor, family.household.id), *(of_person(actor, one.id) for one in family.persons)):
            assert ("2020-03" in html, "待发放" in html, "315.50" in html) == (True, True, True)


def test_panels_say_nothing_to_who_may_not_read_payments(county: County) -> None:
    sysadmin = make_actor("sysadmin", county.area_code)
    with use_scope(sysadmin.scope):
        assert of_household(sysadmin, county.families[0].household.id) == ""


def test_neighbour_sees_no_grant(county: County) -> None:
    neighbour = make_actor("county_officer", FANGZI)
    with use_scope(neighbour.scope):
        assert "450.00" not in of_household(neighbour, county.families[0].household.id)
