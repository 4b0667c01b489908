"""What every bank profile has in common: a list on its way out, the bank's answers on their way in.

A profile is one file of this folder: it writes a list as one bank takes it and reads that bank's answers. Guarantees:
written twice from the same list, a file says the same; an answer names batch, line and amount, or the file is refused
whole, naming what cannot be read; what the file says of its own totals must be what its lines add up to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.translation import gettext as _

from shouwang.kernel import money
from shouwang.kernel.errors import Invalid

PROBLEMS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OutLine:
    """One line as it leaves: `account` in full, whoever takes the file is written into the audit."""

    number: int
    holder: str
    account: str
    bank: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Payer:
    """The account a list is paid from. `bank_code`: the 12-digit CNAPS number 联行号, empty when not registered."""

    name: str
    account: str
    bank: str
    bank_code: str = ""


@dataclass(frozen=True, slots=True)
class OutList:
    """A list as it leaves. `made_at` is the instant it was sent, so that the file is the same whenever it is written."""

    number: str
    purpose: str
    made_at: datetime
    pay_on: date
    lines: Sequence[OutLine]
    payer: Payer | None = None

    @property
    def amount_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What the bank says of one line. `line_count` of one answer never exceeds the batch's."""

    batch_number: str
    line_number: int
    amount_fen: int
    is_paid: bool
    reason: str
    on: date


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """`declared_fen`: what the file says that the whole list amounted to, when it says so."""

    answers: tuple[LineAnswer, ...]
    fingerprint: bytes
    declared_fen: int | None = None
    waiting_count: int = 0
    """Lines that the bank has taken and not yet decided; they stay open."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as the bank gave it."""

    name: str
    content: bytes


class BankProfile(Protocol):
    """One bank's way of taking lists and answering them."""

    key: str
    suffix: str
    content_type: str
    needs_payer: bool

    @property
    def label(self) -> str: ...

    def write(self, out: OutList) -> bytes:
        """The file of a list. Raises Invalid when a field cannot be carried."""
        ...

    def recognises(self, received: ReceivedFile) -> bool: ...

    def read(self, received: ReceivedFile) -> ReturnFile:
        """The bank's answers. Raises Invalid naming what cannot be read; then nothing has been taken."""
        ...


def fingerprint(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def refuse_unreadable(problems: Sequence[str]) -> None:
    """Raises Invalid when there is a problem: a file is taken whole or not at all."""
    if problems:
        raise Invalid(
            _("回盘文件有 %(count)s 行不能读取，未作任何处理：%(lines)s")
            % {"count": len(problems), "lines": "；".join(problems[:PROBLEMS_SHOWN])},
            reason="return.unreadable",
            lines=list(problems),
        )


def refuse_other_total(*, what: str, stated_fen: int, added_fen: int) -> None:
    """Raises Invalid when a total that the file states is not what its lines add up to, be it by a fen."""
    if stated_fen != added_fen:
        raise Invalid(
            _(
                "回盘文件的%(what)s写的是 %(stated)s 元，明细相加是 %(added)s 元，相差 %(gap)s 元，未作任何处理。请向银行核对。"
            )
            % {
                "what": what,
                "stated": money.yuan(stated_fen),
                "added": money.yuan(added_fen),
                "gap": money.yuan(abs(stated_fen - added_fen)),
            },
            reason="return.total",
            stated_fen=stated_fen,
            added_fen=added_fen,
        )
