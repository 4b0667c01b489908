"""`shouwang audit`: verify the sealed chain, seal what waits, print an anchor."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from .anchors import Anchor, parse_anchor


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("audit", help="the audit's chain: verify it, seal what waits, print an anchor")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("verify", help="recompute the chain; exit 1 and name the first broken row when it broke")
    check.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=_anchor,
        metavar="NUMBER:HASH",
        help="a block that was noted outside: exit 1 when it is missing or has another hash",
    )
    check.add_argument(
        "--against", type=Path, metavar="FILE", help="every anchor in the file, one a line, as `audit anchor` prints it"
    )
    check.set_defaults(run=verify)
    close = actions.add_parser("seal", help="seal the entries that wait (the worker does it every minute)")
    close.set_defaults(run=seal)
    note = actions.add_parser("anchor", help="seal what waits and print the last block, to be noted outside")
    note.set_defaults(run=anchor)
    for action in (check, close, note):
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def _anchor(text: str) -> Anchor:
    try:
        return parse_anchor(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def verify(options: argparse.Namespace) -> int:
    from . import audit

    report = audit.verify([*options.anchor, *_anchors_in(options.against)])
    if options.json:
        print(json.dumps(dataclasses.asdict(report), ensure_ascii=False))
    else:
        state = f"BROKEN: {report.broken}" if report.broken else "whole"
        print(f"The chain is {state}.")
        print(
            f"{report.entries:,} entries in {report.blocks:,} blocks; {report.unsealed:,} entries wait for their seal."
        )
        print(f"Last block: {report.anchor or 'none'}")
    return 1 if report.broken else 0


def _anchors_in(path: Path | None) -> list[Anchor]:
    """Raises Invalid for a file that cannot be read or a line that is no anchor."""
    from .errors import Invalid

    if path is None:
        return []
    try:
        lines = path.read_text("utf-8").splitlines()
        return [parse_anchor(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise Invalid(f"{path}: {error}", reason="audit.anchor_file") from error


def anchor(options: argparse.Namespace) -> int:
    from . import audit

    audit.seal()
    last = audit.last_anchor()
    if options.json:
        print(json.dumps({"anchor": str(last) if last else None}))
    elif last:
        print(last)
    else:
        print("Nothing is sealed yet.", file=sys.stderr)
    return 0 if last else 1


def seal(options: argparse.Namespace) -> None:
    from . import audit

    sealed = audit.seal()
    if options.json:
        print(json.dumps({"sealed": sealed}))
    else:
        print(f"{sealed:,} entries sealed.", file=sys.stderr)
