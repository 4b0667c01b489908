"""The frozen snapshot of a run: the facts of one month in Parquet files that anyone can compute again.

Five tables, declared in `rules.benefits.inputs`: grants, persons, holds, standards, measures. People and
households have dense random numbers there; names, ID numbers, accounts and the register's own ids stay in the
database. What links the two (`keys` of the engine) lives as long as the run is being computed.

The facts are read through `registry.queries.frozen`, which means what `fact_as_of` means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from shouwang.registry.public import HouseholdFactKind, Need, PersonFactKind, frozen_register

from ..queries import frozen
from ..rules.benefits import inputs
from ..rules.benefits.exclusions import Effect, others
from ..rules.monthly import month_before
from ..rules.places import PayingUnit, PayingUnits
from ..states import LINKED, ChangeCause, Programme
from .duck import SQL_TYPES, Duck, typed
from .holds import HELD_BY_FACT, assemble_holds, quoted

TABLES = ("grants", "persons", "holds", "standards", "measures")

_FACTS = (
    PersonFactKind.INCOME_WAGE,
    PersonFactKind.INCOME_BUSINESS,
    PersonFactKind.INCOME_PROPERTY,
    PersonFactKind.INCOME_TRANSFER,
    PersonFactKind.WORK_COST,
    PersonFactKind.RIGID_SPENDING,
    PersonFactKind.CATEGORY,
    PersonFactKind.DISABILITY,
    PersonFactKind.SELF_CARE,
    PersonFactKind.CARE_MODE,
    PersonFactKind.SERIOUS_ILLNESS,
    PersonFactKind.NEED,
    PersonFactKind.DEATH,
)

_UUID, _DATE, _INT, _TEXT, _FLAG = "UUID", "DATE", "BIGINT", "VARCHAR", "BOOLEAN"

_IS_KNOWN: Mapping[str, str] = {
    Programme.DIBAO: "coalesce(known.has_income = 1, false)",
    Programme.TEKUN: "coalesce(me.self_care_failed is not null and me.care_mode is not null, false)",
    Programme.DISABILITY_LIVING: "coalesce(me.is_certified, false)",
    Programme.DISABILITY_NURSING: "coalesce(me.is_certified and me.has_needs, false)",
    Programme.ORPHAN: "coalesce(me.birth_on is not null, false)",
    Programme.UNATTENDED_CHILD: "coalesce(me.birth_on is not null, false)",
    Programme.OLD_AGE: "coalesce(me.birth_on is not null, false)",
}
"""Whether the facts that an amount is computed from were ever recorded: who was taken over with an amount and nothing
else is paid that amount, until somebody records an income (a tekun person's assessment, a disability certificate) or a
review. What excludes a programme is known by itself: the rule decides then, whatever else is missing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a run computes: one programme and month for some paying units, as known before `known_at`.

    `rests_on`: the programmes whose grants decide who is paid, where the programme has none of its own.
    `again`: these grants only, whether the month has been paid to them or not. `supposed`: a household as if it had a
    grant that nobody has decided yet.
    """

    programme: str
    month: date
    units: Sequence[PayingUnit]
    known_at: datetime
    paid_on: date
    rests_on: tuple[str, ...] = ()
    again: tuple[UUID, ...] | None = None
    supposed: UUID | None = None

    @property
    def granted(self) -> tuple[str, ...]:
        """The programmes whose grants are frozen."""
        return self.rests_on or (self.programme,)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Files by table, with their SHA-256, and how many rows each has."""

    files: Mapping[str, Path]
    hashes: Mapping[str, str]
    counts: Mapping[str, int]

    @property
    def input_hash(self) -> str:
        """One digest of all files."""
        joined = "".join(f"{name}:{self.hashes[name]}\n" for name in sorted(self.hashes))
        return hashlib.sha256(joined.encode()).hexdigest()


def take_snapshot(
    duck: Duck,
    folder: Path,
    question: Question,
    *,
    standards: Sequence[Mapping[str, Any]],
    measures: Sequence[Mapping[str, Any]],
) -> None:
    """Freeze the facts into the engine's tables. Inside the caller's transaction, whose locks hold what is frozen still."""
    directory = PayingUnits(question.units)
    if question.supposed is not None:
        frozen.suppose_grant(programme=question.programme, month=question.month, household_id=question.supposed)
    else:
        frozen.freeze_grants(
            programme=question.programme,
            rests_on=question.granted,
            month=question.month,
            spans=directory.spans,
            known_at=question.known_at,
            only=question.again,
        )
    frozen.freeze_people(month=question.month, known_at=question.known_at)
    _export(duck, folder, question)
    _number(duck)
    _place(duck, directory)
    _assemble(duck, question.programme, is_again=question.again is not None)
    fill_wide(duck, "standards", inputs.standards_schema(), standards)
    fill_wide(duck, "measures", inputs.MEASURES, measures)


def sources(question: Question) -> list[tuple[str, tuple[str, list[Any]], dict[str, str]]]:
    """What is exported of the frozen tables: the engine's table, the query with its values, the columns with types."""
    on, known_at = question.month, question.known_at
    register = frozen_register
    last_paid = frozen.owed_sql if question.programme in LINKED else frozen.last_paid_sql
    return [
        ("x_grant", frozen.grants_sql(), {
            "grant_id": _UUID, "programme": _TEXT, "household_id": _UUID, "person_id": _UUID, "area_code": _INT, "origin": _TEXT,
            "starts_on": _DATE, "decided_fen": _INT, "decided_from": _DATE, "cause": _TEXT, "exit_from": _DATE,
            "is_payable": _FLAG, "awaits_review": _FLAG}),
        ("x_merged", register.merged_sql(known_at), {"duplicate_id": _UUID, "survivor_id": _UUID}),
        ("x_person", register.births_sql(frozen.PERSONS), {"person_id": _UUID, "birth_on": _DATE}),
        ("x_membership", register.memberships_sql(frozen.PERSONS, on=on, known_at=known_at), {
            "person_id": _UUID, "valid_from": _DATE, "recorded_us": _INT, "household_id": _UUID, "is_head": _FLAG}),
        ("x_fact", register.person_facts_sql(frozen.PERSONS, _FACTS, on=on, known_at=known_at), {
            "person_id": _UUID, "kind": _TEXT, "valid_from": _DATE, "recorded_us": _INT, "amount": _INT,
            "code": _TEXT}),
        ("x_account", register.accounts_sql(frozen.PERSONS, on=question.paid_on, known_at=known_at), {
            "person_id": _UUID, "valid_from": _DATE, "recorded_us": _INT, "account_id": _UUID}),
        ("x_household_fact", register.household_facts_sql(
            frozen.HOUSEHOLDS, [HouseholdFactKind.URBAN, HouseholdFactKind.TIER], on=on, known_at=known_at), {
            "household_id": _UUID, "kind": _TEXT, "amount": _INT, "code": _TEXT}),
        ("x_household", frozen.household_areas_sql(), {"household_id": _UUID, "area_code": _INT}),
        ("x_other_grant", frozen.other_grants_sql(but=question.granted, month=on, known_at=known_at), {
            "programme": _TEXT, "household_id": _UUID, "person_id": _UUID, "monthly_fen": _INT}),
        ("x_bereaved", frozen.bereaved_sql(month=on, known_at=known_at), {"household_id": _UUID, "died_on": _DATE}),
        ("x_last", last_paid(programme=question.programme, month=month_before(on)), {
            "subject_id": _UUID, "amount_fen": _INT}),
        ("x_owed", frozen.owed_sql(programme=question.programme, month=on), {
            "subject_id": _UUID, "amount_fen": _INT}),
    ]  # fmt: skip


def _export(duck: Duck, folder: Path, question: Question) -> None:
    """The engine reads a table while the database gives out the next."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        reading = []
        for table, (sql, values), columns in sources(question):
            path = folder / f"{table}.csv"
            with (
                connection.cursor() as cursor,
                path.open("wb") as file,
                cursor.copy(f"copy ({sql}) to stdout (format csv)", values) as copy,
            ):
                for block in copy:
                    file.write(block)
            reading.append(reader.submit(_read, duck, table, path, columns))
        for one in reading:
            one.result()


def _read(duck: Duck, table: str, path: Path, columns: Mapping[str, str]) -> None:
    duck.read_csv(table, path.name, columns)
    path.unlink()


def _number(duck: Duck) -> None:
    """Dense numbers in an order that says nothing, and one person for merged records."""
    duck.make(
        "k_root",
        "select p.person_id, coalesce(m.survivor_id, p.person_id) as root_id from x_person p"
        " left join x_merged m on m.duplicate_id = p.person_id",
    )
    duck.make("k_several", "select root_id from k_root group by root_id having count(*) > 1")
    _latest(duck, "x_membership", "l_membership", [])
    _latest(duck, "x_fact", "l_fact", ["kind"])
    _latest(duck, "x_account", "l_account", [])
    _shuffle(duck, "k_grant", "select grant_id as id from x_grant")
    _shuffle(
        duck,
        "k_person",
        """select m.root_id as id from l_membership m
            where m.household_id in (select household_id from x_grant)
            union
           select m.root_id from l_membership m
            where m.household_id in (
                  select home.household_id from x_grant g join k_root r on r.person_id = g.person_id
                    join l_membership home on home.root_id = r.root_id)
            union
           select r.root_id from x_grant g join k_root r on r.person_id = g.person_id""",
    )
    _shuffle(
        duck,
        "k_household",
        """select household_id as id from x_grant where household_id is not null
            union
           select m.household_id from l_membership m join k_person p on p.id = m.root_id
            where m.household_id is not null""",
    )


def _shuffle(duck: Duck, table: str, sql: str) -> None:
    """A number for each id, drawn: it follows from nothing, so that nobody can find the id again."""
    duck.make(
        table,
        f"""select id, row_number() over (order by drawn) as number
              from (select id, random() as drawn from ({sql}) wanted) drawn_for""",
    )


def _latest(duck: Duck, source: str, table: str, by: Sequence[str]) -> None:
    """One row a person (and kind): the latest over all records that are this person, on a tie the survivor's.

    The database gave one a record, so that only those with several are compared.
    """
    keys = ", ".join(["r.root_id", *(f"x.{column}" for column in by)])
    ranked = ", ".join(["x.valid_from desc", "x.recorded_us desc", "x.person_id = r.root_id desc"])
    duck.make(
        table,
        f"""select r.root_id, x.* from {source} x join k_root r on r.person_id = x.person_id
             where r.root_id not in (select root_id from k_several)
            union all
            select * exclude (place) from (
                select r.root_id, x.*, row_number() over (partition by {keys} order by {ranked}) as place
                  from {source} x join k_root r on r.person_id = x.person_id
                 where r.root_id in (select root_id from k_several)) ranked where place = 1""",
    )
    duck.drop(source)


def _place(duck: Duck, directory: PayingUnits) -> None:
    """The paying unit of each area code, and the part of it that answers for the code."""
    codes = [code for (code,) in duck.rows("select distinct area_code from x_grant")]
    placed = [(code, unit.code, unit.part_of(code)) for code in codes if (unit := directory.of(code)) is not None]
    duck.fill("k_area", {"area_code": _INT, "unit_code": _INT, "part_code": _INT}, placed)


def _assemble(duck: Duck, programme: str, *, is_again: bool) -> None:
    """The tables of the snapshot, from the keys and the latest facts."""
    barring = others(programme, Effect.EXCLUDED)
    _assemble_persons(duck)
    duck.make(
        "homes",
        f"""select k.id, k.number as household_id, a.unit_code, x.area_code,
                   coalesce(urban.amount, 0) = 1 as is_urban, coalesce(tier.amount, 0) as tier
              from k_household k
              left join x_household x on x.household_id = k.id
              left join k_area a on a.area_code = x.area_code
              left join x_household_fact urban on urban.household_id = k.id and urban.kind = '{HouseholdFactKind.URBAN}'
              left join x_household_fact tier on tier.household_id = k.id and tier.kind = '{HouseholdFactKind.TIER}'""",
    )
    duck.make(
        "bereaved",
        """select k.number as household_id, b.died_on from x_bereaved b join k_household k on k.id = b.household_id""",
    )
    assemble_holds(duck, programme)
    duck.make(
        "grants",
        typed(
            {**inputs.GRANTS, "is_known": "boolean"},
            f"""select k.number as grant_id, g.programme, h.household_id, p.number as person_id,
                       a.unit_code, g.area_code, coalesce(h.is_urban, false) as is_urban, g.decided_fen,
                       case when g.household_id is not null then coalesce(h.tier, 0) else 0 end as tier, g.exit_from,
                       coalesce(lost.died_on >= g.decided_from, false) as has_death,
                       coalesce(g.cause = '{ChangeCause.FRAUD}', false) as has_fraud, g.awaits_review,
                       case g.programme {_known_by_programme()} end or barred.person_id is not null as is_known
                  from x_grant g
                  join k_grant k on k.id = g.grant_id
                  join k_area a on a.area_code = g.area_code
                  left join k_root r on r.person_id = g.person_id
                  left join k_person p on p.id = r.root_id
                  left join l_membership m on m.root_id = r.root_id
                  left join homes h on h.id = coalesce(g.household_id, m.household_id)
                  left join bereaved lost on lost.household_id = h.household_id and g.household_id is not null
                  left join persons_known me on me.person_id = p.number
                  left join (select distinct person_id from holds where programme in ({quoted(barring)})) barred
                    on barred.person_id = p.number
                  left join (select household_id, max(cast(has_income as integer)) as has_income from persons_known
                              where is_living group by household_id) known on known.household_id = h.household_id
                 where {"true" if is_again else "not g.is_payable"}""",
        ),
    )


def _known_by_programme() -> str:
    return " ".join(f"when '{programme}' then {is_known}" for programme, is_known in _IS_KNOWN.items())


def _assemble_persons(duck: Duck) -> None:
    def amount(kind: str) -> str:
        return f"max(amount) filter (where kind = '{kind}')"

    duck.make(
        "facts",
        f"""select root_id, {amount(PersonFactKind.INCOME_WAGE)} as income_wage_fen,
                   {amount(PersonFactKind.INCOME_BUSINESS)} as income_business_fen,
                   {amount(PersonFactKind.INCOME_PROPERTY)} as income_property_fen,
                   {amount(PersonFactKind.INCOME_TRANSFER)} as income_transfer_fen,
                   {amount(PersonFactKind.WORK_COST)} as work_cost_fen,
                   {amount(PersonFactKind.RIGID_SPENDING)} as rigid_spending_fen,
                   {amount(PersonFactKind.SERIOUS_ILLNESS)} = 1 as is_seriously_ill,
                   {amount(PersonFactKind.SELF_CARE)} as self_care_failed,
                   max(valid_from) filter (where kind = '{PersonFactKind.DEATH}' and amount = 1) as died_on,
                   max(code) filter (where kind = '{PersonFactKind.CARE_MODE}') as care_mode,
                   max(code) filter (where kind = '{PersonFactKind.DISABILITY}') as disability,
                   count(*) filter (where kind = '{PersonFactKind.DISABILITY}') > 0 as is_certified,
                   count(*) filter (where kind = '{PersonFactKind.NEED}') > 0 as has_needs,
                   ',' || max(code) filter (where kind = '{PersonFactKind.NEED}') || ',' as needs,
                   count(*) filter (where kind like 'income.%') > 0 as has_income
              from l_fact group by root_id""",
    )
    duck.make(
        "category_of",
        f"""select * from (
                select k.number as person_id, unnest(string_split(f.code, ',')) as category
                  from l_fact f join k_person k on k.id = f.root_id where f.kind = '{PersonFactKind.CATEGORY}') split
             where category in ({quoted(HELD_BY_FACT)})""",
    )
    duck.drop("l_fact")
    duck.make(
        "persons_known",
        f"""select k.number as person_id, h.number as household_id, coalesce(m.is_head, false) as is_head,
                   x.birth_on, f.died_on is null as is_living, f.died_on,
                   coalesce(substr(f.disability, 1, 1), '0') as disability_kind,
                   coalesce(substr(f.disability, 2, 1), '0') as disability_level,
                   coalesce(f.is_seriously_ill, false) as is_seriously_ill,
                   coalesce(f.needs like '%,{Need.DAILY_CARE},%', false) as needs_care,
                   coalesce(f.income_wage_fen, 0) as income_wage_fen,
                   coalesce(f.income_business_fen, 0) as income_business_fen,
                   coalesce(f.income_property_fen, 0) as income_property_fen,
                   coalesce(f.income_transfer_fen, 0) as income_transfer_fen,
                   coalesce(f.work_cost_fen, 0) as work_cost_fen,
                   coalesce(f.rigid_spending_fen, 0) as rigid_spending_fen, f.self_care_failed, f.care_mode,
                   coalesce(f.has_income, false) as has_income, coalesce(f.is_certified, false) as is_certified,
                   coalesce(f.has_needs, false) as has_needs
              from k_person k
              left join l_membership m on m.root_id = k.id
              left join k_household h on h.id = m.household_id
              left join x_person x on x.person_id = k.id
              left join facts f on f.root_id = k.id""",
    )
    duck.make("persons", typed(inputs.PERSONS, "select * from persons_known"))


def fill_wide(duck: Duck, table: str, schema: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table with a row a unit."""
    columns = {name: SQL_TYPES[kind] for name, kind in schema.items()}
    duck.fill(table, columns, [[row[name] for name in columns] for row in rows])


def write_snapshot(duck: Duck) -> Snapshot:
    """The frozen tables as files of the engine's folder, with their digests."""
    files, hashes, counts = {}, {}, {}
    for table in TABLES:
        order = "unit_code" if table in ("standards", "measures") else "1, 2"
        files[table] = duck.write_parquet(f"select * from {table} order by {order}", f"{table}.parquet")
        hashes[table] = _digest(files[table])
        counts[table] = duck.count(table)
    return Snapshot(files, hashes, counts)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def instant_after(moment: datetime) -> datetime:
    """The cut-off that still sees what was recorded at `moment` itself."""
    return moment + timedelta(microseconds=1)
