"""How a deadline is told today: in working days, as the clocks of the law count, whatever page it stands on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from . import clock, workdays

Told = tuple[str, str]
"""Words and the tone of their status."""


def told(due_days: Iterable[date | None]) -> dict[date | None, Told]:
    """The words of each deadline; one question to the working-day table, however many there are (or none).

    A weekend or a holiday is nobody's working day: a deadline missed on one is late by no working day yet, and says so.
    """
    today = clock.today()
    days = {day for day in due_days if day is not None}
    working = workdays.working_days_between(min(days | {today}), max(days | {today}))
    now = bisect_right(working, today)
    return {day: _told(day, today, bisect_right(working, day) - now) for day in days}


def _told(due_on: date, today: date, left: int) -> Told:
    """`left`: working days to the deadline, negative when it has passed."""
    if due_on == today:
        return _("今天到期"), "waiting"
    if due_on < today:
        return (_("超期 %(days)s 个工作日") % {"days": -left} if left else _("已超期")), "overdue"
    if left:
        return _("还有 %(days)s 个工作日") % {"days": left}, "progress"
    return _("下个工作日前到期"), "waiting"
