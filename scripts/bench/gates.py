"""Scans from many phones: what one costs beside raw COPY, an outage that is caught up, a burst, a page of a gate's day.

CPU is what the serving processes and PostgreSQL used together, so that others at work on the machine count little. COPY
stands beside it at the same batch size, one transaction a batch, into the same table with its indexes and checks.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

import psycopg
from django.db import connection, connections
from tests.factories import GUDI_VILLAGE, acting

from shouwang.accounts.public import Role
from shouwang.gates.commands.writer import GROUP_SCANS_MAX
from shouwang.gates.models import Gate
from shouwang.gates.queries.passages import passages_of_gate_day
from shouwang.gates.states import SCANS_IN_A_BATCH_MAX
from shouwang.kernel import clock, deployment
from shouwang.kernel.scope import FULL as EVERYWHERE
from shouwang.kernel.scope import use_scope

from . import databases, gate_cases, phone_load
from .phone_load import Phone
from .results import Bar, Line, percentile

TITLE = "Scans from gate phones"
DAY = date(2020, 3, 18)
_OPENING = clock.instant(2020, 3, 18, 8)
_COLUMNS = (
    "device_id, seq, scanned_at, received_at, area_code, pass_id, device_day, manifest_at, annuls, direction, verdict,"
    " reason, how, checks, temperature_tenths, party"
)
_COPIER_ID = 1_000_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done. `batches`: (items in a batch, scans in all, requests at once, share of COPY's CPU to reach)."""

    batches: Sequence[tuple[int, int, int, float]]
    outage_phones: int
    outage_scans_each: int
    kills: int
    burst_requests: int
    passages: int


REDUCED = Sizes(((200, 40_000, 16, 0.60), (20, 10_000, 64, 0.50), (1, 2_000, 64, 0.35)), 20, 500, 3, 200, 300_000)
FULL = Sizes(
    ((200, 400_000, 16, 0.60), (20, 200_000, 64, 0.50), (1, 30_000, 64, 0.35)), 200, 5_000, 10, 2_000, 10_000_000
)


def run(dsn: str, sizes: Sizes = REDUCED) -> Iterator[Line]:
    with databases.plain(dsn) as url, clock.at(_OPENING):
        deployment.open_demo_at(_OPENING)  # the servers stand on the phones' day: else each batch would raise alarms
        gate = gate_cases.make_gate()
        with gate_cases.served(url) as server:
            _warm_up(server, gate)
            for size, scans, at_once, share in sizes.batches:
                yield from _beside_copy(url, server, gate, (size, scans, at_once, share))
        yield _row_bytes()
        yield from outage(url, gate, sizes)
        yield from _burst(url, gate, sizes)
        yield _page(sizes)


def _beside_copy(url: str, server: gate_cases.Server, gate: Gate, case: tuple[int, int, int, float]) -> Iterator[Line]:
    size, scans, at_once, share = case
    phones = gate_cases.enrol(gate, 100)
    # Phones sync all day: their keys are known to the process.
    phone_load.send(server.port, [phone_load.request(phone, []) for phone in phones], at_once=8)
    batches = _batches(phones, size, scans, seed=size)
    requests = [phone_load.request(phone, items, waiting=1) for phone, items in batches]
    copied = _copy_seconds(url, [items for _phone, items in batches]) / scans
    first, sent = _cpu_of_sending(server, requests, at_once)
    _require(sent.answers["created"] == scans, f"{sent.answers} of {scans}")
    again, resent = _cpu_of_sending(server, requests, at_once)
    _require(resent.answers["exists"] == scans, f"{resent.answers} of {scans} again")
    note = f"{first / scans * 1e6:.1f} µs of CPU a scan, COPY {copied * 1e6:.1f}; {at_once} requests at once"
    yield Line(f"batches of {size}", copied / (first / scans), "of COPY", share, Bar.TARGET, note)
    # Phones send a queue again in full batches; in small ones the way to the server is most of the cost.
    limit = 0.5 if size == SCANS_IN_A_BATCH_MAX else None
    yield Line(
        f"- sent again, {size}", again / first, "of the first", limit, Bar.LIMIT, f"{again / scans * 1e6:.1f} µs a scan"
    )


def _cpu_of_sending(
    server: gate_cases.Server, requests: Sequence[bytes], at_once: int
) -> tuple[float, phone_load.Sent]:
    before = _cpu_now(server)
    sent = phone_load.send(server.port, requests, at_once=at_once)
    return gate_cases.spent_between(before, _cpu_now(server)), sent


def _cpu_now(server: gate_cases.Server | None) -> dict[int, float]:
    serving = server.pids() if server is not None else []
    return gate_cases.cpu_of([*serving, *gate_cases.postgres_pids()])


def _copy_seconds(url: str, batches: Sequence[Sequence[dict[str, object]]]) -> float:
    """CPU of a client and its backend that COPY the same scans, under a device of their own, and of the log's writers."""
    global _COPIER_ID
    _COPIER_ID += 1
    texts = [_copy_text(_COPIER_ID, items) for items in batches]
    with psycopg.connect(url, autocommit=True) as copier:
        before, own = _cpu_now(None), time.thread_time()
        for text in texts:
            with copier.transaction(), copier.cursor().copy(f"copy gates_observation ({_COLUMNS}) from stdin") as copy:
                copy.write(text)
        return time.thread_time() - own + gate_cases.spent_between(before, _cpu_now(None))


def _copy_text(device_id: int, items: Sequence[dict[str, object]]) -> bytes:
    lines = []
    for item in items:
        _copy_text.seq += 1  # type: ignore[attr-defined]
        at = clock.from_timestamp(int(str(item["at_ms"])) / 1000).isoformat()
        values = (
            device_id, _copy_text.seq, at, _OPENING.isoformat(), GUDI_VILLAGE, item["pass"], item["day"],  # type: ignore[attr-defined]
            item["manifest_at"], item["annuls"], item["dir"], item["verdict"], item["reason"], item["how"],
            item["checks"], item["temp"], item["party"],
        )  # fmt: skip
        lines.append("\t".join("\\N" if value is None else str(value) for value in values))
    return ("\n".join(lines) + "\n").encode()


_copy_text.seq = 0  # type: ignore[attr-defined]


def outage(url: str, gate: Gate, sizes: Sizes) -> Iterator[Line]:
    """Phones that were cut off send everything at once, a fifth of it twice, while the server dies again and again."""
    phones = gate_cases.enrol(gate, sizes.outage_phones)
    count = sizes.outage_phones * sizes.outage_scans_each
    chance = random.Random(count)
    batches = _batches(phones, 200, count, seed=count)
    requests = [phone_load.request(phone, items, waiting=1) for phone, items in batches]
    requests += chance.sample(requests, len(requests) // 5)
    chance.shuffle(requests)
    began = perf_counter()
    with gate_cases.served(url) as server:
        killer = threading.Thread(target=_kill_again_and_again, args=(server, sizes.kills))
        killer.start()
        sent = phone_load.send(server.port, requests, at_once=16)
        killer.join()
        # What was asked while it died was sent again by the phones: they never take a silence for an answer.
    minutes = (perf_counter() - began) / 60
    kept, distinct = _rows_of(phones)
    _require(kept == distinct == count, f"{kept} rows, {distinct} scans, {count} were made")
    note = (
        f"{count:,} scans of {len(phones)} phones, {sizes.kills} times kill -9, {sent.statuses[0]} requests unanswered"
    )
    yield Line("outage caught up", minutes, "min", 10, Bar.LIMIT, f"{note}; each scan once")


def _kill_again_and_again(server: gate_cases.Server, times: int) -> None:
    for _time in range(times):
        time.sleep(0.7)
        server.kill()
        server.start()


def _burst(url: str, gate: Gate, sizes: Sizes) -> Iterator[Line]:
    """Far more at once than the queue holds: what is shed is told when to come again, and comes again."""
    phones = gate_cases.enrol(gate, sizes.burst_requests)
    requests = [
        phone_load.request(phone, items) for phone, items in _batches(phones, 200, sizes.burst_requests * 200, seed=7)
    ]
    with gate_cases.served(url, queue_scans=GROUP_SCANS_MAX) as server:
        sent = phone_load.send(server.port, requests, at_once=64, patient=False)
        shed = len(sent.left)
        later = phone_load.send(server.port, sent.left, at_once=8)
    kept, distinct = _rows_of(phones)
    count = sizes.burst_requests * 200
    _require(kept == distinct == count, f"{kept} rows of {count}")
    _require(set(sent.statuses) <= {200, 503} and sent.retry_after == sent.statuses[503], f"{sent.statuses}")
    note = f"{shed} of {len(requests)} answered 503 with Retry-After, sent again: {later.answers['created']} created, none lost"
    yield Line("burst, requests shed", shed, "", None, Bar.LIMIT, note)


def _row_bytes() -> Line:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select sum(pg_relation_size(c.oid) + pg_indexes_size(c.oid)), sum(pg_relation_size(c.oid))"
            "  from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'gates_observation'::regclass"
        )
        whole, heap = cursor.fetchone()
        cursor.execute("select count(*) from gates_observation")
        (rows,) = cursor.fetchone()
    note = f"{rows:,} rows, {heap / rows:.0f} without indexes"
    return Line("bytes a scan, with indexes", float(whole) / rows, "bytes", 185, Bar.LIMIT, note)


def _page(sizes: Sizes) -> Line:
    """A gate's day by hours among many passages, for a community worker."""
    with acting(Role.GRID_WORKER, GUDI_VILLAGE) as actor:
        gate = gate_cases.make_gate("测量小区")
        here = gate_cases.enrol(gate, 3)
        elsewhere = gate_cases.enrol(gate_cases.make_gate("他处小区"), 400)
        _fill([phone.id for phone in (*here, *elsewhere)], sizes.passages)
        spent = []
        for _time in range(40):
            began = perf_counter()
            hours = passages_of_gate_day(actor, gate_id=gate.id, on=DAY)
            spent.append((perf_counter() - began) * 1000)
    _require(bool(hours), "the page is empty")
    note = f"{sizes.passages:,} passages; the query of the page"
    return Line("a gate's day by hours", percentile(spent, 0.95), "ms p95", 200, Bar.LIMIT, note)


def _fill(device_ids: Sequence[int], count: int) -> None:
    """Passages over the day and the thirteen before it, spread over the phones."""
    with connections["owner"].cursor() as cursor:
        for back in range(14):
            cursor.execute("select gates_make_day(%s::date - %s)", [DAY, back])
        cursor.execute(
            f"""
            insert into gates_observation ({_COLUMNS})
            select (%s::int[])[1 + n %% cardinality(%s::int[])], 1 + n / cardinality(%s::int[]),
                   (%s::date - day)::timestamp at time zone 'Asia/Shanghai' + (n * 7919 %% 57600 + 21600) * interval '1 s',
                   %s, %s, 1 + n * 1000003, %s::date - day, 0, null, 1 + n %% 2,
                   case when n %% 50 = 0 then 3 else 1 end, 0, 1, 3, 365, 1
              from (select n, ((n / cardinality(%s::int[])) %% 14)::int as day from generate_series(0::bigint, %s - 1) n) made
            """,
            [list(device_ids)] * 3 + [DAY, _OPENING, GUDI_VILLAGE, DAY, list(device_ids), count],
        )
        cursor.execute("analyze gates_observation")


def _rows_of(phones: Sequence[Phone]) -> tuple[int, int]:
    with use_scope(EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(distinct (device_id, seq)) from gates_observation where device_id = any(%s)",
            [[phone.id for phone in phones]],
        )
        kept, distinct = cursor.fetchone()
    return kept, distinct


def _batches(
    phones: Sequence[Phone], size: int, scans: int, *, seed: int
) -> list[tuple[Phone, list[dict[str, object]]]]:
    """Batches of the phones in turn, each phone's numbers one after the other."""
    chance = random.Random(seed)
    reached = dict.fromkeys((phone.id for phone in phones), 0)
    made = []
    for number in range(scans // size):
        phone = phones[number % len(phones)]
        first = reached[phone.id] + 1
        reached[phone.id] += size
        made.append((phone, [phone_load.item(seq, chance) for seq in range(first, first + size)]))
    return made


def _warm_up(server: gate_cases.Server, gate: Gate) -> None:
    (phone,) = gate_cases.enrol(gate, 1)
    chance = random.Random(0)
    requests = [phone_load.request(phone, [phone_load.item(seq, chance)]) for seq in range(1, 51)]
    phone_load.send(server.port, requests, at_once=8)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"scans were lost, doubled or refused: {what}")
