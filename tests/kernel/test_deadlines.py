"""Deadlines are told in working days, by the table of working days."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.kernel import clock, deadlines

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("today", "due", "words", "tone"),
    [
        (date(2020, 1, 22), date(2020, 1, 22), "今天到期", "waiting"),
        (date(2020, 1, 22), date(2020, 1, 23), "还有 1 个工作日", "progress"),
        # From 24 January to 2 February 2020 nobody worked (国办发明电〔2020〕1号).
        (date(2020, 1, 22), date(2020, 2, 3), "还有 2 个工作日", "progress"),
        (date(2020, 1, 24), date(2020, 1, 27), "下个工作日前到期", "waiting"),
        (date(2020, 2, 2), date(2020, 1, 23), "已超期", "overdue"),
        (date(2020, 2, 3), date(2020, 1, 23), "超期 1 个工作日", "overdue"),
        (date(2020, 2, 10), date(2020, 1, 23), "超期 6 个工作日", "overdue"),
    ],
)
def test_days_off_count_for_nothing(today: date, due: date, words: str, tone: str) -> None:
    with clock.at(clock.day_start(today)):
        assert deadlines.told([due, None]) == {due: (words, tone)}


@pytest.mark.parametrize("count", [0, 1, 30])
def test_many_deadlines_are_one_question(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with clock.at(clock.instant(2020, 3, 30, 9)), django_assert_num_queries(1):
        assert len(deadlines.told(date(2020, 3, 1 + number) for number in range(count))) == count
