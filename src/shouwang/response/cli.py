"""`shouwang measures`: what is in force in an area on a day; `measures document`: every kind there is, for docs/measures.md."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

    from .queries.measures import MeasureInForce


def register(commands: Commands) -> None:
    parser = commands.add_parser("measures", help="measures in force in an area on a day")
    parser.add_argument("--area", type=_area_code, help="6, 9, 12 or 15 digits, e.g. 370700")
    parser.add_argument("--on", type=date.fromisoformat, help="the day, 2020-03-01 (default: today)")
    parser.add_argument("--exercises", action="store_true", help="exercises too, marked as such")
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.set_defaults(run=run)
    steps = parser.add_subparsers(metavar="document")
    document = steps.add_parser("document", help="the kinds of measures as Markdown, for docs/measures.md")
    document.set_defaults(run=print_document)


def _area_code(text: str) -> int:
    if not text.isdigit() or len(text) > 15:
        raise argparse.ArgumentTypeError("an area code has up to 15 digits")
    return int(text.ljust(15, "0"))


def run(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import as_system
    from shouwang.areas.public import area_names, get_area
    from shouwang.kernel import clock
    from shouwang.kernel.errors import Invalid
    from shouwang.kernel.terminal import print_json

    from .queries.documents import documents_by_id
    from .queries.measures import measures_in_force

    if options.area is None:
        raise Invalid("请用 --area 写明区划，例如 --area 370700", reason="measures.area")
    area = get_area(options.area)
    with as_system("命令行查询在行措施"):
        measures = measures_in_force(None, area.code, options.on or clock.today(), include_exercises=options.exercises)
        documents = documents_by_id([measure.document_id for measure in measures])
        names = area_names([measure.area_code for measure in measures])
    rows = [as_data(one, str(documents[one.document_id].number), names.get(one.area_code, "")) for one in measures]
    if options.json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['from']:17}{row['kind']:24}{row['area_name']:12}{row['title']}（{row['document']}）")


def as_data(measure: MeasureInForce, document: str, area_name: str) -> dict[str, object]:
    """A line of `shouwang measures --json`; instants with their offset, `until` null while it is not known."""
    from shouwang.areas.public import format_area_code
    from shouwang.kernel import clock

    return {
        "id": str(measure.id),
        "kind": measure.kind,
        "title": measure.sentence,
        "area": format_area_code(measure.area_code),
        "area_name": area_name,
        "from": measure.from_at.astimezone(clock.TZ).isoformat(timespec="minutes"),
        "until": measure.until_at.astimezone(clock.TZ).isoformat(timespec="minutes") if measure.until_at else None,
        "document": document,
        "params": measure.parameters,
        "org_kinds": list(measure.org_kinds),
        "is_exercise": measure.is_exercise,
    }


def print_document(_options: argparse.Namespace) -> None:
    from .library import as_markdown

    print(as_markdown(), end="")
