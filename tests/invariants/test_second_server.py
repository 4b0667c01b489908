"""The same tests on another PostgreSQL: the one at 127.0.0.1:5432, when it answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("SHOUWANG_SECOND_SERVER", "postgresql://postgres@127.0.0.1:5432/postgres")
OWNER = "shouwang_second_owner"
SUITES = (
    "tests/kernel/test_audit.py",
    "tests/invariants",
    "tests/registry",
    "tests/gates",
    "tests/ledger",
    "tests/assistance/engine",
    "tests/assistance/parameters",
    "tests/assistance/payments",
    "tests/assistance/relief",
    "tests/reporting",
)
"""What asks a server anything; the rules alone (tests/assistance/benefits) know none."""


@pytest.fixture
def second_server() -> str:
    """The address of the second server for an owner who is no superuser; skips where none answers."""
    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no second server: {error}")
    with server:
        if server.info.server_version < 150000:
            pytest.skip(f"the second server is PostgreSQL {server.info.server_version // 10000}")
        for role, attributes in ((OWNER, "login createdb"), ("shouwang_app", "nologin"), ("shouwang_gate", "nologin")):
            if not server.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                server.execute(f"create role {role} {attributes}")
        server.execute(f"grant shouwang_app, shouwang_gate to {OWNER} with admin option")
        # Tests tamper with append-only tables to see it found; an owner of a real server has no such right.
        server.execute(f"grant set on parameter session_replication_role to {OWNER}")
        if not server.execute("select 1 from pg_database where datname = %s", [OWNER]).fetchone():
            server.execute(f"create database {OWNER} owner {OWNER}")
    return psycopg.conninfo.make_conninfo(SERVER, user=OWNER, dbname=OWNER)


@pytest.mark.long
def test_suites_hold_on_the_second_server(second_server: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(second_server)
    url = f"postgresql://{parts['user']}@{parts['host']}:{parts.get('port') or 5432}/{parts['dbname']}"
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"),
            *("-m", "not long and not browser", "-p", "no:cacheprovider"),
            *SUITES,
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url},
        capture_output=True,
        text=True,
        timeout=2400,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-6000:]
