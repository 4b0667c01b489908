"""`shouwang gates`: what the gates need from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import cli_residents

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands


def register(commands: Commands) -> None:
    parser = commands.add_parser("gates", help="passes and gates: the keys that sign passes")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    cli_residents.register(actions)
