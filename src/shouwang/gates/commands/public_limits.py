"""How often the public pages may be asked, counted in the database: every worker sees the same number.

Guarantees: what is counted stays counted, also when what was asked is refused. Nothing is kept but a keyed digest and a
number, for two days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock, crypto

from ..errors import TooMany
from ..models import PublicCount

_KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted under which name, and how often it may be asked within an hour; `key` empty: not known, not counted."""

    what: str
    key: str
    limit: int
    why: str


def registration_limits(address: str, estate_id: int) -> list[Counted]:
    """A carrier's phones share addresses, so the address may send for a whole staircase."""
    return [
        Counted("register.address", address, 30, _("这个网络一小时内提交的登记太多")),
        Counted("register.estate", str(estate_id), 300, _("这个小区一小时内提交的登记太多")),
    ]


def look_up_limits(address: str, code: str) -> list[Counted]:
    return [
        Counted("look_up.address", address, 30, _("这个网络一小时内查询的次数太多")),
        Counted("look_up.code", code, 6, _("这个登记码一小时内查询的次数太多")),
    ]


@transaction.atomic
def count_public(counted: list[Counted]) -> list[Counted]:
    """Count one more of each; returns those that are over their limit."""
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    over = []
    with connection.cursor() as cursor:
        for one in counted:
            if not one.key:
                continue
            cursor.execute(
                """insert into gates_publiccount as there (key, hour, count) values (%s, %s, 1)
                   on conflict (key, hour) do update set count = there.count + 1 returning count""",
                [crypto.blind_index(one.what, one.key), hour],
            )
            row = cursor.fetchone()
            assert row is not None
            if row[0] > one.limit:
                over.append(one)
    PublicCount.objects.filter(hour__lt=hour - _KEPT).delete()
    return over


def ensure_not_too_often(counted: list[Counted]) -> None:
    """Raises TooMany with the reason in words. Call it outside the command's transaction, so that the count stays."""
    over = count_public(counted)
    if over:
        message = _("%(why)s。请过一小时再试，或者到社区居委会、卡口请工作人员代办。") % {"why": over[0].why}
        raise TooMany(message, reason=f"too_many.{over[0].what}")
