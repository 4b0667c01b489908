"""Dates, officers, orders and petty reserves of the generated history fit together."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from shouwang.web.demo.city import CityAreas, DemoCity
from shouwang.web.demo.city.calendar import add_working_days, is_working_day

from .oracle import grouped

OPENING = date(2020, 3, 18)


def test_working_days_skip_the_prolonged_spring_festival() -> None:
    assert add_working_days(date(2020, 1, 17), 1) == date(2020, 1, 19)
    assert add_working_days(date(2020, 1, 23), 1) == date(2020, 2, 3)
    assert add_working_days(date(2020, 2, 3), 10) == date(2020, 2, 17)


def test_relief_steps_are_in_order_and_on_working_days(city: DemoCity) -> None:
    for row in city.reliefs:
        order = [row.accepted_on, row.approved_on, row.paid_on] if row.is_relief_first else [
            row.accepted_on, row.verified_on, row.refused_on, row.approved_on, row.paid_on
        ]  # fmt: skip
        days = [day for day in order if day is not None]
        assert days == sorted(days)
        assert all(is_working_day(day) for day in days)
        assert row.occurred_on <= row.accepted_on
        assert days[-1] <= OPENING


def test_relief_by_the_bank_is_handed_in_twice_a_week(city: DemoCity) -> None:
    by_bank = [row for row in city.reliefs if row.channel == "bank" and row.paid_on is not None]
    for row in by_bank:
        if row.paid_on != OPENING:
            days = (row.paid_on - timedelta(days=back) for back in range(14))
            last_due = next(day for day in days if day.weekday() in (1, 4))
            assert not any(is_working_day(last_due + timedelta(days=n)) for n in range((row.paid_on - last_due).days))
    days_of_lists = {(row.reporting_unit, row.paid_on) for row in by_bank}
    assert len(days_of_lists) < len(by_bank) / 3


def test_relief_first_owes_papers_within_ten_working_days(city: DemoCity) -> None:
    first = [row for row in city.reliefs if row.is_relief_first]
    for row in first:
        assert row.paid_on is not None
        assert row.paid_on >= date(2020, 1, 28)
        assert row.papers_due_on == add_working_days(row.paid_on, 10)
    assert {row.papers_in_on is None for row in first} == {True, False}
    assert [row for row in first if row.papers_in_on is None and row.papers_due_on and row.papers_due_on < OPENING]


def test_a_second_relief_for_the_same_cause_is_a_follow_up(city: DemoCity) -> None:
    by_cause = grouped(city.reliefs, "household_key", "cause")
    reliefs = {row.key: row for row in city.reliefs}
    repeated = [rows for rows in by_cause.values() if len(rows) > 1]
    assert repeated
    for first, *later in repeated:
        assert first.follows_key is None
        assert [reliefs[row.follows_key].household_key for row in later] == [first.household_key] * len(later)


def test_strangers_are_helped_where_they_are(city: DemoCity) -> None:
    homes = {household.key: household for household in city.households}
    for row in city.reliefs:
        is_local = homes[row.household_key].hukou_code // 10**11 == 3707
        assert (row.home_area_name == "") == is_local
        assert row.area_code == homes[row.household_key].area_code


def test_petty_reserves_pay_every_cash_relief_and_never_run_dry(city: DemoCity, areas: CityAreas) -> None:
    by_township = grouped(city.petty_reserve, "township_code")
    assert len(by_township) == len(areas.townships) == 118
    for rows in by_township.values():
        assert rows[0].kind == "opening"
        assert [row.on for row in rows] == sorted(row.on for row in rows)
        balance = 0
        for row in rows:
            balance += -row.amount_fen if row.kind == "payment" else row.amount_fen
            assert balance >= 0
    paid = {row.relief_key: (row.amount_fen, row.on, row.township_code) for row in city.petty_reserve if row.relief_key}
    cash = [row for row in city.reliefs if row.channel == "cash"]
    assert paid == {row.key: (row.amount_fen, row.paid_on, row.township_code) for row in cash}
    assert {row.kind for row in city.petty_reserve} == {"opening", "refill", "payment"}


def test_admissions_are_decided_in_the_month_before_they_start(city: DemoCity) -> None:
    for grant in city.dibao_grants + city.tekun_grants:
        if grant.steps is not None:
            assert list(grant.steps) == sorted(grant.steps)
            assert (grant.steps.approved_on - grant.steps.noticed_on).days >= 7
            following = (grant.steps.approved_on.replace(day=28) - date.resolution * -4).replace(day=1)
            assert following == grant.starts_on


def test_batches_cover_both_months_of_every_unit(city: DemoCity, areas: CityAreas) -> None:
    assert len(city.batches) == len(areas.units) * 4
    for batch in city.batches:
        days = [batch.listed_on, batch.county_on, batch.finance_on, batch.sent_on]
        assert days == sorted(days)
        assert all(is_working_day(day) for day in days)


def test_every_place_has_its_officers(city: DemoCity, areas: CityAreas) -> None:
    usernames = [officer.username for officer in city.officers]
    assert len(usernames) == len(set(usernames))
    roles = Counter((officer.area_code, officer.role) for officer in city.officers)
    for unit in areas.units:
        assert [roles[unit, role] for role in ("county_officer", "county_leader", "finance")] == [2, 1, 1]
    for township in areas.townships:
        assert [roles[township.code, role] for role in ("township_assistant", "township_head")] == [1, 1]
    assert [roles[areas.city_code, role] for role in ("city_officer", "finance", "auditor", "sysadmin")] == [3, 1, 1, 1]


def test_measures_in_force_have_a_document_issued_before(city: DemoCity) -> None:
    documents = {document.key: document for document in city.documents}
    on = date(2020, 3, 1)
    in_force = {
        row.kind: dict(row.parameters) for row in city.measures if row.from_on <= on < (row.until_on or date.max)
    }
    assert in_force == {
        "petty_reserve": {"limit_fen": 200_000},
        "relief_first": {"papers_due_working_days": 10},
        "review_paused": {},
        "exit_paused": {},
        "simplified_approval": {},
        "gradual_exit": {"months": 6},
        "gate_control": {
            "residents": 2,
            "staff": 2,
            "helpers": 2,
            "visitors": 1,
            "others": 1,
            "temperature": 1,
            "mask": 1,
            "credentials": 0,
            "fever_from_tenths": 373,
            "leave_from_hour": 0,
            "leave_until_hour": 24,
            "exits": 99,
            "exit_days": 1,
            "single_entrance": 1,
        },
        "health_declaration": {"every_days": 7},
    }
    assert all(documents[row.document_key].issued_on < row.from_on for row in city.measures)
