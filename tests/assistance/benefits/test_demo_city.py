"""The demo city's generator computes by its own code: the rules must give every fen that it says was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import shouwang.web.demo.city as demo
from shouwang.assistance.rules.benefits.explain import amounts_from
from shouwang.assistance.rules.benefits.parameters import Parameters, read_parameters, shipped
from shouwang.assistance.rules.benefits.programmes import rule_of
from shouwang.web.demo.city.seeds import DemoCity, GrantSeed, HouseholdSeed
from tests.web.demo.conftest import WEIFANG, weifang_areas

from .snapshots import Snapshot, record_of

JANUARY, FEBRUARY, MARCH = date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)
SHANDONG = 370_000_000_000_000
FILE = Path(demo.__file__).parent / "standards.yaml"


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return demo.generate(weifang_areas())


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return Parameters((*shipped(), *read_parameters(FILE.read_text(encoding="utf-8"), where=FILE.name)))


class Month:
    """What the facts of the city are on the first of a month."""

    def __init__(self, city: DemoCity, month: date, programme: str, parameters: Parameters) -> None:
        self.month = month
        self.rule = rule_of(programme)
        self.version = self.rule.text_on(month).version
        self._died_on = {death.person_key: death.died_on for death in city.deaths}
        self._moves = {move.household_key: move for move in city.moves}
        self._households = {household.key: household for household in city.households}
        units = {household.reporting_unit for household in city.households}
        units |= {move.to_reporting_unit for move in city.moves}
        self.standards = {
            unit: parameters.standards_row((unit, WEIFANG, SHANDONG), month, keys=self.rule.uses) for unit in units
        }
        self.snapshot = Snapshot(list(self.standards.values()))

    def add_grants(self, grants: Iterable[GrantSeed]) -> None:
        wanted = set()
        for grant in grants:
            household = self._households[grant.household_key]
            wanted.add(household.key)
            unit, area = self._place(household)
            self.snapshot.add_grant(
                grant_id=grant.key,
                programme=grant.programme,
                household_id=household.key,
                person_id=grant.person_key or (grant.months[0].person_keys[0] if grant.programme == "tekun" else None),
                unit_code=unit,
                area_code=area,
                is_urban=household.is_urban,
                decided_fen=self._decided(grant),
                has_death=any(
                    FEBRUARY <= self._died_on.get(person.key, JANUARY) < MARCH for person in household.members
                ),
            )
        for key in wanted:
            self._add_members(self._households[key])

    def pause_exits(self) -> None:
        for unit in self.standards:
            row = {"unit_code": unit, "is_exit_paused": True, "gradual_exit_months": None, "is_price_doubled": False}
            self.snapshot.measures.append(row)

    def run(self) -> dict[int, dict[str, Any]]:
        """The lines by grant; each must be re-derivable from what it keeps."""
        lines = self.snapshot.run(self.rule.programme, self.version)
        for line in lines:
            record = record_of(line)
            found = amounts_from(self.rule.programme, self.version, record, self.standards[line["unit_code"]])
            assert found == (line["amount_fen"], line["ordinary_fen"])
        return {line["grant_id"]: line for line in lines}

    def _decided(self, grant: GrantSeed) -> int:
        before = [amount for amount in grant.months if amount.month < self.month]
        return before[-1].base_fen + before[-1].supplement_fen if before else 0

    def _place(self, household: HouseholdSeed) -> tuple[int, int]:
        move = self._moves.get(household.key)
        if move is not None and move.moved_on <= self.month:
            return move.to_reporting_unit, move.to_area
        return household.reporting_unit, household.area_code

    def _add_members(self, household: HouseholdSeed) -> None:
        incomes: dict[int, dict[str, int]] = defaultdict(dict)
        for row in sorted(household.incomes, key=lambda row: row.valid_from):
            if row.valid_from <= self.month:
                incomes[row.person_key][f"income_{row.kind}_fen"] = row.monthly_fen
        for person in household.members:
            if person.joined_on <= self.month:
                self.snapshot.persons.append(self._person(household, person, incomes[person.key]))

    def _person(self, household: HouseholdSeed, person: Any, incomes: Mapping[str, int]) -> dict[str, Any]:
        self.snapshot.add_person(
            household_id=household.key,
            birth_on=person.birth_on,
            is_head=person.key == household.head_key,
            is_living=self._died_on.get(person.key, date.max) >= self.month,
            disability_kind=person.disability.kind if person.disability else 0,
            disability_level=person.disability.level if person.disability else 0,
            is_seriously_ill=person.is_seriously_ill,
            self_care_failed=person.self_care_score,
            care_mode=person.care_mode,
            **incomes,
        )
        return {**self.snapshot.persons.pop(), "person_id": person.key}


@pytest.mark.parametrize("programme", ["dibao", "tekun"])
@pytest.mark.parametrize("month", [JANUARY, FEBRUARY, MARCH], ids=lambda month: f"{month:%Y-%m}")
def test_every_grant_of_a_month(city: DemoCity, parameters: Parameters, programme: str, month: date) -> None:
    """January and February as paid; March as the city says it is owed while exits are paused."""
    grants = city.dibao_grants if programme == "dibao" else city.tekun_grants
    expected = {
        grant.key: amount.base_fen + amount.supplement_fen
        for grant in grants
        for amount in grant.months
        if amount.month == month
    }
    world = Month(city, month, programme, parameters)
    world.add_grants(grant for grant in grants if grant.key in expected)
    if month == MARCH:
        world.pause_exits()
    lines = world.run()
    assert {key: line["amount_fen"] for key, line in lines.items()} == expected
    assert sum(expected.values()) > 1_000_000_00


def test_every_price_subsidy(city: DemoCity, parameters: Parameters) -> None:
    households = {household.key: household for household in city.households}
    for month in (JANUARY, FEBRUARY):
        rows = [row for row in city.price_subsidies if row.index_month == month]
        world = Month(city, month, "price_subsidy", parameters)
        for row in rows:
            world.snapshot.add_hold(
                person_id=row.person_key,
                household_id=row.household_key,
                programme=row.group,
                unit_code=row.reporting_unit,
                area_code=row.area_code,
                is_urban=households[row.household_key].is_urban,
            )
        lines = world.snapshot.run("price_subsidy", world.version)
        assert {line["person_id"]: line["amount_fen"] for line in lines} == {
            row.person_key: row.amount_fen for row in rows
        }
        assert len(lines) == len(rows) > 100_000
