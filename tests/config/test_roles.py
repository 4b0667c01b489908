"""The two roles: what the application may do, and what a migration took away stays away."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo, sql

from shouwang.config import roles
from tests import databases


@pytest.fixture
def owner_dsn(server_dsn: str) -> Iterator[str]:
    """An empty database of its own."""
    name = "roles_case"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, None)
    yield databases.dsn_of(server_dsn, name)
    databases.drop(server_dsn, name)


def as_app(owner_dsn: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(conninfo.make_conninfo(owner_dsn, options=f"-c role={roles.APP_ROLE}"))


def test_the_application_role_is_neither_superuser_nor_exempt_from_policies(owner_dsn: str) -> None:
    roles.prepare_server(owner_dsn)
    roles.prepare_server(owner_dsn)
    with as_app(owner_dsn) as connection:
        row = connection.execute(
            "SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (roles.APP_ROLE, False, False, False, False, False)


def test_the_application_reads_and_writes_tables_made_before_and_after_the_grant(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("CREATE TABLE before (id serial, word text)")
        roles.grant_rows_to_app(connection)
        connection.execute("CREATE TABLE after (id serial, word text)")
    with as_app(owner_dsn) as connection:
        for table in ("before", "after"):
            name = sql.Identifier(table)
            connection.execute(sql.SQL("INSERT INTO {} (word) VALUES ('a')").format(name))
            connection.execute(sql.SQL("UPDATE {} SET word = 'b'").format(name))
            assert connection.execute(sql.SQL("SELECT id, word FROM {}").format(name)).fetchall() == [(1, "b")]
            connection.execute(sql.SQL("DELETE FROM {}").format(name))


def test_the_application_cannot_create_drop_or_alter(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        roles.grant_rows_to_app(connection)
        connection.execute("CREATE TABLE thing (id int)")
    for statement in (
        "CREATE TABLE other (id int)",
        "DROP TABLE thing",
        "TRUNCATE thing",
        "ALTER TABLE thing ADD x int",
    ):
        with as_app(owner_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_right_that_a_migration_took_away_stays_away(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        roles.grant_rows_to_app(connection)
        connection.execute("CREATE TABLE journal (id int)")
        connection.execute(f"REVOKE UPDATE, DELETE ON journal FROM {roles.APP_ROLE}")
        roles.grant_rows_to_app(connection)
    with as_app(owner_dsn) as connection:
        connection.execute("INSERT INTO journal VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM journal")


def test_the_history_of_migrations_is_read_only_for_the_application(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        roles.grant_rows_to_app(connection)
        connection.execute("CREATE TABLE django_migrations (name text)")
        roles.grant_rows_to_app(connection)
    with as_app(owner_dsn) as connection:
        assert connection.execute("SELECT name FROM django_migrations").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO django_migrations VALUES ('0001')")
