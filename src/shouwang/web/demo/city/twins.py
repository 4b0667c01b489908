"""Double records left on purpose, for the duplicate check to find: the second one belongs to a household never paid."""

from __future__ import annotations

from datetime import date
from random import Random

from .people import account_of
from .seeds import DemoCity, HouseholdSeed, PersonSeed, TwinSeed
from .setting import Setting

OTHER_COUNTY, SAME_VILLAGE = 8, 6
_FROM = date(2020, 2, 17)


def write_twins(setting: Setting, city: DemoCity) -> None:
    """As many as there are people to double: the small city has fewer who are without an ID number."""
    rng = setting.rng("twins")
    paid = {key for payment in city.payments for key in payment.person_keys}
    with_id: list[tuple[HouseholdSeed, PersonSeed]] = []
    without_id: list[tuple[HouseholdSeed, PersonSeed]] = []
    for household in city.households:
        for person in household.members:
            if person.key in paid and person.no_id_reason != "newborn":
                (with_id if person.id_number else without_id).append((household, person))
    for household, person in _some(rng, with_id, OTHER_COUNTY):
        units = [unit for unit in setting.areas.units if unit != household.reporting_unit]
        unit = units[int(rng.random() * len(units))]
        _write(setting, city, person, (*setting.village(unit, household.is_urban, rng), household.is_urban))
        city.twins.append(TwinSeed("other_county", person.key, city.households[-1].head_key))
    for household, person in _some(rng, without_id, SAME_VILLAGE):
        place = (household.area_code, household.township_code, household.reporting_unit, household.is_urban)
        _write(setting, city, person, place)
        city.twins.append(TwinSeed("same_village", person.key, city.households[-1].head_key))


def _some(
    rng: Random, people: list[tuple[HouseholdSeed, PersonSeed]], count: int
) -> list[tuple[HouseholdSeed, PersonSeed]]:
    return [people[int(rng.random() * len(people))] for _ in range(count)] if len(people) > count else people


def _write(setting: Setting, city: DemoCity, person: PersonSeed, place: tuple[int, int, int, bool]) -> None:
    area_code, township_code, unit, is_urban = place
    twin = setting.maker.person(
        sex=person.sex, birth_on=person.birth_on, relation="head", joined_on=_FROM, no_id_reason="unregistered"
    )._replace(name=person.name)
    city.households.append(
        HouseholdSeed(
            next(setting.household_keys),
            area_code,
            township_code,
            unit,
            area_code,
            is_urban,
            _FROM,
            twin.key,
            (twin,),
            (),
            (account_of(twin, valid_from=_FROM),),
        )
    )
