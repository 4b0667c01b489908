"""The days the demo's history runs over. Working days of the turn of 2020 are given, since the package reads no table.

Source: 国办发明电〔2019〕16号 (2020 holidays), 国办发明电〔2020〕1号 (Spring Festival prolonged to 2020-02-02).
"""

from __future__ import annotations

from datetime import date, timedelta

JANUARY = date(2020, 1, 1)
FEBRUARY = date(2020, 2, 1)
MARCH = date(2020, 3, 1)
MONTHS = (JANUARY, FEBRUARY, MARCH)
DECEMBER = date(2019, 12, 1)

OPENING = date(2020, 3, 18)
"""The morning on which the demo opens; the published figures count what was paid before it."""

_HOLIDAYS = frozenset([date(2020, 1, 1), *(date(2020, 1, 24) + timedelta(days=n) for n in range(10)), date(2020, 4, 6)])
_MAKE_UP_DAYS = frozenset([date(2020, 1, 19)])


def is_working_day(day: date) -> bool:
    return day not in _HOLIDAYS and (day.weekday() < 5 or day in _MAKE_UP_DAYS)


def add_working_days(start: date, days: int) -> date:
    """The `days`-th working day after `start`."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_day_on_or_after(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def month_after(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def years_before(first: date, years: int) -> date:
    """The birth date of who turns `years` on `first`, a first of month."""
    return first.replace(year=first.year - years)
