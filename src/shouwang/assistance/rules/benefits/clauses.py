"""What the programmes have in common: the texts of law they follow, the clauses of a chain, the lines they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from .parameters import StandardsRow

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from .inputs import Tables

Record = Mapping[str, int]
"""The integers that a line keeps: its facts, its sums, its reasons. Booleans are 0 and 1."""

LINE = (
    "grant_id",
    "household_id",
    "person_id",
    "unit_code",
    "area_code",
    "is_urban",
    "amount_fen",
    "ordinary_fen",
    "reasons",
)
"""The columns that every programme's lines begin with; `ordinary_fen` is what would be paid without the measures."""


@dataclass(frozen=True, slots=True)
class Text:
    """A version of the law: amounts follow the one in force in the benefit month, procedure the one at acceptance."""

    version: str
    valid_from: date
    number: str
    title: str


class Kind(StrEnum):
    FACT = "fact"
    PARAMETER = "parameter"
    ADD = "add"
    SUBTRACT = "subtract"


class Shown(StrEnum):
    FEN = "fen"
    PERCENT = "percent"
    COUNT = "count"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Clause:
    """One named step. Adds less subtracts make the amount; facts and parameters say where they come from.

    What `is_emergency` adds is paid only because of a measure or a notice for the time being: the rest is the ordinary amount.
    `words` is the step in plain words with the names of steps in it; `articles` by version, "" where the text is silent.
    """

    name: str
    label: str | Promise
    kind: Kind
    articles: Mapping[str, str] = field(default_factory=dict)
    shown: Shown = Shown.FEN
    words: str | Promise = ""
    keys: tuple[str, ...] = ()
    is_emergency: bool = False

    def article(self, version: str) -> str:
        return self.articles.get(version, self.articles.get("", ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """A programme as rules. `derive` re-derives every clause from a line's own record, in plain integers.

    `uses` are the parameters that must be there; `kept` the columns of a line that, with the parameters of the run, give
    the whole chain again. `groups`: a rule without grants of its own pays who is in one of them, and keeps which one as
    `group_number`.
    """

    programme: str
    texts: tuple[Text, ...]
    uses: tuple[str, ...]
    kept: tuple[str, ...]
    build: Callable[[Tables, str], ir.Table]
    clauses: tuple[Clause, ...]
    derive: Callable[[Record, StandardsRow, str], dict[str, int]]
    groups: tuple[str, ...] = ()

    def text_on(self, day: date) -> Text:
        """The text in force on a day. Raises LookupError before the first."""
        for text in reversed(self.texts):
            if text.valid_from <= day:
                return text
        raise LookupError(f"no text of {self.programme} on {day}")
