"""Finds the commands, makes the database available, runs one command, turns what was refused into one line.

A package of ours adds commands with a module `cli.py` that has `register(commands)`, `commands` being argparse's
sub-parsers. Each command's parser sets `run`, a function of the parsed arguments that returns the exit code or None
for 0:

    def register(commands: Commands) -> None:
        parser = commands.add_parser("figures", help="...")
        parser.add_argument("--json", action="store_true", help="print data as JSON")
        parser.set_defaults(run=figures)

Such a module imports Django's models inside the functions it runs, never at its top: it is read before settings are.
By the time `run` is called, the database answers and Django is set up, unless the parser set `needs_database=False`.
"""

import argparse
import importlib
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from shouwang.cli.backup.errors import BackupError
from shouwang.config.binaries import EmbeddedServerError
from shouwang.config.database import ConfigurationError, ensure_available
from shouwang.config.roles import DatabaseSetupError
from shouwang.kernel.errors import DomainError
from shouwang.kernel.terminal import say

if TYPE_CHECKING:
    pass

COMMAND_MODULES = (
    "shouwang.cli.demo",
    "shouwang.cli.serving",
    "shouwang.cli.migrating",
    "shouwang.cli.server",
    "shouwang.cli.backup",
    "shouwang.kernel.cli",
    "shouwang.areas.cli",
    "shouwang.accounts.cli",
    "shouwang.registry.cli",
    "shouwang.ledger.cli",
    "shouwang.response.cli",
    "shouwang.gates.cli",
    "shouwang.assistance.cli",
    "shouwang.reporting.cli",
    "shouwang.web.cli",
)
DONE, REFUSED, INTERRUPTED = 0, 1, 130


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.config.settings")
    options = build_parser().parse_args(arguments)
    try:
        if options.needs_database:
            set_up_django()
        return options.run(options) or DONE
    except (DomainError, EmbeddedServerError, DatabaseSetupError, ConfigurationError, BackupError) as refusal:
        say(f"shouwang: {refusal}")
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away: `shouwang figures | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shouwang", description="Shouwang 守望, from the command line.")
    parser.set_defaults(needs_database=True)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMAND_MODULES:
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).register(commands)
    return parser


def set_up_django() -> None:
    """The database answers, Django is set up, and a demo's clock stands where the demo stands."""
    ensure_available()
    import django

    django.setup()
    from django.db import ProgrammingError

    from shouwang.kernel import deployment

    try:
        deployment.load()
    except ProgrammingError:
        from shouwang.cli.backup.restoring import refuse_unfinished

        refuse_unfinished()
        raise DatabaseSetupError("The database has no tables yet; run `shouwang migrate` or `shouwang demo`.") from None
