"""What assistance tells the apps above it, inside the command's transaction. A bulk command publishes one event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GrantsChanged:
    """Recipients were taken over, or amounts of grants changed; `postponed_count` wait for the end of a pause."""

    kind: ClassVar[str] = "grants.changed"
    programme: str
    grant_count: int
    postponed_count: int
    area_code: int


@dataclass(frozen=True, slots=True)
class MonthRun:
    """A month was computed and its lists are drafted."""

    kind: ClassVar[str] = "payment.run"
    run_id: UUID
    programme: str
    benefit_month: date
    payable_count: int
    amount_fen: int
    area_code: int


@dataclass(frozen=True, slots=True)
class BatchMoved:
    """A list was handed on in the chain."""

    kind: ClassVar[str] = "payment.batch_moved"
    batch_id: UUID
    from_state: str
    to_state: str
    area_code: int


@dataclass(frozen=True, slots=True)
class PaymentsMade:
    """The bank said what became of lines of a list; counts of this answer only."""

    kind: ClassVar[str] = "payment.paid"
    batch_id: UUID
    programme: str
    benefit_month: date
    paid_count: int
    paid_fen: int
    returned_count: int
    returned_fen: int
    area_code: int


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """A payment that had arrived was taken back."""

    kind: ClassVar[str] = "payment.reversed"
    payable_id: UUID
    amount_fen: int
    reason: str
    area_code: int


@dataclass(frozen=True, slots=True)
class ParametersConfirmed:
    """A notice of parameters is in force. `paid_months`: months already paid for which arrears or recovery follow."""

    kind: ClassVar[str] = "parameters.confirmed"
    notice_id: UUID
    keys: tuple[str, ...]
    area_codes: tuple[int, ...]
    valid_from: date
    paid_months: tuple[date, ...]
    area_code: int
