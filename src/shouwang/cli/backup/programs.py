"""pg_dump, pg_restore and psql: of the wheel, else of this machine, whichever fit the server and the backup.

A dump is read by programs of at least the version that wrote it, and a server is dumped by programs of at least its
own version. The wheel's programs are built without TLS: a server reached over TLS needs those of the machine.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import conninfo

from shouwang.config import binaries

from .errors import BackupError


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL release, in one folder."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def for_server(connection: psycopg.Connection[tuple[object, ...]], *, at_least: int = 0) -> Programs:
    """Programs that can talk to this server, of release `at_least` or newer. Raises BackupError."""
    needed = max(at_least, connection.info.server_version // 10000)
    return _choose(needed, over_tls=connection.pgconn.ssl_in_use)


def for_file(at_least: int) -> Programs:
    """Programs that can read a dump written by release `at_least`; no server is asked. Raises BackupError."""
    return _choose(at_least, over_tls=False)


def _choose(needed: int, *, over_tls: bool) -> Programs:
    found = [*([] if over_tls else _of_wheel()), *_of_machine()]
    for programs in found:
        if programs.major >= needed:
            return programs
    why = " (over TLS the wheel's own cannot be used)" if over_tls else ""
    raise BackupError(
        f"pg_dump, pg_restore and psql of PostgreSQL {needed} or newer are needed{why}: install postgresql-client-{needed}."
    )


def _of_wheel() -> list[Programs]:
    try:
        installation = binaries.choose_installation(None)
    except binaries.EmbeddedServerError:
        return []
    return [Programs(installation.folder / "bin", installation.major)]


def _of_machine() -> list[Programs]:
    """The newest of Debian's versioned folders, then whatever PATH holds."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -_number(folder.parent.name))
    if on_path := shutil.which("pg_dump"):
        folders.append(Path(on_path).parent)
    return [
        Programs(folder, _major(folder / "pg_dump"))
        for folder in folders
        if all((folder / name).exists() for name in ("pg_dump", "pg_restore", "psql"))
    ]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _major(program: Path) -> int:
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    match = re.search(r"\b(\d+)\.", printed)
    return int(match.group(1)) if match else 0


def address(dsn: str) -> tuple[str, dict[str, str]]:
    """`dsn` without its password for the command line, which every user of the machine can read, and the environment
    that holds the password."""
    parameters = dict(conninfo.conninfo_to_dict(dsn))
    password = parameters.pop("password", None)
    environment = dict(os.environ)
    if password:
        environment["PGPASSWORD"] = str(password)
    return conninfo.make_conninfo("", **{name: str(value) for name, value in parameters.items()}), environment


def last_words(stderr: str) -> str:
    """What a program said went wrong, in one line: its first error, else its last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line.lower() or "fatal:" in line.lower()]
    return (told or lines[-1:] or ["it said nothing"])[0]
