"""What is wrong with a snapshot before anybody is computed: one SELECT a problem, over the tables of `inputs`.

Each gives rows (grant_id, household_id, person_id, unit_code), null where it does not apply. `BLOCKING` ones stop a run
before anybody is paid; the others are exceptions that an officer looks at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import ibis
import ibis.expr.types as ir
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, whole
from .compile import DUCKDB
from .exclusions import Effect, exclusions
from .inputs import Tables, unbound

INCOME_ABSURD_FEN = 1_000_000_00
"""A million yuan a month: nobody on assistance earns it, somebody typed fen for yuan."""

_INCOMES = ("income_wage_fen", "income_business_fen", "income_property_fen", "income_transfer_fen")
_COLUMNS = ("grant_id", "household_id", "person_id", "unit_code")


def _rows(table: ir.Table) -> ir.Table:
    """The four columns, null where the table lacks them."""
    missing = {column: ibis.null("int64") for column in _COLUMNS if column not in table.columns}
    return table.mutate(**missing).select(*_COLUMNS)


def unit_without_standards(t: Tables) -> ir.Table:
    """A grant whose unit has no row of standards would silently fall out of the run."""
    return _rows(t.grants.anti_join(t.standards, "unit_code"))


def person_twice(t: Tables) -> ir.Table:
    """One person in two households, or twice in one: a head must not be counted as head and as member."""
    counted = t.persons.group_by("person_id").aggregate(rows=t.persons.count())
    return _rows(t.persons.semi_join(counted.filter(counted.rows > 1), "person_id"))


def head_dead(t: Tables) -> ir.Table:
    """A household in payment whose head died: somebody else must be named before money can go out."""
    dead = t.persons.filter(t.persons.is_head & ~t.persons.is_living)
    return _rows(dead.semi_join(t.grants, "household_id"))


def income_negative(t: Tables) -> ir.Table:
    return _rows(t.persons.filter(_any(t.persons, lambda income: income < 0)))


def income_absurd(t: Tables) -> ir.Table:
    return _rows(t.persons.filter(_any(t.persons, lambda income: income > INCOME_ABSURD_FEN)))


def grant_without_person(t: Tables) -> ir.Table:
    """A grant to a person who is not in the snapshot."""
    personal = t.grants.filter(t.grants.person_id.notnull())
    return _rows(personal.anti_join(t.persons, "person_id"))


def granted_twice(t: Tables) -> ir.Table:
    """Two grants of one programme to one household, or to one person of it."""
    key = ["programme", "household_id", "person_id"]
    counted = t.grants.mutate(person_id=ibis.coalesce(t.grants.person_id, whole(0)))
    counts = counted.group_by(key).aggregate(rows=counted.count())
    return _rows(counted.semi_join(counts.filter(counts.rows > 1), key).mutate(person_id=ibis.null("int64")))


def held_together(t: Tables) -> ir.Table:
    """Two programmes of which a person may have one (exclusions.yaml, one_of)."""
    pairs = [(one.programme, one.other) for one in exclusions() if one.effect is Effect.ONE_OF]
    found = []
    for first, second in pairs:
        holders = t.holds.filter(t.holds.programme == first)
        found.append(_rows(holders.semi_join(t.holds.filter(t.holds.programme == second), "person_id")))
    return ibis.union(*found)


def _any(persons: ir.Table, is_so: Callable[[Expression], Expression]) -> Expression:
    flags = [is_so(persons[column]) for column in _INCOMES]
    return flags[0] | flags[1] | flags[2] | flags[3]


CHECKS: Mapping[str, tuple[Callable[[Tables], ir.Table], str | Promise]] = {
    "unit_without_standards": (unit_without_standards, _("所在地当月没有标准")),
    "person_twice": (person_twice, _("同一人在两户，或者在一户里登记了两次")),
    "granted_twice": (granted_twice, _("同一户或同一人有两份同一项目的待遇")),
    "grant_without_person": (grant_without_person, _("待遇的对象不在底册里")),
    "income_negative": (income_negative, _("收入为负数")),
    "income_absurd": (income_absurd, _("月收入超过一百万元")),
    "head_dead": (head_dead, _("户主已经死亡")),
    "held_together": (held_together, _("同时享受只能选择一种的待遇")),
}

# One family's typing mistake or double grant holds its own line, not the county's whole month.
BLOCKING = frozenset(
    {
        "unit_without_standards",
        "person_twice",
        "grant_without_person",
        "income_negative",
    }
)


@lru_cache(maxsize=32)
def sql(check: str, dialect: str = DUCKDB) -> str:
    """One SELECT. Raises KeyError for an unknown check."""
    build, _words = CHECKS[check]
    return str(ibis.to_sql(build(unbound()), dialect=dialect))
