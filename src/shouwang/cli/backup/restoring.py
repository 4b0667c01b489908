"""Restoring a backup: into an empty database only, all or nothing.

The whole dump goes through one transaction, which is committed only after the dump was read to its end and every count
and digest was right. Before it, a mark is set that says what is being restored; the
same transaction takes it away. So a database holds the mark and nothing else, or everything: kill -9 at any moment
leaves one of the two, and `restore` can be begun anew. Whatever else finds the mark says so and stops.
"""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from shouwang.config import database, roles
from shouwang.kernel import clock
from shouwang.kernel.terminal import ReportProgress

from . import facts, keys, programs, script
from .archive import Archive
from .errors import BackupError

Connection = psycopg.Connection[tuple[Any, ...]]
MARK_SCHEMA = "shouwang_restore"
_LOCK = "shouwang restore"


@dataclass(frozen=True)
class Restored:
    """A backup whose every row is in place."""

    archive: Archive
    pending_migrations: int
    seconds: float

    def as_data(self) -> dict[str, object]:
        manifest = self.archive.manifest
        return {
            "file": str(self.archive.path),
            "fingerprint": self.archive.seal,
            "made_at": manifest["made_at"],
            "tables": len(manifest["tables"]),
            "rows": sum(manifest["tables"].values()),
            "audit": manifest["audit"],
            "pending_migrations": self.pending_migrations,
            "seconds": round(self.seconds, 1),
        }


def restore(archive: Archive, dsn: str, report: ReportProgress) -> Restored:
    """Restores into the database of `dsn`, as its owner. Raises BackupError; the database is as empty as before then."""
    started = time.monotonic()
    pending = require_known(archive)
    keys.require(archive.manifest["keys"])
    with _alone(dsn) as connection:
        require_empty(connection)
        tools = programs.for_server(connection, at_least=int(archive.manifest["dumped_with"]))
        _mark(connection, archive)
        with _psql(dsn, tools) as session:
            session.send(b"BEGIN;\n")
            for line in script.lines(archive, script.Counted(), report):
                session.send(line)
            session.send(_last_statements(connection))
        if is_unfinished(connection):
            raise BackupError("The server did not keep what was restored; see its log, and begin anew.")
        roles.grant_rows_to_app(connection)
    return Restored(archive, pending, time.monotonic() - started)


def require_known(archive: Archive) -> int:
    """How many migrations of this version the backup has not seen. Raises BackupError when it has seen others."""
    from django.db.migrations.loader import MigrationLoader

    ours = set(MigrationLoader(None).disk_migrations)
    theirs = {(app, name) for app, names in archive.manifest["migrations"].items() for name in names}
    if unknown := sorted(theirs - ours):
        raise BackupError(
            f"{archive.path} was made by a newer version, Shouwang {archive.manifest['shouwang']}: "
            f"this one does not know its migration {unknown[0][0]}.{unknown[0][1]}. Install that version first."
        )
    return len(ours - theirs)


def require_empty(connection: Connection) -> None:
    if found := len(facts.tables(connection)):
        raise BackupError(
            f"The database {connection.info.dbname} holds {found} tables; a backup is restored into an empty one only. "
            "Nothing was touched."
        )


def unfinished(connection: Connection) -> str | None:
    """What the mark says, in words; None without a mark."""
    if not is_unfinished(connection):
        return None
    row = connection.execute(f"SELECT file, begun_at FROM {MARK_SCHEMA}.unfinished").fetchone()
    assert row is not None
    begun_at = row[1].astimezone(clock.TZ)
    return (
        f"The database holds an unfinished restore of {row[0]}, begun {begun_at:%Y-%m-%d %H:%M}; it is empty. "
        f"Run `shouwang restore {row[0]}` again."
    )


def is_unfinished(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{MARK_SCHEMA}.unfinished"]).fetchone()
    return bool(row and row[0])


def refuse_unfinished() -> None:
    """Raises BackupError when the database in use waits for its restore to be begun anew."""
    with psycopg.connect(database.owner_dsn()) as connection:
        if words := unfinished(connection):
            raise BackupError(words)


@contextlib.contextmanager
def _alone(dsn: str) -> Iterator[Connection]:
    """A connection that holds the restore's lock of this database; the lock goes with its process."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [_LOCK]).fetchone()
        if not (row and row[0]):
            raise BackupError("Another restore into this database is under way.")
        yield connection


def _mark(connection: Connection, archive: Archive) -> None:
    with connection.transaction():
        connection.execute(f"DROP SCHEMA IF EXISTS {MARK_SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {MARK_SCHEMA}")
        connection.execute(f"CREATE TABLE {MARK_SCHEMA}.unfinished (file text, fingerprint text, begun_at timestamptz)")
        connection.execute(
            f"INSERT INTO {MARK_SCHEMA}.unfinished VALUES (%s, %s, %s)",
            [str(archive.path), archive.seal, clock.now()],
        )


def _last_statements(connection: Connection) -> bytes:
    """The mark goes, and with it what `shouwang demo` may have noted on the database while it was empty: it would
    take a restored city for a demo that was cut off, and load it anew."""
    forget = sql.SQL("COMMENT ON DATABASE {} IS NULL;\n").format(sql.Identifier(connection.info.dbname))
    return forget.as_bytes(connection) + f"DROP SCHEMA {MARK_SCHEMA} CASCADE;\nCOMMIT;\n".encode()


class _Session:
    """psql, fed line by line. When it has given up, its own words are raised."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        self._stdin = process.stdin

    def send(self, text: bytes) -> None:
        self._stdin.write(text)


@contextlib.contextmanager
def _psql(dsn: str, tools: programs.Programs) -> Iterator[_Session]:
    """A session that stops at the first error. Left by an exception it ends without COMMIT, and nothing was written."""
    address, environment = programs.address(dsn)
    command = [tools.path("psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    command += [f"--dbname={address}"]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as process,
    ):
        assert process.stdin is not None
        try:
            yield _Session(process)
            process.stdin.close()
            gave_up = process.wait() != 0
        except BrokenPipeError:
            process.wait()
            gave_up = True
        finally:
            process.kill()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if gave_up:
            said.seek(0)
            raise BackupError(f"The server refused the backup; nothing was written: {programs.last_words(said.read())}")
