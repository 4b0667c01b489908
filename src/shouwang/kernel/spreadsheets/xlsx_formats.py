"""What the number formats of an .xlsx workbook make of a number. Source: ECMA-376 part 1, 18.8.30."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Final
from xml.parsers import expat

from .cells import Cell
from .xlsx_stream import Attributes, Reader, parse


class Moment(Enum):
    """What a number format makes of a number."""

    DATE = "date"
    DURATION = "duration"


class Formats(Reader):
    """What the numbered cell formats of a workbook make of a number."""

    _BUILT_IN: Final[Mapping[int, Moment]] = {
        **dict.fromkeys([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)], Moment.DATE),
        46: Moment.DURATION,
    }

    def __init__(self, is_1904: bool, content: Iterator[bytes] | None) -> None:
        self._is_1904 = is_1904
        self._codes: dict[int, str] = {}
        self._cells: list[int] = []
        self._in_cells = False
        if content is not None:
            parse(content, self)
        moments = (_moment_of(self._codes[f]) if f in self._codes else self._BUILT_IN.get(f) for f in self._cells)
        self.moments: Mapping[str, Moment] = {str(at): moment for at, moment in enumerate(moments) if moment}

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

    def shown(self, number: float, moment: Moment) -> Cell:
        """The number as its format shows it; itself where no day can be made of it, as Excel shows #####."""
        if moment is Moment.DURATION:
            return timedelta(milliseconds=round(number * _DAY_MS)) if abs(number) <= _LAST_DAY else number
        if self._is_1904 and number >= 1:
            day = _day_of(number + _DAYS_TO_1904)
            return number if isinstance(day, float) else day
        return _day_of(number)


_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETED = re.compile(r"\[([^\]]*)\]")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)


def _moment_of(code: str) -> Moment | None:
    """Of the first section: that of positive numbers."""
    plain = _QUOTED.sub("", code).partition(";")[0]
    if any(_ELAPSED.fullmatch(part) for part in _BRACKETED.findall(plain)):
        return Moment.DURATION
    bare = _BRACKETED.sub("", plain)
    return Moment.DATE if bare.lower() != "general" and _DATE_LETTERS.search(bare) else None


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
