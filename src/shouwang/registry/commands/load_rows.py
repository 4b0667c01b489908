"""What the bulk load takes and gives: the contract with the spreadsheet importer and the demo loader.

All values come parsed and in the form in which they are stored: persons as `rules.person.check_person` returns them,
facts as `rules.values` does. Rows are NamedTuples because a province loads millions of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shouwang.kernel.errors import DomainError

from ..rules.person import CheckedPerson
from ..rules.values import FactValue


class FactRow(NamedTuple):
    """What is so from a day on; a null value: no longer so."""

    kind: str
    value: FactValue | None
    valid_from: date


class AccountRow(NamedTuple):
    """The account its person is paid on from a day on; `number` in digits."""

    number: str
    bank_name: str
    holder_name: str
    valid_from: date
    agreement: str = ""


class MemberRow(NamedTuple):
    """One person of a household.

    Somebody with an ID number is found by it. Somebody without is new when `is_new` says that a person decided so, and
    is the record `person_id` when a person decided that; undecided look-alikes are refused. `person_id` also confirms a
    name that differs from the registered one. `joined_on` defaults to the household's `since`.
    """

    relation: str
    person: CheckedPerson
    facts: tuple[FactRow, ...] = ()
    accounts: tuple[AccountRow, ...] = ()
    joined_on: date | None = None
    person_id: UUID | None = None
    is_new: bool = False


class HouseholdRow(NamedTuple):
    """A household as of `since`: where it lives (a village), who belongs to it (one head), what is so about it.

    Without `household_id` it is the household whose head the row's head is; or the one the row's head lives in, when
    that household's head is in the row too (the head changed); else a new one. Members whom the row does not name stay.
    """

    area_code: int
    since: date
    members: tuple[MemberRow, ...]
    facts: tuple[FactRow, ...] = ()
    household_id: UUID | None = None


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    EQUAL = "equal"
    REFUSED = "refused"


class LoadedHousehold(NamedTuple):
    """What became of one row, in the order of the rows; `person_ids` in the order of its members.

    A refused row wrote nothing: `refusal` says why, its data name the candidates or where the person is registered.
    """

    outcome: Outcome
    household_id: UUID | None = None
    person_ids: tuple[UUID, ...] = ()
    refusal: DomainError | None = None


@dataclass(slots=True)
class LoadResult:
    """Counts of household rows by outcome, of persons created, and of rows appended to the register's tables."""

    created: int = 0
    changed: int = 0
    equal: int = 0
    refused: int = 0
    persons_created: int = 0
    rows_appended: int = 0
    households: list[LoadedHousehold] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        return self.created + self.changed + self.equal + self.refused
