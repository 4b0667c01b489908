"""A figure is its rows: by period, by cut-off, by unit, and never two answers for one cut-off."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from shouwang.assistance.public import TakenOver, take_over_grants
from shouwang.assistance.states import Programme
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.registry.public import merge_persons, move_household
from shouwang.reporting.models import FigureSnapshot
from shouwang.reporting.queries import figures_for, rows_for
from shouwang.response.public import register_document
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, acting
from tests.reporting.world import AS_OF, SINCE, make_family, make_unnumbered, pay, reverse

pytestmark = pytest.mark.django_db

FANGZI_VILLAGE = 370704_003_009_000


def value(
    actor: Actor, key: str, *, area: int = HANTING, as_of: datetime = AS_OF, since: date = SINCE
) -> tuple[int, int]:
    figure = figures_for(actor, area_code=area, since=since, as_of=as_of, keys=[key]).figures[0]
    return figure.value, figure.rows


def test_amount_and_people_of_two_months_count_each_person_once() -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1, size=3)
        pay(actor, household, persons, fen=30_000, paid_on=date(2020, 1, 10))
        pay(actor, household, persons, fen=31_000, month=date(2020, 2, 1), paid_on=date(2020, 2, 10))
        assert value(actor, "dibao.amount") == (61_000, 2)
        assert value(actor, "dibao.people") == (3, 6)
        assert value(actor, "dibao_tekun.amount") == (61_000, 2)
        assert value(actor, "tekun.people") == (0, 0)


def test_person_times_count_every_relief_and_persons_once() -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1, size=2)
        for day in (5, 20):
            pay(actor, household, persons, programme=Programme.TEMPORARY_RELIEF, paid_on=date(2020, 2, day))
        assert value(actor, "relief.person_times") == (4, 4)
        assert value(actor, "relief.persons") == (2, 4)
        assert value(actor, "relief.households") == (1, 4)


@pytest.mark.parametrize(
    ("paid_on", "counted"),
    [(date(2019, 12, 31), 0), (date(2020, 1, 1), 30_000), (date(2020, 3, 17), 30_000), (date(2020, 3, 18), 0)],
)
def test_period_is_half_open_by_the_day_of_payment(paid_on: date, counted: int) -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1)
        with clock.at(clock.instant(2020, 3, 19)):
            pay(
                actor,
                household,
                persons,
                paid_on=paid_on,
                recorded_at=min(clock.day_start(paid_on), clock.instant(2020, 3, 17)),
            )
            assert value(actor, "dibao.amount")[0] == counted


@pytest.mark.parametrize(
    ("recorded_at", "counted"),
    [(clock.instant(2020, 3, 17, 23, 59), 30_000), (clock.instant(2020, 3, 18), 0)],
)
def test_cut_off_is_half_open_by_the_instant_of_record(recorded_at: datetime, counted: int) -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, paid_on=date(2020, 3, 17), recorded_at=recorded_at)
        assert value(actor, "dibao.amount")[0] == counted


def test_reversal_counts_from_the_moment_it_is_recorded() -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1)
        attempt = pay(actor, household, persons, paid_on=date(2020, 1, 10))
        reverse(actor, attempt, paid_on=date(2020, 1, 10), recorded_at=clock.instant(2020, 2, 1, 9))
        assert value(actor, "dibao.amount", as_of=clock.instant(2020, 2, 1, 9)) == (30_000, 1)
        assert value(actor, "dibao.amount", as_of=clock.instant(2020, 2, 1, 10)) == (0, 0)
        assert value(actor, "dibao.people", as_of=clock.instant(2020, 2, 1, 10)) == (0, 0)


def test_merged_persons_are_one_from_the_merge_on() -> None:
    with acting(area_code=HANTING) as actor:
        first, first_persons = make_family(actor, 1, size=1)
        second, second_persons = make_unnumbered(actor)
        pay(actor, first, first_persons)
        pay(actor, second, second_persons)
        with clock.at(clock.instant(2020, 2, 1, 9)):
            merge_persons(actor=actor, duplicate_id=second_persons[0], survivor_id=first_persons[0], reason="同一人")
        assert value(actor, "dibao.people", as_of=clock.instant(2020, 2, 1, 9)) == (2, 2)
        assert value(actor, "dibao.people", as_of=clock.instant(2020, 2, 2)) == (1, 2)


def test_merge_made_where_the_family_moved_to_counts_for_the_county_it_left() -> None:
    with acting(role="city_officer", area_code=WEIFANG) as city:
        first, first_persons = make_family(city, 1, size=1)
        second, second_persons = make_unnumbered(city)
        pay(city, first, first_persons)
        pay(city, second, second_persons)
        with clock.at(clock.instant(2020, 2, 1, 9)):
            for household in (first, second):
                move_household(
                    actor=city,
                    household_id=household.id,
                    to_area_code=FANGZI_VILLAGE,
                    moved_on=date(2020, 2, 1),
                    source="迁居",
                )
            merge_persons(actor=city, duplicate_id=second_persons[0], survivor_id=first_persons[0], reason="同一人")
    with acting(area_code=HANTING) as county:
        assert value(county, "dibao.people") == (1, 2)


def test_units_add_up_and_rows_of_a_unit_are_its_own() -> None:
    with acting(role="city_officer", area_code=WEIFANG) as actor:
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, fen=30_000)
        pay(actor, household, persons, fen=12_345, area_code=FANGZI + 1_000_000, month=date(2020, 2, 1))
        figure = figures_for(actor, area_code=WEIFANG, since=SINCE, as_of=AS_OF, keys=["dibao.amount"]).figures[0]
        by_code = {unit.code: unit.value for unit in figure.units}
        assert len(by_code) == 17
        assert (figure.value, by_code[HANTING], by_code[FANGZI]) == (42_345, 30_000, 12_345)
        assert sum(by_code.values()) == figure.value
        rows = rows_for(
            actor, key="dibao.amount", area_code=WEIFANG, unit_code=HANTING, since=SINCE, as_of=AS_OF, offset=0, limit=9
        )
        assert [row.amount_fen for row in rows] == [30_000]


def test_person_who_moved_counts_once_where_last_paid() -> None:
    with acting(role="city_officer", area_code=WEIFANG) as actor:
        household, persons = make_family(actor, 1, size=1)
        pay(actor, household, persons, paid_on=date(2020, 1, 10))
        pay(actor, household, persons, paid_on=date(2020, 2, 10), month=date(2020, 2, 1), area_code=FANGZI + 1_000_000)
        figure = figures_for(actor, area_code=WEIFANG, since=SINCE, as_of=AS_OF, keys=["dibao.people"]).figures[0]
        assert {unit.code: unit.value for unit in figure.units if unit.value} == {FANGZI: 1}


def test_admission_stays_with_the_county_that_admitted_when_the_family_moves() -> None:
    """Also after the grant itself has gone with the family into another county's keeping."""
    with acting(role="city_officer", area_code=WEIFANG) as city:
        family, _persons = make_family(city, 1, size=2)
        document = register_document(
            actor=city, number="潍民名册〔2020〕1号", title="接转名册", issuer="潍坊市民政局", issued_on=date(2020, 1, 2),
            area_code=WEIFANG,
        )  # fmt: skip
        with clock.at(clock.instant(2020, 1, 3)):
            row = TakenOver(Programme.DIBAO, family.id, None, date(2020, 2, 1), 30_000)
            take_over_grants(actor=city, document_id=document.id, rows=[row])
        with clock.at(clock.instant(2020, 3, 17, 10)):
            move_household(
                actor=city,
                household_id=family.id,
                to_area_code=FANGZI_VILLAGE,
                moved_on=date(2020, 3, 17),
                source="迁居",
            )
    with acting(area_code=HANTING) as county:
        assert value(county, "admitted.households") == (1, 2)
        assert value(county, "admitted.persons") == (2, 2)
    with acting(area_code=FANGZI) as neighbour:
        assert value(neighbour, "admitted.persons", area=FANGZI) == (0, 0)


def test_admission_of_one_person_follows_a_move_that_becomes_known_later() -> None:
    """A tekun grant names a person: where their household lived on the first day counts, and an earlier cut-off stays."""
    key, earlier = "admitted.persons", clock.parse_cutoff("2020-03-10T24:00")
    with acting(role="city_officer", area_code=WEIFANG) as city:
        family, persons = make_family(city, 1, size=1)
        document = register_document(
            actor=city, number="潍民名册〔2020〕1号", title="接转名册", issuer="潍坊市民政局", issued_on=date(2020, 1, 2),
            area_code=WEIFANG,
        )  # fmt: skip
        with clock.at(clock.instant(2020, 1, 3)):
            row = TakenOver(Programme.TEKUN, None, persons[0], date(2020, 3, 1), 30_000)
            take_over_grants(actor=city, document_id=document.id, rows=[row])
        assert [value(city, key, area=area, as_of=earlier) for area in (HANTING, FANGZI)] == [(1, 1), (0, 0)]
        with clock.at(clock.instant(2020, 3, 15, 10)):
            move_household(
                actor=city,
                household_id=family.id,
                to_area_code=FANGZI_VILLAGE,
                moved_on=date(2020, 2, 20),
                source="迁居",
            )
        assert [value(city, key, area=area, as_of=earlier) for area in (HANTING, FANGZI)] == [(1, 1), (0, 0)]
    with acting(area_code=HANTING) as county:
        assert value(county, key) == (0, 0)
    with acting(area_code=FANGZI) as neighbour:
        assert value(neighbour, key, area=FANGZI) == (1, 1)
        assert value(neighbour, "admitted.households", area=FANGZI) == (1, 1)


def test_settled_cut_off_prints_the_same_for_ever() -> None:
    with acting(area_code=HANTING) as actor:
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, paid_on=date(2020, 1, 10))
        assert value(actor, "dibao.amount") == (30_000, 1)
        assert FigureSnapshot.objects.get(key="dibao.amount").values == {str(GUDI): 30_000}
        # A row forged into the past of a settled cut-off is not printed there; a later cut-off shows it.
        pay(actor, household, persons, paid_on=date(2020, 1, 11), month=date(2020, 2, 1))
        assert value(actor, "dibao.amount") == (30_000, 1)
        assert value(actor, "dibao.amount", as_of=clock.instant(2020, 3, 18, 1)) == (60_000, 2)


def test_neighbour_and_unknown_area_are_the_same_not_found() -> None:
    with acting(area_code=FANGZI) as actor:
        for area in (HANTING, WEIFANG, 999_999_000_000_000):
            with pytest.raises(NotFound):
                value(actor, "dibao.amount", area=area)


def test_future_cut_off_and_reversed_period_are_refused() -> None:
    with acting(area_code=HANTING) as actor:
        with pytest.raises(Invalid):
            value(actor, "dibao.amount", as_of=clock.instant(2020, 3, 20))
        with pytest.raises(Invalid):
            value(actor, "dibao.amount", since=date(2020, 3, 18))
