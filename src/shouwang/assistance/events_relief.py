"""What temporary relief tells the apps above it, inside the command's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReliefPaid:
    """The money of a case reached the people it covers; `papers_due_on` when the papers follow later."""

    kind: ClassVar[str] = "relief.paid"
    case_id: UUID
    person_count: int
    amount_fen: int
    paid_on: date
    papers_due_on: date | None
    area_code: int
