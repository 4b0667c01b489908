"""Many rows at once: COPY into a temporary table, then one INSERT ... SELECT, where policies and constraints hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from shouwang.kernel import ids

FEW_ROWS = 50


def insert_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Insert rows with values for `columns` (all that have no null); returns how many. Inside a transaction.

    COPY straight into a table with a policy is refused by PostgreSQL, hence the staging table; a few rows are in sooner
    than a staging table is made.
    """
    table, names = model._meta.db_table, ", ".join(columns)
    remaining = iter(rows)
    first = list(islice(remaining, FEW_ROWS + 1))
    with connection.cursor() as cursor:
        if len(first) <= FEW_ROWS:
            return _insert_few(cursor, table, columns, first)
        cursor.execute(f"create temporary table staged on commit drop as select {names} from {table} with no data")
        with cursor.copy(f"copy staged ({names}) from stdin") as copy:
            for row in chain(first, remaining):
                copy.write_row(row)
        cursor.execute(f"insert into {table} ({names}) select {names} from staged")
        count: int = cursor.rowcount
        cursor.execute("drop table staged")
    return count


def _insert_few(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    if rows:
        places = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * len(rows))
        values: list[Any] = [value for row in rows for value in row]
        cursor.execute(f"insert into {table} ({', '.join(columns)}) values {places}", values)
    return len(rows)


def with_ids(rows: Sequence[Sequence[object]]) -> Iterator[Sequence[object]]:
    """Each row with an id of its own in front; ascending ids fill the table's index from left to right."""
    return ((made, *row) for made, row in zip(ids.new_ids(len(rows)), rows, strict=True))


def new_uuids(count: int) -> list[UUID]:
    """Ascending ids of rows that other rows point to."""
    return [UUID(made) for made in ids.new_ids(count)]


def lock_months(keys: Iterable[tuple[str, str]]) -> None:
    """Let one transaction at a time write payables of a (programme, month); ordered, so that two cannot deadlock."""
    with connection.cursor() as cursor:
        for programme, month in sorted(set(keys)):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"payables:{programme}:{month}"])
