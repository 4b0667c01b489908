"""Every line of a run is re-derived from its explanation record: equal to the fen, or the explanation is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwang.assistance.rules.benefits import rounding
from shouwang.assistance.rules.benefits.explain import ChainBroken, amounts_from, explain
from shouwang.assistance.rules.benefits.programmes import all_rules

from .random_city import random_snapshot
from .snapshots import record_of

VERSIONS = [(programme, rule.texts[-1].version) for programme, rule in all_rules().items()]
PROGRAMMES = [("dibao", "2012"), *VERSIONS]


def derive_all(programme: str, version: str, households: int, seed: str) -> int:
    """How many lines; raises on the first that its record does not give."""
    snapshot = random_snapshot(programme, version, date(2022, 5, 1), households, seed)
    standards = {row.unit_code: row for row in snapshot.standards}
    lines = snapshot.run(programme, version)
    wrong = [
        line
        for line in lines
        if amounts_from(programme, version, record_of(line), standards[line["unit_code"]])
        != (line["amount_fen"], line["ordinary_fen"])
    ]
    assert wrong == []
    return len(lines)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(programme=st.sampled_from(PROGRAMMES), seed=st.integers(0, 10**9))
def test_every_line_is_derived_from_its_record(programme: tuple[str, str], seed: int) -> None:
    assert derive_all(*programme, households=40, seed=str(seed)) > 0


@pytest.mark.long
@pytest.mark.parametrize(("programme", "version"), [("dibao", "2012"), ("dibao", "2021"), ("tekun", "2021")])
def test_every_line_of_a_hundred_thousand_households(programme: str, version: str) -> None:
    assert derive_all(programme, version, 100_000, "hundred thousand") == 100_000


@pytest.mark.long
def test_every_price_subsidy_of_a_hundred_thousand_households() -> None:
    assert derive_all("price_subsidy", "2021", 100_000, "hundred thousand") > 100_000


def test_a_record_that_does_not_add_up_is_not_explained() -> None:
    snapshot = random_snapshot("dibao", "2012", date(2020, 3, 1), 20, "broken")
    line = next(line for line in snapshot.run("dibao", "2012") if line["base_fen"] > 0)
    record, standards = record_of(line), snapshot.standards_of(line["unit_code"])
    assert explain("dibao", "2012", record, standards).amount_fen == record["amount_fen"]
    with pytest.raises(ChainBroken):
        explain("dibao", "2012", {**record, "persons": record["persons"] + 1}, standards)
    with pytest.raises(ChainBroken):
        explain("dibao", "2012", {**record, "amount_fen": record["amount_fen"] + 1}, standards)


@given(st.integers(0, 10**9), st.integers(0, 30_000))
def test_a_share_is_rounded_half_up_to_the_fen(fen: int, basis_points: int) -> None:
    exact, got = fen * basis_points, rounding.share(fen, basis_points) * 10_000
    assert -5_000 < got - exact <= 5_000


@given(st.integers(0, 10**9))
def test_rounding_to_the_yuan_stays_within_a_yuan(fen: int) -> None:
    floor, ceil = rounding.round_yuan(fen, "floor"), rounding.round_yuan(fen, "ceil")
    assert floor <= fen <= ceil
    assert ceil - floor in (0, 100)
    assert rounding.round_yuan(fen, "half_up") in (floor, ceil)
    assert rounding.round_yuan(fen, "exact") == fen
