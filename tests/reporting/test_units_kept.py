"""A township goes to another unit: what an earlier cut-off prints stays, a later one follows."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import User, actor_of, as_system
from shouwang.areas import source
from shouwang.areas.public import load_zones
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.reporting.commands import issue_bulletin
from shouwang.reporting.models import Bulletin
from shouwang.reporting.queries import figures_for, rows_for
from tests.factories import GUDI, HANTING, WEIFANG, make_actor
from tests.reporting.world import AS_OF, SINCE, make_family, pay

pytestmark = pytest.mark.django_db

BINHAI = 370_772_000_000_000
LATER = clock.instant(2020, 3, 18, 7)


def hand_over_gudi() -> None:
    """固堤街道 goes from 寒亭 to 滨海."""
    with as_system("测试划转") as system:
        part = source.ZonePart(GUDI, "固堤街道", date(2020, 3, 18), "测试")
        load_zones(actor=system, zones=[source.ZoneRow(BINHAI, WEIFANG, "滨海", "滨海区", True, (part,))])


def printed(actor: Actor, area_code: int, as_of: datetime = AS_OF) -> dict[int, int]:
    now = actor_of(user_id=actor.user_id)  # type: ignore[arg-type]
    assert now is not None
    with use_scope(now.scope):
        table = figures_for(now, area_code=area_code, since=SINCE, as_of=as_of, keys=["dibao.amount"])
    (figure,) = table.figures
    assert figure.value == sum(unit.value for unit in figure.units)
    return {unit.code: unit.value for unit in figure.units if unit.value}


@pytest.fixture
def officers() -> tuple[Actor, Actor]:
    city, county = make_actor("city_officer", WEIFANG), make_actor("county_officer", HANTING)
    with use_scope(city.scope):
        household, persons = make_family(city, 1)
        pay(city, household, persons, fen=30_000)
    return city, county


def test_earlier_cut_off_prints_the_units_of_its_day(officers: tuple[Actor, Actor]) -> None:
    city, county = officers
    assert (printed(city, WEIFANG), printed(county, HANTING)) == ({HANTING: 30_000}, {GUDI: 30_000})
    hand_over_gudi()
    assert (printed(city, WEIFANG), printed(county, HANTING)) == ({HANTING: 30_000}, {GUDI: 30_000})
    assert (printed(city, WEIFANG, LATER), printed(county, HANTING, LATER)) == ({BINHAI: 30_000}, {})


def test_figure_computed_later_for_a_kept_cut_off_has_the_same_units(officers: tuple[Actor, Actor]) -> None:
    city, _county = officers
    with use_scope(city.scope):
        figures_for(city, area_code=WEIFANG, since=SINCE, as_of=AS_OF, keys=["tekun.amount"])
    hand_over_gudi()
    assert printed(city, WEIFANG) == {HANTING: 30_000}


def test_rows_of_an_earlier_cut_off_are_those_of_the_unit_of_its_day(officers: tuple[Actor, Actor]) -> None:
    city, county = officers
    printed(city, WEIFANG)
    printed(county, HANTING)
    hand_over_gudi()
    with use_scope(city.scope):
        rows = rows_for(
            city, key="dibao.amount", area_code=WEIFANG, unit_code=HANTING, since=SINCE, as_of=AS_OF, offset=0, limit=9
        )
    assert [row.amount_fen for row in rows] == [30_000]


def test_county_that_lost_a_township_keeps_the_number_and_not_the_rows(officers: tuple[Actor, Actor]) -> None:
    _city, county = officers
    printed(county, HANTING)
    hand_over_gudi()
    client = Client()
    client.force_login(User.objects.get(id=county.user_id))
    query = {"area": HANTING, "from": "2020-01-01", "as_of": "2020-03-17T24:00"}
    shown = client.get(reverse("figure_rows", args=["dibao.amount"]), query).content.decode()
    assert "300.00" in shown
    assert "有区域划归其他单位" in shown
    assert "测甲" not in shown


def test_issued_bulletin_prints_the_same_after_the_zone_changed(officers: tuple[Actor, Actor]) -> None:
    city, _county = officers
    with use_scope(city.scope):
        issued = issue_bulletin(
            actor=city, bulletin_id=new_id(), area_code=WEIFANG, since=SINCE, as_of=AS_OF, title="快报"
        )
        before = issued.values
        hand_over_gudi()
    with use_scope(city.scope):
        assert Bulletin.objects.get(id=issued.id).values == before
