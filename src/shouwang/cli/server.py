"""`shouwang server`: the embedded PostgreSQL, for whoever wants to look at it or stop it."""

import argparse
import dataclasses
from typing import TYPE_CHECKING

from shouwang.config import database, embedded
from shouwang.kernel.terminal import print_json, say

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands


def register(commands: "Commands") -> None:
    server = commands.add_parser("server", help="the embedded PostgreSQL: status, start, stop")
    server.set_defaults(needs_database=False)
    actions = server.add_subparsers(metavar="ACTION", required=True)
    status = actions.add_parser("status", help="whether it runs and where it keeps its data; exit 1 when it does not")
    status.add_argument("--json", action="store_true", help="print it as JSON")
    status.set_defaults(run=show_status)
    actions.add_parser("start", help="start it if it does not run").set_defaults(run=start)
    actions.add_parser("stop", help="stop it, ending its sessions").set_defaults(run=stop)


def show_status(options: argparse.Namespace) -> int:
    _refuse_external()
    found = embedded.status(database.instance())
    if options.json:
        print_json(dataclasses.asdict(found))
    else:
        state = f"running, PostgreSQL {found.version}, {found.size_bytes:,} bytes" if found.running else "not running"
        print(f"{found.instance}: {state}")
        print(f"  data    {found.data_dir}\n  socket  {found.socket_dir}\n  log     {found.log}")
    return 0 if found.running else 1


def start(options: argparse.Namespace) -> None:  # noqa: ARG001
    _refuse_external()
    server = embedded.ensure_running(database.instance())
    say(f"The embedded PostgreSQL answers at {server.socket_dir}.")


def stop(options: argparse.Namespace) -> None:  # noqa: ARG001
    _refuse_external()
    stopped = embedded.stop(database.instance())
    say("The embedded PostgreSQL is stopped." if stopped else "The embedded PostgreSQL was not running.")


def _refuse_external() -> None:
    if not database.is_embedded():
        raise database.ConfigurationError("DATABASE_URL is set: that server is its administrator's, not ours.")
