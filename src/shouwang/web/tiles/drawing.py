"""A map ready to print: tiles with their corner, colour, lines of text and link, and the legend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .layout import Kind, Place, layout_for
from .scale import MISSING, ZERO, scale_of

SIDE: Final = 100
GAP: Final = 6
BELOW_GAP: Final = 20
"""Units of the drawing; the page scales it. The units below the map stand apart from it."""
NAME_LINE_MAX: Final = 4
NUMBER_WIDE: Final = 7
"""A longer number is set in smaller type."""

_ENDINGS = re.compile(
    r"(?:维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|自治县|自治州|地区|街道|新区|省|市|县|区|镇|乡)$"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A unit and what it reports: `value` decides the colour (None: not reported), `shown` is printed, `url` opens
    what is behind it."""

    code: int
    name: str
    value: int | None
    shown: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile on the page. `lines`: its short name in one or two lines."""

    tile: Tile
    key: str
    x: int
    y: int
    lines: tuple[str, ...]
    is_long: bool
    is_context: bool = False


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A colour and what it means; `low` and `high` are None for zero and for not reported."""

    key: str
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole map; tiles in the order one reads and tabs through them."""

    kind: Kind
    width: int
    height: int
    columns: int
    tiles: tuple[Drawn, ...]
    legend: tuple[LegendEntry, ...]


def draw(
    tiles: Iterable[Tile],
    *,
    area: int,
    show: Callable[[int], str] = "{:,}".format,
    thresholds: Sequence[int] | None = None,
) -> Drawing:
    """`area` is the 15-digit code of what the tiles partition (0: the nation); `show` prints the legend's bounds."""
    units = {tile.code: tile for tile in tiles}
    layout = layout_for(area, units)
    scale = scale_of((tile.value for tile in units.values()), thresholds=thresholds)

    def drawn(code: int, place: Place, *, drop: int, tile: Tile | None = None) -> Drawn:
        here = tile or units[code]
        x, y = place.column * (SIDE + GAP) + GAP, place.row * (SIDE + GAP) + GAP + drop
        lines = short_lines(layout.names.get(code) or here.name)
        return Drawn(here, scale.key_of(here.value), x, y, lines, len(here.shown) > NUMBER_WIDE, tile is not None)

    placed = [(place, drawn(code, place, drop=0)) for code, place in layout.places.items()]
    placed += [(place, drawn(code, place, drop=BELOW_GAP)) for code, place in layout.below.items()]
    for code, place in layout.others.items():
        empty = Tile(code, layout.names[code], None, "")
        placed.append((place, drawn(code, place, drop=0, tile=empty)))
    legend = [LegendEntry(step.key, show(step.low), show(step.high)) for step in scale.steps]
    if scale.has_zero:
        legend.insert(0, LegendEntry(ZERO, None, None))
    if scale.has_missing:
        legend.append(LegendEntry(MISSING, None, None))
    return Drawing(
        layout.kind,
        width=layout.columns * (SIDE + GAP) + GAP,
        height=layout.rows * (SIDE + GAP) + GAP + (BELOW_GAP if layout.below else 0),
        columns=layout.columns,
        tiles=tuple(one for _, one in sorted(placed, key=lambda pair: pair[0])),
        legend=tuple(legend),
    )


def short_lines(name: str) -> tuple[str, ...]:
    """A name without its ending in at most two lines of four: 固堤街道 -> 固堤. The whole name is in the link."""
    short = _ENDINGS.sub("", name)
    short = short if len(short) >= 2 else name
    if len(short) <= NAME_LINE_MAX:
        return (short,)
    half = min(NAME_LINE_MAX, -(-len(short) // 2))
    rest = short[half:]
    return short[:half], rest if len(rest) <= NAME_LINE_MAX else rest[: NAME_LINE_MAX - 1] + "…"
