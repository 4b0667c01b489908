"""Reads an .xlsx workbook in a stream: the XML goes by once, rows and shared strings go to disk, none of it is held.

Guarantees: a row is as Excel shows it, an error value and a formula saved without its result are a `Hole`, a number in a
date format is a date; memory does not grow with the sheet. Refuses: documents with entities, cells without a reference,
rows out of order, a number of a shared string that is not there.
Source: ECMA-376 part 1, 18.2 workbook, 18.3 worksheets, 18.4 shared strings, 18.8.30 number formats.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from .container import Limits, bomb, broken, pieces, verified_members
from .table import Table
from .xlsx_formats import Formats
from .xlsx_sheet import SheetReader
from .xlsx_stream import parse
from .xlsx_strings import shared_strings

_SMALL_PART_BYTES: Final = 4 << 20
"""Of workbook and relations, which list the sheets."""


class XlsxBook:
    """Visible worksheets in their order; each is read when it is asked for, once."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._members = verified_members(file, limits.inflated_bytes, limits)
        parts = _Parts(self._small_part)
        self._sheet_parts = parts.sheets
        self.sheet_names = list(parts.sheets)
        self._formats = Formats(parts.is_1904, self._optional_pieces(parts.styles))
        self._strings = shared_strings(self._optional_pieces(parts.strings), limits)
        self._tables: dict[str, Table] = {}

    def grid(self, name: str) -> Table:
        if name not in self._tables:
            info = self._members.get(self._sheet_parts[name])
            if info is None:
                raise broken()
            reader = SheetReader(self._strings, self._formats, self._limits)
            parse(pieces(self._file, info, self._limits.inflated_bytes), reader)
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
