"""Opens a file as a book of tables, whatever its format.

xlsx and text go by in a stream, so memory does not grow with them. xls and ods are opened by a parser that holds the
whole table (about 32 bytes a cell): they have limits of their own, and what it held is let go once the rows are on disk.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, runtime_checkable

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from ..errors import Invalid
from .cells import Cell
from .container import (
    LIMITS,
    Format,
    Limits,
    broken,
    check_extent,
    check_held_rows,
    encrypted,
    measure,
    read_held,
    recognise,
)
from .facts import SheetFacts, ods_facts
from .rehearsal import rehearse
from .spool import Spool
from .table import Table
from .xls_facts import xls_facts
from .xlsx import XlsxBook


@runtime_checkable
class Book(Protocol):
    @property
    def sheet_names(self) -> list[str]:
        """Visible sheets in their order."""
        ...

    def grid(self, name: str) -> Table:
        """One of them, read to its end, so that a fault shows before any row is used."""
        ...


def open_book(file: BinaryIO, *, filename: str, limits: Limits = LIMITS) -> Book:
    """Raises Invalid in the user's words for whatever is not a sound spreadsheet within the limits. `file` can be sought
    in; it is not needed any more once a grid is there."""
    measure(file, limits)
    match recognise(file, filename):
        case Format.TEXT:
            return CsvBook(file, limits)
        case Format.XLSX:
            return XlsxBook(file, limits)
        case Format.ODS:
            facts = ods_facts(file, limits)
            return CalamineBook(read_held(file, limits), facts, limits)
        case Format.XLS:
            data = read_held(file, limits)
            facts = xls_facts(data)
            for sheet in facts.values():
                check_extent(sheet.rows, sheet.columns, limits)
            rehearse(data)
            return CalamineBook(data, facts, limits)


class CalamineBook:
    def __init__(self, data: bytes, facts: dict[str, SheetFacts], limits: Limits) -> None:
        self._facts = facts
        self._limits = limits
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        except PasswordError:
            raise encrypted() from None
        except CalamineError:
            raise broken() from None
        self.sheet_names = [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        self._tables: dict[str, Table] = {}

    def grid(self, name: str) -> Table:
        if name not in self._tables:
            self._tables[name] = self._read(name)
        return self._tables[name]

    def _read(self, name: str) -> Table:
        facts = self._facts.get(name)
        if facts is None:
            raise broken()
        check_held_rows(facts.rows, self._limits)
        check_extent(facts.rows, facts.columns, self._limits)
        try:
            sheet = self._book.get_sheet_by_name(name)
        except CalamineError:
            raise broken() from None
        margin: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
        rows: Spool[list[Cell]] = Spool()
        for values in sheet.iter_rows():
            rows.append(_with_holes([*margin, *values], facts, len(rows)))
        last = max(sheet.total_height, max(facts.holes, default=-1))  # total_height is the last row's index
        while len(rows) <= last:
            rows.append(_with_holes([], facts, len(rows)))
        return Table(name, rows, list(sheet.merged_cell_ranges or []))


def _with_holes(row: list[Cell], facts: SheetFacts, row_index: int) -> list[Cell]:
    for column, hole in facts.holes.get(row_index, {}).items():
        row.extend([""] * (column + 1 - len(row)))
        row[column] = hole
    return row


_ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",\t;|"
_SAMPLE_CHARACTERS = 20_000
_PIECE_BYTES = 64 << 10


class CsvBook:
    """One sheet without a name."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self.sheet_names = [""]
        encoding = _encoding_of(file)
        try:
            delimiter = _delimiter_of(file, encoding)
            rows: Spool[list[Cell]] = Spool()
            with _lines(file, encoding) as lines:
                for count, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                    check_extent(count, len(row), limits)
                    rows.append([*row], size=sum(map(len, row)))
        except (csv.Error, UnicodeError):
            raise broken() from None
        self._table = Table("", rows)

    def grid(self, name: str) -> Table:  # noqa: ARG002 - there is one only
        return self._table


def _encoding_of(file: BinaryIO) -> str:
    """UTF-8 if it can be, else GB18030: GB18030 text that is also sound UTF-8 is as good as impossible."""
    file.seek(0)
    start = file.read(len(codecs.BOM_UTF8))
    for mark, encoding in _ENCODINGS.items():
        if start.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            for _piece in _decoded(file, encoding):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    message = _("文件的文字编码无法识别。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入")
    raise Invalid(message, reason="spreadsheet.unknown_encoding")


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _delimiter_of(file: BinaryIO, encoding: str) -> str:
    sample = next(_decoded(file, encoding))[:_SAMPLE_CHARACTERS]
    if "\0" in sample:
        raise broken()
    return max(_DELIMITERS, key=sample.count)


@contextmanager
def _lines(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """With their ends as they are, which the csv reader needs inside quotes. The file stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def no_such_sheet(name: str) -> Invalid:
    message = _("文件里没有名为“%(name)s”的工作表") % {"name": name}
    return Invalid(message, reason="spreadsheet.no_such_sheet", sheet=name)
