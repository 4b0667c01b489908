"""`shouwang ledger verify` and `shouwang ledger export`."""

from __future__ import annotations

import argparse
import dataclasses
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from shouwang.kernel.terminal import print_json, say

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands


def register(commands: Commands) -> None:
    ledger = commands.add_parser("ledger", help="the book: verify, export")
    actions = ledger.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser(
        "verify", help="recompute what the book promises; exit 1 and names when it does not hold"
    )
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(run=run_verify)
    export = actions.add_parser("export", help="the journal of an area and a period, for other tools")
    export.add_argument("--format", required=True, choices=("beancount", "csv"))
    export.add_argument("--area", required=True, type=_area_code, help="area code, e.g. 370703")
    export.add_argument("--from", dest="first_on", required=True, type=_day, help="first day, 2020-01-01")
    export.add_argument("--to", dest="last_on", required=True, type=_day, help="last day, 2020-03-31")
    export.add_argument("--out", required=True, type=Path, help="the file to write; one that is there is replaced")
    export.set_defaults(run=run_export)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is written 2020-03-31") from error


def _area_code(text: str) -> int:
    if not text.isdigit() or len(text) > 15:
        raise argparse.ArgumentTypeError("an area code has up to 15 digits")
    return int(text.ljust(15, "0"))


def run_export(options: argparse.Namespace) -> None:
    """Written beside its name and moved there when whole: a cut-off export is no file."""
    from shouwang.accounts.public import as_system

    from .export import journal_of, write_beancount, write_csv_journal

    out: Path = options.out
    if not out.parent.is_dir():
        raise SystemExit(f"There is no folder {out.parent}")
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.part")
    write, encoding = (write_csv_journal, "utf-8-sig") if options.format == "csv" else (write_beancount, "utf-8")
    try:
        with as_system("ledger export"), unfinished.open("w", encoding=encoding, newline="") as file:
            journal = journal_of(area_code=options.area, first_on=options.first_on, last_on=options.last_on)
            count = write(file, journal)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    say(f"{count:,} entries in {out}")


def run_verify(options: argparse.Namespace) -> int:
    from shouwang.accounts.public import as_system

    from .verify import verify_ledger

    with as_system("ledger verify"):
        report = verify_ledger()
    if options.json:
        print_json({"holds": report.holds, **dataclasses.asdict(report)})
    else:
        for finding in report.findings:
            print(f"BROKEN  {finding.check}  {finding.subject}  {finding.message}")
        for item in report.open_items:
            print(f"open    {item.check}  {item.subject}  {item.message}")
        verdict = "holds" if report.holds else f"{len(report.findings)} findings"
        print(f"{report.entries:,} entries, {report.postings:,} postings, {len(report.checks)} checks: {verdict}")
    return 0 if report.holds else 1
