"""The rows of an .xlsx worksheet, on disk. Source: ECMA-376 part 1, 18.3."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from xml.parsers import expat

from .cells import Cell
from .container import Limits, bomb, broken, check_extent
from .facts import Hole
from .spool import Spool
from .table import Position, Table
from .xlsx_formats import Formats
from .xlsx_stream import Attributes, Reader
from .xlsx_strings import unescaped

_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


class SheetReader(Reader):
    """Rows of a worksheet into a spool. This is the hot path: a few calls for each of millions of cells."""

    def __init__(self, strings: Spool[str], formats: Formats, limits: Limits) -> None:
        self._strings = strings
        self._formats = formats
        self._limits = limits
        self._rows: Spool[list[Cell]] = Spool()
        self._merged: Spool[tuple[Position, Position]] = Spool()
        self._columns: dict[str, int] = {}
        self._width = 0
        self._text_size = self._spooled_size = 0

    def table(self, name: str) -> Table:
        return Table(name, self._rows, self._merged)

    def begin(self, prefix: str, parser: expat.XMLParserType) -> None:
        names = [prefix + name for name in ("c", "v", "t", "f", "row", "rPh", "mergeCell")]
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._handlers(*names)

    def _handlers(
        self,
        cell_tag: str,
        value_tag: str,
        text_tag: str,
        formula_tag: str,
        row_tag: str,
        aid_tag: str,
        merged_tag: str,
    ) -> tuple[Callable[[str, Attributes], None], Callable[[str], None], Callable[[str], None]]:
        """Closures, because a local name is found faster than an attribute."""
        row: list[Cell] = []
        row_text = ""
        attributes: Attributes = {}
        text: list[str] = []
        takes = is_aid = has_value = has_formula = False
        value_of, column_of, known = self._value, self._column, self._columns

        def start(name: str, said: Attributes) -> None:
            nonlocal row, row_text, attributes, text, takes, is_aid, has_value, has_formula
            if name == cell_tag:
                attributes, text = said, []
                has_value = has_formula = False
            elif name == value_tag:
                takes = has_value = True
                text = []
            elif name == text_tag:
                takes = not is_aid
            elif name == row_tag:
                row, row_text = [], said.get("r", "")
            elif name == formula_tag:
                has_formula = True
            elif name == aid_tag:
                is_aid = True
            elif name == merged_tag:
                self._merge(said.get("ref", ""))

        def end(name: str) -> None:
            nonlocal takes, is_aid, row_text
            if name == text_tag or name == value_tag:  # noqa: SIM109 - a tuple would be built every time
                takes = False
            elif name == cell_tag:
                reference = attributes.get("r", "")
                if not row_text:
                    row_text = reference.lstrip(_LETTERS)
                value = value_of(attributes, text[0] if len(text) == 1 else "".join(text), has_value, has_formula)
                if value is not None:
                    letters = reference[: -len(row_text)]
                    column = known.get(letters, -1) if reference.endswith(row_text) else -1
                    if column < 0:
                        column = column_of(reference, row_text)
                    width = len(row)
                    if column == width:
                        row.append(value)
                    elif column > width:
                        row.extend([""] * (column - width))
                        row.append(value)
                    else:
                        row[column] = value
                elif not reference:
                    raise broken()
            elif name == row_tag:
                if row:
                    self._close(row, row_text)
            elif name == aid_tag:
                is_aid = False

        def data(piece: str) -> None:
            if takes:
                text.append(piece)

        return start, end, data

    def _column(self, reference: str, row_text: str) -> int:
        """From 0. Raises Invalid for a cell that says no place, one of another row, or one too far right."""
        match = _REFERENCE.fullmatch(reference)
        if match is None or match[2] != row_text:
            raise broken()
        found = self._columns[match[1]] = _position(match[1])
        check_extent(0, found + 1, self._limits)
        return found

    def _value(self, attributes: Attributes, text: str, has_value: bool, has_formula: bool) -> Cell:
        """None for a cell that only has a format."""
        kind = attributes.get("t", "n")
        if kind == "inlineStr" and text and not has_formula:
            return self._text(text if "_x" not in text else unescaped(text))
        if kind == "e":
            return Hole.ERROR
        if has_formula and not text and not (has_value and kind == "str"):
            return Hole.FORMULA
        if not text:
            return None
        if kind == "s":
            try:
                return self._text(self._strings[int(text)])
            except IndexError:
                raise broken() from None
        if kind in ("str", "inlineStr"):
            return self._text(unescaped(text))
        if kind == "n":
            return self._number(text, attributes.get("s", ""))
        if kind == "b":
            return text.strip() not in ("0", "false")
        if kind == "d":
            return _iso_day(text)
        raise broken()

    def _text(self, text: str) -> str | None:
        self._text_size += len(text)
        if self._text_size > self._limits.text_characters:
            raise bomb()
        return text or None

    def _number(self, text: str, style: str) -> Cell:
        try:
            number = float(text)
        except ValueError:
            return self._text(text)
        moment = self._formats.moments.get(style)
        return number if moment is None else self._formats.shown(number, moment)

    def _close(self, row: list[Cell], row_text: str) -> None:
        number = int(row_text)
        self._width = max(self._width, len(row))
        check_extent(number, self._width, self._limits)
        if number <= len(self._rows):
            raise broken()
        while len(self._rows) < number - 1:
            self._rows.append([])
        self._rows.append(row, size=self._text_size - self._spooled_size)
        self._spooled_size = self._text_size

    def _merge(self, reference: str) -> None:
        corners = [_REFERENCE.fullmatch(corner) for corner in reference.replace("$", "").split(":")]
        if len(corners) != 2 or corners[0] is None or corners[1] is None:
            return
        first, last = ((int(corner[2]) - 1, _position(corner[1])) for corner in corners if corner)
        self._merged.append((first, last))


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _position(letters: str) -> int:
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - 64
    return found - 1


def _iso_day(text: str) -> Cell:
    try:
        return date.fromisoformat(text) if len(text) == len("2020-03-01") else datetime.fromisoformat(text)
    except ValueError:
        return text
