"""Which database Shouwang works on, as the two Django aliases.

`owner` migrates and creates; it owns the tables. `default` is what pages and tasks use: the same database under the
role `shouwang_app`, which owns nothing and stands under row-level security (see roles.py).

Without DATABASE_URL it is the embedded server (instance SHOUWANG_INSTANCE, else `main`). With DATABASE_URL it is any
PostgreSQL >= 15: the user of DATABASE_OWNER_URL (or of DATABASE_URL when that is the only one) must own the database;
the user of DATABASE_URL must be `shouwang_app` or a member of it, which `shouwang migrate` grants. A connection pooler
in between must pass the start-up parameter `options` on, or the role would be lost; `shouwang serve` checks it.

Reads the environment only: importing this module, or calling `aliases`, starts and connects to nothing.
"""

import os
from typing import Any

import psycopg
from psycopg import conninfo, sql

from shouwang.config import embedded, roles

ROLE_OPTION = f"-c role={roles.APP_ROLE}"
GATE_OPTIONS = f"-c role={roles.GATE_ROLE} -c synchronous_commit=on"
"""An answer to a phone means that its scans are on the disk, whatever the server's own setting."""
CONNECTION_LIFETIME_SECONDS = 60
MINIMUM_SERVER_VERSION = 150000


class ConfigurationError(RuntimeError):
    """A setting of the environment cannot be used; the message names it."""


def is_embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def instance() -> str:
    return os.environ.get("SHOUWANG_INSTANCE") or "main"


def owner_dsn() -> str:
    """libpq connection string of the owner."""
    if is_embedded():
        if os.environ.get("DATABASE_OWNER_URL"):
            raise ConfigurationError("DATABASE_OWNER_URL is set without DATABASE_URL; set both or neither.")
        return embedded.locate(instance()).dsn()
    return _checked("DATABASE_OWNER_URL") if os.environ.get("DATABASE_OWNER_URL") else _checked("DATABASE_URL")


def app_dsn() -> str:
    """libpq connection string of the application, with its role."""
    base = owner_dsn() if is_embedded() else _checked("DATABASE_URL")
    options = conninfo.conninfo_to_dict(base).get("options")
    return conninfo.make_conninfo(base, options=f"{options} {ROLE_OPTION}" if options else ROLE_OPTION)


def aliases() -> dict[str, dict[str, Any]]:
    """The value of Django's DATABASES."""
    return {"default": _alias(app_dsn()), "owner": _alias(owner_dsn())}


def drop_database(server: psycopg.Connection[Any], name: str) -> None:
    """Drops a database of the user's own, whoever of that user is in it, over an autocommit connection to another.

    Not WITH (FORCE), which refuses while an autovacuum worker is inside: a plain drop sends the worker away and waits.
    Raises psycopg.errors.ObjectInUse when another user's session is in it.
    """
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = session_user", [name]
    )
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def ensure_available() -> None:
    """Starts the embedded server when it is the one in use; refuses a server that is too old.

    After this the roles exist and `default` can connect.
    """
    if is_embedded():
        embedded.ensure_running(instance())
        return
    try:
        with psycopg.connect(owner_dsn(), connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"The server of DATABASE_URL does not answer: {str(error).strip()}") from error
    if version < MINIMUM_SERVER_VERSION:
        raise ConfigurationError(f"PostgreSQL 15 or newer is needed; DATABASE_URL leads to {version // 10000}.")
    app_user = conninfo.conninfo_to_dict(_checked("DATABASE_URL")).get("user")
    roles.prepare_server(owner_dsn(), str(app_user) if app_user else None)


def _alias(dsn: str) -> dict[str, Any]:
    parameters = dict(conninfo.conninfo_to_dict(dsn))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parameters.pop("dbname", "")),
        "USER": str(parameters.pop("user", "")),
        "PASSWORD": str(parameters.pop("password", "")),
        "HOST": str(parameters.pop("host", "")),
        "PORT": str(parameters.pop("port", "")),
        "OPTIONS": parameters,
        "CONN_MAX_AGE": CONNECTION_LIFETIME_SECONDS,
        "CONN_HEALTH_CHECKS": True,
    }


def _checked(variable: str) -> str:
    url = os.environ[variable]
    try:
        parameters = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(f"{variable} is not a PostgreSQL address: {error}") from None
    if not parameters.get("dbname"):
        raise ConfigurationError(f"{variable} names no database: postgresql://user:password@host:5432/database")
    return url
