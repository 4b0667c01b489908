"""Where the tiles of an area stand: columns from the west, rows from the north.

A layout made by hand (`layouts.yaml`) keeps neighbours together as far as squares can. An area without one gets its
units packed by code, row by row, near a square: an order that its officers know from every table.
Guarantees: every unit has one place, and no two have the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml

FILE: Final = Path(__file__).parent / "layouts.yaml"
PACKED_COLUMNS_MAX: Final = 8
PACKED_WIDTH: Final = 1.3  # a screen is wider than high

Kind = Literal["neighbours", "packed"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A tile's place; `row` first, so that places sort as one reads."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by 15-digit area code.

    `below`: units that are no place on the map (what an area runs itself, a unit that the layout does not know yet); they
    stand in rows of their own under it. `others`: names of places that belong to the map and report nothing here.
    """

    kind: Kind
    places: Mapping[int, Place]
    below: Mapping[int, Place]
    names: Mapping[int, str]
    others: Mapping[int, Place]

    @property
    def columns(self) -> int:
        return 1 + max((place.column for place in self._all()), default=0)

    @property
    def rows(self) -> int:
        return 1 + max((place.row for place in self._all()), default=0)

    def _all(self) -> list[Place]:
        return [*self.places.values(), *self.below.values(), *self.others.values()]


@dataclass(frozen=True, slots=True)
class Made:
    """A layout made by hand: the places by code, short names, real neighbours, and where it was learned from."""

    area: int
    places: Mapping[int, Place]
    names: Mapping[int, str]
    context: frozenset[int]
    neighbours: tuple[tuple[int, int], ...]
    source: str


def layout_for(area: int, codes: Iterable[int]) -> Layout:
    """Places for the units `codes` of `area` (0: the nation). `area` itself may be among them, as its own unit."""
    wanted = sorted(set(codes))
    made = made_layouts().get(area)
    if made is None:
        units = [code for code in wanted if code != area]
        places = _packed(units, columns=_columns_for(len(units)), first_row=0)
        below = _packed([code for code in wanted if code == area], columns=1, first_row=_rows(places.values()))
        return Layout("packed", places, below, {}, {})
    places = {code: made.places[code] for code in wanted if code in made.places and code not in made.context}
    named = {code: made.places[code] for code in wanted if code in made.context}
    others = {code: place for code, place in made.places.items() if code in made.context and code not in named}
    width = 1 + max(place.column for place in made.places.values())
    rest = [code for code in wanted if code not in made.places]
    below = _packed(rest, columns=width, first_row=_rows(made.places.values()))
    return Layout("neighbours", places | named, below, made.names, others)


@cache
def made_layouts() -> Mapping[int, Made]:
    """The layouts made by hand, by area code. Raises ValueError for a file that says something twice."""
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {area: _made(area, entry) for area, entry in read.items()}


def _made(area: int, entry: Mapping[str, object]) -> Made:
    places: dict[int, Place] = {}
    names: dict[int, str] = {}
    context: set[int] = set()
    taken: dict[Place, str] = {}
    for line in _lines(entry["tiles"]):
        code, column, row, name, *marks = line.split()
        place = Place(int(row), int(column))
        if int(code) in places or place in taken:
            raise ValueError(f"layout {area}: {name} stands on {taken.get(place, 'its own second place')}")
        places[int(code)], names[int(code)], taken[place] = place, name, name
        if "context" in marks:
            context.add(int(code))
    by_name = {name: code for code, name in names.items()}
    pairs = [pair.split("-") for line in _lines(entry["neighbours"]) for pair in line.split()]
    neighbours = tuple((by_name[one], by_name[other]) for one, other in pairs)
    return Made(area, places, names, frozenset(context), neighbours, str(entry["source"]))


def _lines(text: object) -> list[str]:
    return [line for line in str(text).splitlines() if line.strip()]


def _columns_for(count: int) -> int:
    return max(1, min(PACKED_COLUMNS_MAX, math.ceil(math.sqrt(count * PACKED_WIDTH))))


def _packed(codes: list[int], *, columns: int, first_row: int) -> dict[int, Place]:
    return {code: Place(first_row + number // columns, number % columns) for number, code in enumerate(codes)}


def _rows(places: Iterable[Place]) -> int:
    return 1 + max((place.row for place in places), default=-1)
