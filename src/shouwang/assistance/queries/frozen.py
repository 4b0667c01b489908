"""What a run freezes of grants and payments: set-based texts that fill the tables a snapshot is exported from.

`frozen_grant` holds what the run is about, `frozen_person` every record of the people it concerns, `frozen_household`
their households. All three are temporary and go with the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection

from shouwang.kernel.scope import Span, spans_sql

from ..rules.monthly import REASON_KEY
from ..states import Origin, Programme

Sql = tuple[str, list[Any]]

_ASKED_AT_ONCE = 20_000

GRANTS, PERSONS, HOUSEHOLDS = "frozen_grant", "frozen_person", "frozen_household"

# A look-up by index for each grant: as good with 60,000 grants as with one, whatever the planner knows of the tables.
# A review is of the months from its own on, and waits for each month before the one it was applied from: what a pause
# left to a family is not taken back when the month is computed again.
_IN_FORCE = """
    select g.id as grant_id, g.programme, g.household_id, g.person_id, g.area_code, g.origin, g.starts_on,
           amount.monthly_fen as decided_fen, amount.valid_from as decided_from, amount.cause,
           (select min(r.valid_from) from assistance_postponedreview r
             where r.grant_id = g.id and r.kind = 'end' and r.cause = 'income' and r.recorded_at < %s and r.valid_from <= %s
               and not exists (select 1 from assistance_reviewsettlement s
                                where s.review_id = r.id and s.recorded_at < %s
                                  and (s.decision <> 'applied' or s.valid_from <= %s))) as exit_from,
           g.programme = %s and exists (
               select 1 from assistance_payable p
                where p.programme = g.programme and p.benefit_month = %s and p.reason_key = %s
                  and p.subject_id = coalesce(g.household_id, g.person_id)) as is_payable,
           exists (select 1 from assistance_postponedreview r
                     left join assistance_reviewsettlement s on s.review_id = r.id and s.recorded_at < %s
                    where r.grant_id = g.id and r.recorded_at < %s and r.valid_from <= %s
                      and (s.id is null or s.decision = 'dismissed' and s.recorded_at > amount.recorded_at
                           or s.decision = 'applied' and s.valid_from > %s)
                  ) as awaits_review
      from assistance_grant g
     cross join lateral (
           select a.monthly_fen, a.valid_from, a.cause, a.recorded_at from assistance_grantamount a
            where a.grant_id = g.id and a.valid_from <= %s and a.recorded_at < %s
            order by a.valid_from desc, a.recorded_at desc limit 1) amount
     where g.programme = any(%s) and amount.monthly_fen is not null and {inside}
"""

# Whom other departments pay is in force by the list that a county took for the month, and comes in by its door.
_LISTED = """
    select m.id, l.group_key, null::uuid, m.person_id, p.area_code, '{origin}', l.benefit_month, 0::bigint, l.benefit_month, '',
           null::date, false, false
      from assistance_grouplist l
      join assistance_grouplistperson m on m.group_list_id = l.id
      join registry_person p on p.id = m.person_id
     where l.benefit_month = %s and l.taken_at < %s and {inside}
       and not exists (select 1 from assistance_grouplist later
                        where later.group_key = l.group_key and later.benefit_month = l.benefit_month
                          and later.area_code = l.area_code and (later.taken_at, later.id) > (l.taken_at, l.id)
                          and later.taken_at < %s)
       and not exists (select 1 from granted g where g.person_id = m.person_id and g.programme = l.group_key)
"""


def freeze_grants(
    *,
    programme: str,
    rests_on: Sequence[str],
    month: date,
    spans: Sequence[Span],
    known_at: datetime,
    only: Sequence[UUID] | None = None,
) -> int:
    """Grants of `rests_on` in force in a month into `frozen_grant`, or of them `only` these; returns how many.

    `programme` is the one that is paid: its own grants, or others that it is linked to. The price subsidy has in force
    besides whom the taken lists of the month name.
    """
    inside, values = spans_sql(spans, "g.area_code")
    bounds: list[Any] = list(values)
    if only is not None:
        inside, bounds = f"{inside} and g.id = any(%s)", [*bounds, list(only)]
    exits = [known_at, month, known_at, month]
    reviewed = [*exits, programme, month, REASON_KEY, known_at, known_at, month, month]
    found: list[Any] = [*reviewed, month, known_at, list(rests_on), *bounds]
    if programme != Programme.PRICE_SUBSIDY:
        return _make(GRANTS, _IN_FORCE.format(inside=inside), found)
    inside_person, person_bounds = spans_sql(spans, "p.area_code")
    return _make(
        GRANTS,
        f"""with granted as materialized ({_IN_FORCE.format(inside=inside)})
            select * from granted
            union all
            select * from (select distinct on (person_id, group_key) listed.* from (
                {_LISTED.format(origin=Origin.TAKEN_OVER, inside=inside_person)}) listed
             order by person_id, group_key) listed_once""",
        [*found, month, known_at, *person_bounds, known_at],
    )


def suppose_grant(*, programme: str, month: date, household_id: UUID) -> int:
    """A grant of nothing yet to a household of the scope, under the household's own id; returns 1, or 0 outside it."""
    return _make(
        GRANTS,
        f"""select h.id as grant_id, %s::text as programme, h.id as household_id, null::uuid as person_id, h.area_code,
                   '{Origin.CASE}' as origin, %s::date as starts_on, 0::bigint as decided_fen, %s::date as decided_from,
                   '' as cause, null::date as exit_from, false as is_payable, false as awaits_review
              from registry_household h where h.id = %s""",
        [programme, month, month, household_id],
    )


def freeze_people(*, month: date, known_at: datetime) -> int:
    """Whom the grants concern into `frozen_person` and `frozen_household`; returns how many records.

    Everyone who was ever a member of a household with a grant, or of one where somebody has a grant: whether they are one
    in the month is the snapshot's question, and somebody else's record may have been merged into theirs.
    """
    count = _make(
        PERSONS,
        f"""with merged as materialized (select duplicate_id, survivor_id from registry_merged(%s)),
            named as (
                select m.person_id from registry_membership m
                 where m.household_id in (select household_id from {GRANTS}) and m.valid_from <= %s
                union
                select other.person_id from registry_membership other
                 where other.valid_from <= %s and other.household_id in (
                       select m.household_id from registry_membership m join {GRANTS} g on g.person_id = m.person_id
                        where g.person_id is not null and m.valid_from <= %s)
                union
                select person_id from {GRANTS} where person_id is not null),
            root as (
                select person_id from named
                union
                select merged.survivor_id from merged join named on named.person_id = merged.duplicate_id)
            select person_id from root
            union
            select merged.duplicate_id from merged join root on root.person_id = merged.survivor_id""",
        [known_at, month, month, month],
    )
    _make(
        HOUSEHOLDS,
        f"""select distinct m.household_id from registry_membership m
             where m.person_id in (select person_id from {PERSONS}) and m.household_id is not null""",
        [],
    )
    return count


def grants_sql() -> Sql:
    return (
        f"""select grant_id, programme, household_id, person_id, area_code, origin, starts_on, decided_fen, decided_from, cause,
                   exit_from, is_payable, awaits_review
              from {GRANTS}""",
        [],
    )


def household_areas_sql() -> Sql:
    """(household_id, area_code): where each household lives now."""
    return f"select id, area_code from registry_household where id in (select household_id from {HOUSEHOLDS})", []


def other_grants_sql(*, but: Sequence[str], month: date, known_at: datetime) -> Sql:
    """(programme, household_id, person_id, monthly_fen) of the same people's grants of other programmes in the month.

    What a run of the month found that it pays goes before what was decided.
    """
    return (
        f"""select g.programme, g.household_id, g.person_id,
                   coalesce((select case when l.payable_id is null then 0 else l.amount_fen end
                               from assistance_runline l join assistance_benefitrun r on r.id = l.run_id
                              where l.grant_id = g.id and r.benefit_month = %s
                              order by r.recorded_at desc limit 1), amount.monthly_fen) as monthly_fen
              from assistance_grant g
             cross join lateral (
                   select a.monthly_fen from assistance_grantamount a
                    where a.grant_id = g.id and a.valid_from <= %s and a.recorded_at < %s
                    order by a.valid_from desc, a.recorded_at desc limit 1) amount
             where g.programme <> all(%s) and amount.monthly_fen is not null
               and (g.person_id in (select person_id from {PERSONS})
                    or g.household_id in (select household_id from {HOUSEHOLDS}))""",
        [month, month, known_at, list(but)],
    )


def last_paid_sql(*, programme: str, month: date) -> Sql:
    """(subject_id, amount_fen): what each subject was owed for the month before."""
    return (
        f"""select p.subject_id, p.amount_fen from assistance_payable p
             where p.programme = %s and p.benefit_month = %s and p.reason_key = %s
               and p.subject_id in (select coalesce(household_id, person_id) from {GRANTS})""",
        [programme, month, REASON_KEY],
    )


def owed_sql(*, programme: str, month: date) -> Sql:
    """(subject_id, amount_fen): who is owed for the month already, whatever became of it."""
    return (
        """select p.subject_id, p.amount_fen from assistance_payable p
            where p.programme = %s and p.benefit_month = %s and p.reason_key = %s""",
        [programme, month, REASON_KEY],
    )


def bereaved_sql(*, month: date, known_at: datetime) -> Sql:
    """(household_id, died_on): the last death in each household before the month. With a death the membership ends, so
    that the household is the one that the person lived in until then."""
    return (
        f"""select home.household_id, max(f.valid_from) from registry_personfact f
             cross join lateral (
                   select m.household_id from registry_membership m
                    where m.person_id = f.person_id and m.household_id is not null
                      and m.valid_from <= f.valid_from and m.recorded_at < %s
                    order by m.valid_from desc, m.recorded_at desc limit 1) home
             where f.person_id in (select person_id from {PERSONS}) and f.kind = 'death' and f.amount = 1
               and f.valid_from < %s and f.recorded_at < %s
               and not exists (select 1 from registry_personfact n
                                where n.person_id = f.person_id and n.kind = 'death' and n.amount <> 1
                                  and n.recorded_at > f.recorded_at and n.recorded_at < %s)
             group by home.household_id""",
        [known_at, month, known_at, known_at],
    )


def covered_already(*, programme: str, month: date, person_ids: Iterable[UUID]) -> list[UUID]:
    """Who of these people is paid or owed for the month already, in whatever county: one person, one payment."""
    with connection.cursor() as cursor:
        cursor.execute("select assistance_month_is_owed(%s, %s)", [programme, month])
        if not cursor.fetchone()[0]:
            return []
        found: list[UUID] = []
        asked = iter(person_ids)
        while some := list(islice(asked, _ASKED_AT_ONCE)):
            cursor.execute("select person_id from assistance_covered(%s, %s, %s)", [programme, month, some])
            found += (person_id for (person_id,) in cursor.fetchall())
    return found


def _make(table: str, sql: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists {table}")
        cursor.execute(f"create temporary table {table} on commit drop as {sql}", values)
        count: int = cursor.rowcount
        cursor.execute(f"analyze {table}")
    return count
