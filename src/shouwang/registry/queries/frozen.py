"""The register as a benefit run freezes it: set-based texts for COPY, with the same meaning as `as_of`.

`as_of` answers for the people it is asked about; a run asks for a million. Each text here gives, for every record of a
person in the table `asked` (one column, `person_id`), the row that holds on a day as known at an instant: of the rows
with `valid_from <= on` and `recorded_at < known_at` the latest by (valid_from, recorded_at). Records that were merged
into one person are told apart still: the reader puts them together by `merged_sql` and takes the latest of the latest,
on a tie the survivor's, which is what `as_of` does. A test holds the two against each other.

The order of the texts is that of the unique index each table is read by, backwards, so that nothing is sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ..states import PersonFactKind

Sql = tuple[str, list[Any]]

_US = "(extract(epoch from {}.recorded_at) * 1000000)::bigint"
"""Microseconds: what orders two rows of one day wherever the file is read."""


def merged_sql(known_at: datetime) -> Sql:
    """(duplicate_id, survivor_id) of every merge in force, of the whole country, ids only."""
    return "select duplicate_id, survivor_id from registry_merged(%s)", [known_at]


def memberships_sql(asked: str, *, on: date, known_at: datetime) -> Sql:
    """(person_id, valid_from, recorded_us, household_id, is_head): the latest membership of each record."""
    return (
        f"""select distinct on (m.person_id) m.person_id, m.valid_from, {_US.format("m")} as recorded_us, m.household_id,
                   m.relation = 'head' as is_head
              from registry_membership m
             where m.person_id in (select person_id from {asked}) and m.valid_from <= %s and m.recorded_at < %s
             order by m.person_id desc, m.valid_from desc, m.recorded_at desc""",
        [on, known_at],
    )


def person_facts_sql(asked: str, kinds: Sequence[str], *, on: date, known_at: datetime) -> Sql:
    """(person_id, kind, valid_from, recorded_us, amount, code): the latest row of each record and kind.

    A death counts from the day after it: who died on `on` was alive on it.
    """
    return (
        f"""select distinct on (f.person_id, f.kind) f.person_id, f.kind, f.valid_from, {_US.format("f")} as recorded_us,
                   f.amount, f.code
              from registry_personfact f
             where f.person_id in (select person_id from {asked}) and f.kind = any(%s)
               and f.valid_from <= %s and f.recorded_at < %s
               and (f.kind <> '{PersonFactKind.DEATH}' or f.valid_from < %s)
             order by f.person_id desc, f.kind desc, f.valid_from desc, f.recorded_at desc""",
        [list(kinds), on, known_at, on],
    )


def household_facts_sql(asked: str, kinds: Sequence[str], *, on: date, known_at: datetime) -> Sql:
    """(household_id, kind, amount, code) for the households in `asked` (one column, `household_id`)."""
    return (
        f"""select distinct on (f.household_id, f.kind) f.household_id, f.kind, f.amount, f.code
              from registry_householdfact f
             where f.household_id in (select household_id from {asked}) and f.kind = any(%s)
               and f.valid_from <= %s and f.recorded_at < %s
             order by f.household_id desc, f.kind desc, f.valid_from desc, f.recorded_at desc""",
        [list(kinds), on, known_at],
    )


def accounts_sql(asked: str, *, on: date, known_at: datetime) -> Sql:
    """(person_id, valid_from, recorded_us, account_id): the latest account row of each record; null: paid on none."""
    return (
        f"""select distinct on (a.person_id) a.person_id, a.valid_from, {_US.format("a")} as recorded_us,
                   case when a.account_tail <> '' then a.id end as account_id
              from registry_bankaccount a
             where a.person_id in (select person_id from {asked}) and a.valid_from <= %s and a.recorded_at < %s
             order by a.person_id desc, a.valid_from desc, a.recorded_at desc""",
        [on, known_at],
    )


def births_sql(asked: str) -> Sql:
    """(person_id, birth_on)."""
    return (
        f"select p.id as person_id, p.birth_on from registry_person p where p.id in (select person_id from {asked})",
        [],
    )
