"""The demo's parameters: where each comes from, the fall-back to the city, rounding, and the bounds of the categories."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.web.demo.city import Parameter, Standards, parameters
from shouwang.web.demo.city.steer import reach

CITY, UNIT = 370_700_000_000_000, 370_724_000_000_000
MONTH = date(2020, 1, 1)


def standards(**values: str) -> Standards:
    """The file's parameters with some values of the city changed; `__` stands for a dot."""
    changed = {key.replace("__", "."): value for key, value in values.items()}
    rows = [row._replace(value=changed.get(row.key, row.value)) for row in parameters()]
    return Standards(CITY, tuple(rows))


def test_every_parameter_is_dated_sourced_and_a_placeholder() -> None:
    rows = parameters()
    assert len({(row.key, row.area_code, row.valid_from) for row in rows}) == len(rows)
    assert all(isinstance(row.value, str) and isinstance(row.valid_from, date) and row.source for row in rows)
    assert {row.status for row in rows} == {"placeholder"}


def test_a_unit_has_its_own_value_or_the_citys() -> None:
    found = standards()
    assert (found.dibao(UNIT, False), found.dibao(370_782_000_000_000, False)) == (420, 440)
    with pytest.raises(KeyError):
        found.text("no.such.parameter", UNIT)


@pytest.mark.parametrize(
    ("standard", "cpi", "food", "expected"),
    [
        ("500", "4.3", "18.3", 22),  # 21.5 is rounded half up
        ("500", "4.2", "18.3", 21),
        ("440", "5.4", "20.6", 24),  # 23.76
        ("200", "4.3", "18.3", 10),  # 8.6, but the minimum is 10
        ("500", "3.4", "5.9", 0),  # no trigger reached
        ("500", "3.5", "0.0", 18),  # 17.5, the first day's trigger
        ("500", "2.4", "6.0", 12),  # food alone triggers; the amount is the CPI's
    ],
)
def test_price_subsidy(standard: str, cpi: str, food: str, expected: int) -> None:
    found = Standards(
        CITY,
        tuple(
            row._replace(value={"price_index.cpi": cpi, "price_index.food": food}.get(row.key, row.value))
            if row.key.startswith("price_index.")
            else row._replace(value=standard if row.key == "dibao.standard.rural" else row.value)
            for row in parameters()
        ),
    )
    assert found.price_subsidy(UNIT, "dibao", False, MONTH) == expected


@pytest.mark.parametrize(
    ("birth_on", "level", "is_ill", "expected"),
    [
        (date(1950, 1, 1), None, False, 40),  # seventy on the first day of the month
        (date(1950, 1, 2), None, False, 0),
        (date(2002, 1, 1), None, False, 0),  # eighteen on the first day of the month
        (date(2002, 1, 2), None, False, 40),
        (date(1980, 1, 1), 2, False, 60),
        (date(1980, 1, 1), 3, False, 0),
        (date(1940, 1, 1), 1, True, 60),  # three reasons, one surcharge
    ],
)
def test_surcharge(birth_on: date, level: int | None, is_ill: bool, expected: int) -> None:
    assert standards().surcharges(UNIT, MONTH).of(birth_on, level, is_ill) == expected


def test_tekun_basic_must_come_out_in_whole_yuan() -> None:
    assert standards().tekun_basic(UNIT, False) == 546
    with pytest.raises(ValueError, match="whole yuan"):
        standards(tekun__basic__rural="133").tekun_basic(UNIT, False)


@pytest.mark.parametrize(("failed", "expected"), [(0, 30), (1, 85), (3, 85), (4, 170), (6, 170)])
def test_tekun_care_by_failed_tests(failed: int, expected: int) -> None:
    assert standards().tekun_care(UNIT, "dispersed", failed) == expected


def test_parameter_row_has_its_fields() -> None:
    row = next(row for row in parameters() if row.key == "tekun.basic.rural")
    assert row == Parameter(
        "tekun.basic.rural",
        CITY,
        date(2019, 7, 1),
        "130",
        "%",
        "演示占位，待替换为当地公布文号",
        "placeholder",
    )


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6)), max_size=5), st.integers(0, 150))
def test_reach_finds_a_sum_exactly_when_there_is_one(steps: list[tuple[int, int]], total: int) -> None:
    sums = {0}
    for size, available in steps:
        sums = {reached + size * times for reached in sums for times in range(available + 1)}
    counts = reach(total, steps)
    assert (counts is not None) == (total in sums)
    if counts is not None:
        assert sum(size * count for (size, _), count in zip(steps, counts, strict=True)) == total
        assert all(count <= available for (_, available), count in zip(steps, counts, strict=True))
