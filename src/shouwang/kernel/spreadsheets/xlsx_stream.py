"""A part of an .xlsx workbook read in a stream: its XML goes by once, and none of it is held."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from .container import broken

Attributes = dict[str, str]


class Reader:
    """Handlers of a streamed part; `prefix` is that of its root element, which all of its elements bear."""

    def begin(self, prefix: str, parser: expat.XMLParserType) -> None:
        raise NotImplementedError


def parse(content: Iterator[bytes], reader: Reader) -> None:
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
