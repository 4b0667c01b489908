"""The figures published for Weifang, 2020-01-01 to 2020-03-17 24:00, counted plainly out of the generated rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from shouwang.web.demo.city import CityAreas, DemoCity

FROM, UNTIL = date(2020, 1, 1), date(2020, 3, 18)


def arrived(rows: Iterable[Any]) -> list[Any]:
    """Rows whose last attempt put the money into the account inside the period."""
    return [
        row for row in rows if row.attempts[-1].outcome == "succeeded" and FROM <= row.attempts[-1].settled_on < UNTIL
    ]


def monthly(city: DemoCity, programme: str) -> list[Any]:
    return arrived(row for row in city.payments + city.earlier_payments if row.programme == programme)


def reliefs(city: DemoCity) -> list[Any]:
    return [row for row in city.reliefs if row.paid_on is not None and FROM <= row.paid_on < UNTIL]


def people(rows: list[Any]) -> int:
    return len({key for row in rows for key in row.person_keys})


def test_dibao_is_the_published_figure(city: DemoCity) -> None:
    rows = monthly(city, "dibao")
    assert (people(rows), sum(row.amount_fen for row in rows)) == (87_840, 5_270_100_000)


def test_tekun_is_the_published_figure(city: DemoCity) -> None:
    rows = monthly(city, "tekun")
    assert (people(rows), sum(row.amount_fen for row in rows)) == (14_367, 1_835_800_000)


def test_dibao_and_tekun_together_are_the_published_figure(city: DemoCity) -> None:
    assert sum(row.amount_fen for row in arrived(city.payments)) == 7_105_900_000


def test_price_subsidy_is_the_published_figure(city: DemoCity) -> None:
    rows = arrived(city.price_subsidies)
    assert len({row.person_key for row in rows}) == 103_500
    assert sum(row.amount_fen for row in rows) == 486_420_000


def test_temporary_relief_is_the_published_figure(city: DemoCity) -> None:
    rows = reliefs(city)
    assert (sum(len(row.person_keys) for row in rows), sum(row.amount_fen for row in rows)) == (2_198, 442_700_000)


@pytest.mark.parametrize(
    "rows_of",
    [
        lambda city: monthly(city, "dibao"),
        lambda city: monthly(city, "tekun"),
        lambda city: arrived(city.price_subsidies),
        reliefs,
    ],
    ids=["dibao", "tekun", "price_subsidy", "relief"],
)
def test_every_unit_has_a_share(city: DemoCity, areas: CityAreas, rows_of: Callable[[DemoCity], list[Any]]) -> None:
    rows = rows_of(city)
    assert len(areas.units) == 16
    assert {row.reporting_unit for row in rows} == set(areas.units)


def test_people_of_the_units_add_up(city: DemoCity, areas: CityAreas) -> None:
    rows = monthly(city, "dibao")
    by_unit = [people([row for row in rows if row.reporting_unit == unit]) for unit in areas.units]
    assert sum(by_unit) == 87_840


def test_wrong_queries_give_other_figures(city: DemoCity) -> None:
    """Counting what was sent, what was paid on the opening morning, or what was only approved must show."""
    dibao = [row for row in city.payments if row.programme == "dibao"]
    assert sum(row.amount_fen for row in dibao) != 5_270_100_000
    assert people(dibao) != 87_840
    late = [row for row in dibao if row.attempts[-1].settled_on == UNTIL]
    open_returns = [row for row in dibao if row.attempts[-1].outcome == "returned"]
    assert late
    assert open_returns
    assert [row for row in city.price_subsidies if row.attempts[-1].settled_on == UNTIL]
    assert {row.benefit_month for row in city.earlier_payments} == {date(2019, 12, 1)}
    assert all(row.attempts[-1].settled_on < FROM for row in city.earlier_payments)
    assert [row for row in city.reliefs if row.paid_on == UNTIL]
    assert [row for row in city.reliefs if row.paid_on is not None and row.paid_on < FROM]
    assert [row for row in city.reliefs if row.refused_on is not None]
    assert [row for row in city.reliefs if row.approved_on is not None and row.paid_on is None]


def test_some_are_admitted_for_each_month(city: DemoCity) -> None:
    for grants in (city.dibao_grants, city.tekun_grants):
        admitted = {grant.starts_on for grant in grants if grant.steps is not None}
        assert admitted == {date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)}
