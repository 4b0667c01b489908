"""Which reporting unit pays a line, and which township answers for it. Pure: spans in, codes out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shouwang.kernel.scope import Span

TOWNSHIP = 10**6
VILLAGE = 10**3


@dataclass(frozen=True, slots=True)
class PayingUnit:
    """A county, a functional zone, or what a city runs itself; `spans` are the codes it pays for."""

    code: int
    name: str
    spans: tuple[Span, ...]

    def contains(self, code: int) -> bool:
        return any(low <= code < high for low, high in self.spans)

    def part_of(self, code: int) -> int:
        """Who answers for a line at `code`: its township; its village where the unit has only that; else the unit.

        A functional zone may run one village of a township that lies in another unit (综合保税区): the ledger keeps an
        entry inside its unit, so the township's code is not the unit's to use.
        """
        township = code - code % TOWNSHIP
        if township != self.code and self.contains(township):
            return township
        village = code - code % VILLAGE
        return village if self.contains(village) else self.code


class PayingUnits:
    """Units that do not overlap, found by code."""

    def __init__(self, units: Iterable[PayingUnit]) -> None:
        pieces = [(low, high, unit) for unit in units for low, high in unit.spans]
        self._pieces = sorted(pieces, key=lambda piece: piece[0])
        self._lows = [low for low, _high, _unit in self._pieces]

    def of(self, code: int) -> PayingUnit | None:
        """The unit that pays for `code`; None when none of these does."""
        position = bisect_right(self._lows, code) - 1
        if position < 0:
            return None
        _low, high, unit = self._pieces[position]
        return unit if code < high else None

    @property
    def spans(self) -> Sequence[Span]:
        return [(low, high) for low, high, _unit in self._pieces]
