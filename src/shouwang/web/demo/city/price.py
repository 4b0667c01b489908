"""Price-linkage subsidies 价格临时补贴 for the indices of January and February 2020, one row a person and month.

Guarantees: whoever is covered by a dibao or tekun grant in the index month has the subsidy, and nobody twice; the other
groups are as many people as the aim leaves, and as many of them entitled from February only as the money leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from .calendar import FEBRUARY, JANUARY, OPENING
from .people import Sex, account_of, surname_of
from .plan import Quota
from .seeds import AttemptSeed, DemoCity, HouseholdSeed, PersonSeed, PriceSubsidySeed
from .setting import Setting, is_counted, returned, succeeded
from .steer import reach

LATE_SHARE = 0.015
_FROZEN = "账户冻结"
_EASY_REACH = 600
"""From 480 yuan on, steps of 30, 31 and 32 yuan reach every sum."""

Group = Literal["orphan", "unattended_child", "veteran"]


class Other(NamedTuple):
    """Somebody of the other groups: where, in town or not, and the index months of the entitlement."""

    reporting_unit: int
    is_urban: bool
    months: tuple[date, ...]
    is_late: bool


def write_for_grants(setting: Setting, city: DemoCity) -> None:
    """The subsidies of dibao and tekun recipients, from the grants' own months."""
    urban = {household.key: household.is_urban for household in city.households}
    broken = _broken_accounts(city)
    amounts: dict[tuple[int, str, bool, date], int] = {}
    paid = _paid_attempts(setting)
    for payment in city.payments:
        unit, month, household_key = payment.reporting_unit, payment.benefit_month, payment.household_key
        cell = (unit, payment.programme, urban[household_key], month)
        if cell not in amounts:
            amounts[cell] = setting.standards.price_subsidy(*cell) * 100
        attempts = paid[unit, month]
        if household_key in broken:
            first_on, mended_on = broken[household_key]
            credited_on = attempts[0].sent_on
            if first_on <= credited_on and (mended_on is None or credited_on < mended_on):
                attempts = (returned(credited_on, _FROZEN),)
        for person_key in payment.person_keys:
            city.price_subsidies.append(
                PriceSubsidySeed(
                    month,
                    payment.programme,
                    cell[2],
                    household_key,
                    person_key,
                    payment.area_code,
                    unit,
                    amounts[cell],
                    attempts,
                )
            )


def _broken_accounts(city: DemoCity) -> dict[int, tuple[date, date | None]]:
    """Household -> the day its account first refused money, and the day from which it has another."""
    returns: dict[int, date] = {}
    for payment in city.payments:
        if payment.attempts[0].outcome == "returned":
            returns.setdefault(payment.household_key, payment.attempts[0].sent_on)
    return {
        household.key: (returns[household.key], household.accounts[-1].valid_from if _has_changed(household) else None)
        for household in city.households
        if household.key in returns
    }


def _has_changed(household: HouseholdSeed) -> bool:
    holders = [account.holder_key for account in household.accounts]
    return len(holders) > len(set(holders))


def _paid_attempts(setting: Setting) -> dict[tuple[int, date], tuple[AttemptSeed, ...]]:
    return {
        (unit, month): (succeeded(setting.price_paid_on(unit, month)),)
        for unit in setting.areas.units
        for month in (JANUARY, FEBRUARY)
    }


def counted(city: DemoCity) -> tuple[int, int]:
    """Distinct people, and yuan, paid inside the published period so far."""
    rows = [row for row in city.price_subsidies if is_counted(row.attempts)]
    return len({row.person_key for row in rows}), sum(row.amount_fen for row in rows) // 100


def plan_others(setting: Setting, quotas: Sequence[Quota], target_yuan: int) -> tuple[list[Other], int]:
    """The people of the quotas, the last ones entitled from February only, as far as the target asks.

    Returns them with the yuan that are left: 0 unless the city is too small.
    """
    price = setting.standards.price_subsidy
    january = {unit: price(unit, "veteran", True, JANUARY) for unit in setting.areas.units}
    full = {unit: january[unit] + price(unit, "veteran", True, FEBRUARY) for unit in setting.areas.units}
    places = [(quota.reporting_unit, quota.is_urban) for quota in quotas for _ in range(quota.people)]
    excess = sum(full[unit] for unit, _ in places) - target_yuan
    last = len(places)
    while last and excess >= _EASY_REACH:
        last -= 1
        excess -= january[places[last][0]]
    from_february = set(range(last, len(places)))
    by_size: dict[int, list[int]] = {}
    for position in range(last):
        by_size.setdefault(january[places[position][0]], []).append(position)
    counts = reach(excess, [(size, len(positions)) for size, positions in by_size.items()])
    for (size, positions), count in zip(by_size.items(), counts or (), strict=False):
        from_february.update(positions[:count])
        excess -= size * count
    both, second = (JANUARY, FEBRUARY), (FEBRUARY,)
    others = [
        Other(*place, second if position in from_february else both, False) for position, place in enumerate(places)
    ]
    late = [Other(*place, second, True) for place in places[:: int(1 / LATE_SHARE)]]
    return others + late, -excess


def write_for_others(setting: Setting, city: DemoCity, others: Sequence[Other]) -> None:
    """Households of orphans, unattended children and the entitled (优抚对象), with their subsidies."""
    rng = setting.rng("price")
    paid = _paid_attempts(setting)
    for other in others:
        draw = rng.random()
        group: Group = "orphan" if draw < 0.18 else "unattended_child" if draw < 0.5 else "veteran"
        registered_on = date(2016, 1, 1) + timedelta(days=int(rng.random() * 1300))
        if other.months == (FEBRUARY,):
            registered_on = date(2020, 1, 6) + timedelta(days=int(rng.random() * 16))
        members = tuple(_members(setting, group, registered_on, rng.random()))
        village = setting.village(other.reporting_unit, other.is_urban, rng)
        household = HouseholdSeed(
            next(setting.household_keys),
            village.code,
            village.township,
            other.reporting_unit,
            village.code,
            other.is_urban,
            registered_on,
            members[0].key,
            members,
            (),
            (account_of(members[0], valid_from=registered_on),),
        )
        city.households.append(household)
        for month in other.months:
            attempts = paid[other.reporting_unit, month]
            if other.is_late:
                attempts = (returned(attempts[0].sent_on, _FROZEN), succeeded(OPENING))
            city.price_subsidies.append(
                PriceSubsidySeed(
                    month,
                    group,
                    True,
                    household.key,
                    members[-1].key,
                    village.code,
                    other.reporting_unit,
                    setting.standards.price_subsidy(other.reporting_unit, group, True, month) * 100,
                    attempts,
                )
            )


def _members(setting: Setting, group: Group, joined_on: date, draw: float) -> Iterator[PersonSeed]:
    """The entitled lives alone; a child without care with a grandparent. Who has the subsidy stands last."""
    maker = setting.maker
    sex: Sex = "male" if int(draw * 1000) % 2 else "female"
    age = 62 + int(30 * draw)
    if group == "veteran":
        yield maker.person(
            sex="male", birth_on=maker.birth_on(age), relation="head", joined_on=joined_on, categories=("veteran",)
        )
        return
    head = maker.person(sex=sex, birth_on=maker.birth_on(age), relation="head", joined_on=joined_on)
    yield head
    yield maker.person(
        sex="female" if int(draw * 100) % 2 else "male",
        birth_on=maker.birth_on(3 + int(14 * draw)),
        relation="grandchild",
        joined_on=joined_on,
        surname=surname_of(head.name),
        categories=(group,),
    )
