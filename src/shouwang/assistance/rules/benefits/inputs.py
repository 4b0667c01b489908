"""The tables of the frozen snapshot that the rules read, unbound: names, columns and types, no data.

Ids are random 64-bit integers; nothing here names anybody. Money is fen, percentages are hundredths of a percent.
`standards` has one row a unit for the benefit month, with a column a parameter (`StandardsRow.columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .catalogue import catalogue, key_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

GRANTS: Mapping[str, str] = {
    "grant_id": "int64",
    "programme": "string",
    "household_id": "int64",
    "person_id": "int64",  # null: the whole household
    "unit_code": "int64",  # whose parameters hold
    "area_code": "int64",
    "is_urban": "boolean",
    "decided_fen": "int64",  # in force by the decision before; 0 for none
    "tier": "int16",  # 一至四类, 0 for none
    "exit_from": "date",  # first month for which the income stood above the standard, or null
    "has_death": "boolean",  # a member died since that decision
    "has_fraud": "boolean",  # fraud was established since that decision
    "awaits_review": "boolean",  # a pause kept it, and no officer has decided since that it may change
}
PERSONS: Mapping[str, str] = {
    "person_id": "int64",
    "household_id": "int64",
    "is_head": "boolean",
    "birth_on": "date",
    "is_living": "boolean",  # on the first day of the benefit month
    "disability_kind": "int16",  # 1-7, 0 for none
    "disability_level": "int16",  # 1-4, 0 for none
    "is_seriously_ill": "boolean",
    "needs_care": "boolean",  # long-term care of six months and more
    "income_wage_fen": "int64",
    "income_business_fen": "int64",
    "income_property_fen": "int64",
    "income_transfer_fen": "int64",
    "work_cost_fen": "int64",
    "rigid_spending_fen": "int64",
    "self_care_failed": "int16",  # of six, null: not assessed
    "care_mode": "string",  # concentrated, dispersed or null
}
HOLDS: Mapping[str, str] = {
    "person_id": "int64",
    "household_id": "int64",
    "programme": "string",  # what the person receives or is, by the words of exclusions.yaml
    "unit_code": "int64",
    "area_code": "int64",
    "is_urban": "boolean",
    "received_fen": "int64",  # the person's share of it in the benefit month
}
MEASURES: Mapping[str, str] = {
    "unit_code": "int64",
    "is_exit_paused": "boolean",
    "gradual_exit_months": "int16",  # null: no measure
    "is_price_doubled": "boolean",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "grants": GRANTS,
    "persons": PERSONS,
    "holds": HOLDS,
    "measures": MEASURES,
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The snapshot, unbound."""

    grants: ir.Table
    persons: ir.Table
    holds: ir.Table
    measures: ir.Table
    standards: ir.Table

    def standards_of(self, keys: Iterable[str]) -> ir.Table:
        """The standards with the columns of `keys` only, so that the others are never read."""
        return self.standards.select("unit_code", "benefit_month", *(key_of(key).column for key in keys))


def standards_schema() -> dict[str, str]:
    columns = {"unit_code": "int64", "benefit_month": "date"}
    return columns | {entry.column: "string" if entry.is_text else "int64" for entry in catalogue().values()}


def unbound() -> Tables:
    """The tables under their own names, as SQL has them."""
    import ibis

    tables = {name: ibis.table(dict(schema), name=name) for name, schema in TABLES.items()}
    return Tables(**tables, standards=ibis.table(standards_schema(), name="standards"))
