"""Writes tables out: xlsx and csv from columns and rows, and the refused rows of an import for correction.

Guarantees: no text of ours or of a user's is ever a formula in the receiver's program; identity numbers and accounts
are text with every digit; money is yuan with two decimals, exact from fen; rows stream, memory does not grow with them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, product
from typing import BinaryIO, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ..errors import Invalid
from .cells import Cell
from .columns import Column, Kind, plain_label
from .facts import Hole
from .reading import REASON_LABEL, Sheet, Value
from .table import Position, Range

XLSX_ROWS_MAX: Final = 1_048_576  # of the format
_TEXT_MAX: Final = 32_767  # of the format, in characters
_COLUMNS_MAX: Final = 16_383  # of the format, from 0
_FIRST_YEAR: Final = 1900
_SHEET_NAME_MAX: Final = 31  # of the format
_EXACT_FLOAT: Final = 10**15
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDTHS: Final = {
    Kind.TEXT: 18, Kind.NAME: 12, Kind.ID_NUMBER: 21, Kind.CODE: 22, Kind.DATE: 12, Kind.AMOUNT: 14, Kind.COUNT: 9,
    Kind.BOOLEAN: 7,
}  # fmt: skip
_TEXT_KINDS: Final = frozenset({Kind.ID_NUMBER, Kind.CODE})
_BOOK_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "default_date_format": "yyyy-mm-dd",
}


_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def neutralised(text: str) -> str:
    """For csv: a leading apostrophe keeps a spreadsheet program from running the text as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Value]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, which is how Excel recognises it; a piece per thousand rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([neutralised(column.label) for column in columns])
    remaining = iter(rows)
    while batch := list(islice(remaining, 1000)):
        writer.writerows([_csv_text(column, row.get(column.key)) for column in columns] for row in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_text(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return _yuan_text(value) if column.kind is Kind.AMOUNT else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return neutralised(value)


def _yuan_text(fen: int) -> str:
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def write_xlsx(
    file: BinaryIO, columns: Sequence[Column], rows: Iterable[Mapping[str, Value]], *, sheet_name: str = "Sheet1"
) -> int:
    """Writes one sheet with a frozen header to `file`; returns the number of data rows."""
    with xlsxwriter.Workbook(file, dict(_BOOK_OPTIONS)) as book:
        sheet = book.add_worksheet(sheet_name)
        formats = _Formats(book)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, _WIDTHS[column.kind], formats.of_column(column))
            sheet.write_string(0, position, column.label, formats.header)
        sheet.freeze_panes(1, 0)
        number = 0
        for number, row in enumerate(rows, 1):
            if number >= XLSX_ROWS_MAX:
                raise Invalid(_("数据超过一个工作表的行数，请缩小范围或导出为 CSV"), reason="spreadsheet.too_many_rows")
            for position, column in enumerate(columns):
                value = row.get(column.key)
                if value is not None:
                    _write_value(sheet, number, position, column, value, formats)
        return number


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header: Format = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
        self.title: Format = book.add_format({"bold": True, "align": "center", "valign": "vcenter"})
        self.text: Format = book.add_format({"num_format": "@"})
        self.money: Format = book.add_format({"num_format": "#,##0.00"})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.reason: Format = book.add_format({"font_color": "#C00000", "text_wrap": True, "valign": "top"})

    def of_column(self, column: Column) -> Format | None:
        if column.kind in _TEXT_KINDS:
            return self.text
        return {Kind.AMOUNT: self.money, Kind.DATE: self.day}.get(column.kind)


def _write_value(sheet: Worksheet, row: int, position: int, column: Column, value: Value, formats: _Formats) -> None:
    if isinstance(value, bool):
        sheet.write_string(row, position, _("是") if value else _("否"))
    elif isinstance(value, int):
        if column.kind is Kind.AMOUNT:
            _write_fen(sheet, row, position, value, formats)
        elif column.kind in _TEXT_KINDS or abs(value) >= _EXACT_FLOAT:
            sheet.write_string(row, position, str(value), formats.text)
        else:
            sheet.write_number(row, position, value)
    elif isinstance(value, date):
        _write_day(sheet, row, position, value, formats.day)
    else:
        chosen = formats.text if column.kind in _TEXT_KINDS else None
        sheet.write_string(row, position, str(value)[:_TEXT_MAX], chosen)


def _write_fen(sheet: Worksheet, row: int, position: int, fen: int, formats: _Formats) -> None:
    """The file format's number is a double: below 10^15 fen the nearest one prints as exactly these two decimals."""
    if abs(fen) < _EXACT_FLOAT:
        sheet.write_number(row, position, fen / 100, formats.money)
    else:
        sheet.write_string(row, position, _yuan_text(fen))


def _write_day(sheet: Worksheet, row: int, position: int, day: date, chosen: Format) -> None:
    """The file format's days begin with 1900; an earlier one is text."""
    if day.year < _FIRST_YEAR:
        sheet.write_string(row, position, day.isoformat())
    else:
        sheet.write_datetime(row, position, day, chosen)


def write_refused(file: BinaryIO, sheet: Sheet, reasons: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Writes the refused rows of `sheet` as xlsx, under its own title and header rows, the reasons in a last column.

    `reasons`: row numbers as Excel shows them, ascending, with their messages. Reading the result again finds the same
    columns; a column of reasons that the sheet already had from an earlier round is replaced. Identity numbers, accounts
    and codes get the text format, so that what is typed over them keeps its digits.
    """
    with xlsxwriter.Workbook(file, dict(_BOOK_OPTIONS)) as book:
        page = _RefusedPage(book, sheet)
        page.head()
        remaining = iter(reasons)
        number, messages = next(remaining, (0, ()))
        for index, cells in enumerate(sheet.grid.rows()):
            if index + 1 == number and index > sheet.header.bottom:
                page.row(cells, messages)
                number, messages = next(remaining, (0, ()))


class _RefusedPage:
    """The sheet that goes back, written from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet) -> None:
        self._sheet = sheet
        self._formats = formats = _Formats(book)
        self._out = book.add_worksheet(_sheet_name(sheet.name))
        kinds = {sheet.mapping[column.key]: column.kind for column in sheet.columns if column.key in sheet.mapping}
        self._texts = {position for position, kind in kinds.items() if kind in _TEXT_KINDS}
        self._width = max(len(sheet.header.labels), max(kinds, default=0) + 1)
        self._old_reasons = _old_reason_position(sheet)
        self._reasons = self._width if self._old_reasons is None else self._old_reasons
        for position in range(self._width):
            chosen = formats.text if position in self._texts else None
            self._out.set_column(position, position, _WIDTHS[kinds.get(position, Kind.TEXT)], chosen)
        self._out.set_column(self._reasons, self._reasons, 50)
        self._target = 0

    def head(self) -> None:
        """Titles and header with their merged cells. Written as single cells and joined afterwards: the writer of a
        stream cannot reach back to rows that are gone by."""
        header = self._sheet.header
        merged = _apart([one for one in self._sheet.grid.head_merged if one[1][0] <= header.bottom])
        titles = {spot: first[0] < header.top for first, last in merged for spot in _spots(first, last)}
        firsts = {first for first, _last in merged}
        for index, cells in enumerate(self._sheet.grid.head[: header.bottom + 1]):
            for position in range(self._width):
                cell = cells[position] if position < len(cells) else ""
                is_title = titles.get((index, position))
                if is_title is not None:
                    shown = self._formats.title if is_title else self._formats.header
                    said = str(cell) if (index, position) in firsts and not isinstance(cell, Hole) else ""
                    if said:
                        self._out.write_string(index, position, said[:_TEXT_MAX], shown)
                    else:
                        self._out.write_blank(index, position, None, shown)
                elif position != self._old_reasons:
                    _write_cell(self._out, index, position, cell, self._formats, is_text=False)
            if index == header.top:
                self._out.write_string(index, self._reasons, REASON_LABEL, self._formats.header)
        for (top, left), (bottom, right) in merged:
            self._out.merge.append([top, left, bottom, right])
        self._target = header.bottom + 1
        self._out.freeze_panes(self._target, 0)

    def row(self, cells: Sequence[Cell], messages: Sequence[str]) -> None:
        for position, cell in enumerate(cells[: self._width]):
            if position != self._old_reasons:
                is_text = position in self._texts
                _write_cell(self._out, self._target, position, cell, self._formats, is_text=is_text)
        self._out.write_string(self._target, self._reasons, "；".join(messages)[:_TEXT_MAX], self._formats.reason)
        self._target += 1


def _old_reason_position(sheet: Sheet) -> int | None:
    wanted = plain_label(REASON_LABEL)
    return next((at for at, label in enumerate(sheet.header.labels) if plain_label(label) == wanted), None)


def _write_cell(out: Worksheet, row: int, position: int, cell: Cell, formats: _Formats, *, is_text: bool) -> None:
    """As it was; what Excel made of a long number is shown as text, so that reading it again refuses it again."""
    match cell:
        case None | "" | Hole():
            if is_text:
                out.write_blank(row, position, None, formats.text)
        case bool():
            out.write_boolean(row, position, cell)
        case int() | float():
            if is_text:
                whole = abs(cell) < _EXACT_FLOAT
                out.write_string(row, position, f"{cell:.15g}" if whole else f"{cell:.14E}", formats.text)
            else:
                out.write_number(row, position, cell)
        case datetime() if cell.time() != time():
            _write_day(out, row, position, cell, formats.moment)
        case date():
            _write_day(out, row, position, cell, formats.day)
        case time() | timedelta():
            out.write_string(row, position, str(cell))
        case _:
            out.write_string(row, position, str(cell)[:_TEXT_MAX], formats.text if is_text else None)


def _apart(merged: Sequence[Range]) -> list[Range]:
    """Ranges of more than one cell of which no two share one; the writer of a merged cell would refuse the second."""
    kept: list[Range] = []
    taken: set[Position] = set()
    for first, last in merged:
        spots = set(_spots(first, last))
        if len(spots) > 1 and taken.isdisjoint(spots):
            kept.append((first, last))
            taken |= spots
    return kept


def _spots(first: Position, last: Position) -> Iterator[Position]:
    return product(range(first[0], last[0] + 1), range(first[1], min(last[1], _COLUMNS_MAX) + 1))


def _sheet_name(name: str) -> str:
    """The sheet's own name where xlsx allows it; other formats allow more."""
    return _NOT_IN_SHEET_NAME.sub("", name).strip("'")[:_SHEET_NAME_MAX] or "Sheet1"
