"""Reads an .xlsx workbook in a stream: the XML goes by once, rows and shared strings go to disk, none of it is held.

Guarantees: a row is as Excel shows it, an error value and a formula saved without its result are a `Hole`, a number in a
date format is a date; memory does not grow with the sheet. Refuses: documents with entities, cells without a reference,
rows out of order, a number of a shared string that is not there.
Source: ECMA-376 part 1, 18.2 workbook, 18.3 worksheets, 18.4 shared strings, 18.8.30 number formats.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from .cells import Cell
from .container import Limits, bomb, broken, check_extent, pieces, verified_members
from .facts import Hole
from .spool import Spool
from .table import Position, Table

_SMALL_PART_BYTES: Final = 4 << 20
"""Of workbook and relations, which list the sheets."""

Attributes = dict[str, str]


class XlsxBook:
    """Visible worksheets in their order; each is read when it is asked for, once."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._members = verified_members(file, limits.inflated_bytes, limits)
        parts = _Parts(self._small_part)
        self._sheet_parts = parts.sheets
        self.sheet_names = list(parts.sheets)
        self._formats = _Formats(parts.is_1904, self._optional_pieces(parts.styles))
        self._strings = _shared_strings(self._optional_pieces(parts.strings), limits)
        self._tables: dict[str, Table] = {}

    def grid(self, name: str) -> Table:
        if name not in self._tables:
            info = self._members.get(self._sheet_parts[name])
            if info is None:
                raise broken()
            reader = _SheetReader(self._strings, self._formats, self._limits)
            _parse(pieces(self._file, info, self._limits.inflated_bytes), reader)
            self._tables[name] = reader.table(name)
        return self._tables[name]

    def _small_part(self, name: str) -> bytes:
        info = self._members.get(name)
        if info is None:
            raise broken()
        if info.file_size > _SMALL_PART_BYTES:
            raise bomb()
        return b"".join(pieces(self._file, info, _SMALL_PART_BYTES))

    def _optional_pieces(self, name: str) -> Iterator[bytes] | None:
        info = self._members.get(name)
        return None if info is None else pieces(self._file, info, self._limits.inflated_bytes)


class _Parts:
    """Which members are what, as the workbook and its relations say."""

    def __init__(self, part: Callable[[str], bytes]) -> None:
        try:
            workbook = fromstring(part("xl/workbook.xml"))
            relations = fromstring(part("xl/_rels/workbook.xml.rels"))
        except (ParseError, DefusedXmlException):
            raise broken() from None
        kinds: dict[str, str] = {}
        targets: dict[str | None, tuple[str, str]] = {}
        for relation in relations:
            kind = relation.get("Type", "").rpartition("/")[2]
            path = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            targets[relation.get("Id")] = (kind, path)
            kinds.setdefault(kind, path)
        self.styles = kinds.get("styles", "xl/styles.xml")
        self.strings = kinds.get("sharedStrings", "xl/sharedStrings.xml")
        self.sheets: dict[str, str] = {}
        self.is_1904 = False
        for element in workbook.iter():
            tag = _local(element.tag)
            if tag == "workbookPr":
                self.is_1904 = element.get("date1904") in ("1", "true")
            elif tag == "sheet" and element.get("state", "visible") == "visible":
                kind, path = targets.get(_relation_id(element), ("", ""))
                if kind == "worksheet":
                    self.sheets[element.get("name", "")] = path


def _relation_id(element: Element) -> str | None:
    return next((value for name, value in element.items() if _local(name) == "id"), None)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Reader:
    """Handlers of a streamed part; `prefix` is that of its root element, which all of its elements bear."""

    def begin(self, prefix: str, parser: expat.XMLParserType) -> None:
        raise NotImplementedError


def _parse(content: Iterator[bytes], reader: _Reader) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity

    def root(name: str, _attributes: Attributes) -> None:
        reader.begin(name.rpartition(":")[0] and name.rpartition(":")[0] + ":", parser)

    parser.StartElementHandler = root
    try:
        for piece in content:
            parser.Parse(piece)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        raise broken() from None


def _refuse_entity(*_declaration: object) -> None:
    raise broken()


class _StringsReader(_Reader):
    """Shared strings in order; the reading aid above Chinese or Japanese text (rPh) is no part of it."""

    def __init__(self, strings: Spool[str], limits: Limits) -> None:
        self._strings = strings
        self._limits = limits
        self._text: list[str] = []
        self._takes = self._is_aid = False

    def begin(self, prefix: str, parser: expat.XMLParserType) -> None:
        self._item, self._t, self._aid = prefix + "si", prefix + "t", prefix + "rPh"
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data

    def _start(self, name: str, _attributes: Attributes) -> None:
        if name == self._t:
            self._takes = not self._is_aid
        elif name == self._item:
            self._text = []
        elif name == self._aid:
            self._is_aid = True

    def _end(self, name: str) -> None:
        if name == self._t:
            self._takes = False
        elif name == self._item:
            text = _unescaped("".join(self._text))
            self._strings.append(text, size=len(text))
        elif name == self._aid:
            self._is_aid = False

    def _data(self, text: str) -> None:
        if self._takes:
            self._text.append(text)


def _shared_strings(content: Iterator[bytes] | None, limits: Limits) -> Spool[str]:
    strings: Spool[str] = Spool()
    if content is not None:
        _parse(content, _StringsReader(strings, limits))
    return strings


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """ECMA-376 22.4.2.4: _x000D_ is a character that XML cannot say."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _Moment(Enum):
    """What a number format makes of a number."""

    DATE = "date"
    DURATION = "duration"


class _Formats(_Reader):
    """What the numbered cell formats of a workbook make of a number."""

    _BUILT_IN: Final[Mapping[int, _Moment]] = {
        **dict.fromkeys([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)], _Moment.DATE),
        46: _Moment.DURATION,
    }

    def __init__(self, is_1904: bool, content: Iterator[bytes] | None) -> None:
        self._is_1904 = is_1904
        self._codes: dict[int, str] = {}
        self._cells: list[int] = []
        self._in_cells = False
        if content is not None:
            _parse(content, self)
        moments = (_moment_of(self._codes[f]) if f in self._codes else self._BUILT_IN.get(f) for f in self._cells)
        self.moments: Mapping[str, _Moment] = {str(at): moment for at, moment in enumerate(moments) if moment}

    def begin(self, prefix: str, parser: expat.XMLParserType) -> None:
        self._cell_formats, self._format, self._code = prefix + "cellXfs", prefix + "xf", prefix + "numFmt"
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == self._code:
            self._codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
        elif name == self._cell_formats:
            self._in_cells = True
        elif name == self._format and self._in_cells:
            self._cells.append(int(attributes.get("numFmtId", 0)))

    def _end(self, name: str) -> None:
        if name == self._cell_formats:
            self._in_cells = False

    def shown(self, number: float, moment: _Moment) -> Cell:
        """The number as its format shows it; itself where no day can be made of it, as Excel shows #####."""
        if moment is _Moment.DURATION:
            return timedelta(milliseconds=round(number * _DAY_MS)) if abs(number) <= _LAST_DAY else number
        if self._is_1904 and number >= 1:
            day = _day_of(number + _DAYS_TO_1904)
            return number if isinstance(day, float) else day
        return _day_of(number)


_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETED = re.compile(r"\[([^\]]*)\]")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)


def _moment_of(code: str) -> _Moment | None:
    """Of the first section: that of positive numbers."""
    plain = _QUOTED.sub("", code).partition(";")[0]
    if any(_ELAPSED.fullmatch(part) for part in _BRACKETED.findall(plain)):
        return _Moment.DURATION
    bare = _BRACKETED.sub("", plain)
    return _Moment.DATE if bare.lower() != "general" and _DATE_LETTERS.search(bare) else None


_DAY_MS: Final = 86_400_000
_LAST_DAY: Final = 2_958_465  # 9999-12-31
_DAYS_TO_1904: Final = 1_462
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no time zone
_LEAP_DAY_OF_EXCEL: Final = 60  # 1900-02-29, which never was: days before it count from a day later


def _day_of(serial: float) -> Cell:
    if not 0 <= serial < _LAST_DAY + 1:
        return serial
    if serial <= _LEAP_DAY_OF_EXCEL and serial >= 1:
        serial += 0 if int(serial) == _LEAP_DAY_OF_EXCEL else 1
    moment = _EPOCH + timedelta(milliseconds=round(serial * _DAY_MS))
    if serial < 1:
        return moment.time()
    return moment.date() if moment.time() == time() and serial == int(serial) else moment


_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


class _SheetReader(_Reader):
    """Rows of a worksheet into a spool. This is the hot path: a few calls for each of millions of cells."""

    def __init__(self, strings: Spool[str], formats: _Formats, limits: Limits) -> None:
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
            return self._text(text if "_x" not in text else _unescaped(text))
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
            return self._text(_unescaped(text))
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
