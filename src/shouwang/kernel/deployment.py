"""What this database is: a demo or the real thing, marked when it is made and never after.

Only a database marked as demo may shift its clock or offer the one-button sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import connection

from . import clock
from .models import Deployment


def mark_new_database(*, is_demo: bool) -> None:
    """Write the one row, once. A second call raises IntegrityError."""
    Deployment.objects.create(id=1, is_demo=is_demo, clock_offset=timedelta(0), created_at=clock.now())
    forget()


def open_demo_at(moment: datetime) -> None:
    """Let the demo's clock read `moment` now, and tick on from there."""
    updated = Deployment.objects.filter(id=1, is_demo=True).update(clock_offset=clock.offset_to(moment))
    if not updated:
        raise RuntimeError("only a database marked as demo can have its clock set")
    forget()
    load()


@dataclass(frozen=True, slots=True)
class _Facts:
    is_demo: bool
    offset: timedelta
    skew: timedelta
    """By how much the server's clock is ahead of this machine's; known to half a round trip."""


@lru_cache(maxsize=1)
def _facts() -> _Facts:
    with connection.cursor() as cursor:
        before = clock.machine_now()
        cursor.execute(
            "select clock_timestamp(), coalesce(is_demo, false), coalesce(clock_offset, interval '0')"
            " from (values (1)) one(id) left join kernel_deployment using (id)"
        )
        server_now, is_demo, offset = cursor.fetchone()
        after = clock.machine_now()
    return _Facts(is_demo, offset, server_now - (before + (after - before) / 2))


def forget() -> None:
    """Read the row again at the next question (it was written, or the database is another one)."""
    _facts.cache_clear()


def load() -> None:
    """Take the clock's offset and correction from the database: when a process starts its work, and at the start of each
    request.

    It asks the database once per new connection (`KernelConfig`), so a process notices another offset, or another
    database, when its connection ends: after a minute at the latest, and at once when the demo was loaded anew.
    """
    facts = _facts()
    clock.set_skew(facts.skew)
    clock.set_offset(facts.offset)


def is_demo() -> bool:
    return _facts().is_demo


def skew() -> timedelta:
    """By how much the database server's clock was ahead of this machine's when this connection began."""
    return _facts().skew
