"""Databases for the tests: one throwaway server, one template per state of the code, cheap clones of it.

The template is migrated and holds the area tree and the working days; it is built once for each state of the sources
it comes from, under an advisory lock, and kept between runs. Tests that roll back share one clone; tests that commit
(races, kill -9) take a clone of their own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import conninfo, sql

from shouwang.config import database, embedded, roles
from shouwang.kernel import deployment

SOURCES = Path(__file__).resolve().parent.parent / "src" / "shouwang"
ALIASES = ("default", "owner")
_BUILD_LOCK = 0x53_57_54_50


def server_dsn() -> str:
    """The owner's connection to the server under test: DATABASE_OWNER_URL / DATABASE_URL, else the embedded one."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    if url:
        roles.prepare_server(url)
        return url
    return embedded.ensure_running("test", throwaway=True).dsn()


def fingerprint(*patterns: str) -> str:
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(SOURCES.glob(pattern)):
            digest.update(path.relative_to(SOURCES).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def template(dsn: str, name: str, build: Callable[[], None], source: str | None = None) -> str:
    """The database `name`, built by `build` (on a copy of `source`) when it is not there yet."""
    with psycopg.connect(dsn, autocommit=True) as server:
        if _exists(server, name):
            return name
        server.execute("select pg_advisory_lock(%s, hashtext(%s))", [_BUILD_LOCK, name])
        if _exists(server, name):
            return name
        draft = f"{name}_draft"
        drop(dsn, draft)
        clone(dsn, draft, source)
        with using(dsn, draft):
            build()
        server.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def drop_others(dsn: str, prefix: str, keep: str) -> None:
    """Drop the templates of earlier states of the code, unless one is being built or cloned this very moment."""
    with psycopg.connect(dsn, autocommit=True) as server:
        pattern = f"^{prefix}[0-9a-f]+$"
        rows = server.execute("select datname from pg_database where datname ~ %s and datname <> %s", [pattern, keep])
        for (name,) in rows.fetchall():
            with suppress(psycopg.errors.ObjectInUse, psycopg.errors.InvalidCatalogName):
                server.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))


def migrate() -> None:
    """Tables and rights in the database that the aliases point at."""
    owner = connections["owner"]
    owner.ensure_connection()
    roles.grant_rows_to_app(owner.connection)
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    roles.grant_rows_to_app(owner.connection)
    deployment.forget()
    deployment.mark_new_database(is_demo=True)


def clone(dsn: str, name: str, source: str | None) -> None:
    with psycopg.connect(dsn, autocommit=True) as server:
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if source:
            statement += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(source))
        else:
            statement += sql.SQL(" template template0 encoding 'UTF8'")
        server.execute(statement)


def drop(dsn: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as server:
        database.drop_database(server, name)


def dsn_of(dsn: str, name: str) -> str:
    return conninfo.make_conninfo(dsn, dbname=name)


@contextmanager
def using(dsn: str, name: str) -> Iterator[None]:
    """Point both aliases at the database `name` on the server of `dsn`."""
    parameters = conninfo.conninfo_to_dict(dsn)
    before = {alias: dict(connections[alias].settings_dict) for alias in ALIASES}
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict.update(
            NAME=name,
            USER=str(parameters.get("user") or ""),
            PASSWORD=str(parameters.get("password") or ""),
            HOST=str(parameters.get("host") or ""),
            PORT=str(parameters.get("port") or ""),
        )
    try:
        yield
    finally:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict.clear()
            connections[alias].settings_dict.update(before[alias])


def _exists(server: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    return server.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None
