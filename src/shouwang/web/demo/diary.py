"""The diary of the demo: what happened at which moment, replayed in that order with the clock set to each moment.

Guarantees: happenings run by their moment, those of one moment in the order in which they were written down; so what
is recorded comes out in the order of time, and every step finds exactly what was known when it was taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from shouwang.kernel import clock
from shouwang.kernel.terminal import ReportProgress


@dataclass(frozen=True, slots=True)
class Happening:
    """`size` is how many of what its stage counts: households, payments, cases."""

    at: datetime
    stage: str
    size: int
    act: Callable[[], None]


class Diary:
    """Happenings, written down in any order and lived through once."""

    def __init__(self) -> None:
        self._happenings: list[Happening] = []

    def write(self, at: datetime, stage: str, act: Callable[[], None], *, size: int = 1) -> None:
        self._happenings.append(Happening(at, stage, size, act))

    def totals(self) -> Counter[str]:
        """How much there is of each stage."""
        totals: Counter[str] = Counter()
        for one in self._happenings:
            totals[one.stage] += one.size
        return totals

    def live(self, report: ReportProgress, *, measure: Callable[[str, float], None] | None = None) -> None:
        """Runs everything. `measure` is told the seconds that each happening of a stage took."""
        totals = self.totals()
        done = dict.fromkeys(totals, 0)
        for one in sorted(self._happenings, key=attrgetter("at")):
            started = clock.monotonic()
            with clock.at(one.at):
                one.act()
            if measure is not None:
                measure(one.stage, clock.monotonic() - started)
            done[one.stage] += one.size
            report(one.stage, done[one.stage], totals[one.stage])


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A civil moment of a day in the demo."""
    return clock.instant(day.year, day.month, day.day, hour, minute)
