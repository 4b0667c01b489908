"""The roles of a Shouwang database, and what each may do.

`shouwang_owner` (on a server of your own: the user of DATABASE_OWNER_URL) owns the database and its tables, and
migrates. `shouwang_app` is what every page and task runs as: it owns nothing, cannot sign in, is neither superuser nor
exempt from row-level security, and reads and writes rows only. The owner is a member of it, so that a connection can
take it on with `-c role=shouwang_app`. `shouwang_gate` is what takes in the scans of gate phones: it may call the few
functions that a migration opens to it, and touches no table.

Refuses an application role that could pass by row-level security. Every function may be called twice.
"""

import psycopg
from psycopg import sql

OWNER_ROLE = "shouwang_owner"
APP_ROLE = "shouwang_app"
GATE_ROLE = "shouwang_gate"
ROLES = (APP_ROLE, GATE_ROLE)
"""What connections run as; the owner is a member of each."""
DATABASE = "shouwang"

Connection = psycopg.Connection[tuple[object, ...]]


class DatabaseSetupError(RuntimeError):
    """The database server is not set up for Shouwang; the message holds the statement that an administrator runs."""


def create_embedded_roles(superuser_dsn: str, *, throwaway: bool) -> None:
    """On the embedded server: the roles and the database, owned by `shouwang_owner`."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        _create_role(connection, OWNER_ROLE, "LOGIN CREATEDB")
        for role in ROLES:
            _create_role(connection, role, "NOLOGIN")
            connection.execute(_grant_membership(role, OWNER_ROLE))
        if throwaway:  # tests empty append-only tables, which takes their triggers off for a moment
            connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
    _verify_roles(superuser_dsn)


def are_there(dsn: str) -> bool:
    """Whether the roles exist on a server that answers: one that runs since an earlier version may lack some."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)]).fetchone()
    return found == (len(ROLES),)


def prepare_server(owner_dsn: str, app_user: str | None = None) -> None:
    """On any PostgreSQL: creates the roles when missing and lets the owner, and `app_user`, take them on.

    The user of `owner_dsn` must own the database. `app_user` is the user of DATABASE_URL when that is another one.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        owner = connection.info.user
        users = [owner] + ([app_user] if app_user and app_user not in (owner, *ROLES) else [])
        statements = [statement for role in ROLES for statement in _statements_for(connection, role, users)]
        try:
            for statement in statements:
                connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            wanted = "; ".join(statement.as_string(connection) for statement in statements)
            raise DatabaseSetupError(
                f"{owner} may not set up the roles. Let an administrator of the server run: {wanted};"
            ) from error
    _verify_roles(owner_dsn)


def _statements_for(connection: Connection, role: str, users: list[str]) -> list[sql.Composed]:
    """What is missing of a role, and of its members."""
    if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        create = sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role))
        return [create, *(_grant_membership(role, user) for user in users)]
    member = "SELECT 1 WHERE pg_has_role(%s, %s, 'MEMBER')"
    return [_grant_membership(role, user) for user in users if not _exists(connection, member, user, role)]


def grant_rows_to_app(connection: Connection) -> None:
    """Lets `shouwang_app` read and write rows of every table of the schema public, those to come included.

    Run as the owner before and after migrations. A table on which the role already has a right is left alone, so
    what a migration took away (the UPDATE of an append-only table) stays taken away. A partition is left alone: it is
    read through its parent, whose policy it does not have. The history of migrations may only be read. Functions need
    nothing: PostgreSQL lets everyone call them unless a migration says otherwise.
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
    """Relations of public without a right of the role: tables, views and sequences (kind S), partitions aside.

    Only those that belong to the session's user.
    """
    rows = connection.execute(
        """
        SELECT relname::text, relkind::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT relispartition
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


def _grant_membership(role: str, user: str) -> sql.Composed:
    return sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(user))


def _verify_roles(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        powerful = "SELECT 1 FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolbypassrls)"
        for role in ROLES:
            if _exists(connection, powerful, role):
                raise DatabaseSetupError(
                    f"{role} passes by row-level security. Let an administrator of the server run: "
                    f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;"
                )


def _exists(connection: Connection, query: str, *parameters: object) -> bool:
    return connection.execute(query, parameters).fetchone() is not None
