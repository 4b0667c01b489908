"""500 random households a programme and text, by the compiled rules and by the oracle: the same fen.

And every line says the same by its own explanation record, which is what an officer will be shown.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from shouwang.assistance.rules.benefits import compile as compiling
from shouwang.assistance.rules.benefits import one_off, price_subsidy
from shouwang.assistance.rules.benefits.changing import FINAL
from shouwang.assistance.rules.benefits.explain import amounts_from, explain
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.assistance.rules.benefits.reasons import reasons_of

from .oracle import Oracle
from .random_city import random_snapshot
from .snapshots import record_of

MONTHS = {"2012": date(2020, 3, 1), "2016": date(2020, 3, 1), "2021": date(2022, 2, 1)}
TEXTS = [(programme, text.version) for programme, rule in all_rules().items() for text in rule.texts]
HOUSEHOLDS = 500


def month_of(version: str) -> date:
    return MONTHS.get(version, date(2021, 4, 1))


def subject_of(programme: str, line: dict[str, Any]) -> Any:
    if programme not in ("price_subsidy", "one_off"):
        return line["grant_id"]
    return line["person_id"] if line["person_id"] is not None else ("household", line["household_id"])


@pytest.mark.parametrize(("programme", "version"), TEXTS)
def test_the_oracle_agrees(programme: str, version: str) -> None:
    snapshot = random_snapshot(programme, version, month_of(version), HOUSEHOLDS, "oracle")
    lines = snapshot.run(programme, version)
    oracle = Oracle(snapshot, version)
    groups = {"price_subsidy": price_subsidy.GROUPS, "one_off": one_off.GROUPS}.get(programme)
    expected = oracle.by_person(programme, groups) if groups else oracle.by_grant(programme)
    found = {
        subject_of(programme, line): (Decimal(line["amount_fen"]) / 100, Decimal(line["ordinary_fen"]) / 100)
        for line in lines
    }
    assert len(found) == len(lines)
    assert found == expected
    assert sum(paid > 0 for paid, _ordinary in found.values()) > HOUSEHOLDS // 40

    for line in lines:
        record, standards = record_of(line), snapshot.standards_of(line["unit_code"])
        assert amounts_from(programme, version, record, standards) == (line["amount_fen"], line["ordinary_fen"])
        explanation = explain(programme, version, record, standards)
        assert explanation.formula.endswith("元")
        assert explanation.amount_fen or explanation.why, line  # nobody gets nothing without a reason
        is_final = bool(FINAL & set(reasons_of(record["reasons"])))
        assert explanation.amount_fen or explanation.changes or is_final, line  # nor without what would change it


@pytest.mark.parametrize(("programme", "version"), TEXTS)
def test_the_columns_that_a_rule_keeps_are_enough(programme: str, version: str) -> None:
    snapshot = random_snapshot(programme, version, month_of(version), 60, "kept")
    kept = {*all_rules()[programme].kept, "amount_fen", "ordinary_fen", "reasons"}
    for line in snapshot.run(programme, version):
        record = {name: value for name, value in record_of(line).items() if name in kept}
        explanation = explain(programme, version, record, snapshot.standards_of(line["unit_code"]))
        assert explanation.amount_fen == line["amount_fen"]
        assert all(reason.name for reason in reasons_of(record["reasons"]))


def test_each_person_has_all_reasons_and_one_surcharge() -> None:
    """Household by household the persons' surcharges add up to the line's."""
    snapshot = random_snapshot("dibao", "2012", month_of("2012"), 200, "persons")
    with duckdb.connect(":memory:") as connection:
        snapshot.load(connection)
        connection.execute(f"create view surcharged as {compiling.surcharges_sql()}")
        named = connection.execute(
            "select grant_id, sum(surcharge_fen)::bigint, bool_and((paid_category = 0) = not"
            " (is_severely_disabled or is_seriously_ill or is_elderly or is_minor)) from surcharged group by 1"
        ).fetchall()
    lines = snapshot.run("dibao", "2012")
    found = {grant_id: fen for grant_id, fen, _is_named in named}
    assert all(is_named for *_rest, is_named in named)
    assert all(found[line["grant_id"]] == line["surcharge_fen"] for line in lines if line["base_fen"] > 0)
