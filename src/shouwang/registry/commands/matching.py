"""Finding in the register whom the rows of a load speak of: a few queries for thousands of households.

Persons match by ID number or by a decision of a person; households by their head. Nothing is guessed: a look-alike
without ID, another name on a known number, a person of another county refuse the row.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from shouwang.areas.public import Area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor

from ..models import Household, Person
from ..queries.as_of import FactValue, members_as_of, person_parts
from ..queries.people import ElsewhereAnswer, holders
from ..states import AMOUNT_KINDS, Relation
from .households import VILLAGE_LEVELS
from .load_rows import HouseholdRow, MemberRow

Key = tuple[UUID, str]
NOWHERE: tuple[UUID | None, str] = (None, "")


class History:
    """All rows of some facts, to ask what is so on a day and to stamp a new row after those of its day."""

    def __init__(self) -> None:
        self._rows: defaultdict[Key, list[tuple[date, datetime, Any]]] = defaultdict(list)

    def add(self, key: Key, valid_from: date, recorded_at: datetime, value: Any) -> None:
        """A row read from the register; `sort` once when all are in."""
        self._rows[key].append((valid_from, recorded_at, value))

    def append(self, key: Key, valid_from: date, now: datetime, value: Any) -> datetime | None:
        """Take up a new row and return its stamp (after every row of its day), or None when it is so already."""
        if key not in self._rows:
            if value is None:
                return None
            self._rows[key] = [(valid_from, now, value)]
            return now
        if self.value(key, valid_from) == value:
            return None
        last = max((stamp for day, stamp, _ in self._rows[key] if day == valid_from), default=None)
        stamp = now if last is None or last < now else last + timedelta(microseconds=1)
        insort(self._rows[key], (valid_from, stamp, value), key=lambda row: row[:2])
        return stamp

    def sort(self) -> None:
        for rows in self._rows.values():
            rows.sort(key=lambda row: row[:2])

    def value(self, key: Key, on: date) -> Any:
        """What holds on the day, or None."""
        rows = self._rows.get(key)
        if not rows:
            return None
        position = bisect_right(rows, on, key=lambda row: row[0])
        return rows[position - 1][2] if position else None


@dataclass(slots=True)
class Known:
    """What the register holds about the persons and households of a chunk of rows."""

    persons: dict[UUID, Person] = field(default_factory=dict)
    by_index: dict[bytes, UUID] = field(default_factory=dict)
    elsewhere: dict[bytes, ElsewhereAnswer] = field(default_factory=dict)
    look_alikes: dict[tuple[str, date | None, int], list[UUID]] = field(default_factory=dict)
    villages: set[int] = field(default_factory=set)
    households: dict[UUID, Household] = field(default_factory=dict)
    heads: dict[UUID, UUID] = field(default_factory=dict)
    members: dict[UUID, list[UUID]] = field(default_factory=dict)
    facts: History = field(default_factory=History)
    places: History = field(default_factory=History)
    accounts: History = field(default_factory=History)
    household_facts: History = field(default_factory=History)

    def person_of(self, member: MemberRow, index: bytes | None) -> Person | None:
        """The member's record, when there is one."""
        if not self.persons:
            return None
        person_id = member.person_id or (self.by_index.get(index) if index else None)
        return self.persons.get(person_id) if person_id else None

    def place(self, person_id: UUID, on: date) -> tuple[UUID | None, str]:
        """(household, relation) of a known person on a day."""
        found: tuple[UUID | None, str] | None = self.places.value((person_id, "place"), on)
        return found or NOWHERE


def look_up(actor: Actor, rows: Sequence[HouseholdRow], indexes: Sequence[Sequence[bytes | None]]) -> Known:
    """Everything known about the rows; persons and households that match are locked. `indexes` are the blind indexes of
    the rows' members."""
    known = Known()
    _find_villages(known, rows)
    numbers = [index for members in indexes for index in members if index is not None]
    decided = [member.person_id for row in rows for member in row.members if member.person_id]
    registered = holders(numbers) if numbers else {}
    matching = [*decided, *(answer.person_id for answer in registered.values())]
    if matching:
        found = Person.objects.select_for_update().filter(actor.scope.q(), id__in=matching).order_by("id")
        for person in found.defer("id_number", "phone"):
            known.persons[person.id] = person
            if person.id_index is not None:
                known.by_index[bytes(person.id_index)] = person.id
    _keep_elsewhere(known, actor, registered)
    _find_look_alikes(known, rows)
    if known.persons:
        _read_histories(known)
    _find_households(known, actor, rows, indexes)
    return known


def _find_villages(known: Known, rows: Sequence[HouseholdRow]) -> None:
    codes = {row.area_code for row in rows}
    known.villages.update(Area.objects.filter(code__in=codes, level__in=VILLAGE_LEVELS).values_list("code", flat=True))


def _keep_elsewhere(known: Known, actor: Actor, registered: Mapping[bytes, ElsewhereAnswer]) -> None:
    """Numbers that no record in scope has, but another county's register does. One audit row says how many."""
    known.elsewhere = {index: answer for index, answer in registered.items() if index not in known.by_index}
    if known.elsewhere:
        data = {"asked": len(registered), "elsewhere": len(known.elsewhere)}
        audit.record(
            actor=actor, action="person.look_up_many", subject="person:many", area_code=actor.area_code, data=data
        )


def _find_look_alikes(known: Known, rows: Sequence[HouseholdRow]) -> None:
    """Records of the village with the name and birth date of a member who has no ID and on whom nobody decided."""
    asked = [
        (member.person.name, member.person.birth_on, row.area_code)
        for row in rows
        for member in row.members
        if member.person.id_number is None and member.person_id is None and not member.is_new
    ]
    if not asked:
        return
    names, births, areas = (list(column) for column in zip(*asked, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """select asked.name, asked.birth_on, asked.area_code, p.id
                 from unnest(%s::text[], %s::date[], %s::bigint[]) asked (name, birth_on, area_code)
                 join registry_person p on p.name = asked.name and p.birth_on = asked.birth_on
                  and p.area_code = asked.area_code order by p.id""",
            [names, births, areas],
        )
        for name, birth_on, area_code, person_id in cursor.fetchall():
            known.look_alikes.setdefault((name, birth_on, area_code), []).append(person_id)


def _read_histories(known: Known) -> None:
    """Every dated row of the known persons, with those of the records merged into them."""
    parts, values = person_parts(list(known.persons), None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select part.asked_id, f.kind, f.valid_from, f.recorded_at, f.amount, f.code
                  from ({parts}) part join registry_personfact f on f.person_id = part.person_id""",
            values,
        )
        for person_id, kind, valid_from, recorded_at, amount, code in cursor.fetchall():
            value: FactValue | None = amount if kind in AMOUNT_KINDS else code
            known.facts.add((person_id, kind), valid_from, recorded_at, value)
        cursor.execute(
            f"""select part.asked_id, m.valid_from, m.recorded_at, m.household_id, m.relation
                  from ({parts}) part join registry_membership m on m.person_id = part.person_id""",
            values,
        )
        for person_id, valid_from, recorded_at, household_id, relation in cursor.fetchall():
            known.places.add((person_id, "place"), valid_from, recorded_at, (household_id, relation))
        cursor.execute(
            f"""select part.asked_id, a.valid_from, a.recorded_at, a.account_index, a.bank_name, a.holder_name,
                       a.agreement
                  from ({parts}) part join registry_bankaccount a on a.person_id = part.person_id""",
            values,
        )
        for person_id, valid_from, recorded_at, index, *said in cursor.fetchall():
            known.accounts.add((person_id, "account"), valid_from, recorded_at, (bytes(index), *said))
    for history in (known.facts, known.places, known.accounts):
        history.sort()


def _find_households(
    known: Known, actor: Actor, rows: Sequence[HouseholdRow], indexes: Sequence[Sequence[bytes | None]]
) -> None:
    """The households that the rows may speak of, their present heads, and their facts."""
    wanted = {row.household_id for row in rows if row.household_id}
    for row, members in zip(rows, indexes, strict=True):
        for member, index in zip(row.members, members, strict=True):
            person = known.person_of(member, index) if member.relation == Relation.HEAD else None
            place = known.place(person.id, row.since) if person else NOWHERE
            if place[0] is not None:
                wanted.add(place[0])
    if not wanted:
        return
    locked = Household.objects.select_for_update().filter(actor.scope.q(), id__in=wanted).order_by("id")
    known.households = {household.id: household for household in locked}
    for household_id, members_now in members_as_of(list(known.households), on=clock.today()).items():
        known.members[household_id] = [one.person_id for one in members_now]
        for one in members_now:
            if one.relation == Relation.HEAD:
                known.heads[household_id] = one.person_id
    with connection.cursor() as cursor:
        cursor.execute(
            """select household_id, kind, valid_from, recorded_at, amount, code from registry_householdfact
                where household_id = any(%s)""",
            [list(known.households)],
        )
        for household_id, kind, valid_from, recorded_at, amount, code in cursor.fetchall():
            value = amount if kind in AMOUNT_KINDS else code
            known.household_facts.add((household_id, kind), valid_from, recorded_at, value)
    known.household_facts.sort()
