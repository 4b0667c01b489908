"""`shouwang import` of a generated township list, from the file to the committed rows, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.factories import GUDI, make_actor
from tests.registry.importing.books import large_xlsx

from shouwang.accounts.public import Role, User

from . import databases
from .results import Bar, Line

TITLE = "Importing a workbook"
SMALL, LARGE = 20_000, 100_000
TARGET_ROWS_A_SECOND = 5_000
GROWTH_MAX = 1.1
"""Of the memory: it does not grow with the file, but two runs differ by a little."""


def run(dsn: str, small: int = SMALL, large: int = LARGE) -> Iterator[Line]:
    few_seconds, few_megabytes = _measure(dsn, small)
    many_seconds, many_megabytes = _measure(dsn, large)
    note = f"{many_seconds:.1f} s, program start included"
    yield Line(
        f"{large:,} rows, file to database", large / many_seconds, "rows/s", TARGET_ROWS_A_SECOND, Bar.TARGET, note
    )
    yield Line(f"{small:,} rows, file to database", small / few_seconds, "rows/s", note=f"{few_seconds:.1f} s")
    beside = f"within {GROWTH_MAX - 1:.0%} of that of {small:,} rows"
    yield Line(f"peak memory, {large:,} rows", many_megabytes, "MB", few_megabytes * GROWTH_MAX, Bar.LIMIT, beside)
    yield Line(f"peak memory, {small:,} rows", few_megabytes, "MB")


def _measure(dsn: str, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of one import into a database that holds no person yet."""
    with databases.plain(dsn) as url, tempfile.TemporaryDirectory() as folder:
        user = User.objects.get(id=make_actor(Role.TOWNSHIP_ASSISTANT, GUDI).user_id)
        workbook = Path(folder, "list.xlsx")
        workbook.write_bytes(large_xlsx(rows))
        command = ["import", str(workbook), "--area", str(GUDI), "--as", user.username, "--json"]
        seconds, megabytes, output = _run(command, {**os.environ, "DATABASE_URL": url})
    found = json.loads(output)
    if found["created"] != rows:
        raise RuntimeError(f"{rows - found['created']:,} of {rows:,} rows were not created: {found}")
    return seconds, megabytes


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float, bytes]:
    """Wall seconds, peak resident megabytes and output of one `shouwang` command. Raises when it fails."""
    environment.pop("DATABASE_OWNER_URL", None)
    started = perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "shouwang.cli", *arguments],
            env=environment,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = perf_counter() - started
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        raise RuntimeError(f"shouwang {arguments[0]} ended with {child.returncode}: {text.decode()[:400]}")
    kilobytes = usage.ru_maxrss if sys.platform == "linux" else usage.ru_maxrss // 1024
    return seconds, kilobytes / 1024, text
