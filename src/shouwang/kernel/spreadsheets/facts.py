"""What a parser will not tell us about the sheets of an .ods or .xls file: their extent, and cells that only look blank.

The parser shows an error value (#N/A) and a formula that was saved without its result as an empty cell. Read so, a fact
would silently disappear; the facts here let the reader refuse such a cell by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO
from xml.parsers import expat

from .container import Limits, broken, pieces, verified_members


class Hole(Enum):
    """A cell that has something in it which cannot be read."""

    FORMULA = "formula"
    ERROR = "error"


@dataclass(slots=True)
class SheetFacts:
    """Extent and holes of a sheet; rows and columns of `holes` count from 0."""

    rows: int = 0
    columns: int = 0
    holes: dict[int, dict[int, Hole]] = field(default_factory=dict)

    def dig(self, row: int, column: int, hole: Hole) -> None:
        self.holes.setdefault(row, {})[column] = hole


def ods_facts(file: BinaryIO, limits: Limits) -> dict[str, SheetFacts]:
    """Facts by sheet name. Raises Invalid for bombs, encrypted and broken files."""
    content = verified_members(file, limits.held_inflated_bytes, limits)["content.xml"]
    reader = _OdsReader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        for piece in pieces(file, content, limits.held_inflated_bytes):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        raise broken() from None
    return reader.sheets


class _OdsReader:
    """Follows repeated rows and cells; only what has content stretches the extent."""

    _VALUES = ("office:value", "office:string-value", "office:date-value", "office:time-value", "office:boolean-value")

    def __init__(self) -> None:
        self.sheets: dict[str, SheetFacts] = {}
        self._facts = SheetFacts()
        self._row_end = self._row = self._column = 0
        self._hollow: tuple[int, int] | None = None

    def refuse_entity(self, *_declaration: object) -> None:
        raise broken()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table-cell":
            self._cell(attributes)
        elif name == "text:p":
            if self._hollow:
                self._fill()
            self._stretch()
        elif name == "table:covered-table-cell":
            self._column += int(attributes.get("table:number-columns-repeated", 1))
        elif name == "table:table-row":
            self._row = self._row_end
            self._row_end += int(attributes.get("table:number-rows-repeated", 1))
            self._column = 0
        elif name == "table:table":
            self._facts = self.sheets[attributes.get("table:name", "")] = SheetFacts()
            self._row_end = self._row = self._column = 0

    def _cell(self, attributes: dict[str, str]) -> None:
        column = self._column
        self._column += int(attributes.get("table:number-columns-repeated", 1))
        self._hollow = None
        if attributes.get("calcext:value-type") == "error":
            self._facts.dig(self._row, column, Hole.ERROR)
        elif "table:formula" in attributes and not any(value in attributes for value in self._VALUES):
            self._hollow = (self._row, column)
            self._facts.dig(self._row, column, Hole.FORMULA)
        if "office:value-type" in attributes:
            self._stretch()

    def _fill(self) -> None:
        """A text result stands in a paragraph, not in an attribute."""
        assert self._hollow is not None
        row, column = self._hollow
        del self._facts.holes[row][column]
        self._hollow = None

    def _stretch(self) -> None:
        self._facts.rows = max(self._facts.rows, self._row_end)
        self._facts.columns = max(self._facts.columns, self._column)
