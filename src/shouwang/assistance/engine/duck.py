"""The one adapter to DuckDB: tables in memory that spill into a folder, CSV and Parquet in and out.

Guarantees: never more than `memory` of memory (what does not fit goes to the folder), no extension is fetched, no file
outside the folder is read or written. Errors of the engine surface as they are: they are defects, not a user's mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

VERSION: str = duckdb.__version__
DIALECT = "duckdb"
"""What the rules are compiled to."""

MEMORY = "1GB"
THREADS = 2
ROWS_AT_ONCE = 500
ROWS_OF_A_PIECE = 10_000

SQL_TYPES = {"int64": "BIGINT", "int16": "SMALLINT", "boolean": "BOOLEAN", "string": "VARCHAR", "date": "DATE"}
"""The types that the rules declare (rules.benefits.inputs), as the engine has them."""


def typed(schema: Mapping[str, str], sql: str) -> str:
    """The query with the columns and types that the rules were compiled for."""
    columns = ", ".join(f"cast({name} as {SQL_TYPES[kind]}) as {name}" for name, kind in schema.items())
    return f"select {columns} from ({sql}) untyped"


class Duck:
    """An engine over one folder. Table and column names are ours; values are always bound."""

    def __init__(self, folder: Path, *, memory: str = MEMORY, threads: int = THREADS) -> None:
        self._folder = folder
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        self._connection.execute("set allowed_directories = ['" + str(folder).replace("'", "''") + "/']")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    def __enter__(self) -> Duck:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def read_csv(self, table: str, name: str, columns: Mapping[str, str]) -> None:
        """A table from a CSV file of the folder without a header, as PostgreSQL's COPY writes it."""
        types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
        self._connection.execute(
            f"create or replace table {table} as select * from read_csv("
            f"'{self._folder / name}', header = false, columns = {{{types}}}, quote = '\"', escape = '\"', nullstr = '',"
            f" auto_detect = false)"
        )

    def read_parquet(self, table: str, name: str) -> None:
        """A view of a Parquet file of the folder."""
        self._connection.execute(
            f"create or replace view {table} as select * from read_parquet('{self._folder / name}')"
        )

    def make(self, table: str, sql: str) -> None:
        """A table from a query."""
        self._connection.execute(f"create or replace table {table} as {sql}")

    def fill(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """A small table from rows of ours."""
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self._connection.execute(f"create or replace table {table} ({declared})")
        one = f"({', '.join('?' * len(columns))})"
        waiting = iter(rows)
        while some := list(islice(waiting, ROWS_AT_ONCE)):  # a statement a row costs a hundred times as much
            marks = ", ".join([one] * len(some))
            self._connection.execute(f"insert into {table} values {marks}", list(chain.from_iterable(some)))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, list(values)).fetchall()

    def column(self, sql: str) -> Iterator[Any]:
        """The first column of a query, piece by piece, for answers that are too long for memory."""
        cursor = self._connection.execute(sql)
        while some := cursor.fetchmany(ROWS_OF_A_PIECE):
            for row in some:
                yield row[0]

    def named_rows(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        cursor = self._connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def count(self, table: str) -> int:
        ((count,),) = self.rows(f"select count(*) from {table}")
        return int(count)

    def execute(self, sql: str) -> None:
        self._connection.execute(sql)

    def drop(self, *tables: str) -> None:
        for table in tables:
            self._connection.execute(f"drop table if exists {table}")

    def write_parquet(self, sql: str, name: str) -> Path:
        path = self._folder / name
        self._connection.execute(f"copy ({sql}) to '{path}' (format parquet, compression zstd)")
        return path

    def write_csv(self, sql: str, name: str) -> Path:
        """A CSV file as PostgreSQL's COPY reads it: null is nothing between the commas."""
        path = self._folder / name
        self._connection.execute(f"copy ({sql}) to '{path}' (format csv, header false, nullstr '', quote '\"')")
        return path
