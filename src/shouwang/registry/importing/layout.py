"""Where in a workbook the households are: its sheet, its header, which column is which. Found, shown, corrected, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from shouwang.kernel.spreadsheets import Book, Sheet, read_sheet
from shouwang.kernel.spreadsheets.forms import check_mapping

from .columns import COLUMNS
from .grouping import settled, way_of
from .parse import labels_of


@dataclass(frozen=True, slots=True)
class Layout:
    """`mapping`: column key -> position from 0, as matched or corrected. Rows count from 1, as Excel shows them."""

    sheet: str
    labels: tuple[str, ...]
    header_rows: tuple[int, int]
    mapping: Mapping[str, int]
    height: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Layout:
        top, bottom = kept["header_rows"]
        return cls(kept["sheet"], tuple(kept["labels"]), (top, bottom), kept["mapping"], kept["height"])

    def with_mapping(self, mapping: Mapping[str, int]) -> Layout:
        """Corrected by a person. Raises Invalid when a column is not there or is named twice."""
        check_mapping(mapping, COLUMNS, self.labels)
        return replace(self, mapping=dict(mapping))

    def missing(self, *, needs_village: bool) -> str:
        """What is lacking before rows can be read, in words; empty when nothing is."""
        found = settled(self.mapping)
        lacking = [key for key in ("name", "id_number") if key not in found]
        if needs_village and "village" not in found:
            lacking.append("village")
        if lacking:
            return _("没有找到必需的列：%(labels)s。请在下面指定它们是哪一列") % {"labels": labels_of(lacking)}
        if way_of(self.mapping) is None:
            return _("看不出哪些人是一户：请指定户号、户主姓名或与户主关系是哪一列")
        return ""


def find_layout(book: Book) -> Layout:
    """Raises Invalid for a book in which no header is found."""
    sheet = read_sheet(book, columns=COLUMNS)
    header = sheet.header
    width = max(len(header.labels), max(sheet.mapping.values(), default=0) + 1)
    labels = tuple(header.labels) + ("",) * (width - len(header.labels))
    return Layout(sheet.name, labels, (header.top + 1, header.bottom + 1), dict(sheet.mapping), sheet.height)


def open_sheet(book: Book, *, layout: Layout) -> Sheet:
    """The sheet with the kept layout, its mapping settled."""
    found = settled(layout.mapping)
    mapping = {column.key: found.get(column.key) for column in COLUMNS}
    return read_sheet(book, columns=COLUMNS, sheet=layout.sheet, mapping=mapping, header_rows=layout.header_rows)
