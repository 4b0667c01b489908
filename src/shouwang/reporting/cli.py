"""`shouwang figures`: the figures of an area for a period, as of a cut-off."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

    from .queries import FigureValue


def register(commands: Commands) -> None:
    parser = commands.add_parser("figures", help="figures of an area, as of a cut-off")
    parser.add_argument("--area", required=True, type=_area_code, help="6, 9, 12 or 15 digits, e.g. 370700")
    parser.add_argument("--from", dest="since", required=True, type=date.fromisoformat, help="first day, 2020-01-01")
    parser.add_argument("--as-of", required=True, help="cut-off, e.g. 2020-03-17T24:00")
    parser.add_argument("--by-unit", action="store_true", help="with the value of each reporting unit")
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.set_defaults(run=run)


def _area_code(text: str) -> int:
    if not text.isdigit() or len(text) > 15:
        raise argparse.ArgumentTypeError("an area code has up to 15 digits")
    return int(text.ljust(15, "0"))


def run(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import as_system
    from shouwang.kernel import clock
    from shouwang.kernel.errors import Invalid
    from shouwang.kernel.terminal import print_json

    from .queries import figures_for

    try:
        as_of = clock.parse_cutoff(options.as_of)
    except ValueError as error:
        raise Invalid(f"截止时间“{options.as_of}”无法识别，例如 2020-03-17T24:00", reason="figures.as_of") from error
    with as_system("命令行查询指标") as system:
        table = figures_for(system, area_code=options.area, since=options.since, as_of=as_of)
    if options.json:
        print_json([as_data(value, options.as_of, by_unit=options.by_unit) for value in table.figures])
        return
    for value in table.figures:
        print(
            f"{value.figure.key:28}{value.value:>16,} {value.figure.unit:4} {value.rows:>9,} rows  {value.figure.label}"
        )
        for unit in value.units if options.by_unit else ():
            print(f"    {unit.code:<24}{unit.value:>16,} {value.figure.unit:4} {unit.rows:>9,} rows  {unit.name}")


def as_data(value: FigureValue, as_of: str, *, by_unit: bool) -> dict[str, object]:
    """A line of `shouwang figures --json`."""
    answer: dict[str, object] = {
        "key": value.figure.key,
        "label": str(value.figure.label),
        "unit": value.figure.unit,
        "value": value.value,
        "rows": value.rows,
        "as_of": as_of,
    }
    if by_unit:
        answer["units"] = [
            {"area": unit.code, "name": unit.name, "value": unit.value, "rows": unit.rows} for unit in value.units
        ]
    return answer
