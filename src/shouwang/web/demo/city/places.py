"""The places the generator peoples: villages by reporting unit, and the townships that keep a petty reserve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

TOWNSHIP_SPAN = 1_000_000
VILLAGE_SPAN = 1_000


class Village(NamedTuple):
    """15-digit codes of a village or community, of its township, and of the unit that reports it."""

    code: int
    township: int
    reporting_unit: int

    @property
    def is_community(self) -> bool:
        """Residents' committees 居委会 have the statistical numbers 001-199 and 400-499, villages the others."""
        number = self.code // VILLAGE_SPAN % 1000
        return number < 200 or 400 <= number < 500


class Township(NamedTuple):
    code: int
    reporting_unit: int


@dataclass(frozen=True, slots=True)
class CityAreas:
    """`units` in order of code; `townships` are divisions only (the statistical towns 4xx-5xx have no office)."""

    city_code: int
    units: tuple[int, ...]
    townships: tuple[Township, ...]
    villages: tuple[Village, ...]

    def villages_of(self) -> dict[int, tuple[list[Village], list[Village]]]:
        """Reporting unit -> (communities, villages); a unit that lacks one sort is answered with the other."""
        communities: dict[int, list[Village]] = defaultdict(list)
        villages: dict[int, list[Village]] = defaultdict(list)
        for village in self.villages:
            (communities if village.is_community else villages)[village.reporting_unit].append(village)
        return {unit: (communities[unit] or villages[unit], villages[unit] or communities[unit]) for unit in self.units}


def city_areas(
    city_code: int, village_codes: Iterable[int], units: Iterable[tuple[int, Sequence[tuple[int, int]]]]
) -> CityAreas:
    """Places of a city from its village codes and its reporting units (code, half-open spans of 15-digit codes).

    Raises ValueError for a village that no unit reports: its people would be missing from every table.
    """
    spans = sorted((low, high, unit) for unit, pieces in units for low, high in pieces)

    def unit_of(code: int) -> int:
        for low, high, unit in spans:
            if low <= code < high:
                return unit
        raise ValueError(f"no reporting unit holds {code}")

    villages = []
    for code in sorted(village_codes):
        township = code - code % TOWNSHIP_SPAN
        if not 400 <= township // TOWNSHIP_SPAN % 1000 < 600:
            villages.append(Village(code, township, unit_of(code)))
    townships = tuple(Township(code, unit_of(code)) for code in sorted({village.township for village in villages}))
    return CityAreas(city_code, tuple(sorted({unit for _, _, unit in spans})), townships, tuple(villages))
