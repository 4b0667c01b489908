"""A sheet as rows of raw cells, the same for every format: on disk, read in order as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from .cells import Cell
from .spool import Spool

Position = tuple[int, int]
Range = tuple[Position, Position]
"""First and last cell, counted from 0."""

HEAD_ROWS: Final = 31
"""Rows in which a header is looked for, and the one below."""


class Table:
    """Rows and columns count from 0; row 0 is the first row of the sheet, empty or not. A row ends with its last cell."""

    def __init__(self, name: str, rows: Spool[list[Cell]], merged: Iterable[Range] = ()) -> None:
        """`merged`: none where the format does not say."""
        self.name = name
        self._rows = rows
        self._merged = merged

    @property
    def height(self) -> int:
        """Rows in all; for a progress bar."""
        return len(self._rows)

    def rows(self) -> Iterator[list[Cell]]:
        return iter(self._rows)

    @cached_property
    def head(self) -> list[list[Cell]]:
        return list(islice(self._rows, HEAD_ROWS))

    @cached_property
    def head_merged(self) -> list[Range]:
        """The merged ranges that begin in the head."""
        return [one for one in self._merged if one[0][0] < HEAD_ROWS]

    def merged_rows(self, column: int) -> bytearray:
        """For each row 1 when its cell in this column belongs to a merged range, else 0."""
        marks = bytearray(self.height)
        for (top, left), (bottom, right) in self._merged:
            if left <= column <= right:
                end = min(bottom + 1, self.height)
                marks[top:end] = b"\1" * max(end - top, 0)
        return marks
