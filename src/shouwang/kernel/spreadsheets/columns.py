"""What a reader expects to find in a sheet: columns with their kind and the names people give them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from .half_width import to_half_width


class Kind(Enum):
    TEXT = "text"  # str
    NAME = "name"  # str, blanks between Chinese characters removed
    ID_NUMBER = "id_number"  # str, a valid identity number
    CODE = "code"  # str of digits and letters: account, certificate, phone; a number cell must not have lost digits
    DATE = "date"  # datetime.date
    AMOUNT = "amount"  # int, fen
    COUNT = "count"  # int, not negative
    BOOLEAN = "boolean"  # bool


@dataclass(frozen=True, slots=True)
class Column:
    """`label` is what we call it; `synonyms` are what other people's sheets call it."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    kind: Kind = Kind.TEXT
    may_be_future: bool = False
    """A date after today is a problem unless it is an end date or a deadline."""
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(plain_label(name) for name in (self.label, *self.synonyms)))


_DECORATION = re.compile(r"^(?:[(]?\d{1,2}[)]?[.、:]|[(]\d{1,2}[)]|[*★]+)+|[*★:]+$")
_BRACKETED = re.compile(r"\([^()]*\)")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")


def plain_label(text: str) -> str:
    """A header cell without blanks, line breaks, numbering, required marks and full-width characters."""
    return _DECORATION.sub("", _BLANKS.sub("", to_half_width(text))).casefold()


def unbracketed(label: str) -> str:
    """`金额(元)` -> `金额`: the second try when the whole label is in nobody's table."""
    return _BRACKETED.sub("", label)


def names_by_key(columns: Iterable[Column]) -> dict[str, str]:
    """Plain name -> key. Two columns that answer to one name are a programmer's error."""
    table: dict[str, str] = {}
    for column in columns:
        for name in column.names:
            if table.setdefault(name, column.key) != column.key:
                raise ValueError(f"{name!r} names both {table[name]!r} and {column.key!r}")
    return table
