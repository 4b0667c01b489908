"""Random dibao households as a snapshot on disk: Parquet made inside DuckDB, from a seed, without a Python object each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from shouwang.assistance.rules.benefits.inputs import HOLDS, MEASURES, standards_schema
from shouwang.assistance.rules.benefits.parameters import ParameterRow, Parameters, shipped

UNITS = 120
FIRST_UNIT = 370_700_000_000_000
MONTH = date(2020, 3, 1)
TYPES = {"int64": "BIGINT", "int16": "SMALLINT", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
TABLES = ("grants", "persons", "holds", "measures", "standards")

_PERSONS = """
    with numbered as (
        select household_id, place, household_id * 8 + place as person_id, hash(household_id * 8 + place, 'seed') as h
          from (select range as household_id from range({households})), range(8) places(place)
         where place <= hash(household_id, 'size') % 100 // 28 + (hash(household_id, 'more') % 12 = 0)::int * 2
    )
    select person_id::bigint as person_id, household_id::bigint as household_id, place = 0 as is_head,
           date '1925-01-01' + (h % 34000)::int as birth_on, true as is_living,
           case when h % 1000 < 150 then 1 + h // 1000 % 7 else 0 end::smallint as disability_kind,
           case when h % 1000 < 150 then 1 + h // 7000 % 4 else 0 end::smallint as disability_level,
           h // 13 % 100 < 12 as is_seriously_ill, false as needs_care,
           case when h // 17 % 10 < 3 then h // 19 % 60000 else 0 end::bigint as income_wage_fen,
           case when h // 23 % 10 < 2 then h // 29 % 20000 else 0 end::bigint as income_business_fen,
           case when h // 31 % 10 < 1 then h // 37 % 8000 else 0 end::bigint as income_property_fen,
           case when h // 41 % 10 < 4 then h // 43 % 15000 else 0 end::bigint as income_transfer_fen,
           0::bigint as work_cost_fen, 0::bigint as rigid_spending_fen,
           null::smallint as self_care_failed, null::varchar as care_mode
      from numbered
"""
_GRANTS = """
    select household_id::bigint as grant_id, 'dibao' as programme, household_id::bigint as household_id,
           null::bigint as person_id, {first} + (hash(household_id, 'unit') % {units}) * 1000000 as unit_code,
           {first} + (hash(household_id, 'unit') % {units}) * 1000000 + 1000 as area_code,
           hash(household_id, 'urban') % 10 < 3 as is_urban,
           (hash(household_id, 'decided') % 200000)::bigint as decided_fen, 0::smallint as tier,
           case when hash(household_id, 'exit') % 40 = 0 then date '2020-02-01' end as exit_from,
           hash(household_id, 'death') % 100 = 0 as has_death, false as has_fraud,
           false as awaits_review
      from (select range as household_id from range({households}))
"""


def write(folder: Path, households: int, *, with_measures: bool) -> None:
    """`with_measures`: exits are paused in every third unit, and there is a gradual exit of three months."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        _copy(connection, folder, "persons", _PERSONS.format(households=households))
        _copy(connection, folder, "grants", _GRANTS.format(households=households, first=FIRST_UNIT, units=UNITS))
        for name, schema in (("holds", HOLDS), ("measures", MEASURES), ("standards", standards_schema())):
            columns = ", ".join(f"{column} {TYPES[kind]}" for column, kind in schema.items())
            connection.execute(f"create table {name} ({columns})")
        for number in range(UNITS):
            columns = standards(number, with_measures=with_measures)
            connection.execute(
                f"insert into standards values ({', '.join('?' * len(columns))})", list(columns.values())
            )
            if with_measures and number % 3 == 0:
                connection.execute("insert into measures values (?, true, null, false)", [_unit(number)])
        for name in ("holds", "measures", "standards"):
            _copy(connection, folder, name, f"select * from {name}")


def standards(number: int, *, with_measures: bool) -> dict[str, object]:
    """One unit's row: its own standards, minimum and surcharges."""
    values = {
        "dibao.standard.urban": ("元/人/月", str(500 + number * 3)),
        "dibao.standard.rural": ("元/人/月", str(380 + number * 2)),
        "dibao.payment.minimum": ("元", str(number % 4 * 10)),
        "dibao.surcharge.basis": ("选项", "amount"),
        "dibao.surcharge.elderly": ("元/人/月", str(30 + number % 5 * 5)),
        "dibao.surcharge.minor": ("元/人/月", str(40 + number % 3)),
        "dibao.surcharge.severely_disabled": ("元/人/月", str(60 + number % 7)),
        "dibao.surcharge.seriously_ill": ("元/人/月", str(55 + number % 11)),
    }
    if with_measures:
        values["dibao.gradual_exit.months"] = ("个月", "3")
    rows = [
        ParameterRow(key, _unit(number), date(2019, 7, 1), text, unit, "bench") for key, (unit, text) in values.items()
    ]
    return dict(Parameters((*shipped(), *rows)).standards_row((_unit(number),), MONTH, keys=()).columns())


def view(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The snapshot's tables, as views over its files."""
    for name in TABLES:
        connection.execute(f"create or replace view {name} as select * from read_parquet('{folder / name}.parquet')")


def _unit(number: int) -> int:
    return FIRST_UNIT + number * 1_000_000


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, query: str) -> None:
    connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
