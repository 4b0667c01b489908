"""Random households, persons and standards from a seed: every mode, every boundary, more misfortune than any city has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from shouwang.assistance.rules.benefits.catalogue import catalogue
from shouwang.assistance.rules.benefits.parameters import ParameterRow, Parameters, shipped
from shouwang.assistance.rules.benefits.price_subsidy import GROUPS
from shouwang.assistance.rules.benefits.programmes import all_rules

from .snapshots import Snapshot

UNITS = [370_799_000_000_000 + number * 1_000_000 for number in range(12)]
_OTHERS = ("disability_living", "work_injury_care", "retired_cadre_care", "elderly_care_allowance")
_HELD = (*GROUPS, *_OTHERS)


def random_snapshot(programme: str, version: str, month: date, households: int, seed: str) -> Snapshot:
    """Grants of one programme for that many households in UNITS, and what its persons hold."""
    rng = Random(f"{seed}/{programme}/{version}/{month}")
    rows = (*shipped(), *(row for unit in UNITS for row in _standards(rng, unit, month)))
    parameters, uses = Parameters(rows), all_rules()[programme].uses
    snapshot = Snapshot([parameters.standards_row((unit,), month, keys=uses) for unit in UNITS])
    for unit in UNITS:
        if rng.random() < 0.8:
            snapshot.measures.append(
                {
                    "unit_code": unit,
                    "is_exit_paused": rng.random() < 0.5,
                    "gradual_exit_months": rng.choice([None, 3, 6]),
                    "is_price_doubled": rng.random() < 0.4,
                }
            )
    for number in range(1, households + 1):
        _household(snapshot, rng, programme, month, number)
    return snapshot


def _household(snapshot: Snapshot, rng: Random, programme: str, month: date, number: int) -> None:
    place = {"household_id": number, "unit_code": rng.choice(UNITS), "is_urban": rng.random() < 0.4}
    grant = {**place, "programme": programme, **_grant(rng, month)}
    persons = [
        snapshot.add_person(household_id=number, is_head=position == 0, **_person(rng, month))
        for position in range(rng.choice([1, 1, 2, 2, 3, 4, 6]))
    ]
    for person_id in persons:
        for held in rng.sample(_HELD, rng.choice([0, 0, 1, 1, 2, 3])):
            snapshot.add_hold(
                person_id=person_id, programme=held, received_fen=rng.choice([0, 5000, rng.randrange(150_000)]), **place
            )
    is_personal = programme not in ("dibao", "price_subsidy", "one_off") or rng.random() < 0.15
    snapshot.add_grant(person_id=persons[0] if is_personal else None, **grant)


def _grant(rng: Random, month: date) -> dict[str, Any]:
    months_ago = rng.choice([None, None, 0, 1, 2, 3, 5, 6, 7])
    exit_from = None
    if months_ago is not None:
        year, at = divmod(month.year * 12 + month.month - 1 - months_ago, 12)
        exit_from = date(year, at + 1, 1)
    return {
        "decided_fen": rng.choice([0, rng.randrange(300_000)]),
        "tier": rng.randrange(5),
        "exit_from": exit_from,
        "has_death": rng.random() < 0.1,
        "has_fraud": rng.random() < 0.1,
        "awaits_review": rng.random() < 0.1,
    }


def _person(rng: Random, month: date) -> dict[str, Any]:
    birth_on = date.fromordinal(month.toordinal() - rng.randrange(103 * 365))
    if rng.random() < 0.1:  # a birthday on the day that counts, or the day after
        birth_on = date(month.year - rng.choice([18, 60, 70, 80, 90, 100]), month.month, rng.choice([1, 2, 28]))
    is_disabled = rng.random() < 0.4
    return {
        "birth_on": birth_on,
        "is_living": rng.random() < 0.93,
        "disability_kind": rng.randint(1, 7) if is_disabled else 0,
        "disability_level": rng.randint(1, 4) if is_disabled else 0,
        "is_seriously_ill": rng.random() < 0.2,
        "needs_care": rng.random() < 0.6,
        "income_wage_fen": _money(rng, 90_000),
        "income_business_fen": _money(rng, 30_000),
        "income_property_fen": _money(rng, 10_000),
        "income_transfer_fen": _money(rng, 20_000),
        "work_cost_fen": _money(rng, 30_000),
        "rigid_spending_fen": _money(rng, 30_000),
        "self_care_failed": rng.choice([None, 0, 1, 2, 3, 4, 5, 6]),
        "care_mode": rng.choice([None, "concentrated", "dispersed"]),
    }


def _money(rng: Random, most: int) -> int:
    draw = rng.random()
    if draw < 0.5:
        return 0
    return rng.randrange(most // 100) * 100 if draw < 0.8 else rng.randrange(most)


def _standards(rng: Random, unit: int, month: date) -> Iterator[ParameterRow]:
    """A random value for every parameter, within its bounds; now and then none where none is needed."""
    for entry in catalogue().values():
        if entry.absent is not None and rng.random() < 0.15:
            continue
        if entry.is_text:
            text = rng.choice(list(entry.choices))
        else:
            text = entry.show(_number(rng, entry.key, entry.least, entry.most)).replace(",", "")
        yield ParameterRow(entry.key, unit, month, text, entry.unit.value, "随机")


def _number(rng: Random, key: str, least: int, most: int) -> int:
    ranges = {
        "dibao.standard.urban": (40_000, 90_000),
        "dibao.standard.rural": (30_000, 60_000),
        "price_index.cpi": (-100, 700),
        "price_index.food": (-300, 2_500),
        "price_index.scpi": (-100, 700),
        "dibao.payment.minimum": (0, 5_000),
    }
    low, high = ranges.get(key, (least, min(most, 200_000)))
    value = rng.randint(low, high)
    if key == "tekun.care.full.failed_from":
        return max(value, 4)
    return min(value, 3) if key == "tekun.care.half.failed_from" else value
