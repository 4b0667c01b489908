"""The machine under the numbers."""

from __future__ import annotations

import os
import platform

import psycopg

from shouwang.config.place import memory_bytes


def describe(dsn: str) -> str:
    """Cores, memory, Python, PostgreSQL."""
    with psycopg.connect(dsn) as connection:
        (version,) = connection.execute("select current_setting('server_version')").fetchone() or ("?",)
        (fsync,) = connection.execute("select current_setting('fsync')").fetchone() or ("?",)
    safety = "" if fsync == "on" else " (fsync off)"
    return f"{cores_and_memory()}, PostgreSQL {version}{safety}"


def cores_and_memory() -> str:
    """Cores, memory, Python: for what is measured without a database."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {memory_bytes() / 1024**3:.0f} GB, Python {platform.python_version()}"


def load() -> float:
    """The load average of the last minute: above the number of cores, somebody else is at work too."""
    return os.getloadavg()[0]
