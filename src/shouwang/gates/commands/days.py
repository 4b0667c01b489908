"""The days of the table of scans: partitions made ahead, and dropped when their time is over; counts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed

from ..states import DAYS_AHEAD, SCANS_KEPT_DAYS


@dataclass(frozen=True, slots=True)
class DaysPurged:
    """The days whose scans and visitors' entries were deleted; their counts stay."""

    days: tuple[date, ...]


def make_days_ahead() -> int:
    """Partitions of today and the next days, so that midnight finds its own; how many were new."""
    today = clock.today()
    made = 0
    with connection.cursor() as cursor:
        for offset in range(DAYS_AHEAD + 1):
            cursor.execute("select gates_make_day(%s)", [today + timedelta(days=offset)])
            made += bool(cursor.fetchone()[0])
    return made


@transaction.atomic
def purge_scans(*, actor: Actor, kept_days: int = SCANS_KEPT_DAYS) -> DaysPurged:
    """Deletes what is older than `kept_days`, a partition at a time. Raises NotAllowed for anybody but the system."""
    if actor.role != "system":
        raise NotAllowed(_("通行记录到期由系统清除"), reason="gates.system_only")
    before = clock.today() - timedelta(days=max(kept_days, 14))
    with connection.cursor() as cursor:
        cursor.execute("select * from gates_drop_days(%s)", [before])
        days = tuple(day for (day,) in cursor.fetchall())
    if days:
        data = {"from": days[0], "to": days[-1], "count": len(days)}
        audit.record(actor=actor, action="passages.purge", subject="passages:days", area_code=0, data=data)
    return DaysPurged(days)
