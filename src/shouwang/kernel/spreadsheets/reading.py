"""Reads a sheet as people really send it: finds the header, matches the columns, and gives data rows one by one.

Guarantees: every row of the sheet is either given, or listed by `skipped_rows` with why; row numbers are those the user
sees in Excel; a cell is its exact value or a problem, never a guess. Refuses: files that `container` refuses, sheets
without a header, and rows of a sheet whose required columns are not matched yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cached_property, partial
from typing import BinaryIO

from django.utils.translation import gettext as _

from ..errors import Invalid
from .cells import (
    WAN_YUAN,
    YUAN,
    Cell,
    read_amount,
    read_boolean,
    read_code,
    read_count,
    read_date,
    read_id_number,
    read_name,
    read_text,
)
from .columns import Column, Kind, names_by_key
from .container import LIMITS, Limits
from .grid import Book, no_such_sheet, open_book
from .half_width import to_half_width
from .header import SEARCHED_ROWS, Header, find_header, header_at
from .table import Table

Value = str | int | bool | date | None
Normaliser = Callable[[Cell], Value]

REASON_LABEL = "不能导入的原因"


LABELS_NAMED = 4
"""Columns named to somebody whose file has none of them, where none is required."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is stable; `message` names the column and says what to do."""

    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` has every matched column; a cell with a problem is None there."""

    number: int
    cells: dict[str, Value]
    problems: tuple[Problem, ...] = ()


class Skip(Enum):
    BLANK = "blank"
    TOTAL = "total"
    NOTE = "note"
    HEADER = "header"  # printed again on each page
    COLUMN_NUMBERS = "column_numbers"  # 1, 2, 3... under the header


@dataclass(frozen=True, slots=True)
class SkippedRow:
    number: int
    why: Skip
    text: str


_TOTAL = re.compile(r"(?:本页|本村|本镇|本乡|全村|全镇|全县|全市)?(?:合计|总计|小计|共计|累计)(?:[(:].*)?")
_TOTAL_ENDING = re.compile(r".{1,20}(?:合计|总计|小计)")
_NOTE = re.compile(
    r"(?:备注|注|说明|填表说明|填表人|填报人|制表人|制表|经办人|审核人|复核人|负责人|主要负责人|分管领导|领导签字|填报单位|"
    r"单位(?:\(盖章\)|负责人|盖章)|联系人|联系电话|填表日期|填报日期|填报时间|制表日期|审批意见|注意事项)(?:\([^)]*\))?[::].*"
)
_UNIT = re.compile(r"单位:(?:人民币)?(万元|元)")
_BLANKS = re.compile(r"\s+")


class Sheet:
    """One sheet with its header understood. Rows can be iterated again and again."""

    def __init__(self, *, grid: Table, sheet_names: Sequence[str], columns: Sequence[Column], header: Header) -> None:
        self._grid = grid
        self.sheet_names = tuple(sheet_names)
        self.columns = tuple(columns)
        self.header = header

    @property
    def name(self) -> str:
        return self._grid.name

    @property
    def mapping(self) -> Mapping[str, int]:
        """Column key -> position in the row, from 0."""
        return self.header.mapping

    @property
    def missing(self) -> tuple[Column, ...]:
        """Required columns that no header cell names."""
        return tuple(column for column in self.columns if column.required and column.key not in self.mapping)

    @property
    def height(self) -> int:
        """Rows below the header, blank ones included; for a progress bar."""
        return max(self._grid.height - self.header.bottom - 1, 0)

    @property
    def grid(self) -> Table:
        return self._grid

    @cached_property
    def amount_unit(self) -> int:
        """Fen in one unit of a bare amount, as the title rows say (单位：万元)."""
        for row in self._grid.head[: self.header.bottom + 1]:
            for cell in row:
                if isinstance(cell, str) and (match := _UNIT.search(_squeezed(cell))):
                    return WAN_YUAN if match[1] == "万元" else YUAN
        return YUAN

    def rows(self, *, today: date) -> Iterator[Row]:
        """Data rows in order. Raises Invalid if a required column is not matched."""
        self._require_columns()
        readers = self._readers(today)
        for index, cells, skip in self._classified():
            if skip is None:
                yield _read_row(index + 1, cells, readers)

    def skipped_rows(self) -> Iterator[SkippedRow]:
        """What `rows` leaves out below the header, blank rows excepted, so that a person can see nothing was lost."""
        for index, cells, skip in self._classified():
            if skip is not None and skip is not Skip.BLANK:
                yield SkippedRow(index + 1, skip, " ".join(str(cell) for cell in cells if cell not in ("", None)))

    def _classified(self) -> Iterator[tuple[int, list[Cell], Skip | None]]:
        positions = sorted(self.mapping.values())
        id_position = next(
            (self.mapping[c.key] for c in self.columns if c.kind is Kind.ID_NUMBER and c.key in self.mapping), None
        )
        labels = self._label_cells()
        bottom = self.header.bottom
        for index, cells in enumerate(self._grid.rows()):
            if index > bottom:
                yield index, cells, _why_skip(cells, positions, id_position, labels, is_first=index == bottom + 1)

    def _label_cells(self) -> dict[int, str]:
        rows = self._grid.head
        cells = ((position, _cell(rows[self.header.top], position)) for position in self.mapping.values())
        return {position: _squeezed(cell) for position, cell in cells if isinstance(cell, str) and cell.strip()}

    def _require_columns(self) -> None:
        if self.missing:
            labels = "、".join(column.label for column in self.missing)
            message = _("没有找到必需的列：%(labels)s。请核对表头，或手工指定这些列") % {"labels": labels}
            raise Invalid(message, reason="spreadsheet.missing_columns", keys=[column.key for column in self.missing])

    def _readers(self, today: date) -> list[tuple[Column, int, Normaliser]]:
        chosen = ((column, self.mapping[column.key]) for column in self.columns if column.key in self.mapping)
        return [(column, position, self._normaliser(column, position, today)) for column, position in chosen]

    def _normaliser(self, column: Column, position: int, today: date) -> Normaliser:
        match column.kind:
            case Kind.TEXT:
                return read_text
            case Kind.NAME:
                return read_name
            case Kind.ID_NUMBER:
                return partial(read_id_number, today=today)
            case Kind.CODE:
                return read_code
            case Kind.DATE:
                return partial(read_date, today=today, may_be_future=column.may_be_future)
            case Kind.AMOUNT:
                label = to_half_width(self.header.labels[position]) if position < len(self.header.labels) else ""
                unit = WAN_YUAN if "万元" in label else YUAN if "(元" in label else self.amount_unit
                return partial(read_amount, unit=unit)
            case Kind.COUNT:
                return read_count
            case Kind.BOOLEAN:
                return read_boolean


def _no_header(columns: Sequence[Column]) -> str:
    if required := [column.label for column in columns if column.required]:
        message = _("前 %(rows)s 行里没有找到表头（应有：%(labels)s）。请核对是否选对了文件和工作表")
    else:
        message = _("前 %(rows)s 行里没有找到表头（认得的列有：%(labels)s等）。请核对是否选对了文件和工作表")
    labels = required or [column.label for column in columns[:LABELS_NAMED]]
    return message % {"rows": SEARCHED_ROWS, "labels": "、".join(labels)}


def read_sheet(
    file: BinaryIO | Book,
    *,
    filename: str = "",
    columns: Sequence[Column],
    sheet: str | None = None,
    mapping: Mapping[str, int | None] | None = None,
    header_rows: tuple[int, int] | None = None,
    limits: Limits = LIMITS,
) -> Sheet:
    """The named sheet, or the visible one that names the most columns, of a file, or of a book that is open
    already (then without name and limits).

    `mapping` corrects what was matched: key -> position from 0, or None for "not in this file". `header_rows` says
    where the header is (first and last row number as Excel shows them) when it cannot be found.
    """
    book = file if isinstance(file, Book) else open_book(file, filename=filename, limits=limits)
    found = _best_sheet(book, columns, sheet, header_rows)
    if found is None:
        raise Invalid(_no_header(columns), reason="spreadsheet.no_header")
    if mapping:
        known = {column.key for column in columns}
        if unknown := mapping.keys() - known:
            raise ValueError(f"no such columns: {sorted(unknown)}")
        if any(position is not None and position < 0 for position in mapping.values()):
            raise ValueError("positions count from 0")
        merged = {**found.mapping, **mapping}
        kept = {key: position for key, position in merged.items() if position is not None}
        found.header = replace(found.header, mapping=kept)
    return found


def _best_sheet(
    book: Book, columns: Sequence[Column], name: str | None, header_rows: tuple[int, int] | None
) -> Sheet | None:
    names = names_by_key(columns)
    if name is not None and name not in book.sheet_names:
        raise no_such_sheet(name)
    best: Sheet | None = None
    for candidate in book.sheet_names if name is None else [name]:
        grid = book.grid(candidate)
        head = grid.head
        header: Header | None
        if header_rows is None:
            header = find_header(head, grid.head_merged, names)
        else:
            top, bottom = header_rows[0] - 1, header_rows[1] - 1
            if not 0 <= top <= bottom < len(head):
                continue
            header = header_at(top, bottom, head, grid.head_merged, names)
        if header and (best is None or len(header.mapping) > len(best.mapping)):
            best = Sheet(grid=grid, sheet_names=book.sheet_names, columns=columns, header=header)
    return best


def _read_row(number: int, cells: list[Cell], readers: list[tuple[Column, int, Normaliser]]) -> Row:
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    width = len(cells)
    for column, position, normalise in readers:
        value: Value = None
        try:
            value = normalise(cells[position]) if position < width else None
        except Invalid as error:
            problems.append(Problem(column.key, error.reason, f"{column.label}：{error.message}"))
        else:
            if value is None and column.required:
                message = _("%(label)s：不能为空") % {"label": column.label}
                problems.append(Problem(column.key, "cell.required", message))
        values[column.key] = value
    return Row(number, values, tuple(problems))


def _why_skip(
    cells: list[Cell], positions: list[int], id_position: int | None, labels: dict[int, str], *, is_first: bool
) -> Skip | None:
    """A row with something in its identity number column is data, whatever else it says."""
    if id_position is not None and not is_first and not _is_blank(id_cell := _cell(cells, id_position)):
        return Skip.HEADER if _squeezed(id_cell) == labels.get(id_position) else None
    filled = [position for position in positions if not _is_blank(_cell(cells, position))]
    if not filled and all(_is_blank(cell) for cell in cells):
        return Skip.BLANK
    first = next((cell for cell in cells if not _is_blank(cell)), "")
    if labels and all(_squeezed(_cell(cells, position)) == label for position, label in labels.items()):
        return Skip.HEADER
    if is_first and _are_column_numbers(cells):
        return Skip.COLUMN_NUMBERS
    if id_position is not None and id_position in filled:
        return None
    if isinstance(first, str):
        text = _squeezed(first)
        if _NOTE.fullmatch(text) or (text.startswith(("注", "说明", "备注")) and len(filled) <= 1):
            return Skip.NOTE
    if any(isinstance(cell, str) and _is_total(cell, len(filled), len(positions)) for cell in cells[:4]):
        return Skip.TOTAL
    return None if filled else Skip.NOTE


def _is_total(cell: str, filled: int, wanted: int) -> bool:
    text = _squeezed(cell)
    return bool(_TOTAL.fullmatch(text)) or (filled * 2 <= wanted + 1 and bool(_TOTAL_ENDING.fullmatch(text)))


def _are_column_numbers(cells: list[Cell]) -> bool:
    numbers = [_squeezed(cell).removesuffix(".0") for cell in cells if not _is_blank(cell)]
    numbers = numbers[1:] if numbers[:1] in (["栏次"], ["序号"]) else numbers
    return len(numbers) >= 3 and numbers == [str(count) for count in range(1, len(numbers) + 1)]


def _cell(cells: Sequence[Cell], position: int) -> Cell:
    return cells[position] if position < len(cells) else ""


def _is_blank(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def _squeezed(cell: Cell) -> str:
    """As compared: half width, no blanks at all."""
    return _BLANKS.sub("", to_half_width(str(cell)))
