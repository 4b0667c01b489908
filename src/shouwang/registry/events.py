"""What the register tells the apps above it, inside the command's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonDied:
    """A death was recorded; `household_id` is the household left behind."""

    kind: ClassVar[str] = "person.died"
    person_id: UUID
    household_id: UUID | None
    died_on: date
    area_code: int


@dataclass(frozen=True, slots=True)
class PersonsMerged:
    """Two records are one person from now on, or (`is_merged` false) are two again."""

    kind: ClassVar[str] = "person.merged"
    duplicate_id: UUID
    survivor_id: UUID
    is_merged: bool
    area_code: int


@dataclass(frozen=True, slots=True)
class RecordsMoved:
    """Persons (and a household, when it moved whole) are in another area's custody now; `area_code` is the new one."""

    kind: ClassVar[str] = "records.moved"
    household_id: UUID | None
    person_ids: tuple[UUID, ...]
    from_area_code: int
    moved_on: date
    area_code: int
