"""The dump as the SQL script that pg_restore makes of it, counted on its way.

Guarantees: who has read the script to its end knows that the dump was read through, that its bytes are those that were
written, and that the rows of each table and the last sealed block of the audit are those of the manifest; everything
else ends in BackupError. No server is asked.
"""

import contextlib
import re
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from shouwang.kernel.terminal import ReportProgress

from . import programs
from .archive import CHUNK_BYTES, Archive
from .errors import BackupError

_COPY = re.compile(rb'^COPY (?:"?public"?)\."?([^" (]+)"? \((.*)\) FROM stdin;$')
_END_OF_COPY = b"\\.\n"
_NOT_FOR_EVERY_SERVER = {b"SET transaction_timeout = 0;\n"}  # PostgreSQL 17 on; our session has none to lift
_COLUMN_OPTIONS = re.compile(rb"^ALTER TABLE ONLY .+ ALTER COLUMN .+ SET \(([a-z0-9_]+)=[^()]*\);$")
_KNOWN_COLUMN_OPTIONS = {b"n_distinct", b"n_distinct_inherited"}
_LEFT_OUT = ("SCHEMA", "ACL - SCHEMA", "DEFAULT ACL", "COMMENT - SCHEMA")
"""Kinds of entries that belong to the database restored into: its owner makes the schema and its rights anew."""
_AUDIT_BLOCKS = "kernel_auditblock"


@dataclass
class Counted:
    """What a script brought: rows by table, and the audit's last block as (number, hash)."""

    rows: dict[str, int] = field(default_factory=dict)
    last_block: tuple[int, str] | None = None


def lines(archive: Archive, counted: Counted, report: ReportProgress) -> Iterator[bytes]:
    """The script, line by line. Raises BackupError, at its end too: what was done with the lines must be undone."""
    tools = programs.for_file(int(archive.manifest["dumped_with"]))
    with tempfile.NamedTemporaryFile("w", prefix="shouwang-", suffix=".list") as chosen:
        chosen.write(_entries(archive, tools))
        chosen.flush()
        with _pg_restore(archive, tools, [f"--use-list={chosen.name}", "--no-owner", "--file=-"], report) as output:
            yield from _counted(output, counted)
    _compare(archive, counted)


def _entries(archive: Archive, tools: programs.Programs) -> str:
    """The dump's list of entries without those that are not ours to restore."""
    with _pg_restore(archive, tools, ["--list"], None) as output:
        listed = output.read().decode()
    return "\n".join(line for line in listed.splitlines() if not _is_left_out(line)) + "\n"


def _is_left_out(line: str) -> bool:
    """A line reads `215; 1259 16390 TABLE public kernel_auditblock shouwang_owner`."""
    kind = line.split(" ", 3)[3] if line.count(" ") >= 3 and not line.startswith(";") else ""
    return kind.startswith(tuple(f"{left} " for left in _LEFT_OUT))


@contextlib.contextmanager
def _pg_restore(
    archive: Archive, tools: programs.Programs, options: list[str], report: ReportProgress | None
) -> Iterator[IO[bytes]]:
    """pg_restore reading the archive's dump; its output. With `report` the dump must be read to its end, whole."""
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(  # noqa: S603
            [tools.path("pg_restore"), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = _Feeder(archive, process.stdin, report)
        feeder.start()
        try:
            yield process.stdout
            process.wait()
            feeder.join()
            if feeder.failure:
                raise feeder.failure
            if process.returncode != 0:
                said.seek(0)
                raise BackupError(f"{archive.path} is damaged: {programs.last_words(said.read())}")
        finally:
            feeder.is_wanted = False
            process.kill()
            process.stdout.close()
            feeder.join()


class _Feeder(threading.Thread):
    """Hands the dump to pg_restore while its output is read; keeps what went wrong for the reader to raise."""

    def __init__(self, archive: Archive, into: IO[bytes], report: ReportProgress | None) -> None:
        super().__init__(daemon=True)
        self._archive, self._into, self._report = archive, into, report
        self.failure: Exception | None = None
        self.is_wanted = True

    def run(self) -> None:
        total, done, is_read = self._archive.dump_bytes, 0, True
        try:
            for piece in self._archive.dump_pieces():
                if is_read:
                    is_read = self._hand_over(piece)
                if not self.is_wanted or (not is_read and self._report is None):
                    break  # the reader has left, or it wanted a list, for which the dump's head is enough
                done += len(piece)
                if self._report:
                    self._report("read MiB", -(-done // CHUNK_BYTES), -(-total // CHUNK_BYTES))
        except (BackupError, tarfile.TarError, OSError) as error:  # raised again where the output is read
            self.failure = error
        with contextlib.suppress(BrokenPipeError):
            self._into.close()

    def _hand_over(self, piece: bytes) -> bool:
        """False when pg_restore takes no more: it has seen the last entry, or has failed and says so."""
        try:
            self._into.write(piece)
        except BrokenPipeError:
            return False
        return True


def _counted(output: IO[bytes], counted: Counted) -> Iterator[bytes]:
    table, last_row, columns = None, b"", b""
    for line in output:
        if table is None:
            if _is_of_its_server(line):
                continue
            if line.startswith(b"COPY ") and (head := _COPY.match(line)):
                table, columns, last_row = head.group(1).decode(), head.group(2), b""
                counted.rows[table] = 0
        elif line == _END_OF_COPY:
            table = None
        else:
            counted.rows[table] += 1
            if table == _AUDIT_BLOCKS:
                last_row = line
                _note_block(counted, columns, last_row)
        yield line


def _is_of_its_server(line: bytes) -> bool:
    """A setting that another server need not know and that no row depends on: of a newer release, or of a vendor's own
    (some keep a version on every column as a column option; PostgreSQL itself knows two, and a migration may set them)."""
    option = _COLUMN_OPTIONS.match(line)
    return line in _NOT_FOR_EVERY_SERVER or (option is not None and option.group(1) not in _KNOWN_COLUMN_OPTIONS)


def _note_block(counted: Counted, columns: bytes, row: bytes) -> None:
    names = columns.decode().split(", ")
    cells = row.rstrip(b"\n").split(b"\t")
    number, digest = int(cells[names.index("number")]), cells[names.index("hash")].decode().removeprefix("\\\\x")
    if counted.last_block is None or number > counted.last_block[0]:
        counted.last_block = number, digest


def _compare(archive: Archive, counted: Counted) -> None:
    expected: dict[str, int] = archive.manifest["tables"]
    for table in sorted(expected.keys() | counted.rows.keys()):
        there, promised = counted.rows.get(table), expected.get(table)
        if there != promised:
            raise BackupError(
                f"{archive.path} does not hold what it says: {table} has {there} rows, its manifest {promised}."
            )
    audit = archive.manifest["audit"]
    promised_block = (audit["block"], audit["hash"]) if audit["block"] is not None else None
    if counted.last_block != promised_block:
        raise BackupError(f"{archive.path} does not hold what it says: the audit ends with another block.")
