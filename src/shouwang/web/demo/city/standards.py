"""The demo's parameters, read from standards.yaml, and the amounts that follow from them.

Guarantees whole yuan in, whole yuan out, no floats. Refuses (KeyError) a parameter that no area on the way up has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from .calendar import years_before

STANDARDS_FILE = Path(__file__).parent / "standards.yaml"


class Parameter(NamedTuple):
    """One dated value with where it comes from."""

    key: str
    area_code: int
    valid_from: date
    value: str
    unit: str
    source: str
    status: str


@cache
def parameters(path: Path = STANDARDS_FILE) -> tuple[Parameter, ...]:
    """Every parameter row of the file, in its order."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = []
    for key, entry in content["parameters"].items():
        for one in entry["values"]:
            row = {**content["defaults"], **entry, **one}
            source = row["source"]["number"]
            rows.append(Parameter(key, row["area"], row["from"], row["value"], row["unit"], source, row["status"]))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Surcharges:
    """分类施保 in yuan, with the bounds of its categories on one first of month."""

    elderly: int
    minor: int
    severely_disabled: int
    seriously_ill: int
    elderly_born_until: date
    minor_born_after: date
    severe_level_to: int

    def of(self, birth_on: date, disability_level: int | None, is_seriously_ill: bool) -> int:
        """Once per person: the highest that applies."""
        amount = 0
        if birth_on <= self.elderly_born_until:
            amount = self.elderly
        elif birth_on > self.minor_born_after:
            amount = self.minor
        if is_seriously_ill and self.seriously_ill > amount:
            amount = self.seriously_ill
        if disability_level and disability_level <= self.severe_level_to and self.severely_disabled > amount:
            amount = self.severely_disabled
        return amount


class Standards:
    """Look-up with the fall-back from a reporting unit to its city."""

    def __init__(self, city_code: int, rows: tuple[Parameter, ...] | None = None) -> None:
        self._city_code = city_code
        self._values: dict[tuple[str, int], str] = {}
        self._months: dict[tuple[str, date], str] = {}
        for row in parameters() if rows is None else rows:
            if row.key.startswith("price_index."):
                self._months[row.key, row.valid_from] = row.value
            else:
                self._values[row.key, row.area_code] = row.value

    def text(self, key: str, unit: int) -> str:
        own = self._values.get((key, unit))
        return own if own is not None else self._values[key, self._city_code]

    def number(self, key: str, unit: int) -> int:
        return int(self.text(key, unit))

    def dibao(self, unit: int, is_urban: bool) -> int:
        """Yuan per person and month."""
        return self.number("dibao.standard.urban" if is_urban else "dibao.standard.rural", unit)

    def surcharges(self, unit: int, month: date) -> Surcharges:
        return Surcharges(
            elderly=self.number("dibao.surcharge.elderly", unit),
            minor=self.number("dibao.surcharge.minor", unit),
            severely_disabled=self.number("dibao.surcharge.severely_disabled", unit),
            seriously_ill=self.number("dibao.surcharge.seriously_ill", unit),
            elderly_born_until=years_before(month, self.number("dibao.surcharge.elderly.age_from", unit)),
            minor_born_after=years_before(month, self.number("dibao.surcharge.minor.age_below", unit)),
            severe_level_to=self.number("dibao.surcharge.severely_disabled.level_to", unit),
        )

    def tekun_basic(self, unit: int, is_urban: bool) -> int:
        """Raises ValueError when the percentage does not come out in whole yuan: choose another placeholder."""
        percent = self.number("tekun.basic.urban" if is_urban else "tekun.basic.rural", unit)
        yuan, rest = divmod(self.dibao(unit, is_urban) * percent, 100)
        if rest:
            raise ValueError(f"tekun basic standard of {unit} is not in whole yuan")
        return yuan

    def tekun_care(self, unit: int, mode: str, failed_tests: int) -> int:
        if failed_tests >= self.number("tekun.care.full.failed_from", unit):
            tier = "full"
        elif failed_tests >= self.number("tekun.care.half.failed_from", unit):
            tier = "half"
        else:
            tier = "self"
        return self.number(f"tekun.care.{mode}.{tier}", unit)

    def price_subsidy(self, unit: int, group: str, is_urban: bool, month: date) -> int:
        """Yuan for one person and the index of one month; 0 if no trigger was reached."""
        rises = {index: Decimal(self._months[f"price_index.{index}", month]) for index in ("cpi", "food")}
        if all(rise < Decimal(self.text(f"price_subsidy.trigger.{index}", unit)) for index, rise in rises.items()):
            return 0
        rise = rises[self.text("price_subsidy.index_used", unit)]
        has_own = self.text(f"price_subsidy.standard.{group}", unit) == "own"
        standard = self.dibao(unit, is_urban if has_own else True)
        # standard x percent is hundredths of a yuan; adding 50 of them rounds half up to the yuan.
        return max(int(standard * rise + 50) // 100, self.number("price_subsidy.minimum", unit))
