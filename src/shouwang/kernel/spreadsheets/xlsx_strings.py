"""The shared strings of an .xlsx workbook, on disk. Source: ECMA-376 part 1, 18.4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from .container import Limits
from .spool import Spool
from .xlsx_stream import Attributes, Reader, parse


class _StringsReader(Reader):
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
            text = unescaped("".join(self._text))
            self._strings.append(text, size=len(text))
        elif name == self._aid:
            self._is_aid = False

    def _data(self, text: str) -> None:
        if self._takes:
            self._text.append(text)


def shared_strings(content: Iterator[bytes] | None, limits: Limits) -> Spool[str]:
    strings: Spool[str] = Spool()
    if content is not None:
        parse(content, _StringsReader(strings, limits))
    return strings


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """ECMA-376 22.4.2.4: _x000D_ is a character that XML cannot say."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
