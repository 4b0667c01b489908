"""A month is owed once, whoever runs it and however often; who cannot be paid yet is listed, not dropped."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.runs import RunResult, run_month
from shouwang.assistance.models import BatchPart, BenefitRun, Payable, PayablePerson, PaymentAttempt
from shouwang.assistance.queries.problems import list_problems_for
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import merge_persons
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

from .setting import (
    MARCH,
    County,
    acting_as,
    everywhere,
    give_account,
    make_county,
    make_family,
    make_fund,
    record_death,
    take_over,
)

pytestmark = pytest.mark.django_db

BONDED_ZONE = 370793_000_000_000
BONDED_VILLAGE = 370705_010_400_000


def run_as(actor: Actor, area_code: int, *, programme: str = "dibao", month: date = MARCH) -> RunResult:
    with acting_as(actor):
        return run_month(actor=actor, programme=programme, benefit_month=month, area_code=area_code)


def counts() -> tuple[int, int, int]:
    with use_scope(everywhere().scope):
        return BenefitRun.objects.count(), Payable.objects.count(), PaymentAttempt.objects.count()


def test_month_run_again_gives_the_run_and_nothing_new(county: County) -> None:
    first = run_as(county.officers.opener, HANTING)
    again = run_as(make_actor("county_officer", HANTING), HANTING)
    assert (first.is_new, first.new_payable_count) == (True, 3)
    assert (again.is_new, again.new_payable_count, again.run.id) == (False, 0, first.run.id)
    assert counts() == (1, 3, 3)


def test_two_grants_of_records_found_to_be_one_person_are_paid_once(county: County) -> None:
    with acting_as(county.officers.opener):
        first, second = make_family(), make_family()
    take_over(county, [(first, 50_000), (second, 50_000)], programme="tekun")
    with acting_as(make_actor("county_officer", HANTING)) as keeper:
        merge_persons(
            actor=keeper, duplicate_id=second.persons[0].id, survivor_id=first.persons[0].id, reason="同一人两条记录"
        )
    result = run_as(county.officers.opener, HANTING, programme="tekun")
    assert (result.new_payable_count, result.run.report["covered_twice"]) == (1, 1)


def test_county_after_the_city_gets_the_city_run(county: County) -> None:
    city = run_as(make_actor("city_officer", WEIFANG), WEIFANG)
    again = run_as(county.officers.opener, HANTING)
    assert (again.is_new, again.run.id, again.new_payable_count) == (False, city.run.id, 0)
    assert counts() == (1, 3, 3)


def test_city_after_a_county_pays_the_rest_only(county: County) -> None:
    run_as(county.officers.opener, HANTING)
    with use_scope(everywhere().scope):
        other = make_county(FANGZI)
        family = make_family(370704_001_001_000)
    take_over(other, [(family, 200_00)])
    city = run_as(make_actor("city_officer", WEIFANG), WEIFANG)
    assert (city.new_payable_count, city.already_payable_count, city.run.report["already_payable"]) == (1, 3, 3)
    assert [batch.area_code for batch in city.batches] == [FANGZI]
    assert counts() == (2, 4, 4)


def test_line_without_an_account_is_owed_and_listed(county: County) -> None:
    with use_scope(everywhere().scope):
        family = make_family(with_account=False)
    take_over(county, [(family, 120_00)])
    result = run_as(county.officers.opener, HANTING)
    assert (result.run.payable_count, result.batches[0].line_count) == (4, 3)
    with acting_as(county.officers.opener) as opener:
        assert [payable.amount_fen for payable in list_problems_for(opener)] == [120_00]
        with pytest.raises(Conflict):
            reissue_lines(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
        give_account(family.persons[0], valid_from=MARCH)
        (supplement,) = reissue_lines(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
        assert (supplement.number, supplement.is_reissue, supplement.amount_fen) == (
            "DB202003-370703-S01",
            False,
            120_00,
        )
        assert list(list_problems_for(opener)) == []


@pytest.mark.parametrize(("died_on", "payables", "persons"), [(date(2020, 2, 29), 2, 5), (date(2020, 3, 1), 3, 6)])
def test_death_before_the_month_stops_and_in_it_does_not(
    county: County, died_on: date, payables: int, persons: int
) -> None:
    with use_scope(everywhere().scope):
        record_death(county.families[0].persons[0], died_on)
    result = run_as(county.officers.opener, HANTING)
    assert (result.run.payable_count, result.run.person_count) == (payables, persons)
    assert result.run.report.get("all_died", 0) == 3 - payables


def test_dead_member_is_not_covered_and_a_dead_head_is_not_paid(county: County) -> None:
    child = county.families[1].persons[1]
    head = county.families[2].persons[0]
    with use_scope(everywhere().scope):
        record_death(child, date(2020, 2, 1))
        record_death(head, date(2020, 2, 1))
    result = run_as(county.officers.opener, HANTING)
    assert (result.run.payable_count, result.run.person_count, result.batches[0].line_count) == (3, 4, 2)
    with use_scope(everywhere().scope):
        assert not PayablePerson.objects.filter(person__in=[child, head]).exists()
        assert Payable.objects.get(household=county.families[2].household).payee_id is None


def test_tekun_is_paid_to_the_person(db: None) -> None:
    with use_scope(everywhere().scope):
        county = make_county()
        family = make_family()
    take_over(county, [(family, 800_00)], programme="tekun")
    result = run_as(county.officers.opener, HANTING, programme="tekun")
    assert (result.run.payable_count, result.batches[0].number) == (1, "TK202003-370703-01")
    with use_scope(everywhere().scope):
        assert Payable.objects.get().payee_id == family.persons[0].id


def test_zone_without_a_township_answers_by_its_village(db: None) -> None:
    with use_scope(everywhere().scope):
        county = make_county(BONDED_ZONE)
        family = make_family(BONDED_VILLAGE)
    take_over(county, [(family, 300_00)])
    result = run_as(county.officers.opener, BONDED_ZONE)
    assert [batch.area_code for batch in result.batches] == [BONDED_ZONE]
    with use_scope(everywhere().scope):
        assert list(BatchPart.objects.values_list("area_code", flat=True)) == [BONDED_VILLAGE]


def test_nearest_fund_pays(county: County) -> None:
    with use_scope(everywhere().scope):
        make_fund(WEIFANG, money_fen=1, unit_code=HANTING)
    result = run_as(county.officers.opener, HANTING)
    assert result.batches[0].fund_id == county.fund.id


@pytest.mark.parametrize(
    ("role", "post_area", "area_code", "month", "error"),
    [
        ("finance", HANTING, HANTING, MARCH, NotAllowed),
        ("township_head", GUDI, GUDI, MARCH, NotAllowed),
        ("county_officer", FANGZI, HANTING, MARCH, NotFound),
        ("county_officer", HANTING, GUDI, MARCH, Invalid),
        ("county_officer", HANTING, HANTING, date(2020, 5, 1), Invalid),
    ],
)
def test_run_is_refused_and_leaves_nothing(
    county: County, role: str, post_area: int, area_code: int, month: date, error: type[Exception]
) -> None:
    actor = make_actor(role, post_area)
    audits = AuditEntry.objects.count()
    with pytest.raises(error):
        run_as(actor, area_code, month=month)
    assert counts() == (0, 0, 0)
    assert AuditEntry.objects.count() == audits


def test_next_month_may_be_paid_early(county: County) -> None:
    result = run_as(county.officers.opener, HANTING, month=date(2020, 4, 1))
    assert result.run.benefit_month == date(2020, 4, 1)
    assert run_as(county.officers.opener, HANTING, month=date(2020, 4, 15)).run.id == result.run.id
