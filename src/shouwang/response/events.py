"""What happened to measures and to events, for the apps above."""

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


@dataclass(frozen=True, slots=True)
class EventOpened:
    kind: ClassVar[str] = "event.opened"
    event_id: UUID
    event_kind: str
    area_code: int
    level: int | None
    at: datetime
    is_exercise: bool


@dataclass(frozen=True, slots=True)
class EventLevelChanged:
    kind: ClassVar[str] = "event.level_changed"
    event_id: UUID
    area_code: int
    level: int
    at: datetime
    is_exercise: bool


@dataclass(frozen=True, slots=True)
class EventEnded:
    kind: ClassVar[str] = "event.ended"
    event_id: UUID
    area_code: int
    at: datetime
    is_exercise: bool
