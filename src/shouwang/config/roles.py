"""The two roles of a Shouwang database, and what each may do.

`shouwang_owner` (on a server of your own: the user of DATABASE_OWNER_URL) owns the database and its tables, and
migrates. `shouwang_app` is what every page and task runs as: it owns nothing, cannot sign in, is neither superuser nor
exempt from row-level security, and reads and writes rows only. The owner is a member of it, so that a connection can
take it on with `-c role=shouwang_app`.

Refuses an application role that could pass by row-level security. Every function may be called twice.
"""

import psycopg
from psycopg import sql

OWNER_ROLE = "shouwang_owner"
APP_ROLE = "shouwang_app"
DATABASE = "shouwang"

Connection = psycopg.Connection[tuple[object, ...]]


class DatabaseSetupError(RuntimeError):
    """The database server is not set up for Shouwang; the message holds the statement that an administrator runs."""


def create_embedded_roles(superuser_dsn: str, *, throwaway: bool) -> None:
    """On the embedded server: both roles and the database, owned by `shouwang_owner`."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        _create_role(connection, OWNER_ROLE, "LOGIN CREATEDB")
        _create_role(connection, APP_ROLE, "NOLOGIN")
        connection.execute(_grant_membership(OWNER_ROLE))
        if throwaway:  # tests empty append-only tables, which takes their triggers off for a moment
            connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
    _verify_app_role(superuser_dsn)


def prepare_server(owner_dsn: str, app_user: str | None = None) -> None:
    """On any PostgreSQL: creates `shouwang_app` when missing and lets the owner, and `app_user`, take it on.

    The user of `owner_dsn` must own the database. `app_user` is the user of DATABASE_URL when that is another one.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        owner = connection.info.user
        users = [owner] + ([app_user] if app_user and app_user not in (owner, APP_ROLE) else [])
        statements: list[sql.Composed] = []
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP_ROLE):
            statements.append(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP_ROLE)))
            statements += [_grant_membership(user) for user in users]
        else:
            member = "SELECT 1 WHERE pg_has_role(%s, %s, 'MEMBER')"
            statements += [_grant_membership(user) for user in users if not _exists(connection, member, user, APP_ROLE)]
        try:
            for statement in statements:
                connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            wanted = "; ".join(statement.as_string(connection) for statement in statements)
            raise DatabaseSetupError(
                f"{owner} may not set up the role {APP_ROLE}. Let an administrator of the server run: {wanted};"
            ) from error
    _verify_app_role(owner_dsn)


def grant_rows_to_app(connection: Connection) -> None:
    """Lets `shouwang_app` read and write rows of every table of the schema public, those to come included.

    Run as the owner before and after migrations. A table on which the role already has a right is left alone, so
    what a migration took away (the UPDATE of an append-only table) stays taken away. The history of migrations may
    only be read. Functions need nothing: PostgreSQL lets everyone call them unless a migration says otherwise.
    """
    app = sql.Identifier(APP_ROLE)
    rights = sql.SQL("SELECT, INSERT, UPDATE, DELETE")
    default = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}"
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
    connection.execute(sql.SQL(default).format(rights, sql.SQL("TABLES"), app))
    connection.execute(sql.SQL(default).format(sql.SQL("USAGE, SELECT"), sql.SQL("SEQUENCES"), app))
    for name, kind in _relations_without_grant(connection):
        right = sql.SQL("USAGE, SELECT") if kind == "S" else rights
        what = sql.SQL("SEQUENCE" if kind == "S" else "TABLE")
        table = sql.Identifier("public", name)
        connection.execute(sql.SQL("GRANT {} ON {} {} TO {}").format(right, what, table, app))
    if _exists(connection, "SELECT 1 WHERE to_regclass('public.django_migrations') IS NOT NULL"):
        connection.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(app))


def _relations_without_grant(connection: Connection) -> list[tuple[str, str]]:
    """Tables, views and sequences (kind S) of public on which the role has no right yet, the session's user's own."""
    rows = connection.execute(
        """
        SELECT relname::text, relkind::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
          AND pg_has_role(relowner, 'USAGE')
          AND NOT EXISTS (SELECT 1 FROM aclexplode(relacl) WHERE grantee = %s::regrole)
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')
        ORDER BY relname
        """,
        [APP_ROLE],
    ).fetchall()
    return [(str(name), str(kind)) for name, kind in rows]


def _create_role(connection: Connection, name: str, attributes: str) -> None:
    if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name):
        connection.execute(f"CREATE ROLE {name} {attributes}")


def _grant_membership(user: str) -> sql.Composed:
    return sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_ROLE), sql.Identifier(user))


def _verify_app_role(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        powerful = "SELECT 1 FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolbypassrls)"
        if _exists(connection, powerful, APP_ROLE):
            raise DatabaseSetupError(
                f"{APP_ROLE} passes by row-level security. Let an administrator of the server run: "
                f"ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS;"
            )


def _exists(connection: Connection, query: str, *parameters: object) -> bool:
    return connection.execute(query, parameters).fetchone() is not None
