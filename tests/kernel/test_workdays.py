"""Working days are data, counted from the day after."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.kernel import workdays
from shouwang.kernel.models import WorkingDay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2020, 3, 2), 0, date(2020, 3, 2)),  # Monday
        (date(2020, 3, 2), 1, date(2020, 3, 3)),
        (date(2020, 3, 6), 1, date(2020, 3, 9)),  # over a weekend
        (date(2020, 3, 7), 1, date(2020, 3, 9)),  # from a Saturday
        (date(2020, 1, 17), 1, date(2020, 1, 19)),  # a Sunday made up for Spring Festival
        (date(2020, 1, 23), 1, date(2020, 2, 3)),  # Spring Festival, prolonged to 2 February by 国办发明电〔2020〕1号
        (date(2020, 3, 2), 20, date(2020, 3, 30)),
        (date(2020, 9, 30), 5, date(2020, 10, 14)),  # National Day with 10 October made up
    ],
)
def test_nth_working_day_after(start: date, days: int, last: date) -> None:
    assert workdays.add_working_days(start, days) == workdays.Deadline(on=last, is_provisional=False)


def test_deadline_in_a_year_without_notice_is_provisional() -> None:
    last_known = WorkingDay.objects.order_by("-day").values_list("day", flat=True)[0]
    assert workdays.add_working_days(date(last_known.year, 12, 1), 5).is_provisional is False
    found = workdays.add_working_days(date(last_known.year, 12, 28), 10)
    assert (found.on.year, found.is_provisional) == (last_known.year + 1, True)
    assert workdays.is_known_year(last_known.year) is True
    assert workdays.is_known_year(last_known.year + 1) is False


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        (date(2020, 3, 2), date(2020, 3, 2), 0),
        (date(2020, 3, 2), date(2020, 3, 1), 0),
        (date(2020, 3, 6), date(2020, 3, 8), 0),  # a weekend
        (date(2020, 3, 6), date(2020, 3, 9), 1),
        (date(2020, 1, 17), date(2020, 1, 19), 1),  # a Sunday made up for Spring Festival
        (date(2020, 1, 23), date(2020, 2, 3), 1),  # Spring Festival, prolonged
        (date(2020, 3, 2), date(2020, 3, 30), 20),
    ],
)
def test_working_days_between_leave_out_the_first_and_count_the_last(after: date, until: date, count: int) -> None:
    assert len(workdays.working_days_between(after, until)) == count


def test_negative_period_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        workdays.add_working_days(date(2020, 3, 2), -1)


def test_calendar_days_count_every_day() -> None:
    assert workdays.add_calendar_days(date(2020, 2, 26), 7).on == date(2020, 3, 4)


def test_year_shows_holidays_and_made_up_days_with_their_name() -> None:
    days = {day.on: day for day in workdays.days_of_year(2020)}
    assert len(days) == 366
    assert days[date(2020, 1, 19)] == workdays.CalendarDay(date(2020, 1, 19), True, "春节", is_provisional=False)
    assert days[date(2020, 1, 19)].is_exception
    assert not days[date(2020, 1, 25)].is_exception  # a Saturday at rest is no exception
    assert sum(day.is_working for day in days.values()) == 249


def test_year_without_notice_is_answered_by_the_week() -> None:
    days = workdays.days_of_year(2098)
    assert {day.is_provisional for day in days} == {True}
    assert [day for day in days if day.is_exception] == []


def test_seed_leaves_an_edited_day_alone() -> None:
    WorkingDay.objects.filter(day=date(2020, 3, 18)).update(is_working=False, note="试", source="人工录入")
    WorkingDay.objects.filter(day=date(2020, 3, 19)).delete()
    workdays.seed_missing(using="default")
    assert WorkingDay.objects.get(day=date(2020, 3, 18)).note == "试"
    assert WorkingDay.objects.get(day=date(2020, 3, 19)).is_working is True
