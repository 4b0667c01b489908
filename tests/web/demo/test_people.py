"""Nobody in the demo city can be a real person, and each looks like one."""

from __future__ import annotations

from collections import Counter
from datetime import date

from shouwang.areas.source import read_national
from shouwang.kernel.disability import parse_certificate
from shouwang.kernel.identity import parse_id_number
from shouwang.web.demo.city import CityAreas, DemoCity
from shouwang.web.demo.city.people import ID_AREA, PersonMaker
from shouwang.web.demo.city.seeds import PersonSeed


def everyone(city: DemoCity) -> list[PersonSeed]:
    return [person for household in city.households for person in household.members]


def test_the_area_part_of_ids_belongs_to_no_division() -> None:
    assert [row.code for row in read_national() if f"{row.code:015d}".startswith(ID_AREA[:4])] == []


def test_ids_are_valid_unique_and_agree_with_the_person(city: DemoCity) -> None:
    people = [person for person in everyone(city) if person.id_number]
    for person in people:
        identity = parse_id_number(person.id_number or "", today=date(2020, 3, 18))
        assert (identity.number, identity.birth_on, identity.sex) == (person.id_number, person.birth_on, person.sex)
        assert identity.number[:6] == ID_AREA
    assert len({person.id_number for person in people}) == len(people)


def test_id_check_digit_by_hand() -> None:
    # Serial 003: 3x7+7x9+9x10+9x5+9x8+9x4 + 1x2+9x1+5x6+0+0+1x9+0+1x5 + 0+0+3x2 = 388 = 35x11 + 3, and 3 gives 9.
    assert PersonMaker("any").id_number(date(1950, 1, 1), "male") == "379999195001010039"


def test_who_has_no_id_has_a_reason(city: DemoCity) -> None:
    people = everyone(city)
    assert all((person.id_number is None) == (person.no_id_reason != "") for person in people)
    assert {"newborn", "unregistered"} <= {person.no_id_reason for person in people}


def test_certificates_say_kind_and_level(city: DemoCity) -> None:
    disabled = [person for person in everyone(city) if person.disability]
    for person in disabled:
        assert person.disability is not None
        parsed = parse_certificate(person.disability.certificate, today=date(2020, 3, 18))
        assert parsed.holder.number == person.id_number
        assert (int(parsed.kind), parsed.level) == (person.disability.kind, person.disability.level)
        assert len(person.disability.certificate) == 20
    assert {person.disability.kind for person in disabled if person.disability} == set(range(1, 8))
    assert {person.disability.level for person in disabled if person.disability} == {1, 2, 3, 4}


def test_phones_and_accounts_are_from_ranges_of_nobody(city: DemoCity) -> None:
    assert all(person.phone is None or person.phone[:3] == "100" for person in everyone(city))
    numbers = [account.number for household in city.households for account in household.accounts]
    assert all(number[:4] == "9999" and len(number) == 19 for number in numbers)
    assert len(numbers) == len(set(numbers))


def test_households_have_one_head_and_one_to_six_members(city: DemoCity) -> None:
    for household in city.households:
        heads = [person.key for person in household.members if person.relation == "head"]
        assert heads == [household.head_key]
    sizes = Counter(len(household.members) for household in city.households)
    assert sorted(sizes) == [1, 2, 3, 4, 5, 6]


def test_parents_are_older_than_their_children(city: DemoCity) -> None:
    for household in city.households:
        head = household.members[0]
        for person in household.members[1:]:
            years = (person.birth_on - head.birth_on).days / 365.25
            if person.relation == "child":
                assert years > 17
            elif person.relation == "grandchild":
                assert years > 40
            elif person.relation == "parent":
                assert years < -17


def test_keys_are_unique(city: DemoCity) -> None:
    for keys in (
        [person.key for person in everyone(city)],
        [household.key for household in city.households],
        [grant.key for grant in city.dibao_grants + city.tekun_grants],
        [relief.key for relief in city.reliefs],
    ):
        assert len(keys) == len(set(keys))


def test_households_live_where_they_are_reported(city: DemoCity, areas: CityAreas) -> None:
    places = {village.code: village for village in areas.villages}
    for household in city.households:
        assert places[household.area_code] == (household.area_code, household.township_code, household.reporting_unit)


def test_twins_look_alike_and_only_the_first_is_paid(city: DemoCity) -> None:
    people = {person.key: (person, household) for household in city.households for person in household.members}
    paid = {key for row in city.payments for key in row.person_keys}
    assert Counter(twin.reason for twin in city.twins) == {"other_county": 8, "same_village": 6}
    for twin in city.twins:
        (person, home), (double, other_home) = people[twin.person_key], people[twin.twin_key]
        assert (person.name, person.sex, person.birth_on) == (double.name, double.sex, double.birth_on)
        assert double.id_number is None
        assert twin.person_key in paid
        assert twin.twin_key not in paid
        assert (home.area_code == other_home.area_code) == (twin.reason == "same_village")
