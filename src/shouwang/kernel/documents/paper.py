"""What stands on a printed paper, without a word on how it is drawn.

Texts are plain: nothing in them is markup of any program that draws them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ..qr import qr_svg

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Without the characters that no file may hold and that have no shape on paper."""
    return _UNPRINTABLE.sub("", text)


class TextStyle(Enum):
    """`BODY` is indented by two characters, `PLAIN` (the addressee, a note) is not."""

    BODY = "body"
    PLAIN = "plain"
    STRONG = "strong"
    SMALL = "small"


class Align(Enum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    style: TextStyle = TextStyle.BODY

    def as_json(self) -> dict[str, object]:
        return {"kind": "text", "style": self.style.value, "text": self.text}


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, one a row."""

    rows: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, object]:
        return {"kind": "facts", "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class PaperTable:
    """`widths` are shares of the page's width; the head is repeated on every page, `total` is set apart below."""

    head: Sequence[str]
    widths: Sequence[int]
    aligns: Sequence[Align]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()

    def __post_init__(self) -> None:
        columns = len(self.head)
        rows = [*self.rows, *([self.total] if self.total else [])]
        if {len(self.widths), len(self.aligns), *(len(row) for row in rows)} != {columns}:
            raise ValueError("every row of a table has as many cells as its head")

    def as_json(self) -> dict[str, object]:
        return {
            "kind": "table",
            "head": list(self.head),
            "widths": list(self.widths),
            "aligns": [align.value for align in self.aligns],
            "rows": [list(row) for row in self.rows],
            "total": list(self.total),
        }


class Tint(Enum):
    """A colour of a card's frame; the card says its word as well, for whoever prints black and white."""

    NONE = ""
    RED = "red"
    ORANGE = "orange"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Card:
    """Something to be cut out: a large title, lines below it, and a QR code of `code` when there is one."""

    title: str
    lines: Sequence[str]
    code: str = ""
    tint: Tint = Tint.NONE


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards in columns, with lines to cut along; none is torn by the end of a page. `code_mm` is the side of a code."""

    cards: Sequence[Card]
    columns: int = 2
    code_mm: int = 42

    def as_json(self) -> dict[str, object]:
        return {
            "kind": "cards",
            "columns": self.columns,
            "code_mm": self.code_mm,
            "cards": [
                {
                    "title": card.title,
                    "lines": list(card.lines),
                    "code": qr_svg(card.code).decode() if card.code else "",
                    "tint": card.tint.value,
                }
                for card in self.cards
            ],
        }


Block = Text | Facts | PaperTable | Cards


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of A4: a title, a number below it, its blocks, and who signs on which day.

    `day` is written out ("2020年3月18日"), empty where it is filled in by hand. `note` stands small at the foot of the
    last page; `is_wide` turns the page.
    """

    title: str
    blocks: Sequence[Block]
    number: str = ""
    office: str = ""
    day: str = ""
    note: str = ""
    is_wide: bool = False

    def as_json(self) -> Mapping[str, object]:
        return {
            "title": self.title,
            "number": self.number,
            "blocks": [block.as_json() for block in self.blocks],
            "office": self.office,
            "day": self.day,
            "note": self.note,
            "is_wide": self.is_wide,
        }
