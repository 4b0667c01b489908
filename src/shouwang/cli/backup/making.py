"""Making a backup: one snapshot, read by pg_dump and by us, written in one pass."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

from shouwang import __version__
from shouwang.config import database
from shouwang.kernel import clock
from shouwang.kernel.terminal import ReportProgress

from . import archive, facts, programs
from .archive import Manifest
from .errors import BackupError


@dataclass(frozen=True)
class Wanted:
    """What of the figures a backup keeps beside the rows; None stands for the usual."""

    area_codes: list[int] | None = None
    since: date | None = None
    as_of: datetime | None = None


@dataclass(frozen=True)
class Made:
    """A backup that lies whole on disk."""

    path: Path
    seal: str
    manifest: Manifest
    seconds: float

    def as_data(self) -> dict[str, object]:
        manifest = self.manifest
        return {
            "file": str(self.path),
            "bytes": self.path.stat().st_size,
            "fingerprint": self.seal,
            "made_at": manifest["made_at"],
            "tables": len(manifest["tables"]),
            "rows": sum(manifest["tables"].values()),
            "keys": [key["id"] for key in manifest["keys"]["ring"]],
            "audit": manifest["audit"],
            "figures": manifest["figures"],
            "seconds": round(self.seconds, 1),
        }


def make(target: Path, wanted: Wanted, report: ReportProgress) -> Made:
    """Raises BackupError; no file is left then."""
    started = time.monotonic()
    now = clock.now()
    path = target / f"shouwang-{now.astimezone(clock.TZ):%Y%m%d-%H%M%S}{archive.SUFFIX}" if target.is_dir() else target
    with facts.snapshot() as taken, archive.writing(path) as writer:
        tools = programs.for_server(taken.connection)
        manifest: Manifest = {
            "format": archive.FORMAT,
            "format_version": archive.FORMAT_VERSION,
            "made_at": now.astimezone(clock.TZ).isoformat(),
            "shouwang": __version__,
            "dumped_with": tools.major,
            **facts.deployment(taken.connection),
            "migrations": facts.migrations(taken.connection),
            "tables": facts.count_rows(taken.connection, report),
            "keys": facts.needed_keys(taken.connection, report),
            "audit": facts.audit_end(taken.connection),
            "figures": _figures(taken, wanted, now),
        }
        with _dumping(tools, taken.name, report) as stream:
            manifest["dump"] = writer.dump(stream)
        seal = writer.manifest(manifest)
    return Made(path, seal, manifest, time.monotonic() - started)


def _figures(taken: facts.Snapshot, wanted: Wanted, now: datetime) -> list[dict[str, object]]:
    since, as_of = facts.usual_period(now)
    codes = wanted.area_codes
    if codes is None:
        codes = facts.usual_areas(taken.connection, now.astimezone(clock.TZ).date())
    return facts.figures(taken, area_codes=codes, since=wanted.since or since, as_of=wanted.as_of or as_of)


@contextlib.contextmanager
def _dumping(tools: programs.Programs, snapshot: str, report: ReportProgress) -> Iterator[IO[bytes]]:
    """pg_dump's output. Raises BackupError when pg_dump ends badly, also when that shows only at the end."""
    address, environment = programs.address(database.owner_dsn())
    command = [tools.path("pg_dump"), "--format=custom", f"--schema={facts.SCHEMA}", f"--snapshot={snapshot}"]
    command += ["--no-password", f"--dbname={address}"]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said) as dump,  # noqa: S603
    ):
        assert dump.stdout is not None
        try:
            yield _Counted(dump.stdout, report)  # type: ignore[misc]
            if dump.wait() != 0:
                said.seek(0)
                raise BackupError(f"pg_dump could not read the database: {programs.last_words(said.read())}")
        finally:
            dump.kill()  # nothing happens to one that has ended


class _Counted:
    """A stream that reports the megabytes that have passed; how many there will be nobody knows before the end."""

    def __init__(self, stream: IO[bytes], report: ReportProgress) -> None:
        self._stream, self._report, self._bytes, self._ended = stream, report, 0, False

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._bytes += len(piece)
        megabytes = self._bytes // archive.CHUNK_BYTES
        if not self._ended:
            self._report("dumped MiB", megabytes, megabytes if not piece else megabytes + 1)
        self._ended = not piece
        return piece
