"""Every generated amount follows from the facts and the parameter file, by rules written a second time."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.web.demo.city import DemoCity

from .oracle import Oracle, grouped

JANUARY, FEBRUARY, MARCH = date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)


@pytest.fixture(scope="module")
def oracle(city: DemoCity) -> Oracle:
    return Oracle(city)


def test_dibao_payments_follow_from_the_household(city: DemoCity, oracle: Oracle) -> None:
    payments = [row for row in city.payments + city.earlier_payments if row.programme == "dibao"]
    wrong = []
    for row in payments:
        household = oracle.households[row.household_key]
        covered = tuple(person.key for person in oracle.living_members(household, row.benefit_month))
        expected = [
            oracle.dibao_base(household, row.benefit_month) * 100,
            oracle.dibao_supplement(household, row.benefit_month) * 100,
        ]
        if [row.base_fen, row.supplement_fen] != expected or row.person_keys != covered or row.base_fen <= 0:
            wrong.append((row, expected, covered))
    assert wrong == []


def test_tekun_payments_follow_from_the_person(city: DemoCity, oracle: Oracle) -> None:
    persons = {person.key: person for household in city.households for person in household.members}
    wrong = []
    for row in city.payments:
        if row.programme == "tekun":
            household = oracle.households[row.household_key]
            care = oracle.tekun_care(persons[row.person_keys[0]], row.reporting_unit)
            expected = [oracle.tekun_basic(household) * 100, care * 100]
            if [row.base_fen, row.supplement_fen] != expected or len(row.person_keys) != 1:
                wrong.append((row, expected))
    assert wrong == []


def test_price_subsidies_follow_from_standard_and_index(city: DemoCity, oracle: Oracle) -> None:
    expected = {
        (row.reporting_unit, row.group, row.is_urban_standard, row.index_month): oracle.price_subsidy(
            row.reporting_unit, row.group, row.is_urban_standard, row.index_month
        )
        for row in city.price_subsidies
    }
    wrong = [
        row
        for row in city.price_subsidies
        if row.amount_fen != expected[row.reporting_unit, row.group, row.is_urban_standard, row.index_month] * 100
    ]
    assert wrong == []


def test_grants_in_force_are_paid_once_a_month_and_nobody_else(city: DemoCity) -> None:
    owed = [
        (grant.key, month)
        for grant in city.dibao_grants + city.tekun_grants
        for month in (JANUARY, FEBRUARY)
        if grant.starts_on <= month and (grant.ends_on is None or month < grant.ends_on)
    ]
    assert sorted((row.grant_key, row.benefit_month) for row in city.payments) == sorted(owed)


def test_price_subsidy_goes_to_each_entitled_person_once_an_index_month(city: DemoCity) -> None:
    of_grants = sorted((key, row.benefit_month) for row in city.payments for key in row.person_keys)
    subsidised = sorted((row.person_key, row.index_month) for row in city.price_subsidies)
    assert len(subsidised) == len(set(subsidised))
    by_group = grouped(city.price_subsidies, "group")
    given = by_group["dibao",] + by_group["tekun",]
    assert sorted((row.person_key, row.index_month) for row in given) == of_grants


def test_nobody_is_in_two_programmes_or_two_grants(city: DemoCity) -> None:
    dibao = [key for grant in city.dibao_grants for key in {key for row in grant.months for key in row.person_keys}]
    tekun = [grant.person_key for grant in city.tekun_grants]
    others = {row.person_key for row in city.price_subsidies if row.group not in ("dibao", "tekun")}
    assert len(dibao) == len(set(dibao))
    assert len(tekun) == len(set(tekun))
    assert not set(dibao) & set(tekun)
    assert not others & (set(dibao) | set(tekun))
    in_dibao = {grant.household_key for grant in city.dibao_grants}
    assert not in_dibao & {grant.household_key for grant in city.tekun_grants}


def test_relief_amounts_follow_from_their_basis(city: DemoCity, oracle: Oracle) -> None:
    limit = oracle.amount("relief.township_limit", 0) * 100
    for row in city.reliefs:
        if row.basis == "standard_months":
            assert row.months is not None
            assert 1 <= row.months <= oracle.amount("relief.months_max", 0)
            standard = oracle.standard(row.reporting_unit, is_urban=True)
            assert row.amount_fen == standard * len(row.person_keys) * row.months * 100
        else:
            assert row.months is None
            assert (row.amount_fen <= limit) == (row.basis == "small_amount")
        assert row.decided_by == ("township" if row.amount_fen <= limit else "county")


def test_march_has_every_change_to_run_through(city: DemoCity, oracle: Oracle) -> None:
    grants = {grant.household_key: grant for grant in city.dibao_grants}
    died = {row.household_key for row in city.deaths if row.died_on >= FEBRUARY}
    risen = [
        grant
        for key, grant in grants.items()
        if oracle.dibao_base(oracle.households[key], FEBRUARY) and not oracle.dibao_base(oracle.households[key], MARCH)
    ]
    kept = [grant for grant in risen if grant.household_key not in died]
    assert len(kept) > 100
    assert all(grant.months[-1]._replace(month=FEBRUARY) == grant.months[-2] for grant in kept)
    assert any(key in grants and grants[key].ends_on == MARCH for key in died)
    assert any(key in grants and grants[key].ends_on is None for key in died)
    assert {row.household_key for row in city.births if row.born_on >= FEBRUARY} & grants.keys()
    assert {row.to_reporting_unit == grants[row.household_key].reporting_unit for row in city.moves} == {True, False}
