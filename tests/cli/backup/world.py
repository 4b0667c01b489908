"""`shouwang backup` and `restore` as an operator calls them: child processes on databases of their own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg

TIMEOUT_SECONDS = 300
FRESH_KEYS = {
    "SHOUWANG_SECRET_KEY": "x" * 40,
    "SHOUWANG_KEYS": "k9:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "SHOUWANG_INDEX_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
WRITTEN_BY_ASKING = {"kernel_auditentry", "reporting_figuresnapshot", "reporting_unitsnapshot"}
"""Asking for the figures is audited, and settled answers are kept: after the backup's instant, so not in it."""


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line that says no; anything else on standard error is progress, which is indented."""
        lines = [line for line in self.err.splitlines() if not line.startswith("  ")]
        assert len(lines) == 1, self.err
        return lines[0]


def environment(dsn: str, **more: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": dsn, "DATABASE_OWNER_URL": dsn, "SHOUWANG_LOG_LEVEL": "ERROR", **more}


def shouwang(dsn: str, *arguments: str | Path, prefix: tuple[str, ...] = (), **more: str) -> Answer:
    command = [*prefix, sys.executable, "-m", "shouwang.cli", *map(str, arguments)]
    finished = subprocess.run(
        command, env=environment(dsn, **more), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert "Traceback" not in finished.stderr, finished.stderr
    return Answer(finished.returncode, finished.stdout, finished.stderr)


def contents(dsn: str) -> dict[str, tuple[int, str]]:
    """Rows and a digest of all of them, by table."""
    found = {}
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        for (table,) in tables:
            row = connection.execute(
                f"select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from public.{table} t"
            ).fetchone()
            assert row is not None
            found[table] = row
    return found


def rights(dsn: str) -> list[tuple[Any, ...]]:
    """Policies, triggers and what each role may do, as far as they guard rows."""
    queries = (
        "select tablename::text, policyname::text, cmd, qual, with_check from pg_policies order by 1, 2",
        "select tgrelid::regclass::text, tgname::text, tgenabled::text from pg_trigger where not tgisinternal order by 1, 2",
        """select c.relname::text, a.privilege_type, grantee::regrole::text from pg_class c, aclexplode(c.relacl) a
           where c.relnamespace = 'public'::regnamespace and grantee = 'shouwang_app'::regrole order by 1, 2""",
        "select relname::text from pg_class where relrowsecurity order by 1",
        """select defaclobjtype::text, privilege_type from pg_default_acl d, aclexplode(d.defaclacl) a
           where grantee = 'shouwang_app'::regrole order by 1, 2""",
    )
    with psycopg.connect(dsn) as connection:
        return [tuple(row) for query in queries for row in connection.execute(query).fetchall()]


def tables_of(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def spoiled(source: Path, target: Path, member: str, *, at: int = 1000) -> Path:
    """A copy with one bit of a member turned."""
    content = bytearray(source.read_bytes())
    with tarfile.open(source) as tar:
        content[tar.getmember(member).offset_data + at] ^= 0x01
    target.write_bytes(content)
    return target


def with_manifest(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy whose manifest says something else, with a seal that fits it."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            assert content is not None
            read = content.read()
            if member.name == "manifest.json":
                manifest = json.loads(read)
                change(manifest)
                read = json.dumps(manifest).encode()
                seal = hashlib.sha256(read).hexdigest().encode()
            if member.name == "manifest.sha256":
                read = seal
            member.size = len(read)
            new.addfile(member, BytesIO(read))
    return target
