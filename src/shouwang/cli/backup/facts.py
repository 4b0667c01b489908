"""What the database says of itself in one snapshot: rows of each table, keys that its values need, the audit's end,
migrations, figures. It is read beside pg_dump in the very same snapshot, so that it describes exactly what was dumped.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from shouwang.config import database
from shouwang.kernel.terminal import ReportProgress

from . import keys
from .errors import BackupError

Connection = psycopg.Connection[tuple[Any, ...]]
SCHEMA = "public"


@dataclass(frozen=True)
class Snapshot:
    """A connection of the owner, and the name under which others can see the database as it does."""

    connection: Connection
    name: str


@contextlib.contextmanager
def snapshot() -> Iterator[Snapshot]:
    """The database as it is this instant, while everyone goes on writing. Raises BackupError for an empty one."""
    with psycopg.connect(database.owner_dsn()) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # A policy must not thin out what is counted: the owner passes them, and anyone else gets an error.
        connection.execute("SET LOCAL row_security = off")
        if not tables(connection):
            raise BackupError("The database holds nothing yet; there is nothing to back up.")
        name = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert name is not None
        yield Snapshot(connection, name[0])


def tables(connection: Connection) -> list[str]:
    """Tables of ours, partitions included, in order."""
    rows = connection.execute(
        """
        SELECT relname::text FROM pg_class
        WHERE relnamespace = %s::regnamespace AND relkind = 'r'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')
        ORDER BY relname
        """,
        [SCHEMA],
    )
    return [name for (name,) in rows.fetchall()]


def count_rows(connection: Connection, report: ReportProgress) -> dict[str, int]:
    """Rows by table."""
    names, counted = tables(connection), {}
    for done, name in enumerate(names, start=1):
        counted[name] = _one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(SCHEMA, name)))
        report("counted tables", done, len(names))
    return counted


def audit_end(connection: Connection) -> dict[str, object]:
    """The last sealed block and its hash: what a restored chain must end with."""
    last = connection.execute(
        "SELECT number, encode(hash, 'hex') FROM kernel_auditblock ORDER BY number DESC LIMIT 1"
    ).fetchone()
    unsealed = _one(connection, sql.SQL("SELECT count(*) FROM kernel_auditentry WHERE block_number IS NULL"))
    return {"block": last[0] if last else None, "hash": last[1] if last else None, "unsealed": unsealed}


def migrations(connection: Connection) -> dict[str, list[str]]:
    """Names of the applied migrations by app."""
    found: dict[str, list[str]] = {}
    for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall():
        found.setdefault(app, []).append(name)
    return found


def deployment(connection: Connection) -> dict[str, object]:
    row = connection.execute("SELECT is_demo FROM kernel_deployment").fetchone()
    return {
        "server": connection.info.parameter_status("server_version"),
        "server_major": connection.info.server_version // 10000,
        "is_demo": bool(row and row[0]),
    }


def needed_keys(connection: Connection, report: ReportProgress) -> dict[str, object]:
    """Which keys of the ring the encrypted values need, with how many values each, and the blind index's key."""
    declared = keys.encrypted_columns()
    columns = _binary_columns(connection)
    values: dict[str, int] = {}
    for done, (table, column) in enumerate(columns, start=1):
        for key_id, count in _key_ids(connection, table, column):
            # A column of files may hold anything that begins alike; only what is declared must be a ciphertext.
            if (table, column) in declared or keys.check_value(key_id) is not None:
                values[key_id] = values.get(key_id, 0) + count
        report("encrypted columns", done, len(columns))
    ring = [{"id": key_id, "values": values[key_id], "check": keys.check_value(key_id)} for key_id in sorted(values)]
    return {"ring": ring, "index_check": keys.index_check_value()}


def _binary_columns(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        """
        SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.atttypid = 'bytea'::regtype AND a.attnum > 0
          AND NOT a.attisdropped
        ORDER BY 1, 2
        """,
        [SCHEMA],
    )
    return [(table, column) for table, column in rows.fetchall()]


def _key_ids(connection: Connection, table: str, column: str) -> list[tuple[str, int]]:
    """Key ids that stand in values that look like ciphertexts, with their number."""
    query = sql.SQL(
        """
        SELECT substring({column} from 2 for {size}) AS key, count(*) FROM {table}
        WHERE length({column}) >= {shortest} AND get_byte({column}, 0) = {version} GROUP BY key
        """
    ).format(
        column=sql.Identifier(column),
        table=sql.Identifier(SCHEMA, table),
        size=keys.KEY_ID_BYTES,
        shortest=keys.SHORTEST_CIPHERTEXT,
        version=keys.CIPHERTEXT_VERSION,
    )
    found = []
    for raw, count in connection.execute(query).fetchall():
        key_id = bytes(raw).rstrip(b"\0").decode("ascii", errors="replace")
        if key_id.isalnum() and key_id.isascii():
            found.append((key_id, count))
    return found


def figures(taken: Snapshot, *, area_codes: list[int], since: date, as_of: datetime) -> list[dict[str, object]]:
    """The figures of each area as `shouwang figures --json` prints them, computed in the snapshot."""
    from django.db import connection, transaction

    from shouwang.accounts.public import as_system
    from shouwang.reporting.cli import as_data
    from shouwang.reporting.queries import figures_for

    connection.close()  # a new connection has no transaction that an earlier question left open
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(taken.name)).as_string(None))
        with as_system("backup") as system:
            return [
                {
                    "area": code,
                    "since": since.isoformat(),
                    "as_of": as_of.isoformat(),
                    "figures": [
                        as_data(value, as_of.isoformat(), by_unit=True)
                        for value in figures_for(system, area_code=code, since=since, as_of=as_of).figures
                    ],
                }
                for code in area_codes
            ]


def usual_areas(connection: Connection, on: date) -> list[int]:
    """The areas of the highest level at which someone holds a post: the city of a city's installation."""
    rows = connection.execute(
        """
        SELECT DISTINCT a.code, a.level FROM accounts_post p JOIN areas_area a ON a.code = p.area_code
        WHERE p.from_on <= %(on)s AND (p.until_on IS NULL OR p.until_on > %(on)s)
        """,
        {"on": on},
    ).fetchall()
    from shouwang.areas.public import Level

    ranks = {str(level): rank for rank, level in enumerate(Level.values)}
    highest = min((ranks[level] for _, level in rows), default=None)
    return sorted(code for code, level in rows if ranks[level] == highest)


def usual_period(now: datetime) -> tuple[date, datetime]:
    """From the first day of the year to the last midnight: a cut-off that is past and prints the same for ever."""
    from shouwang.kernel import clock

    midnight = clock.day_start(now.astimezone(clock.TZ).date())
    return (midnight - timedelta(days=1)).date().replace(month=1, day=1), midnight


def _one(connection: Connection, query: sql.SQL | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
