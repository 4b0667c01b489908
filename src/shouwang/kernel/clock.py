"""The one clock.

Everything that says "now" or "today" asks here: recorded_at, audit, ids, deadlines. The clock is the machine's, corrected
to the database server's when the two disagree (several hosts write into one database), plus an offset that only a
database marked as demo may carry, or a fixed moment while the demo replays its history. No database default and no other
module reads a clock (a lint holds that).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Shanghai")

SKEW_TOLERATED = timedelta(seconds=1)
"""A machine this close to the database server's clock is believed; one further off is corrected."""

SKEW_MAX = timedelta(seconds=10)
"""What may lie between two hosts' stamps of one instant: the tolerated skew, the drift until a connection is renewed, and
the moments between a stamp and the first statement of its transaction. What must not change waits for so long."""

_correction = timedelta(0)
_offset = timedelta(0)
_fixed: ContextVar[datetime | None] = ContextVar("shouwang_fixed_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in Asia/Shanghai."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    return machine_now() + _correction + _offset


def machine_now() -> datetime:
    """What this machine's own clock says: for `kernel.deployment`, which compares it with the database server's."""
    return datetime.now(TZ)


def today() -> date:
    """The present civil date in Asia/Shanghai."""
    return now().date()


def epoch_ms() -> int:
    """Milliseconds since 1970, for ids."""
    return int(now().timestamp() * 1000)


def monotonic() -> float:
    """Seconds for measuring how long something takes; never a date."""
    return time.monotonic()


def set_offset(offset: timedelta) -> None:
    """Shift this process's clock. Only `kernel.deployment`, for a demo database, calls this."""
    global _offset
    _offset = offset


def set_skew(skew: timedelta) -> None:
    """The database server's clock is ahead of this machine's by `skew`: stamps follow the server where it matters."""
    global _correction
    _correction = skew if abs(skew) > SKEW_TOLERATED else timedelta(0)


def offset_to(moment: datetime) -> timedelta:
    """By how much the server's clock must be shifted to read `moment` at this instant."""
    return moment - (machine_now() + _correction)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` inside the block: the demo replays its history so, and tests stand on a day."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _fixed.set(moment.astimezone(TZ))
    try:
        yield
    finally:
        _fixed.reset(token)


def instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A civil moment in Asia/Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=TZ)


def day_start(day: date) -> datetime:
    """00:00 of `day` in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=TZ)


_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_END_OF_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ]24:00(:00)?$")


def parse_cutoff(text: str) -> datetime:
    """An instant as the trade writes it: "2020-03-17T24:00" is the next day's 00:00; a bare date is its 24:00.

    Cut-offs are half-open: what was recorded before the instant counts. Raises ValueError, also for an instant at the
    edges of the calendar, where no zone can be put on it and no day counted on.
    """
    try:
        moment = _cutoff(text)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside the calendar") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _cutoff(text: str) -> datetime:
    ends = _END_OF_DAY.match(text)
    if ends:
        return day_start(date.fromisoformat(ends.group(1)) + timedelta(days=1))
    try:
        return day_start(date.fromisoformat(text) + timedelta(days=1))
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment.astimezone(TZ) if moment.tzinfo else moment.replace(tzinfo=TZ)


def from_timestamp(seconds: float) -> datetime:
    """A file's or a log's timestamp as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(TZ)
