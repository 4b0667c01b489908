"""Finds the header of a sheet, under title rows, with merged cells, in one row or two.

Guarantees: the header is the topmost row in the first 30 that names the most of the wanted columns; a pair of rows is
taken only where merged cells say so, or where it names more columns than any single row. A column is matched only by a
name in the table, never by likeness, so the result is predictable and a person corrects it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .cells import Cell
from .columns import plain_label, unbracketed
from .table import HEAD_ROWS, Position

SEARCHED_ROWS = HEAD_ROWS - 1


@dataclass(frozen=True, slots=True)
class Header:
    """Rows count from 0, `bottom` included. `labels` are as the sheet shows them, a child after its parent."""

    top: int
    bottom: int
    labels: tuple[str, ...]
    mapping: Mapping[str, int]
    """Column key -> position in the row."""

    @property
    def unmatched(self) -> tuple[int, ...]:
        taken = set(self.mapping.values())
        return tuple(position for position, label in enumerate(self.labels) if label and position not in taken)


def find_header(
    rows: Sequence[Sequence[Cell]], merged: Sequence[tuple[Position, Position]], names: Mapping[str, str]
) -> Header | None:
    """`rows` are the first of the sheet. None if no row names any wanted column."""
    tops = range(min(len(rows), SEARCHED_ROWS))
    surest = [_as_the_sheet_says(top, rows, merged, names) for top in tops]
    pairs = [header_at(top, top + 1, rows, merged, names) for top in tops if top + 1 < len(rows)]
    best = max(surest + pairs, key=lambda header: len(header.mapping), default=None)
    return best if best and best.mapping else None


def header_at(
    top: int,
    bottom: int,
    rows: Sequence[Sequence[Cell]],
    merged: Sequence[tuple[Position, Position]],
    names: Mapping[str, str],
) -> Header:
    """The header that a person pointed at."""
    labels = _labels(rows[top], rows[bottom] if bottom > top else None, top, merged)
    return Header(top, bottom, tuple("".join(pair) for pair in labels), _match(labels, names))


def _as_the_sheet_says(
    top: int, rows: Sequence[Sequence[Cell]], merged: Sequence[tuple[Position, Position]], names: Mapping[str, str]
) -> Header:
    """As deep as the cells of this row that are merged downwards; one row if there are none."""
    bottom = max((last[0] for first, last in merged if first[0] == top and last[1] == first[1]), default=top)
    return header_at(top, bottom if bottom < len(rows) else top, rows, merged, names)


def _labels(
    upper: Sequence[Cell], lower: Sequence[Cell] | None, top: int, merged: Sequence[tuple[Position, Position]]
) -> list[tuple[str, str]]:
    parents = [_shown(cell) for cell in upper]
    if lower is None:
        return [(parent, "") for parent in parents]
    children = [_shown(cell) for cell in lower]
    width = max(len(parents), len(children))
    parents += [""] * (width - len(parents))
    children += [""] * (width - len(children))
    spans = [range(first[1], last[1] + 1) for first, last in merged if first[0] == top and last[1] > first[1]]
    for position in range(1, width):
        if parents[position] or not children[position]:
            continue
        in_span = any(position in span and position > span.start for span in spans)
        if in_span or not merged:
            parents[position] = parents[position - 1]
    return list(zip(parents, children, strict=True))


def _match(labels: Sequence[tuple[str, str]], names: Mapping[str, str]) -> dict[str, int]:
    """The more exact name wins, then the position further left."""
    mapping: dict[str, int] = {}
    plain = [(plain_label(parent), plain_label(child)) for parent, child in labels]
    tries: list[list[str]] = [
        [parent + child for parent, child in plain],
        [unbracketed(parent + child) for parent, child in plain],
        [child for _parent, child in plain],
        [unbracketed(child) for _parent, child in plain],
    ]
    taken: set[int] = set()
    for labels_so in tries:
        for position, label in enumerate(labels_so):
            key = names.get(label)
            if key is not None and key not in mapping and position not in taken:
                mapping[key] = position
                taken.add(position)
    return mapping


def _shown(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""
