"""What the generator aims at, and how the city's people are spread over its sixteen reporting units.

The aims are the figures published for Weifang for 2020-01-01 to 2020-03-17 (走向世界 2020年14期, 2020-04-27). They
stand here and nowhere else: what is generated are rows, and a figure is whatever its rows add up to. The spread over
the units was not published; the weights are estimates (rural counties have more recipients), for the demo only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Targets:
    """People are distinct, person-times are persons covered by each paid relief; money in yuan."""

    dibao_people: int
    dibao_yuan: int
    tekun_people: int
    tekun_yuan: int
    price_people: int
    price_yuan: int
    relief_person_times: int
    relief_yuan: int

    def scaled(self, scale: float) -> Targets:
        values = (getattr(self, name) for name in self.__dataclass_fields__)
        return self if scale == 1.0 else Targets(*(int(value * scale + 0.5) for value in values))


PUBLISHED = Targets(
    dibao_people=87_840,
    dibao_yuan=52_701_000,
    tekun_people=14_367,
    tekun_yuan=18_358_000,
    price_people=103_500,
    price_yuan=4_864_200,
    relief_person_times=2_198,
    relief_yuan=4_427_000,
)


class UnitProfile(NamedTuple):
    """A unit's weights among the sixteen, and its town share of dibao and tekun recipients in percent."""

    name: str
    dibao: int
    tekun: int
    relief: int
    urban_percent: int


PROFILES = {
    370702000000000: UnitProfile("潍城区", 1750, 260, 120, 45),
    370703000000000: UnitProfile("寒亭区", 2100, 330, 100, 14),
    370704000000000: UnitProfile("坊子区", 2300, 360, 110, 16),
    370705000000000: UnitProfile("奎文区", 820, 60, 130, 88),
    370724000000000: UnitProfile("临朐县", 11600, 1900, 240, 5),
    370725000000000: UnitProfile("昌乐县", 6900, 1150, 170, 6),
    370772000000000: UnitProfile("滨海区", 560, 90, 40, 20),
    370781000000000: UnitProfile("青州市", 9900, 1600, 210, 8),
    370782000000000: UnitProfile("诸城市", 12200, 2050, 260, 6),
    370783000000000: UnitProfile("寿光市", 8800, 1450, 200, 8),
    370784000000000: UnitProfile("安丘市", 11900, 2000, 230, 5),
    370785000000000: UnitProfile("高密市", 10100, 1650, 200, 7),
    370786000000000: UnitProfile("昌邑市", 6300, 1080, 130, 8),
    370791000000000: UnitProfile("高新区", 460, 60, 70, 55),
    370792000000000: UnitProfile("峡山区", 2250, 390, 60, 3),
    370793000000000: UnitProfile("综合保税区", 60, 8, 12, 30),
}


class Quota(NamedTuple):
    """So many people are to be paid in this unit, in its town or its countryside."""

    reporting_unit: int
    is_urban: bool
    people: int


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts that add up to `total`, by largest remainder; the earlier part first on a tie."""
    weight_sum = sum(weights)
    parts = [total * weight // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % weight_sum), i))
    for position in by_remainder[: total - sum(parts)]:
        parts[position] += 1
    return parts


def quotas(people: int, units: Sequence[int], *, programme: str) -> list[Quota]:
    """`people` spread over units and town or countryside. Raises KeyError for a unit without a profile."""
    cells, weights = [], []
    for unit in units:
        profile = PROFILES[unit]
        weight: int = getattr(profile, programme)
        for is_urban, percent in ((True, profile.urban_percent), (False, 100 - profile.urban_percent)):
            cells.append((unit, is_urban))
            weights.append(weight * percent)
    return [Quota(*cell, part) for cell, part in zip(cells, share_out(people, weights), strict=True)]
