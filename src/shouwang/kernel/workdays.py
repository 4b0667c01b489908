"""Statutory clocks: working days are data, counted from the day after the event.

The table is seeded from chinesecalendar (State Council notices) at each migration and may be edited by an officer. A
day the table does not hold is answered by the week alone, and the answer says that it is provisional.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .models import WorkingDay

SEED_FIRST_YEAR = 2019


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period; provisional when a day in it is not in the working-day table."""

    on: date
    is_provisional: bool


def add_working_days(start: date, days: int) -> Deadline:
    """The `days`-th working day after `start` (民发〔2021〕57号 and its kin count 工作日 from the day after)."""
    if days < 0:
        raise ValueError("a period has no negative length")
    current, is_provisional = start, False
    while days:
        # Spring Festival with its make-up days is the longest stretch; 40 days more than cover a step.
        window = [current + timedelta(days=offset) for offset in range(1, days + 40)]
        known = _known_between(current, window[-1])
        for day in window:
            current = day
            is_provisional = is_provisional or day not in known
            if known.get(day, is_week_day(day)):
                days -= 1
                if not days:
                    break
    return Deadline(on=current, is_provisional=is_provisional)


def working_days_between(after: date, until: date) -> list[date]:
    """The working days after `after` up to and with `until`, in order; a day the table lacks goes by the week."""
    known = _known_between(after, until)
    days = (after + timedelta(days=offset) for offset in range(1, (until - after).days + 1))
    return [day for day in days if known.get(day, is_week_day(day))]


def _known_between(after: date, until: date) -> dict[date, bool]:
    """What the table says of the days after `after` up to and with `until`."""
    return dict(WorkingDay.objects.filter(day__gt=after, day__lte=until).values_list("day", "is_working"))


def add_calendar_days(start: date, days: int) -> Deadline:
    """The `days`-th calendar day after `start`: public notice (公示) is counted so."""
    return Deadline(on=start + timedelta(days=days), is_provisional=False)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day as the statutory clocks see it; `is_provisional`: no notice says so, the week alone does."""

    on: date
    is_working: bool
    note: str
    is_provisional: bool

    @property
    def is_exception(self) -> bool:
        """Whether it differs from what the week says."""
        return self.is_working != is_week_day(self.on)


def is_week_day(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def days_of_year(year: int) -> list[CalendarDay]:
    """Every day of the year, in order."""
    known = {row.day: row for row in WorkingDay.objects.filter(day__year=year)}
    day, days = date(year, 1, 1), []
    while day.year == year:
        row = known.get(day)
        is_working = row.is_working if row else is_week_day(day)
        days.append(CalendarDay(day, is_working, row.note if row else "", is_provisional=row is None))
        day += timedelta(days=1)
    return days


def is_known_year(year: int) -> bool:
    """Whether the table holds every day of the year, so that no deadline in it is provisional."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return WorkingDay.objects.filter(day__year=year).count() == days


def seed_rows() -> Iterator[WorkingDay]:
    """Every day of every year that chinesecalendar knows from 2019 on."""
    import chinese_calendar  # 40 ms to import, and only the seed needs it
    from chinese_calendar.constants import Holiday, holidays, workdays

    source = f"chinesecalendar {chinese_calendar.__version__}"
    last_year = max(day.year for day in holidays)
    day = date(SEED_FIRST_YEAR, 1, 1)
    while day.year <= last_year:
        holiday = holidays.get(day) or workdays.get(day)
        note = Holiday(holiday).chinese if holiday else ""
        yield WorkingDay(day=day, is_working=chinese_calendar.is_workday(day), note=note, source=source)
        day += timedelta(days=1)


def seed_missing(*, using: str) -> None:
    """Add the seed's days that the table lacks; a day that is there, edited or not, stays as it is."""
    WorkingDay.objects.using(using).bulk_create(seed_rows(), ignore_conflicts=True)
