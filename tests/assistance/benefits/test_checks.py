"""What stops a run, and what an officer looks at first."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from shouwang.assistance.rules.benefits.checks import BLOCKING, CHECKS, INCOME_ABSURD_FEN, sql

from .random_city import random_snapshot
from .snapshots import UNIT, Snapshot
from .test_oracle import month_of


def sound() -> Snapshot:
    """One household of two, one of one; nothing is wrong."""
    standards = random_snapshot("dibao", "2012", month_of("2012"), 1, "checks").standards[:1]
    snapshot = Snapshot(standards)
    unit = standards[0].unit_code
    for household_id, size in ((1, 2), (2, 1)):
        for position in range(size):
            snapshot.add_person(household_id=household_id, is_head=position == 0)
        snapshot.add_grant(household_id=household_id, unit_code=unit)
    snapshot.add_hold(person_id=1, household_id=1, programme="dibao", unit_code=unit)
    return snapshot


def found(snapshot: Snapshot) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(":memory:") as connection:
        snapshot.load(connection)
        return {name: rows for name in CHECKS if (rows := connection.execute(sql(name)).fetchall())}


def test_nothing_is_wrong() -> None:
    assert found(sound()) == {}
    assert set(CHECKS) >= BLOCKING


@pytest.mark.parametrize("income", [-1, INCOME_ABSURD_FEN + 1])
def test_an_income_that_cannot_be(income: int) -> None:
    snapshot = sound()
    snapshot.persons[2]["income_transfer_fen"] = income
    name = "income_negative" if income < 0 else "income_absurd"
    assert found(snapshot) == {name: [(None, 2, 3, None)]}


def test_a_person_in_two_households() -> None:
    snapshot = sound()
    snapshot.persons.append({**snapshot.persons[1], "household_id": 2})
    assert [row[2] for row in found(snapshot)["person_twice"]] == [2, 2]


def test_a_head_counted_as_head_and_as_member() -> None:
    snapshot = sound()
    snapshot.persons.append({**snapshot.persons[0], "is_head": False})
    assert set(found(snapshot)) == {"person_twice"}


def test_a_dead_head() -> None:
    snapshot = sound()
    snapshot.persons[0]["is_living"] = False
    assert found(snapshot) == {"head_dead": [(None, 1, 1, None)]}


def test_a_unit_without_standards() -> None:
    snapshot = sound()
    snapshot.grants[1]["unit_code"] = UNIT
    assert found(snapshot) == {"unit_without_standards": [(2, 2, None, UNIT)]}


def test_a_grant_twice() -> None:
    snapshot = sound()
    snapshot.grants.append({**snapshot.grants[0], "grant_id": 9})
    assert [row[0] for row in sorted(found(snapshot)["granted_twice"])] == [1, 9]


def test_a_grant_to_nobody() -> None:
    snapshot = sound()
    snapshot.grants[0]["person_id"] = 77
    assert [row[0] for row in found(snapshot)["grant_without_person"]] == [1]


def test_two_programmes_of_which_one_may_be_had() -> None:
    snapshot = sound()
    snapshot.add_hold(person_id=1, household_id=1, programme="tekun")
    snapshot.add_hold(person_id=1, household_id=1, programme="old_age")
    assert [row[2] for row in found(snapshot)["held_together"]] == [1]
