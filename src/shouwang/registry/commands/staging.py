"""From Python into located tables fast: COPY into temporary twins, then INSERT ... SELECT under the policies.

COPY into a table with row-level security is refused by PostgreSQL; the INSERT is checked row by row against the scope.
The server writes one round of lines while Python makes the next: `begin` hands a round to a thread, on the caller's own
connection and in its transaction; from then to `settle` nobody else may use that connection.
"""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from django.db import connection

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

NULL = "\\N"

COLUMNS: dict[str, str] = {
    "registry_person": (
        "id,name,sex,birth_on,id_number,id_index,id_tail,no_id_reason,phone,phone_index,disability_certificate,"
        "area_code,recorded_at,is_synthetic,version"
    ),
    "registry_household": "id,number,area_code,registered_on,recorded_at,is_synthetic,version",
    "registry_membership": "id,person_id,household_id,relation,valid_from,recorded_at,recorded_by,source,area_code",
    "registry_personfact": "id,person_id,kind,amount,code,valid_from,recorded_at,recorded_by,source,area_code",
    "registry_householdfact": "id,household_id,kind,amount,code,valid_from,recorded_at,recorded_by,source,area_code",
    "registry_bankaccount": (
        "id,person_id,bank_name,holder_name,account,account_index,account_tail,agreement,valid_from,recorded_at,"
        "recorded_by,source,area_code"
    ),
    "kernel_searchterm": "term,kind,object_id,area_code",
}
"""Tables in the order in which their rows can refer to one another."""


def text(value: str) -> str:
    """A value for COPY's text format."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], value) if _SPECIAL.search(value) else value


def binary(value: bytes | None) -> str:
    """A bytea for COPY's text format."""
    return NULL if value is None else "\\\\x" + value.hex()


class Staging:
    """Lines per table, written in one go. A line is the columns joined by tabs, each made by `text` or `binary`.

    A context manager inside the transaction: it is left only when nothing is being written any more.
    """

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self.row_count = 0
        self._digest = hashlib.sha256()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staging")
        self._begun: Future[None] | None = None
        with connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                cursor.execute(
                    f"create temporary table if not exists {_twin(table)} on commit drop"
                    f" as select {columns} from {table} with no data"
                )
            cursor.execute("set constraints all immediate")  # else the server keeps every row's checks for the end

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every line written so far."""
        return self._digest.hexdigest()

    def flush(self) -> None:
        """Write the lines into their tables and forget them."""
        self.begin()
        self.settle()

    def begin(self) -> None:
        """Let the lines be written, and forget them. The round before must be settled."""
        contents = {table: "\n".join(lines).encode() + b"\n" for table, lines in self.lines.items() if lines}
        for lines in self.lines.values():
            self.row_count += len(lines)
            lines.clear()
        if contents:
            # Django keeps a connection to the thread that opened it; the driver's own cursor may be lent.
            self._begun = self._thread.submit(self._write, connection.cursor().cursor, contents)

    def settle(self) -> None:
        """Wait until what was begun is written. Raises what the server said against it."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.result()

    def _write(self, cursor, contents: dict[str, bytes]) -> None:  # type: ignore[no-untyped-def]
        with cursor:
            for table, content in contents.items():
                columns, twin = COLUMNS[table], _twin(table)
                self._digest.update(content)
                cursor.execute(f"truncate {twin}")
                with cursor.copy(f"copy {twin} ({columns}) from stdin") as copy:
                    copy.write(content)
                cursor.execute(f"insert into {table} ({columns}) select {columns} from {twin}")


def _twin(table: str) -> str:
    return f"load_{table}"
