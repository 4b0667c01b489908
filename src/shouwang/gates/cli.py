"""`shouwang gates`: the phones' calls in a process of their own, the end of what was kept long enough, signing keys."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from shouwang.kernel.terminal import print_json, say

from . import cli_residents

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

HOST, PORT = "127.0.0.1", 8010
PHONES_AT_ONCE = 64
"""Threads of a worker: each waits for a commit, and all that wait are one."""


def register(commands: Commands) -> None:
    parser = commands.add_parser(
        "gates", help="gate phones and passes: serve their calls, delete old scans, rotate keys"
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    served = actions.add_parser("serve", help="serve /api/v1/gate/ alone, for a city with many gates")
    served.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST})")
    served.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default {PORT})")
    served.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    served.add_argument(
        "--phones", type=int, default=PHONES_AT_ONCE, help=f"calls at once in a process (default {PHONES_AT_ONCE})"
    )
    served.set_defaults(run=serve)
    purged = actions.add_parser("purge", help="delete scans that were kept long enough; their counts stay")
    purged.add_argument("--json", action="store_true", help="print the days as JSON")
    purged.set_defaults(run=purge)
    cli_residents.register(actions)


def serve(options: argparse.Namespace) -> NoReturn:
    """Becomes granian."""
    command = [sys.executable, "-m", "granian", "shouwang.gates.wsgi:application", "--interface", "wsgi"]
    command += ["--host", options.host, "--port", str(options.port), "--workers", str(options.workers)]
    command += ["--blocking-threads", str(options.phones), "--http", "1", "--no-ws", "--respawn-failed-workers"]
    command += ["--log-level", "warning"]
    say(f"Serving gate phones on http://{options.host}:{options.port}")
    os.execv(sys.executable, command)  # noqa: S606


def purge(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import as_system

    from .commands.days import purge_scans

    with as_system("清除到期的通行记录") as system:
        purged = purge_scans(actor=system)
    if options.json:
        print_json({"days": [day.isoformat() for day in purged.days]})
    else:
        say(f"{len(purged.days)} days of scans were deleted; their counts stay.")
