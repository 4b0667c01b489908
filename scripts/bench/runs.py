"""A month's run end to end: snapshot, rules, explanation records, payables, lists, committed; beside its floor.

The floor fills tables with the same columns, indexes, references and triggers with the same rows by INSERT ... SELECT,
and writes the same export to a file: what the database alone must do.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from uuid import UUID

from django.db import connection, connections, transaction
from tests.factories import HANTING, acting

from shouwang.accounts.public import Role
from shouwang.assistance.engine.snapshot import Question, instant_after, sources
from shouwang.assistance.engine.what_if import Supposed, what_if
from shouwang.assistance.models import RunLine
from shouwang.assistance.public import run_month
from shouwang.assistance.queries import frozen
from shouwang.assistance.queries.places import paying_units
from shouwang.assistance.queries.run_records import explained
from shouwang.assistance.rules.benefits.parameters import ParameterRow
from shouwang.assistance.rules.places import PayingUnits
from shouwang.kernel import clock
from shouwang.web.demo.load import OPENING

from . import databases
from .results import Bar, Line

TITLE = "A month of dibao, end to end"
HOUSEHOLDS = 1_000_000
LIMIT_SECONDS, LIMIT_MIB, FLOOR_TIMES = 60, 1536, 2
WHAT_IF_SECONDS, EXPLAIN_MS, EXPLAINED = 3, 100, 20
MONTH = date(2020, 3, 1)
SUPPOSED = Supposed([ParameterRow("dibao.standard.urban", HANTING, MONTH, "650", "元/人/月", "测算")])

_FAMILIES = """
    create temporary table family as
    select n, uuidv7() as household_id, uuidv7() as grant_id, uuidv7() as head_id,
           (array[1, 2, 2, 3, 4])[1 + n % 5] as size,
           (select array_agg(code order by code) from areas_area where level = 'village' and code >= {low} and code < {high})
           [1 + n % {villages}] as area_code
      from generate_series(1, {count}) n;
    create temporary table member as
    select f.n, f.household_id, f.area_code, k, case when k = 1 then f.head_id else uuidv7() end as person_id
      from family f, generate_series(1, f.size) k;
"""
_ROWS = (
    """insert into registry_household (id, number, area_code, registered_on, recorded_at, is_synthetic, version)
       select household_id, 'B' || n, area_code, '2019-01-01', %(at)s, true, 1 from family""",
    """insert into registry_person (id, name, sex, birth_on, id_tail, no_id_reason, area_code, recorded_at, is_synthetic,
              version)
       select person_id, '测' || k, 'male', date '1930-01-01' + ((n::bigint * 7919 + k * 104729) %% 30000)::int, '',
              'unregistered', area_code, %(at)s, true, 1 from member""",
    """insert into registry_membership (id, valid_from, recorded_at, source, area_code, relation, household_id, person_id)
       select uuidv7(), '2019-01-01', %(at)s, 'bench', area_code, case k when 1 then 'head' else 'other' end,
              household_id, person_id from member""",
    """insert into registry_personfact (id, valid_from, recorded_at, source, area_code, kind, amount, person_id)
       select uuidv7(), '2019-01-01', %(at)s, 'bench', area_code, 'income.wage', n::bigint * 6151 %% 70000, person_id from member
        where k <= 2""",
    """insert into registry_personfact (id, valid_from, recorded_at, source, area_code, kind, amount, person_id)
       select uuidv7(), '2019-01-01', %(at)s, 'bench', area_code, 'serious_illness', 1, person_id from member
        where (n + k) %% 19 = 0""",
    """insert into registry_householdfact (id, valid_from, recorded_at, source, area_code, kind, amount, household_id)
       select uuidv7(), '2019-01-01', %(at)s, 'bench', area_code, 'urban', n %% 2, household_id from family""",
    """insert into registry_bankaccount (id, valid_from, recorded_at, source, area_code, bank_name, holder_name, account,
              account_index, account_tail, agreement, person_id)
       select uuidv7(), '2019-01-01', %(at)s, 'bench', area_code, '演示银行', '测1', '', uuid_send(head_id), '0000', '',
              head_id from family""",
    """insert into assistance_grant (id, programme, area_code, starts_on, origin, recorded_at, document_id, household_id)
       select grant_id, 'dibao', area_code, '2019-06-01', 'taken_over', %(at)s, (select id from response_document limit 1),
              household_id from family""",
    """insert into assistance_grantamount (id, valid_from, monthly_fen, kind, cause, reason, recorded_at, area_code, grant_id)
       select uuidv7(), '2019-06-01', 50000, 'start', '', 'bench', %(at)s, area_code, grant_id from family""",
    """insert into assistance_grantperson (id, household_id, programme, starts_on, area_code, recorded_at, grant_id, person_id)
       select uuidv7(), f.household_id, 'dibao', '2019-06-01', f.area_code, %(at)s, f.grant_id, m.person_id
         from family f join member m using (n)""",
)
_WRITTEN = {
    "assistance_payable": "run_id = %(run)s",
    "assistance_runline": "run_id = %(run)s",
    "assistance_payableperson": "payable_id in (select id from assistance_payable where run_id = %(run)s)",
    "assistance_paymentattempt": "payable_id in (select id from assistance_payable where run_id = %(run)s)",
}


def run(dsn: str, households: int = HOUSEHOLDS) -> Iterator[Line]:
    with databases.city(dsn), clock.at(OPENING):
        _add(households)
        with acting(Role.COUNTY_OFFICER, HANTING) as actor:
            started = perf_counter()
            result = run_month(actor=actor, programme="dibao", benefit_month=MONTH, area_code=HANTING)
            spent = perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            seconds = result.run.record.seconds
            started = perf_counter()
            what_if(actor, programme="dibao", month=MONTH, area_code=HANTING, supposed=SUPPOSED)
            supposed = perf_counter() - started
            some = list(RunLine.objects.filter(run=result.run).order_by("?")[:EXPLAINED])
            told = max(_seconds_of_explaining(line.id) for line in some)
            floor = _seconds_of_floor(str(result.run.id))
    note = f"{result.run.payable_count:,} payables for {result.run.person_count:,} persons"
    yield Line("run_month, committed", spent, "s", LIMIT_SECONDS, note=note)
    for stage, took in seconds.items():
        yield Line(f"- {stage}", took, "s")
    yield Line("over its floor", spent / floor, "times", FLOOR_TIMES, note=f"floor {floor:.1f} s")
    yield Line("memory of the process at its height", peak, "MiB", LIMIT_MIB)
    yield Line("what if: another standard", supposed, "s", WHAT_IF_SECONDS)
    yield Line(f"one amount explained, the slowest of {EXPLAINED}", told * 1000, "ms", EXPLAIN_MS)
    yield Line("lines a second", result.run.payable_count / spent, "/s", kind=Bar.TARGET)


def _seconds_of_explaining(line_id: UUID) -> float:
    started = perf_counter()
    explained(RunLine.objects.select_related("run__record").get(id=line_id))
    return perf_counter() - started


def _add(households: int) -> None:
    """Families of 1 to 4 with incomes, grants and accounts, in the villages of a county."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        span = {"low": HANTING, "high": HANTING + 10**9}
        cursor.execute(
            "select count(*) from areas_area where level = 'village' and code >= %(low)s and code < %(high)s", span
        )
        (villages,) = cursor.fetchone()
        cursor.execute(_FAMILIES.format(count=households, villages=villages, **span))
        for sql in _ROWS:
            cursor.execute(sql, {"at": clock.now()})
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")


def _seconds_of_floor(run_id: str) -> float:
    with connections["owner"].cursor() as cursor:
        for table in _WRITTEN:
            cursor.execute(f"create table floor_{table} (like {table} including all)")
            cursor.execute(
                "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'f'",
                [table],
            )
            for name, definition in cursor.fetchall():
                cursor.execute(f"alter table floor_{table} add constraint {name} {definition}")
            cursor.execute(
                f"create trigger floor_{table}_references after insert on floor_{table} referencing new table as inserted"
                f" for each statement execute function {table}_references()"
            )
        started = perf_counter()
        with transaction.atomic(using="owner"):
            for table, which in _WRITTEN.items():
                cursor.execute(f"insert into floor_{table} select * from {table} where {which}", {"run": run_id})
        spent = perf_counter() - started
    return spent + _seconds_of_export()


def _seconds_of_export() -> float:
    units = paying_units(HANTING)
    question = Question("dibao", MONTH, units, instant_after(clock.now()), clock.today(), ("dibao",))
    with transaction.atomic(), tempfile.TemporaryDirectory() as name, connection.cursor() as cursor:
        started = perf_counter()
        frozen.freeze_grants(
            programme="dibao",
            rests_on=question.granted,
            month=MONTH,
            spans=PayingUnits(units).spans,
            known_at=question.known_at,
        )
        frozen.freeze_people(month=MONTH, known_at=question.known_at)
        for table, (sql, values), _columns in sources(question):
            with (
                (Path(name) / table).open("wb") as file,
                cursor.copy(f"copy ({sql}) to stdout (format csv)", values) as copy,
            ):
                for block in copy:
                    file.write(block)
        return perf_counter() - started
