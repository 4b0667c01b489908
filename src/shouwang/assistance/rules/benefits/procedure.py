"""The steps' limits by the text in force on the day of acceptance, and the days they run out on.

Pure: the working-day calendar is asked through a function, because it is data of the bureau. A case keeps its version for
ever; one accepted a day later may have other limits.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

IsWorkingDay = Callable[[date], bool]

_FILE = Path(__file__).parent / "procedure.yaml"


@dataclass(frozen=True, slots=True)
class Limit:
    """`unit`: working or calendar days from the day after, months, or month_end (the month of the start)."""

    days: int
    unit: str
    article: str
    is_placeholder: bool = False

    def last_day(self, started_on: date, is_working_day: IsWorkingDay) -> date:
        """The last day in time. Counting begins on the day after; 公示 counts every day."""
        if self.unit == "calendar":
            return started_on + timedelta(days=self.days)
        if self.unit == "months":
            return _months_after(started_on, self.days)
        if self.unit == "month_end":
            return started_on.replace(day=monthrange(started_on.year, started_on.month)[1])
        day, left = started_on, self.days
        while left:
            day += timedelta(days=1)
            left -= is_working_day(day)
        return day


@dataclass(frozen=True, slots=True)
class Procedure:
    """One programme's procedure by one text."""

    programme: str
    version: str
    valid_from: date
    number: str
    is_review_by_neighbours_required: bool
    visit_sample_percent: int
    limits: Mapping[str, Limit]


def procedure_on(programme: str, accepted_on: date) -> Procedure:
    """The text for a case accepted on a day. Raises Invalid before the first, or for a programme without one."""
    for one in reversed(procedures()):
        if one.programme == programme and one.valid_from <= accepted_on:
            return one
    raise Invalid(
        _("%(day)s 还没有这个项目的办理规定，请核对受理日期") % {"day": accepted_on.isoformat()},
        reason="procedure.no_version",
        programme=programme,
    )


def starts_on(decided_on: date) -> date:
    """民发〔2012〕220号第二十九条, 民发〔2021〕57号第二十一条: paid from the month after the decision."""
    return date(decided_on.year + decided_on.month // 12, decided_on.month % 12 + 1, 1)


@lru_cache(maxsize=1)
def procedures() -> tuple[Procedure, ...]:
    """Every version, the oldest first."""
    stored = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(sorted((_procedure(one) for one in stored), key=lambda one: one.valid_from))


def _procedure(stored: Mapping[str, Any]) -> Procedure:
    return Procedure(
        programme=stored["programme"],
        version=stored["version"],
        valid_from=stored["valid_from"],
        number=stored["number"],
        is_review_by_neighbours_required=stored["is_review_by_neighbours_required"],
        visit_sample_percent=stored["visit_sample_percent"],
        limits={
            name: Limit(limit["days"], limit["unit"], limit["article"], limit.get("placeholder", False))
            for name, limit in stored["limits"].items()
        },
    )


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
