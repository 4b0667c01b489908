"""The drill: a backup restored into a scratch database on the same server, tried, and dropped again.

It does what one would do on the worst day, by the same commands: restore, migrate when the code is newer, `audit
verify`, `ledger verify`, and `figures` for every area whose figures the backup keeps. The figures are computed from
the rows: what the database has kept of earlier answers is thrown away first.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import conninfo, sql

from shouwang.config import database
from shouwang.kernel.terminal import ReportProgress, say

from . import restoring
from .archive import Archive
from .errors import BackupError

PREFIX = "shouwang_drill_"
KEPT_ANSWERS = "reporting_figuresnapshot"


@dataclass(frozen=True)
class Step:
    """One thing that was tried: `found` says what came out, in words."""

    name: str
    passed: bool
    found: str
    seconds: float


@dataclass(frozen=True)
class Drilled:
    """What a drill found. The scratch database is gone."""

    archive: Archive
    steps: list[Step]

    @property
    def passed(self) -> bool:
        return all(step.passed for step in self.steps)

    def as_data(self) -> dict[str, object]:
        return {
            "file": str(self.archive.path),
            "fingerprint": self.archive.seal,
            "made_at": self.archive.manifest["made_at"],
            "passed": self.passed,
            "steps": [asdict(step) for step in self.steps],
        }


def drill(archive: Archive, report: ReportProgress) -> Drilled:
    """Raises BackupError when the backup cannot be restored at all; whatever is wrong after that is a step."""
    with _scratch() as dsn:
        restored = restoring.restore(archive, dsn, report)
        rows = sum(archive.manifest["tables"].values())
        steps = [Step("restore", True, f"{rows:,} rows", round(restored.seconds, 1))]
        if restored.pending_migrations:
            steps.append(
                _step("migrate", dsn, ["migrate"], lambda _answer: f"{restored.pending_migrations} migrations")
            )
        steps.append(_step("audit verify", dsn, ["audit", "verify", "--json"], _audit_words))
        steps.append(_step("ledger verify", dsn, ["ledger", "verify", "--json"], _ledger_words))
        _forget_kept_answers(dsn)
        steps += [_figures(dsn, golden) for golden in archive.manifest["figures"]]
    return Drilled(archive, steps)


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """An empty database on the server in use; dropped at the end, and those that killed drills have left, before."""
    name = PREFIX + secrets.token_hex(4)
    with psycopg.connect(database.owner_dsn(), autocommit=True) as server:
        for (left,) in server.execute(
            "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, %s) AND pg_has_role(datdba, 'USAGE')",
            [PREFIX],
        ).fetchall():
            with contextlib.suppress(psycopg.errors.ObjectInUse):  # a drill that is under way holds a session in it
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left)))
        try:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                f"{server.info.user} may not create the drill's database. Let an administrator of the server run: "
                f"ALTER ROLE {server.info.user} CREATEDB;"
            ) from error
        dsn = conninfo.make_conninfo(database.owner_dsn(), dbname=name)
        try:
            with psycopg.connect(dsn, autocommit=True):
                yield dsn
        finally:
            database.drop_database(server, name)


def _step(name: str, dsn: str, arguments: list[str], words: Any) -> Step:
    started = time.monotonic()
    finished = _shouwang(dsn, arguments)
    answer = json.loads(finished.stdout) if finished.stdout.strip() else None
    passed = finished.returncode == 0
    found = words(answer) if passed or answer is not None else _last_line(finished.stderr)
    return Step(name, passed, found, round(time.monotonic() - started, 1))


def _shouwang(dsn: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": dsn, "DATABASE_OWNER_URL": dsn}
    command = [sys.executable, "-m", "shouwang.cli", *arguments]
    say(f"  shouwang {' '.join(arguments)}")
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def _audit_words(answer: dict[str, Any]) -> str:
    whole = answer["broken"] or "the chain is whole"
    return f"{whole}: {answer['entries']:,} entries in {answer['blocks']:,} blocks, {answer['unsealed']:,} unsealed"


def _ledger_words(answer: dict[str, Any]) -> str:
    held = "holds" if answer["holds"] else f"{len(answer['findings'])} findings"
    return f"{held}: {answer['entries']:,} entries, {answer['postings']:,} postings"


def _figures(dsn: str, golden: dict[str, Any]) -> Step:
    started = time.monotonic()
    period = ["--from", golden["since"], "--as-of", golden["as_of"]]
    finished = _shouwang(dsn, ["figures", "--area", str(golden["area"]), *period, "--by-unit", "--json"])
    if finished.returncode != 0:
        passed, found = False, _last_line(finished.stderr)
    else:
        expected = {line["key"]: line for line in golden["figures"]}
        computed = {line["key"]: line for line in json.loads(finished.stdout)}
        differing = sorted(key for key in expected.keys() | computed.keys() if expected.get(key) != computed.get(key))
        passed = not differing
        found = f"{len(expected)} figures are the same" if passed else f"not the same: {', '.join(differing)}"
    name = f"figures {golden['area']} {golden['since']} to {golden['as_of']}"
    return Step(name, passed, found, round(time.monotonic() - started, 1))


def _forget_kept_answers(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("public", KEPT_ANSWERS)))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
