"""The rules once more, plainly and slowly, from the facts and the parameter file; shares no code with the generator."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

import shouwang.web.demo.city as package
from shouwang.web.demo.city.seeds import DemoCity, HouseholdSeed, PersonSeed

WEIFANG = 370_700_000_000_000
_FILE = Path(package.__file__).parent / "standards.yaml"


class Oracle:
    """Amounts in yuan, as Decimal."""

    def __init__(self, city: DemoCity) -> None:
        self._parameters: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["parameters"]
        self.households = {household.key: household for household in city.households}
        self._died_on = {death.person_key: death.died_on for death in city.deaths}

    def parameter(self, key: str, unit: int) -> str:
        values = {one.get("area", WEIFANG): one["value"] for one in self._parameters[key]["values"]}
        return str(values.get(unit, values[WEIFANG]))

    def amount(self, key: str, unit: int) -> Decimal:
        return Decimal(self.parameter(key, unit))

    def standard(self, unit: int, is_urban: bool) -> Decimal:
        return self.amount(f"dibao.standard.{'urban' if is_urban else 'rural'}", unit)

    def living_members(self, household: HouseholdSeed, on: date) -> list[PersonSeed]:
        return [
            person
            for person in household.members
            if person.joined_on <= on and self._died_on.get(person.key, date.max) >= on
        ]

    def income(self, household: HouseholdSeed, on: date) -> Decimal:
        present = {person.key for person in self.living_members(household, on)}
        latest: dict[tuple[int, str], tuple[date, int]] = {}
        for row in household.incomes:
            if row.valid_from <= on and row.person_key in present:
                key = (row.person_key, row.kind)
                latest[key] = max(latest.get(key, (date.min, 0)), (row.valid_from, row.monthly_fen))
        return sum((Decimal(fen) / 100 for _, fen in latest.values()), Decimal(0))

    def dibao_base(self, household: HouseholdSeed, month: date) -> Decimal:
        people = len(self.living_members(household, month))
        owed = self.standard(household.reporting_unit, household.is_urban) * people - self.income(household, month)
        return max(owed, Decimal(0))

    def dibao_supplement(self, household: HouseholdSeed, month: date) -> Decimal:
        return sum(
            (
                self._surcharge(person, household.reporting_unit, month)
                for person in self.living_members(household, month)
            ),
            Decimal(0),
        )

    def _surcharge(self, person: PersonSeed, unit: int, month: date) -> Decimal:
        age = month.year - person.birth_on.year - ((month.month, 1) < (person.birth_on.month, person.birth_on.day))
        categories = {
            "elderly": age >= self.amount("dibao.surcharge.elderly.age_from", unit),
            "minor": age < self.amount("dibao.surcharge.minor.age_below", unit),
            "severely_disabled": person.disability is not None
            and person.disability.level <= self.amount("dibao.surcharge.severely_disabled.level_to", unit),
            "seriously_ill": person.is_seriously_ill,
        }
        rates = [self.amount(f"dibao.surcharge.{name}", unit) for name, applies in categories.items() if applies]
        return max(rates, default=Decimal(0))

    def tekun_basic(self, household: HouseholdSeed) -> Decimal:
        unit, town = household.reporting_unit, "urban" if household.is_urban else "rural"
        return self.standard(unit, household.is_urban) * self.amount(f"tekun.basic.{town}", unit) / 100

    def tekun_care(self, person: PersonSeed, unit: int) -> Decimal:
        tiers = ("self", "half", "half", "half", "full", "full", "full")
        assert person.self_care_score is not None
        return self.amount(f"tekun.care.{person.care_mode}.{tiers[person.self_care_score]}", unit)

    def price_subsidy(self, unit: int, group: str, is_urban: bool, month: date) -> Decimal:
        town = is_urban if group in ("dibao", "tekun") else True
        rises = {one["from"]: one["value"] for one in self._parameters["price_index.cpi"]["values"]}
        rise = Decimal(rises[month])
        exact = self.standard(unit, town) * rise / 100
        return max(exact.quantize(Decimal(1), ROUND_HALF_UP), Decimal(10))


def grouped(rows: list[Any], *names: str) -> dict[tuple[Any, ...], list[Any]]:
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        groups[tuple(getattr(row, name) for name in names)].append(row)
    return groups
