"""`shouwang serve` and `shouwang worker`: the web server and the worker for tasks."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from shouwang.config.database import ConfigurationError
from shouwang.config.roles import APP_ROLE
from shouwang.kernel.terminal import say

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

HOST, PORT = "127.0.0.1", 8000
THREADS_PER_WORKER = 4
WORKERS_MAX = 12  # with four threads each they stay under the embedded server's 100 connections


def register(commands: "Commands") -> None:
    parser = commands.add_parser("serve", help="serve the pages")
    parser.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST})")
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default {PORT})")
    parser.add_argument("--workers", type=int, default=default_workers(), help="web processes (default: one a core)")
    parser.set_defaults(run=serve)
    worker = commands.add_parser("worker", help="carry out queued tasks")
    worker.add_argument("--concurrency", type=int, default=1, help="tasks at the same time (default 1)")
    worker.set_defaults(run=work)


def default_workers() -> int:
    return max(2, min(os.cpu_count() or 1, WORKERS_MAX))


def serve(options: argparse.Namespace) -> NoReturn:
    """Becomes gunicorn. Refuses to serve when the connection lost the application's role on its way."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    connection.close()
    if role != APP_ROLE:
        raise ConfigurationError(
            f"Pages would run as {role}, not as {APP_ROLE}: a connection pooler drops the start-up parameter `options`."
        )
    command = [sys.executable, "-m", "gunicorn", "shouwang.config.wsgi:application"]
    command += ["--bind", f"{options.host}:{options.port}", "--worker-class", "gthread"]
    command += ["--workers", str(options.workers), "--threads", str(THREADS_PER_WORKER)]
    command += ["--no-control-socket", "--log-level", "warning"]
    say(f"Serving on http://{options.host}:{options.port}")
    os.execv(sys.executable, command)  # noqa: S606


def work(options: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("procrastinate", "worker", "--concurrency", str(options.concurrency))
