"""Two diaries lived at the same time, each in a process and on a connection of its own: a machine has two cores.

Guarantees: both come to their end or the failure of either is raised and the other is stopped. Only diaries that need
nothing of one another may be lived so: what both need is in the database, and in memory, before.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple, TypeVar, cast

from django.db import connection, connections

from shouwang.kernel.terminal import ReportProgress

from .diary import Diary


def hurry_commits() -> None:
    """Lets commits return before the disk has them: a load that a crash cuts off is begun anew."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")


@contextmanager
def plans_kept() -> Iterator[None]:
    """The server plans a statement once a connection: a load says the same few hundred of them thousands of times.

    Officers' connections do without: they may lead through a pooler, which knows no prepared statements.
    """
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    _open_anew(options, before | {"server_side_binding": True, "prepare_threshold": _SAID_BEFORE_PLANNED})
    try:
        yield
    finally:
        _open_anew(options, before)


def _open_anew(options: dict[str, object], chosen: dict[str, object]) -> None:
    connection.close()
    options.clear()
    options.update(chosen)
    vars(connection.features).pop("uses_server_side_binding", None)  # Django asks once


_SAID_BEFORE_PLANNED = 3

T = TypeVar("T")
Progress = tuple[str, int, int]


class _Failed(NamedTuple):
    """What the child failed of."""

    trace: str


class _Brought(NamedTuple):
    """What the child learned."""

    what: object


def live_side_by_side(
    mine: Diary,
    other: Diary,
    report: ReportProgress,
    *,
    learned: Callable[[], T],
    measure: Callable[[str, float], None] | None = None,
) -> T:
    """Lives `other` in a child process meanwhile, and reports for both.

    `learned` is asked in the child at its end, and its answer returned: what the child has in its memory and its parent
    has not. Raises RuntimeError with the child's failure.
    """
    connections.close_all()  # a connection does not survive its process being doubled
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_live_apart, args=(other, sender, learned), name="demo: the other diary")
    child.start()
    sender.close()
    brought: list[object] = []
    totals_here, totals_there = mine.totals(), other.totals()
    done_here: Counter[str] = Counter()
    done_there: Counter[str] = Counter()

    def report_mine(label: str, done: int, total: int) -> None:
        done_here[label] = done
        report(label, done + done_there[label], total + totals_there[label])
        while not brought and receiver.poll():
            brought.extend(_pass_on(receiver, report_other))

    def report_other(label: str, done: int, total: int) -> None:
        done_there[label] = done
        report(label, done + done_here[label], total + totals_here[label])

    try:
        hurry_commits()
        mine.live(report_mine, measure=measure)
        while not brought:
            brought.extend(_pass_on(receiver, report_other))
        child.join()
    finally:
        child.terminate()
        child.join()
    if child.exitcode != 0:
        raise RuntimeError(f"the other diary ended with exit code {child.exitcode}")
    return cast(T, brought[0])


def _live_apart(diary: Diary, sender: Connection, learned: Callable[[], object]) -> None:
    try:
        hurry_commits()
        diary.live(lambda label, done, total: sender.send((label, done, total)))
        sender.send(_Brought(learned()))
    except Exception:
        sender.send(_Failed(traceback.format_exc()))
        raise
    finally:
        connections.close_all()
        sender.close()


def _pass_on(receiver: Connection, report: ReportProgress) -> list[object]:
    """One message of the child's: progress is reported, its last is what it learned. Raises what it failed of."""
    try:
        said: Progress | _Failed | _Brought = receiver.recv()
    except EOFError as error:
        raise RuntimeError("the other diary ended without a word") from error
    match said:
        case _Failed(trace):
            raise RuntimeError(f"the other diary failed:\n{trace}")
        case _Brought(what):
            return [what]
    report(*said)
    return []
