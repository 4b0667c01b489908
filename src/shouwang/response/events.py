"""What happened to measures, for the apps above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MeasureIssued:
    kind: ClassVar[str] = "measure.issued"
    measure_id: UUID
    measure_kind: str
    area_code: int
    from_at: datetime
    until_at: datetime | None
    is_exercise: bool


@dataclass(frozen=True, slots=True)
class MeasureLifted:
    kind: ClassVar[str] = "measure.lifted"
    measure_id: UUID
    measure_kind: str
    area_code: int
    at: datetime
    is_exercise: bool
