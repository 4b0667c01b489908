"""`shouwang migrate`: brings the tables up to date as their owner and lets the application's role at their rows."""

import argparse
import sys
from typing import TYPE_CHECKING

import psycopg

from shouwang.cli.backup import restoring
from shouwang.config import database, roles
from shouwang.kernel.terminal import say

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands


def register(commands: "Commands") -> None:
    parser = commands.add_parser("migrate", help="bring the database's tables up to date")
    parser.set_defaults(run=run, needs_database=False)


def run(options: argparse.Namespace) -> None:  # noqa: ARG001
    migrate()
    say("The database is up to date.")


def migrate(*, is_demo: bool = False) -> None:
    """Migrates as the owner. A new database is marked as a demo or as the real thing, once and for ever."""
    database.ensure_available()
    import django
    from django.core.management import call_command

    django.setup()
    restoring.refuse_unfinished()
    _grant()
    call_command("migrate", database="owner", interactive=False, verbosity=0, stdout=sys.stderr)
    _grant()
    from shouwang.kernel import deployment
    from shouwang.kernel.models import Deployment

    if not Deployment.objects.exists():
        deployment.mark_new_database(is_demo=is_demo)


def _grant() -> None:
    with psycopg.connect(database.owner_dsn()) as connection:
        roles.grant_rows_to_app(connection)
