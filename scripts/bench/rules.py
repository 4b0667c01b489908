"""The dibao rules alone, Parquet to Parquet: against SQL written by hand, and against a Django ORM + Decimal loop."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import ClassVar

import duckdb
from django.db import connection as database
from django.db import connections, models

from shouwang.assistance.rules.benefits import compile as compiling

from . import databases, rule_data
from .results import Bar, Line

TITLE = "The rules of dibao alone"
HOUSEHOLDS = 1_000_000
LOOPED = 10_000
REPEATS = 3
BY_HAND_LIMIT, LOOP_TARGET = 1.3, 50.0

BY_HAND = """
    with unit as (
        select unit_code, is_urban,
               case when is_urban then dibao_standard_urban else dibao_standard_rural end as standard,
               dibao_payment_minimum as least, dibao_gradual_exit_months as months,
               dibao_surcharge_severely_disabled as disabled, dibao_surcharge_seriously_ill as ill,
               dibao_surcharge_elderly as elderly, dibao_surcharge_minor as minor,
               year(benefit_month) * 10000 + month(benefit_month) * 100 + 1 as first_day,
               first_day - dibao_surcharge_elderly_age_from * 10000 as old_to,
               first_day - dibao_surcharge_minor_age_below * 10000 as young_from,
               dibao_surcharge_severely_disabled_level_to as level_to,
               year(benefit_month) * 12 + month(benefit_month) as month_number
          from standards, (values (true), (false)) town(is_urban)
    ), line as (
        select g.*, u.* exclude (unit_code, is_urban), coalesce(m.is_exit_paused, false) as is_exit_paused,
               coalesce(m.gradual_exit_months, 0)::bigint as gradual_exit_months
          from grants g join unit u using (unit_code, is_urban) left join measures m using (unit_code)
         where g.programme = 'dibao'
    ), person as (
        select l.grant_id,
               greatest(p.income_wage_fen, 0) + greatest(p.income_business_fen, 0)
                 + greatest(p.income_property_fen, 0) + greatest(p.income_transfer_fen, 0) as income,
               p.disability_level > 0 and p.disability_level <= l.level_to as is_disabled, p.is_seriously_ill as is_ill,
               year(p.birth_on) * 10000 + month(p.birth_on) * 100 + day(p.birth_on) as born,
               born <= l.old_to as is_old, born > l.young_from as is_young,
               greatest(case when is_disabled then l.disabled else 0 end, case when is_ill then l.ill else 0 end,
                        case when is_old then l.elderly else 0 end, case when is_young then l.minor else 0 end) as extra,
               case when is_disabled and extra = l.disabled then 1 when is_ill and extra = l.ill then 2
                    when is_old and extra = l.elderly then 3 when is_young and extra = l.minor then 4 else 0 end as paid
          from persons p join line l using (household_id)
         where p.is_living and (l.person_id is null or l.person_id = p.person_id)
    ), member as (
        select grant_id, count(*) as persons, sum(income)::bigint as income_fen, sum(extra)::bigint as extra_fen,
               count(*) filter (paid = 1) as disabled_count, count(*) filter (paid = 2) as ill_count,
               count(*) filter (paid = 3) as elderly_count, count(*) filter (paid = 4) as minor_count,
               bool_or(is_disabled)::int * 4096 + bool_or(is_ill)::int * 8192 + bool_or(is_old)::int * 1024
                 + bool_or(is_young)::int * 2048 as bits
          from person group by grant_id
    ), base as (
        select l.*, coalesce(m.persons, 0) as persons, coalesce(m.income_fen, 0) as income_fen,
               coalesce(extra_fen, 0) as extra_fen, coalesce(disabled_count, 0) as disabled_count,
               coalesce(ill_count, 0) as ill_count, coalesce(elderly_count, 0) as elderly_count,
               coalesce(minor_count, 0) as minor_count, coalesce(bits, 0) as bits,
               greatest(l.standard * coalesce(m.persons, 0) - coalesce(m.income_fen, 0), 0) as gap_fen,
               case when gap_fen > 0 then greatest(gap_fen, l.least) else 0 end as base_fen,
               case when base_fen > 0 then coalesce(extra_fen, 0) else 0 end as surcharge_fen
          from line l left join member m using (grant_id)
    ), kept as (
        select *, base_fen + surcharge_fen as computed_fen, persons > 0 and not has_death and not has_fraud as is_protected,
               coalesce(month_number - (year(exit_from) * 12 + month(exit_from)), -1) as months_past,
               case when is_protected and computed_fen = 0 and months_past >= 0 and months_past < months
                    then decided_fen else computed_fen end as ordinary_fen,
               case when is_protected and computed_fen = 0 and months_past >= 0
                         and months_past < greatest(months, gradual_exit_months)
                    then decided_fen else computed_fen end as graced_fen,
               is_protected and is_exit_paused and decided_fen > graced_fen as is_kept,
               case when is_kept then decided_fen else graced_fen end as amount_fen
          from base
    )
    select grant_id, household_id, person_id, unit_code, area_code, is_urban, amount_fen, ordinary_fen,
           bits + case when persons = 0 then 1 when gap_fen = 0 then 2 else 0 end
             + case when base_fen > gap_fen then 8 else 0 end
             + case when graced_fen <> computed_fen then 16 else 0 end + case when is_kept then 32 else 0 end
             + case when is_exit_paused and decided_fen > amount_fen and persons > 0 and has_death then 64 else 0 end
             + case when is_exit_paused and decided_fen > amount_fen and persons > 0 and has_fraud then 128 else 0 end as reasons,
           false as is_single_person, persons, tier, income_fen, 0::bigint as deducted_fen, disabled_count, ill_count,
           elderly_count, minor_count, base_fen, surcharge_fen, decided_fen, is_protected, is_exit_paused, months_past,
           gradual_exit_months
      from kept
"""
"""What somebody who knows DuckDB would write for the parameters of this snapshot: the same columns, no more."""


def run(dsn: str, households: int = HOUSEHOLDS, looped: int = LOOPED) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rule_data.write(folder, households, with_measures=True)
        began = process_time()
        compiled = _compile_anew()
        compiling_seconds = process_time() - began
        by_hand = ours = wall = float("inf")
        for _turn in range(REPEATS):  # in turns, so that a busy machine is busy for both
            by_hand = min(by_hand, _seconds(folder, BY_HAND, "hand")[0])
            cpu, elapsed = _seconds(folder, compiled, "ours")
            ours, wall = min(ours, cpu), min(wall, elapsed)
        different = _differences(folder)
        note = f"{households:,} households, Parquet to Parquet, CPU of the best of {REPEATS}; {different} lines differ"
        yield Line("compiled rules", ours, "s", by_hand * BY_HAND_LIMIT, Bar.LIMIT, note)
        yield Line("- SQL written by hand", by_hand, "s")
        yield Line("- the compiled rules by the clock", wall, "s")
        yield Line("- compiling, once a process", compiling_seconds, "s")
        yield Line("- lines that differ", different, "lines", 0.5, Bar.LIMIT)
        loop = _loop_seconds(dsn, folder, looped) * households / looped
    yield Line(
        "Django ORM + Decimal loop, times the rules",
        loop / ours,
        "x",
        LOOP_TARGET,
        Bar.TARGET,
        f"measured on {looped:,} households, scaled: {loop:,.0f} s",
    )


def _compile_anew() -> str:
    compiling.sql.cache_clear()
    return compiling.sql("dibao", "2012")


def _seconds(folder: Path, query: str, name: str) -> tuple[float, float]:
    """CPU of all threads, and the clock."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        rule_data.view(connection, folder)
        cpu, clock = process_time(), perf_counter()
        connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
        return process_time() - cpu, perf_counter() - clock


def _differences(folder: Path) -> int:
    """Lines whose amounts, reasons or facts are not the same."""
    columns = "grant_id, amount_fen, ordinary_fen, reasons, persons, income_fen, base_fen, surcharge_fen, months_past"
    with duckdb.connect(":memory:") as connection:
        (count,) = connection.execute(
            f"select count(*) from ((select {columns} from '{folder}/ours.parquet') except all"
            f" (select {columns} from '{folder}/hand.parquet'))"
        ).fetchone() or (0,)
    return int(count)


class BenchHousehold(models.Model):
    unit_code = models.BigIntegerField()
    is_urban = models.BooleanField()

    class Meta:
        app_label, managed, db_table = "bench", False, "bench_household"


class BenchPerson(models.Model):
    household = models.ForeignKey(BenchHousehold, models.DO_NOTHING, related_name="members")
    birth_on = models.DateField()
    disability_level = models.SmallIntegerField()
    is_seriously_ill = models.BooleanField()
    income = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        app_label, managed, db_table = "bench", False, "bench_person"


class BenchPayment(models.Model):
    household_id = models.BigIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reasons = models.CharField(max_length=100)

    class Meta:
        app_label, managed, db_table = "bench", False, "bench_payment"
        indexes: ClassVar[Sequence[models.Index]] = ()


_LOOP_TABLES = """
    create table bench_household (id bigint primary key, unit_code bigint not null, is_urban boolean not null);
    create table bench_person (id bigint primary key, household_id bigint not null, birth_on date not null,
        disability_level smallint not null, is_seriously_ill boolean not null, income numeric(12, 2) not null);
    create index on bench_person (household_id);
    create table bench_payment (id bigserial primary key, household_id bigint not null, amount numeric(12, 2) not null,
        reasons varchar(100) not null);
    grant all on bench_household, bench_person, bench_payment to public;
    grant all on sequence bench_payment_id_seq to public
"""


def _loop_seconds(dsn: str, folder: Path, households: int) -> float:
    """CPU and waiting of the loop that most systems run: objects with their members prefetched, Decimal, bulk_create."""
    with databases.plain(dsn):
        with connections["owner"].cursor() as cursor:
            cursor.execute(_LOOP_TABLES)
        _fill(folder, households)
        standards = {
            row["unit_code"]: row
            for row in (rule_data.standards(number, with_measures=True) for number in range(rule_data.UNITS))
        }
        began = perf_counter()
        payments = []
        for household in BenchHousehold.objects.prefetch_related("members").iterator(chunk_size=2_000):
            payments.append(_payment(household, standards[household.unit_code]))
        BenchPayment.objects.bulk_create(payments, batch_size=2_000)
        return perf_counter() - began


def _payment(household: BenchHousehold, row: dict[str, object]) -> BenchPayment:
    def money(column: str) -> Decimal:
        return Decimal(str(row[column])) / 100

    members = list(household.members.all())
    standard = money("dibao_standard_urban" if household.is_urban else "dibao_standard_rural")
    gap = max(standard * len(members) - sum((member.income for member in members), Decimal(0)), Decimal(0))
    base = max(gap, money("dibao_payment_minimum")) if gap else Decimal(0)
    surcharge, reasons = Decimal(0), set()
    for member in members:
        rates = {name: money(f"dibao_surcharge_{name}") for name in _categories(member)}
        reasons.update(rates)
        surcharge += max(rates.values(), default=Decimal(0))
    amount = base + surcharge if base else base
    return BenchPayment(household_id=household.pk, amount=amount, reasons=",".join(sorted(reasons)))


def _categories(member: BenchPerson) -> Iterator[str]:
    on, born = rule_data.MONTH, member.birth_on
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if age >= 70:
        yield "elderly"
    if age < 18:
        yield "minor"
    if 0 < member.disability_level <= 2:
        yield "severely_disabled"
    if member.is_seriously_ill:
        yield "seriously_ill"


def _fill(folder: Path, households: int) -> None:
    with duckdb.connect(":memory:") as connection:
        rule_data.view(connection, folder)
        grants = connection.execute(
            f"select household_id, unit_code, is_urban from grants where household_id < {households}"
        ).fetchall()
        persons = connection.execute(
            "select person_id, household_id, birth_on, disability_level, is_seriously_ill, income_wage_fen"
            f" + income_business_fen + income_property_fen + income_transfer_fen from persons where household_id < {households}"
        ).fetchall()
    with database.cursor() as cursor:
        with cursor.copy("copy bench_household from stdin") as copy:
            for row in grants:
                copy.write_row(row)
        with cursor.copy("copy bench_person from stdin") as copy:
            for *facts, fen in persons:
                copy.write_row((*facts, Decimal(fen) / 100))
