"""A month computed from facts: by the rules, explained, replayed, and asked what would be."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.commands.runs import RunResult, run_month
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.engine.what_if import Supposed, what_if
from shouwang.assistance.models import Payable, PaymentAttempt, RunFile, RunLine, RunRecord
from shouwang.assistance.queries.run_records import explained, latest_lines_for
from shouwang.assistance.rules.benefits.parameters import MissingParameter
from shouwang.assistance.rules.supposed import read_supposed
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, Invalid
from shouwang.registry.models import HouseholdFact, PersonFact
from shouwang.registry.public import merge_persons
from tests.assistance.payments.setting import (
    MARCH,
    County,
    Family,
    acting_as,
    everywhere,
    hold_standards,
    make_county,
    make_family,
    record_death,
    take_over,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db

FANGZI_VILLAGE = 370704_003_009_000


def earn(family: Family, yuan: int, *, member: int = 0, since: date = date(2019, 1, 1), kind: str = "wage") -> None:
    PersonFact.objects.create(
        person=family.persons[member],
        kind=f"income.{kind}",
        amount=yuan * 100,
        valid_from=since,
        recorded_at=clock.now(),
        source="测试",
        area_code=family.household.area_code,
    )


def in_town(family: Family) -> None:
    HouseholdFact.objects.create(
        household=family.household,
        kind="urban",
        amount=1,
        valid_from=date(2019, 1, 1),
        recorded_at=clock.now(),
        source="测试",
        area_code=family.household.area_code,
    )


@pytest.fixture
def county(db: None) -> County:
    return make()


def make() -> County:
    """Two rural households of 寒亭区 (460 yuan a head), one in town (600), one whose income nobody ever asked for."""
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        families = [make_family(size=3), make_family(size=1), make_family(size=2), make_family(size=1)]
        earn(families[0], 800)
        earn(families[0], 100, member=1, kind="property")
        earn(families[1], 0)
        earn(families[2], 300)
        in_town(families[2])
    take_over(made, [(family, 111_00) for family in families])
    return made


def run(county: County, *, month: date = MARCH, programme: str = "dibao") -> RunResult:
    with acting_as(county.officers.opener) as opener:
        return run_month(actor=opener, programme=programme, benefit_month=month, area_code=HANTING)


def paid(county: County, family: int) -> Payable:
    return Payable.objects.get(household=county.families[family].household, benefit_month=MARCH)


def test_amounts_follow_from_standards_and_incomes(county: County) -> None:
    result = run(county)
    with acting_as(everywhere()):
        assert [paid(county, family).amount_fen for family in range(3)] == [480_00, 460_00, 900_00]
        assert result.run.amount_fen == 480_00 + 460_00 + 900_00 + 111_00
        assert result.run.amount_fen == sum(attempt.amount_fen for attempt in PaymentAttempt.objects.all())


def test_whose_income_was_never_recorded_is_paid_what_was_decided(county: County) -> None:
    run(county)
    with acting_as(everywhere()):
        line = RunLine.objects.get(subject_id=county.families[3].household.id)
        assert (line.is_computed, line.amount_fen, line.ordinary_fen) == (False, 111_00, 111_00)
        assert explained(line).explanation is None


def test_each_line_explains_itself(county: County) -> None:
    run(county)
    with acting_as(county.officers.opener) as opener:
        (found,) = latest_lines_for(opener, [county.families[0].household.id])
    assert found.explanation is not None
    assert found.explanation.formula == "每人 460 元 × 3 人 − 月收入 900 元 = 480 元"
    assert any(row.key == "dibao.standard.rural" for row in found.placeholders)


def test_a_dead_earner_counts_neither_as_mouth_nor_as_income(county: County) -> None:
    with acting_as(everywhere()):
        record_death(county.families[0].persons[0], date(2020, 2, 20))
    run(county)
    with acting_as(everywhere()):
        line = RunLine.objects.get(subject_id=county.families[0].household.id)
        assert line.amount_fen == 2 * 460_00 - 100_00


def test_replay_from_the_snapshot_gives_every_fen(county: County) -> None:
    result = run(county)
    with acting_as(everywhere()):
        earn(county.families[1], 400, since=date(2019, 6, 1))  # known later: the run stays as it was
        found = replay(result.run)
        assert (found.line_count, found.difference_count, found.amount_fen) == (4, 0, result.run.amount_fen)
        assert RunRecord.objects.get(run=result.run).counts["persons"] == 7


def test_snapshot_holds_no_ids_of_the_register(county: County) -> None:
    result = run(county)
    with acting_as(everywhere()):
        files = b"".join(bytes(file.content) for file in RunFile.objects.filter(run=result.run))
        for family in county.families:
            for known in (family.household, *family.persons):
                assert known.id.bytes not in files
                assert str(known.id).encode() not in files


def test_higher_standard_is_weighed_before_anyone_signs(county: County) -> None:
    result = run(county)
    rows, measures = read_supposed(
        """
defaults: {area: 370703000000000, from: 2020-03-01, status: placeholder, source: {number: 测算}}
parameters:
  dibao.standard.rural: {unit: 元/人/月, values: [{value: "500"}]}
""",
        where="测算",
    )
    with acting_as(county.officers.opener) as opener:
        found = what_if(opener, programme="dibao", month=MARCH, area_code=HANTING, supposed=Supposed(rows, measures))
        (unit,) = found.units
    assert (unit.before_fen, unit.after_fen) == (result.run.amount_fen, result.run.amount_fen + 4 * 40_00)
    assert (unit.before_count, unit.raised_count, unit.gained_count, unit.lost_count) == (4, 2, 0, 0)
    with acting_as(everywhere()):
        assert Payable.objects.count() == 4


def test_month_without_a_run_cannot_be_weighed(county: County) -> None:
    with acting_as(county.officers.opener) as opener, pytest.raises(Conflict, match="还没有生成清册"):
        what_if(opener, programme="dibao", month=MARCH, area_code=HANTING, supposed=Supposed())


def test_missing_standard_stops_before_anyone_is_paid(db: None) -> None:
    with acting_as(everywhere()):
        hold_standards(without="dibao.standard.urban")
    county = make()
    with pytest.raises(MissingParameter, match=r"寒亭区.*2020年3月.*dibao\.standard\.urban"):
        run(county)
    with acting_as(everywhere()):
        assert not Payable.objects.exists()


def test_income_above_the_standard_owes_nothing_and_says_so(county: County) -> None:
    with acting_as(everywhere()):
        earn(county.families[1], 700, since=date(2020, 2, 1))
    result = run(county)
    with acting_as(everywhere()):
        line = RunLine.objects.get(subject_id=county.families[1].household.id)
        assert (line.amount_fen, line.held, line.payable_id) == (0, "not_owed", None)
        assert result.run.report["not_owed"] == 1
        explanation = explained(line).explanation
        assert explanation is not None
        assert explanation.why == ["家庭收入不低于保障标准"]


def test_supposed_measure_must_be_one() -> None:
    with pytest.raises(Invalid, match="措施"):
        read_supposed("measures: {exit_paused: maybe}", where="测算")


def test_pages_of_a_run_and_of_a_line(county: County) -> None:
    result = run(county)
    client = client_of(county.officers.opener)
    page = client.get(f"/assistance/payments/runs/{result.run.id}/").content.decode()
    assert "各单位" in page
    assert "收入或评估没有登记，按原定数额发放" in page
    assert "新增发放" in page
    with acting_as(everywhere()):
        lines = {line.subject_id: line for line in RunLine.objects.all()}
    first, unknown = lines[county.families[0].household.id], lines[county.families[3].household.id]
    card = client.get(f"/assistance/payments/calculations/{first.id}/").content.decode()
    assert "每人 460 元 × 3 人 − 月收入 900 元 = 480 元" in card
    assert "占位" in card
    assert "按原定数额发放" in client.get(f"/assistance/payments/calculations/{unknown.id}/").content.decode()
    household = client.get(f"/registry/households/{county.families[0].household.id}/").content.decode()
    assert "数额怎样算出来" in household


def test_page_of_suppositions(county: County) -> None:
    run(county)
    client = client_of(county.officers.opener)
    asked = {
        "programme": "dibao",
        "month": "2020-03",
        "area": str(HANTING),
        "key": "dibao.standard.rural",
        "value": "500",
    }
    page = client.get("/assistance/payments/what-if/", asked).content.decode()
    assert "160.00" in page  # four rural members, 40 yuan each
    wrong = client.get("/assistance/payments/what-if/", {**asked, "value": "五百"})
    assert wrong.status_code == 200
    assert "form-error" in wrong.content.decode() or "alert" in wrong.content.decode()


def test_person_paid_in_another_county_is_not_paid_again(county: County) -> None:
    """Two records of one person, each with a tekun grant, in two counties whose officers do not see one another."""
    with acting_as(everywhere()):
        other = make_county(FANGZI)
        here, there = make_family(), make_family(FANGZI_VILLAGE)
    take_over(county, [(here, 500_00)], programme="tekun")
    take_over(other, [(there, 500_00)], programme="tekun")
    with acting_as(everywhere()) as system:
        merge_persons(actor=system, duplicate_id=there.persons[0].id, survivor_id=here.persons[0].id, reason="同一人")
    assert run(county, programme="tekun").new_payable_count == 1
    with acting_as(other.officers.opener) as opener:
        second = run_month(actor=opener, programme="tekun", benefit_month=MARCH, area_code=FANGZI)
    assert (second.new_payable_count, second.run.report["covered_twice"]) == (0, 1)


def test_absurd_income_holds_its_own_line_and_is_told(county: County) -> None:
    with acting_as(everywhere()):
        earn(county.families[1], 3_000_000, since=date(2020, 2, 1))
    result = run(county)
    assert result.new_payable_count == 3
    assert result.run.report["income_absurd"] == 1


def test_county_weighs_a_standard_on_the_citys_run(county: County) -> None:
    neighbour = make_county(FANGZI)
    with acting_as(everywhere()):
        family = make_family(FANGZI_VILLAGE)
    take_over(neighbour, [(family, 400_00)])
    with acting_as(make_actor(Role.CITY_OFFICER, WEIFANG)) as city:
        result = run_month(actor=city, programme="dibao", benefit_month=MARCH, area_code=WEIFANG)
        rows, measures = read_supposed(
            """
defaults: {area: 370700000000000, from: 2020-03-01, status: placeholder, source: {number: 测算}}
parameters:
  dibao.standard.rural: {unit: 元/人/月, values: [{value: "500"}]}
""",
            where="测算",
        )
        asked = {"programme": "dibao", "month": MARCH, "supposed": Supposed(rows, measures)}
        whole = what_if(city, area_code=WEIFANG, **asked)
    assert {unit.unit_code for unit in whole.units} >= {HANTING, FANGZI}
    with acting_as(county.officers.opener) as opener:
        found = what_if(opener, area_code=HANTING, **asked)
    assert [unit.unit_code for unit in found.units] == [HANTING]
    assert found.units[0] in whole.units
    assert result.run.amount_fen == whole.total("before_fen")
    page = client_of(neighbour.officers.opener).get(reverse("what_if")).content.decode()
    assert 'value="2020-03"' in page
