"""What every part of the generator shares: places, standards, the next keys, and the bank's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from .calendar import (
    FEBRUARY,
    JANUARY,
    MARCH,
    OPENING,
    add_working_days,
    is_working_day,
    month_after,
    working_day_on_or_after,
)
from .people import PersonMaker
from .places import CityAreas, Village
from .seeds import AttemptSeed, BatchSeed, GrantSteps, Programme
from .standards import Standards

_APPROVALS = {
    JANUARY: (date(2019, 12, 23), 7),
    FEBRUARY: (date(2020, 1, 13), 10),
    MARCH: (date(2020, 2, 12), 15),
}
"""Start of a benefit -> first day and number of days on which it may have been decided, the month before."""

_JANUARY_STEPS = (date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6))
_FEBRUARY_STEPS = (date(2020, 2, 3), date(2020, 2, 4), date(2020, 2, 5))
"""Listed, approved by the county, approved by finance; Spring Festival lasted until 2020-02-02."""


@dataclass(frozen=True, slots=True)
class Setting:
    areas: CityAreas
    standards: Standards
    seed: int
    maker: PersonMaker
    household_keys: Iterator[int] = field(default_factory=lambda: count(1))
    grant_keys: Iterator[int] = field(default_factory=lambda: count(1))
    villages: dict[int, tuple[list[Village], list[Village]]] = field(default_factory=dict)

    def rng(self, part: str) -> Random:
        """A stream of its own for every part, so that a change in one leaves the others as they were."""
        return Random(f"{self.seed}/{part}")  # noqa: S311 - invented history, no secrets

    def village(self, unit: int, is_urban: bool, rng: Random) -> Village:
        communities, villages = self.villages[unit]
        places = communities if is_urban else villages
        return places[int(rng.random() * len(places))]

    def batches(self) -> list[BatchSeed]:
        """January's money is credited from the 8th to the 17th, February's from the 6th to the 12th, unit by unit."""
        rows = []
        programmes: tuple[Programme, ...] = ("dibao", "tekun")
        for programme in programmes:
            for position, unit in enumerate(self.areas.units):
                january = add_working_days(date(2020, 1, 7), 1 + position % 8)
                february = add_working_days(date(2020, 2, 5), 1 + position % 5)
                rows.append(BatchSeed(programme, JANUARY, unit, *_JANUARY_STEPS, january))
                rows.append(BatchSeed(programme, FEBRUARY, unit, *_FEBRUARY_STEPS, february))
        return rows

    def price_paid_on(self, unit: int, month: date) -> date:
        """The index of January was paid from 2020-02-20 on, that of February from 2020-03-11 to 2020-03-16."""
        position = self.areas.units.index(unit)
        if month == JANUARY:
            return add_working_days(date(2020, 2, 19), 1 + position % 6)
        return add_working_days(date(2020, 3, 10), 1 + position % 4)


def succeeded(on: date) -> AttemptSeed:
    return AttemptSeed(on, on, "succeeded", "")


def returned(sent_on: date, reason: str) -> AttemptSeed:
    """The bank answers on the second working day."""
    return AttemptSeed(sent_on, add_working_days(sent_on, 2), "returned", reason)


def paid_on(attempts: tuple[AttemptSeed, ...]) -> date | None:
    last = attempts[-1]
    return last.settled_on if last.outcome == "succeeded" else None


def is_counted(attempts: tuple[AttemptSeed, ...]) -> bool:
    """Paid inside the published period."""
    on = paid_on(attempts)
    return on is not None and JANUARY <= on < OPENING


def admission_steps(rng: Random, starts_on: date) -> GrantSteps:
    """Accepted, verified within ten working days, noticed for seven days, decided in the month before the start."""
    first, days = _APPROVALS[starts_on]
    approved = working_day_on_or_after(first + timedelta(days=int(rng.random() * days)))
    noticed = _working_day_on_or_before(approved - timedelta(days=9))
    verified = _working_day_on_or_before(noticed - timedelta(days=2))
    accepted = _working_day_on_or_before(verified - timedelta(days=8))
    return GrantSteps(accepted, verified, noticed, approved)


def earlier_admission(rng: Random) -> tuple[date, date]:
    """When a recipient taken over was registered, and the start of the benefit the month after."""
    registered = date(2013, 1, 1) + timedelta(days=int(rng.random() * 2440))
    return registered, month_after(registered)


def _working_day_on_or_before(day: date) -> date:
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
