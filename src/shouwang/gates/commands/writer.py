"""The one thread of a process that commits scans: everything that queued while the last commit ran is the next one.

Guarantees: an answer comes after the commit; members of a group cannot spoil one another (a group that the database
refuses is taken member by member); two groups that lock one another are tried again; a lost connection is opened anew
and the group taken again, which doubles nothing because a scan has its identity. Refuses, when too much waits, whole
batches at once: Busy, nothing taken, send again. There is no timer: alone, a batch is committed at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from django.conf import settings
from django.utils.translation import gettext as _
from psycopg import pq
from psycopg.types.json import Json

from shouwang.kernel import clock

from ..errors import Busy
from ..queries.gate_database import close_pools, gate_dsn
from ..queries.phones import Phone, revoked
from ..rules.batches import Batch, canonical
from ..states import DAYS_AHEAD, DAYS_BACK

GROUP_SCANS_MAX: Final = 2_000
RETRY_AFTER_SECONDS: Final = 2
ANSWER_SECONDS_MAX: Final = 20.0
RECONNECT_SECONDS_MAX: Final = 10.0
DEADLOCK_RETRIES: Final = 5

REFUSALS: Final = (psycopg.DataError, psycopg.errors.CheckViolation, psycopg.errors.NotNullViolation)
"""What the table refuses of a scan. A broken unique key is none of them: `received` and the rows would contradict one
another, and the thread ends with that error rather than tell a phone anything."""

REVOKED: Final = psycopg.errors.TriggeredActionException
"""What `gates_take` raises for a phone that was revoked; nothing else in the database raises it."""

TAKE: Final = "select * from gates_take(%s, %s, %s::integer[], %s, %s, %s)"
TAKE_NUMBERED: Final = b"select * from gates_take($1, $2, $3, $4, $5, $6)"


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch: by item 0 created, 1 exists, 2 another content is there under that number.

    `through` is the highest number received; `missing` the numbers below it that were not, as pairs first and last.
    """

    outcomes: Sequence[int]
    through: int
    missing: Sequence[tuple[int, int]]


@dataclass(slots=True)
class Member:
    """A batch that waits for its commit. `visitors` are sealed rows for `gates_take`, their place counted from 1."""

    phone: Phone
    batch: Batch
    received_at: datetime
    visitors: Sequence[dict[str, object]]
    done: threading.Event = field(default_factory=threading.Event)
    taken: Taken | None = None
    refused: dict[int, str] = field(default_factory=dict)
    is_revoked: bool = False

    @property
    def believed_days(self) -> set[date]:
        """Its days that have a partition of their own; one too far off goes to the default."""
        return {day for day in self.batch.days if not is_far(day, self.received_at)}

    @property
    def scan_count(self) -> int:
        return max(len(self.batch.items), 1)


class Writer:
    """One for a process and database. `take` may be called by any thread and waits for the commit."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._ready = threading.Condition()
        self._waiting: deque[Member] = deque()
        self._waiting_scans = 0
        self._is_closed = False
        self._group: list[Member] = []
        self._connection: psycopg.Connection[Any] | None = None
        self._days: set[date] = set()
        self._thread = threading.Thread(target=self._run, name="gate writer", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive() and not self._is_closed

    def take(self, member: Member) -> Taken:
        """Raises Busy when too much waits, or when the database does not answer in time; then send it again.

        Raises DeviceRefused when the phone is revoked at the moment of the commit.
        """
        with self._ready:
            if self._is_closed or self._waiting_scans + member.scan_count > settings.SHOUWANG_GATE_QUEUE:
                raise busy()
            self._waiting.append(member)
            self._waiting_scans += member.scan_count
            self._ready.notify()
        is_done = member.done.wait(ANSWER_SECONDS_MAX)
        if member.is_revoked:
            raise revoked(must_wipe=False)
        if not is_done or member.taken is None:
            raise busy()
        return member.taken

    def close(self) -> None:
        """What waits is not taken; its senders are told so."""
        with self._ready:
            self._is_closed = True
            self._ready.notify()
        self._thread.join(ANSWER_SECONDS_MAX)

    def _run(self) -> None:
        try:
            while group := self._next_group():
                self._group = group
                self._take_group(group)
                for member in group:
                    member.done.set()
        finally:  # closed, or an error of ours: nobody waits for a thread that has ended
            with self._ready:
                self._is_closed = True
                left = [*self._waiting]
                self._waiting.clear()
            self._disconnect()
            for member in (*self._group, *left):
                member.done.set()

    def _next_group(self) -> list[Member]:
        """What waits, a phone once, sorted by phone. Empty when the writer is closed."""
        with self._ready:
            while not self._waiting and not self._is_closed:
                self._ready.wait()
            if self._is_closed:
                return []
            group: dict[int, Member] = {}
            later: deque[Member] = deque()
            scans = 0
            while self._waiting:
                member = self._waiting.popleft()
                if member.phone.id in group or (group and scans + member.scan_count > GROUP_SCANS_MAX):
                    later.append(member)
                else:
                    group[member.phone.id] = member
                    scans += member.scan_count
            self._waiting = later
            self._waiting_scans -= scans
        return [group[phone_id] for phone_id in sorted(group)]

    def _take_group(self, group: Sequence[Member]) -> None:
        """Each member that could be taken has `taken` afterwards."""
        try:
            self._commit(group, _flat([member.batch.raw for member in group]))
        except (*REFUSALS, REVOKED) as refusal:
            if len(group) > 1:
                for member in group:
                    self._take_group([member])
            elif isinstance(refusal, REVOKED):
                group[0].is_revoked = True
            else:
                self._take_alone(group[0])

    def _take_alone(self, member: Member) -> None:
        """A batch that the database refused: once more in our own spelling, then scan by scan."""
        outcomes: list[int] = []
        for place, item in enumerate(member.batch.items):
            one = Member(
                phone=member.phone,
                batch=_only(member.batch, place),
                received_at=member.received_at,
                visitors=[row | {"place": 1} for row in member.visitors if row["place"] == place + 1],
            )
            try:
                self._commit([one], canonical([item]))
            except REFUSALS:
                member.refused[place] = "rejected:invalid:item"
                outcomes.append(0)
                continue
            if one.taken is None:
                return
            outcomes.extend(one.taken.outcomes)
            member.taken = one.taken
        if member.taken is None:
            nothing = Member(member.phone, _only(member.batch, None), member.received_at, ())
            self._commit([nothing], b"[]")
            member.taken = nothing.taken
        if member.taken is not None:
            member.taken = Taken(outcomes, member.taken.through, member.taken.missing)

    def _commit(self, group: Sequence[Member], items: bytes) -> None:
        """One transaction. When the database cannot be reached, or keeps answering 40P01, nobody has `taken`."""
        began, deadlocks = clock.monotonic(), 0
        while True:
            try:
                connection = self._connected()
                self._make_days(connection, group)
                rows = _asked(connection, parameters_of(group, items))
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                deadlocks += 1
                if deadlocks > DEADLOCK_RETRIES:
                    return
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._disconnect()
                if clock.monotonic() - began > RECONNECT_SECONDS_MAX:
                    return
                self._pause()
            else:
                _hand_out(group, rows)
                return

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            connection = psycopg.connect(self.dsn, autocommit=True)
            _checked(connection, connection.pgconn.prepare(_STATEMENT, TAKE_NUMBERED))
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pause(self) -> None:
        """Between two attempts to connect; ends at once when the writer is closed."""
        with self._ready:
            self._ready.wait_for(lambda: self._is_closed, timeout=0.2)

    def _make_days(self, connection: psycopg.Connection[Any], group: Sequence[Member]) -> None:
        """Partitions of days that are new to this process; a day too far off has none and goes to the default."""
        for member in group:
            if not member.batch.days <= self._days:
                for day in member.believed_days - self._days:
                    connection.execute("select gates_make_day(%s)", [day])
                    self._days.add(day)


def is_far(day: date, received_at: datetime) -> bool:
    """Whether a phone's day is too far from the server's to be believed."""
    today = received_at.astimezone(clock.TZ).date()
    return not today - timedelta(days=DAYS_BACK) <= day <= today + timedelta(days=DAYS_AHEAD)


def busy() -> Busy:
    return Busy(_("服务器正忙，请稍后自动重传"), retry_after_s=RETRY_AFTER_SECONDS)


def _only(batch: Batch, place: int | None) -> Batch:
    items = [] if place is None else [batch.items[place]]
    days = frozenset({item.day for item in items})
    return replace(batch, items=items, digest=None, days=days)


def _flat(arrays: Sequence[bytes]) -> bytes:
    """JSON arrays as one."""
    if len(arrays) == 1:
        return arrays[0]
    return b"[" + b",".join(inner for array in arrays if (inner := array.strip()[1:-1].strip())) + b"]"


def _as_is(raw: bytes) -> bytes:
    return raw


def parameters_of(group: Sequence[Member], items: bytes, *, by_judgement: bool = False) -> list[object]:
    """Of TAKE: the members, and the JSON array of all their items, in the members' order.

    `by_judgement`: a person took in what a revoked phone had sent.
    """
    told = [
        {
            "device": member.phone.id,
            "area": member.phone.area_code,
            "seqs": member.batch.spans,
            "digest": member.batch.digest.hex() if member.batch.digest else None,
            "clock_offset": member.batch.clock_ms - int(member.received_at.timestamp() * 1000),
            "waiting": member.batch.waiting,
            "quarantined": member.batch.quarantined,
            "manifest_at": member.batch.manifest_at,
            "persisted": member.batch.is_persisted,
            "app": member.batch.app,
        }
        for member in group
    ]
    device_of = "".join(f"{member.phone.id}," * len(member.batch.items) for member in group)
    visitors, before = [], 0
    for member in group:
        visitors += [row | {"place": before + int(str(row["place"]))} for row in member.visitors]
        before += len(member.batch.items)
    return [
        Json(msgspec.json.encode(told), dumps=_as_is),
        Json(items, dumps=_as_is),
        "{" + device_of[:-1] + "}",
        max(member.received_at for member in group),
        Json(msgspec.json.encode(visitors), dumps=_as_is) if visitors else None,
        by_judgement,
    ]


_STATEMENT: Final = b"take"


def _asked(connection: psycopg.Connection[Any], parameters: Sequence[object]) -> dict[int, tuple[Any, ...]]:
    """Rows of TAKE by device, through libpq itself: a cursor costs more than the rest of a small batch's way."""
    values = [None if value is None else _as_text(value) for value in parameters]
    result = _checked(connection, connection.pgconn.exec_prepared(_STATEMENT, values))  # type: ignore[arg-type]
    rows = {}
    for number in range(result.ntuples):
        device, is_repeated, through, missing, known = (result.get_value(number, column) for column in range(5))
        assert device is not None
        assert through is not None
        assert missing is not None
        outcomes = [int(outcome) for outcome in known[1:-1].split(b",")] if known else None
        rows[int(device)] = (int(device), is_repeated == b"t", int(through), missing.decode(), outcomes)
    return rows


def _checked(connection: psycopg.Connection[Any], result: pq.abc.PGresult) -> pq.abc.PGresult:
    """Raises the error that a cursor would raise."""
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    if connection.pgconn.status == pq.ConnStatus.BAD:
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


def _as_text(value: object) -> bytes:
    if isinstance(value, Json):
        return bytes(value.obj)
    if isinstance(value, bool):
        return b"t" if value else b"f"
    return value.isoformat().encode() if isinstance(value, datetime) else str(value).encode()


def _hand_out(group: Sequence[Member], rows: dict[int, tuple[Any, ...]]) -> None:
    place = 0
    for member in group:
        _device, is_repeated, through, missing, known = rows[member.phone.id]
        count = len(member.batch.items)
        outcomes = known[place : place + count] if known is not None else [int(is_repeated)] * count
        member.taken = Taken(outcomes, through, _pairs(missing))
        place += count


def _pairs(multirange: str) -> list[tuple[int, int]]:
    """{[41,45),[50,51)} as first and last of each gap."""
    if multirange == "{}":
        return []
    gaps = (gap.strip("[)").split(",") for gap in multirange[1:-1].split("),["))
    return [(int(low), int(high) - 1) for low, high in gaps]


_lock = threading.Lock()
_writers: dict[str, Writer] = {}


def writer() -> Writer:
    """This process's writer for the database in use; a new one when the last has ended."""
    dsn = gate_dsn()
    found = _writers.get(dsn)
    if found is not None and found.is_alive:
        return found
    with _lock:
        found = _writers.get(dsn)
        if found is None or not found.is_alive:
            found = _writers[dsn] = Writer(dsn)
        return found


def close_phone_connections() -> None:
    """Ends what this process holds for phones beside Django's connection; asked for again, it begins anew."""
    close_writers()
    close_pools()


def close_writers() -> None:
    """Before a database is dropped under this process."""
    with _lock:
        for one in _writers.values():
            one.close()
        _writers.clear()
