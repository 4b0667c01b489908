"""A snapshot made of plain rows, and the compiled rules run over it on DuckDB, as the engine does."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from shouwang.assistance.rules.benefits import compile as compiling
from shouwang.assistance.rules.benefits.inputs import TABLES, standards_schema
from shouwang.assistance.rules.benefits.parameters import StandardsRow

TYPES = {"int64": "BIGINT", "int16": "SMALLINT", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
UNIT, AREA = 370_705_000_000_000, 370_705_001_001_000

GRANT: Mapping[str, Any] = {
    "programme": "dibao", "person_id": None, "unit_code": UNIT, "area_code": AREA, "is_urban": True, "decided_fen": 0,
    "tier": 0, "exit_from": None, "has_death": False, "has_fraud": False,
    "awaits_review": False,
}  # fmt: skip
PERSON: Mapping[str, Any] = {
    "is_head": False, "birth_on": date(1980, 5, 1), "is_living": True, "disability_kind": 0, "disability_level": 0,
    "is_seriously_ill": False, "needs_care": False, "income_wage_fen": 0, "income_business_fen": 0,
    "income_property_fen": 0, "income_transfer_fen": 0, "work_cost_fen": 0, "rigid_spending_fen": 0,
    "self_care_failed": None, "care_mode": None,
}  # fmt: skip
HOLD: Mapping[str, Any] = {"unit_code": UNIT, "area_code": AREA, "is_urban": True, "received_fen": 0}
MEASURE: Mapping[str, Any] = {
    "unit_code": UNIT, "is_exit_paused": False, "gradual_exit_months": None, "is_price_doubled": False,
}  # fmt: skip


@dataclass
class Snapshot:
    """Rows by table; `standards` as `StandardsRow`."""

    standards: list[StandardsRow]
    grants: list[dict[str, Any]] = field(default_factory=list)
    persons: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)

    def add_grant(self, **columns: Any) -> None:
        self.grants.append({**GRANT, "grant_id": len(self.grants) + 1, **columns})

    def add_person(self, **columns: Any) -> int:
        """Returns the person's id."""
        person_id = len(self.persons) + 1
        self.persons.append({**PERSON, "person_id": person_id, **columns})
        return int(self.persons[-1]["person_id"])

    def add_hold(self, **columns: Any) -> None:
        self.holds.append({**HOLD, **columns})

    def standards_of(self, unit_code: int) -> StandardsRow:
        return next(row for row in self.standards if row.unit_code == unit_code)

    def load(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes the tables of the snapshot."""
        for name, schema in TABLES.items():
            _load(connection, name, schema, getattr(self, name))
        _load(connection, "standards", standards_schema(), [row.columns() for row in self.standards])

    def run(self, programme: str, version: str) -> list[dict[str, Any]]:
        """The lines, by column."""
        with duckdb.connect(":memory:", config={"threads": 2}) as connection:
            self.load(connection)
            return lines_of(connection, programme, version)


def lines_of(connection: duckdb.DuckDBPyConnection, programme: str, version: str) -> list[dict[str, Any]]:
    answer = connection.execute(compiling.sql(programme, version))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def record_of(line: Mapping[str, Any]) -> dict[str, int]:
    """What an explanation record keeps of a line: its integers."""
    return {name: int(value) for name, value in line.items() if value is not None}


def _load(
    connection: duckdb.DuckDBPyConnection, name: str, schema: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    columns = ", ".join(f"{column} {TYPES[kind]}" for column, kind in schema.items())
    connection.execute(f"create table {name} ({columns})")
    if not rows:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows(_cells(schema, row) for row in rows)
        connection.execute(f"copy {name} from '{path}' (header false, nullstr '')")


def _cells(schema: Iterable[str], row: Mapping[str, Any]) -> list[Any]:
    unknown = set(row) - set(schema)
    assert not unknown, unknown
    return ["" if row.get(column) is None else row[column] for column in schema]
