"""`shouwang demo`: from nothing to a running city, again in seconds the next time.

Creates the demo city in an empty database only, and remembers on the database itself (its comment, which only its owner
can write) whether the load came to its end: a load that was cut off is thrown away and begun anew. Refuses, and never
drops, a database that holds anything else.
"""

import argparse
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import conninfo, sql

from shouwang.config import database, embedded
from shouwang.kernel.terminal import print_json, progress_bars, say

from . import children
from .migrating import migrate
from .serving import HOST, PORT

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

LOADING, READY = "shouwang demo: loading", "shouwang demo: ready"
CHECK_TIMEOUT_SECONDS = 90
SIGN_IN_MARK = "<form"


class DemoRefusedError(database.ConfigurationError):
    """The database in use is not a demo's."""


def register(commands: "Commands") -> None:
    parser = commands.add_parser("demo", help="open the demo city: load it when it is not there, then serve it")
    parser.add_argument("--check", action="store_true", help="start, check that it answers, and end")
    parser.add_argument("--reset", action="store_true", help="drop the demo city and load it anew")
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default {PORT})")
    parser.add_argument("--json", action="store_true", help="with --check: print what was found as JSON")
    parser.set_defaults(run=run, needs_database=False)


def run(options: argparse.Namespace) -> int:
    port = _free_port() if options.check else options.port
    if not _is_free(port):
        raise DemoRefusedError(f"Port {port} is taken; is another demo running? Choose one with --port.")
    was_running = not database.is_embedded() or embedded.status(database.instance()).running
    try:
        with children.terminated_like_interrupted():
            return _open(options, port)
    except children.ChildEndedError as ended:
        say(f"shouwang demo: {ended}")
        return 1
    finally:
        if options.check and not was_running:
            embedded.stop(database.instance())


def _open(options: argparse.Namespace, port: int) -> int:
    """Prepares the city, then serves it until interrupted; with --check until it has answered once."""
    started = time.monotonic()
    prepare(reset=options.reset)
    prepared = time.monotonic() - started
    address = f"http://{HOST}:{port}"
    with children.shouwang("worker") as worker, children.shouwang("serve", "--port", str(port)) as web:
        processes = {"worker": worker, "web server": web}
        children.wait_for_page(f"{address}/health", processes, CHECK_TIMEOUT_SECONDS)
        if not options.check:
            say(f"守望 is open: {address}  (Ctrl-C ends it)")
            children.wait_until_one_ends(processes)
        _check_sign_in(address, processes)
        ready = time.monotonic() - started
        say(f"The demo answers: ready after {ready:.1f} s, of which the database took {prepared:.1f} s.")
        if options.json:
            print_json({"ok": True, "database_seconds": round(prepared, 1), "ready_seconds": round(ready, 1)})
    return 0


def prepare(*, reset: bool) -> None:
    """The demo city, whole, in the database in use; raises DemoRefusedError when that holds anything else."""
    database.ensure_available()
    with _alone() as maintenance:
        state = _state()
        if state not in (None, LOADING, READY):
            raise DemoRefusedError(f"The database holds {state}, not a demo; it stays as it is.")
        if reset or state == LOADING:
            say("Dropping the demo city ..." if reset else "An earlier load was cut off; starting anew ...")
            _recreate(maintenance)
            state = None
        if state is None:
            _mark(LOADING)
            say("Creating the tables ...")
            migrate(is_demo=True)
            _load()
            _mark(READY)
        else:
            migrate(is_demo=True)


def _load() -> None:
    from shouwang.web.demo.load import load_demo

    say("Loading the demo city ...")
    with progress_bars() as report:
        load_demo(report)


def _check_sign_in(address: str, processes: dict[str, children.Child]) -> None:
    from django.conf import settings
    from django.shortcuts import resolve_url

    page = children.wait_for_page(address + resolve_url(settings.LOGIN_URL), processes, timeout_seconds=10)
    if SIGN_IN_MARK not in page:
        raise children.ChildEndedError("the sign-in page shows no form")


@contextmanager
def _alone() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection beside the database, holding a lock: a second `demo` waits until the first has prepared it."""
    dsn = conninfo.make_conninfo(database.owner_dsn(), dbname="postgres")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('shouwang demo'))")
        yield connection


def _state() -> str | None:
    """LOADING or READY as marked, None for an empty database, else what it holds in words."""
    with psycopg.connect(database.owner_dsn()) as connection:
        row = connection.execute(
            """
            SELECT shobj_description(oid, 'pg_database'),
                   (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))
            FROM pg_database WHERE datname = current_database()
            """
        ).fetchone()
    assert row is not None
    comment, tables = row
    if comment in (LOADING, READY):
        return str(comment)
    return f"{tables} tables" if tables else None


def _mark(state: str) -> None:
    with psycopg.connect(database.owner_dsn(), autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(state)))


def _recreate(maintenance: psycopg.Connection[tuple[object, ...]]) -> None:
    name = str(conninfo.conninfo_to_dict(database.owner_dsn())["dbname"])
    database.drop_database(maintenance, name)
    maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
