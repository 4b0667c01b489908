"""What was so on a day, as known at an instant: the only way to read dated facts.

Of the rows with `valid_from <= on` the latest by (valid_from, recorded_at) holds; a null value means "no longer so".
`known_at` cuts `recorded_at` half-open (a row of that very instant is not known yet); None asks for all that is known.
Records merged into one person are read together: the answer for any of them is the answer for the survivor. Every
function takes many ids and makes one query.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ..models import BankAccount
from ..states import AMOUNT_KINDS

FactValue = int | str
Sql = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a household as of a day."""

    person_id: UUID
    relation: str
    name: str


def survivors_sql(known_at: datetime | None) -> Sql:
    """A sub-select (duplicate_id, survivor_id) of the merges in force as of `known_at`, and its values.

    The mapping is flat: `merge_persons` never lets a survivor become a duplicate.
    """
    cut, values = _known("recorded_at", known_at)
    return (
        f"""select duplicate_id, survivor_id from (
                select distinct on (duplicate_id) duplicate_id, survivor_id, is_merged from registry_personmerge
                 where {cut} order by duplicate_id desc, recorded_at desc) last_word
             where is_merged""",
        values,
    )


def merged_everywhere_sql(known_at: datetime) -> Sql:
    """The same mapping of the whole country, ids only: for counts, whose answer must not depend on who asks."""
    return "select duplicate_id, survivor_id from registry_merged(%s)", [known_at]


def moves_everywhere_sql(known_at: datetime) -> Sql:
    """(household_id, valid_from, recorded_at, area_code) of households that have moved, of the whole country."""
    return "select household_id, valid_from, recorded_at, area_code from registry_moved(%s)", [known_at]


def survivors_of(person_ids: Collection[UUID], *, known_at: datetime | None = None) -> dict[UUID, UUID]:
    """Each person's survivor; a person that is not merged is its own."""
    sql, values = survivors_sql(known_at)
    merged: dict[UUID, UUID] = dict(
        _rows(f"select * from ({sql}) survivor where duplicate_id = any(%s)", [*values, list(person_ids)])
    )
    return {person_id: merged.get(person_id, person_id) for person_id in person_ids}


def records_of(person_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """By person asked for, every record that is this person now: their survivor's and all that are merged with it."""
    parts, values = person_parts(person_ids, None)
    records: dict[UUID, list[UUID]] = {person_id: [] for person_id in person_ids}
    for asked_id, record_id in _rows(f"select asked_id, person_id from ({parts}) part", values):
        records[asked_id].append(record_id)
    return records


def household_of(person_ids: Collection[UUID], *, on: date, known_at: datetime | None = None) -> dict[UUID, UUID]:
    """The household each person lives in; who lives in none is left out."""
    latest, values = _latest_memberships(person_ids, on, known_at)
    return dict(_rows(f"select asked_id, household_id from ({latest}) m where household_id is not null", values))


def members_as_of(
    household_ids: Collection[UUID], *, on: date, known_at: datetime | None = None
) -> dict[UUID, list[Member]]:
    """The members of each household, the head first, then by name. A person's latest row decides, so nobody is in two.

    Every household asked for has a list.
    """
    survivors, survivor_values = survivors_sql(known_at)
    cut, cut_values = _known("m.recorded_at", known_at)
    asked = list(household_ids)
    rows = _rows(
        f"""with survivor as materialized ({survivors}),
            root as (
                select distinct coalesce(s.survivor_id, m.person_id) as id from registry_membership m
                  left join survivor s on s.duplicate_id = m.person_id
                 where m.household_id = any(%s) and m.valid_from <= %s and {cut}),
            part as (
                select id as root_id, id as person_id from root
                union all
                select root.id, s.duplicate_id from root join survivor s on s.survivor_id = root.id),
            latest as (
                select distinct on (part.root_id) part.root_id, m.household_id, m.relation
                  from part join registry_membership m on m.person_id = part.person_id
                 where m.valid_from <= %s and {cut}
                 order by part.root_id, m.valid_from desc, m.recorded_at desc, m.person_id = part.root_id desc)
            select latest.household_id, p.id, latest.relation, p.name
              from latest join registry_person p on p.id = latest.root_id
             where latest.household_id = any(%s)
             order by latest.household_id, latest.relation <> 'head', p.name, p.id""",
        [*survivor_values, asked, on, *cut_values, on, *cut_values, asked],
    )
    members: dict[UUID, list[Member]] = {household_id: [] for household_id in asked}
    for household_id, person_id, relation, name in rows:
        members[household_id].append(Member(person_id, relation, name))
    return members


def person_facts_as_of(
    person_ids: Collection[UUID], kinds: Collection[str], *, on: date, known_at: datetime | None = None
) -> dict[UUID, dict[str, FactValue]]:
    """Facts by person and kind; what was never recorded or is no longer so is left out. Every person has an entry."""
    parts, values = person_parts(person_ids, known_at)
    cut, cut_values = _known("f.recorded_at", known_at)
    rows = _rows(
        f"""select distinct on (part.asked_id, f.kind) part.asked_id, f.kind, f.amount, f.code
              from ({parts}) part join registry_personfact f on f.person_id = part.person_id
             where f.kind = any(%s) and f.valid_from <= %s and {cut}
             order by part.asked_id, f.kind, f.valid_from desc, f.recorded_at desc, f.person_id = part.root_id desc""",
        [*values, list(kinds), on, *cut_values],
    )
    return _values_by_id(person_ids, rows)


def told_dead_sql() -> Sql:
    """A sub-select (person_id): the records of which, or of one merged with them, a death was ever recorded.

    Few of many: who is dead as of a day is then asked of `person_facts_as_of`.
    """
    survivors, values = survivors_sql(None)
    return (
        f"""with survivor as materialized ({survivors}),
                 told as (select distinct person_id from registry_personfact where kind = 'death'),
                 root as (
                     select coalesce(s.survivor_id, told.person_id) as id
                       from told left join survivor s on s.duplicate_id = told.person_id)
            select id as person_id from root
            union
            select s.duplicate_id from root join survivor s on s.survivor_id = root.id""",
        values,
    )


def household_facts_as_of(
    household_ids: Collection[UUID], kinds: Collection[str], *, on: date, known_at: datetime | None = None
) -> dict[UUID, dict[str, FactValue]]:
    """Facts by household and kind; what was never recorded or is no longer so is left out. Every household has an
    entry."""
    cut, cut_values = _known("recorded_at", known_at)
    rows = _rows(
        f"""select distinct on (household_id, kind) household_id, kind, amount, code from registry_householdfact
             where household_id = any(%s) and kind = any(%s) and valid_from <= %s and {cut}
             order by household_id desc, kind desc, valid_from desc, recorded_at desc""",
        [list(household_ids), list(kinds), on, *cut_values],
    )
    return _values_by_id(household_ids, rows)


def account_ids_as_of(person_ids: Collection[UUID], *, on: date, known_at: datetime | None = None) -> dict[UUID, UUID]:
    """The id of the account each person is paid on; who has none is left out. Opens no account number."""
    parts, values = person_parts(person_ids, known_at)
    cut, cut_values = _known("a.recorded_at", known_at)
    latest = f"""select distinct on (part.asked_id) part.asked_id, a.id, a.account_tail
              from ({parts}) part join registry_bankaccount a on a.person_id = part.person_id
             where a.valid_from <= %s and {cut}
             order by part.asked_id, a.valid_from desc, a.recorded_at desc, a.person_id = part.root_id desc"""
    # An account without a number says: paid on none any more.
    return dict(_rows(f"select asked_id, id from ({latest}) a where account_tail <> ''", [*values, on, *cut_values]))


def account_as_of(
    person_ids: Collection[UUID], *, on: date, known_at: datetime | None = None
) -> dict[UUID, BankAccount]:
    """The account each person is paid on; who has none is left out."""
    latest = account_ids_as_of(person_ids, on=on, known_at=known_at)
    accounts = BankAccount.objects.in_bulk(list(latest.values()))
    return {person_id: accounts[account_id] for person_id, account_id in latest.items()}


def membership_of(
    person_ids: Collection[UUID], *, on: date, known_at: datetime | None = None
) -> dict[UUID, tuple[UUID | None, str]]:
    """(household, relation) by each person's latest row; (None, "") when they left for nowhere we know of."""
    latest, values = _latest_memberships(person_ids, on, known_at)
    return {asked: (household, relation) for asked, household, relation in _rows(latest, values)}


def _known(column: str, known_at: datetime | None) -> Sql:
    return (f"{column} < %s", [known_at]) if known_at is not None else ("true", [])


def person_parts(person_ids: Collection[UUID], known_at: datetime | None) -> Sql:
    """(asked_id, root_id, person_id): each person asked for, their survivor, and every record merged with them."""
    survivors, values = survivors_sql(known_at)
    return (
        f"""with survivor as materialized ({survivors}),
            asked as (
                select a.id as asked_id, coalesce(s.survivor_id, a.id) as root_id
                  from unnest(%s::uuid[]) a (id) left join survivor s on s.duplicate_id = a.id)
            select asked_id, root_id, root_id as person_id from asked
            union all
            select asked_id, root_id, s.duplicate_id from asked join survivor s on s.survivor_id = asked.root_id""",
        [*values, list(person_ids)],
    )


def _latest_memberships(person_ids: Collection[UUID], on: date, known_at: datetime | None) -> Sql:
    parts, values = person_parts(person_ids, known_at)
    cut, cut_values = _known("m.recorded_at", known_at)
    return (
        f"""select distinct on (part.asked_id) part.asked_id, m.household_id, m.relation
              from ({parts}) part join registry_membership m on m.person_id = part.person_id
             where m.valid_from <= %s and {cut}
             order by part.asked_id, m.valid_from desc, m.recorded_at desc, m.person_id = part.root_id desc""",
        [*values, on, *cut_values],
    )


def _values_by_id(asked: Collection[UUID], rows: list[tuple[Any, ...]]) -> dict[UUID, dict[str, FactValue]]:
    facts: dict[UUID, dict[str, FactValue]] = {subject_id: {} for subject_id in asked}
    for subject_id, kind, amount, code in rows:
        value = amount if kind in AMOUNT_KINDS else code
        if value is not None:
            facts[subject_id][kind] = value
    return facts


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
