"""How far an import is, seen from outside its transaction; and whether anybody is at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, connections

from shouwang.kernel import clock
from shouwang.kernel.scope import multirange

from ..models import ImportBatch

_EVERY_SECONDS: Final = 1.0


def take_turn(batch: ImportBatch) -> bool:
    """Hold the batch until this transaction ends, however it ends; False when somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_lock_of(batch)])
        return bool(cursor.fetchone()[0])


@contextmanager
def visible_progress(batch: ImportBatch) -> Iterator[Callable[[int, int], None]]:
    """Writes the rows done, at most once a second, on a connection of its own: the load's transaction shows nothing
    until it commits. The load must not lock the batch's row before its end."""
    side = connections.create_connection("default")
    next_at = clock.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal next_at
        if clock.monotonic() < next_at:
            return
        next_at = clock.monotonic() + _EVERY_SECONDS
        with side.cursor() as cursor:
            cursor.execute(
                "update registry_importbatch set done_count = %s, row_count = %s where id = %s", [done, total, batch.id]
            )

    try:
        with side.cursor() as cursor:
            cursor.execute(
                "select set_config('app.areas', %s, false)", [multirange([(batch.area_code, batch.area_code + 1)])]
            )
        yield tell
    finally:
        side.close()


def _lock_of(batch: ImportBatch) -> int:
    """The random half of the id."""
    return int.from_bytes(batch.id.bytes[8:], "big", signed=True)
