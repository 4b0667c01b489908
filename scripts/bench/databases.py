"""The databases that benches work on: a server of their own, safe against a power cut like a real one.

The demo city is loaded by the bench `demo` and kept as a template; other benches take a copy of it, and load it only
when there is none with the tables of today.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
from psycopg import conninfo
from tests import databases, factories

from shouwang.config import embedded, roles
from shouwang.kernel import clock, deployment

INSTANCE = "bench"
CITY, PLAIN = "bench_city_", "bench_plain_"
_SOURCES = ("*/migrations/*.py", "kernel/schema.py", "areas/data/*")


def server() -> str:
    """The owner's address: DATABASE_OWNER_URL / DATABASE_URL, else an embedded server of the benches' own."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    if url:
        roles.prepare_server(url)
        return url
    return embedded.ensure_running(INSTANCE).dsn()


@contextmanager
def empty(dsn: str) -> Iterator[str]:
    """A database with nothing in it, not even tables; yields its name."""
    with _copy(dsn, None) as name:
        yield name


@contextmanager
def plain(dsn: str) -> Iterator[str]:
    """Tables, the area tree, the working days; yields the DATABASE_URL for child processes."""
    name = PLAIN + databases.fingerprint(*_SOURCES)
    with _copy(dsn, databases.template(dsn, name, _build_plain)) as copy:
        yield _url(dsn, copy)


@contextmanager
def city(dsn: str) -> Iterator[str]:
    """A copy of the demo city, loaded first when it is not there; yields the DATABASE_URL for child processes."""
    with _copy(dsn, databases.template(dsn, city_name(), build_city)) as name:
        yield _url(dsn, name)


def city_name() -> str:
    return CITY + databases.fingerprint(*_SOURCES)


def build_city() -> None:
    from shouwang.web.demo.load import load_demo

    databases.migrate()
    load_demo(lambda _label, _done, _total: None)


def keep_as_city(dsn: str, name: str, city: str) -> None:
    """The database `name` becomes the `city` that other benches copy, in place of every earlier one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        kept = connection.execute("select datname from pg_database where datname ^@ %s", [CITY]).fetchall()
    for (earlier,) in kept:
        databases.drop(dsn, earlier)
    databases.clone(dsn, city, name)


def _build_plain() -> None:
    databases.migrate()
    with clock.at(clock.instant(2020, 1, 1)):
        factories.load_reference_rows()


@contextmanager
def _copy(dsn: str, source: str | None) -> Iterator[str]:
    name = f"bench_{os.getpid()}"
    databases.drop(dsn, name)
    databases.clone(dsn, name, source)
    deployment.forget()
    try:
        with databases.using(dsn, name):
            yield name
    finally:
        deployment.forget()
        databases.drop(dsn, name)


def _url(dsn: str, name: str) -> str:
    parts = conninfo.conninfo_to_dict(databases.dsn_of(dsn, name))
    password = f":{quote(str(parts['password']))}" if parts.get("password") else ""
    user = quote(str(parts.get("user") or ""))
    host = quote(str(parts.get("host") or ""), safe="")
    return f"postgresql://{user}{password}@/{name}?host={host}&port={parts.get('port') or 5432}"
