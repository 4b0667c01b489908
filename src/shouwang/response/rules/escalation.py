"""Who is to see to it when a task is late: up the line by how long it is late. Shown, never mailed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Rung:
    """From `late_for` on, `whose` matter a late task is. The next rung is further up."""

    key: str
    late_for: timedelta
    whose: str | Promise


LADDER: tuple[Rung, ...] = (
    Rung("doer", timedelta(0), gettext_lazy("承办人")),
    Rung("responsible", timedelta(hours=4), gettext_lazy("责任人")),
    Rung("group_head", timedelta(hours=24), gettext_lazy("工作组组长")),
    Rung("office", timedelta(hours=48), gettext_lazy("领导小组办公室")),
    Rung("upper", timedelta(hours=72), gettext_lazy("交办单位")),
)
"""Ours, not the law's: a bureau in an epidemic told its work by the day, so that a day is a rung."""


def rung_of(due_at: datetime, now: datetime) -> Rung | None:
    """Where a task that waits since `due_at` has climbed to; None while it is not late. Due at an instant, late after it."""
    late_for = now - due_at
    if late_for <= timedelta(0):
        return None
    return next(rung for rung in reversed(LADDER) if late_for >= rung.late_for)
