"""What is linked to others' grants, from who is in force to the bank's list: price subsidy, one-off money."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.commands.history import PaidBefore, record_history
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.engine.what_if import Supposed, what_if
from shouwang.assistance.models import BenefitRun, Overpayment, Payable, PaymentAttempt, RunLine
from shouwang.assistance.queries.publications import village_list_for
from shouwang.assistance.rules.supposed import read_supposed
from shouwang.assistance.states import AttemptState, Programme
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.registry.public import record_death as tell_death
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    answers,
    confirm_values,
    everywhere,
    lines_of,
    make_document,
    record_death,
    take_over,
    walk,
)
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor
from tests.measures import issue_measure

from .setting import family, grant, line_of, make_programme_county, run, why

pytestmark = pytest.mark.django_db

QUIET_INDEX = """
defaults: {area: 370700000000000, from: 2020-09-01, status: confirmed, source: {number: 潍发改〔2020〕1号}}
parameters:
  price_index.cpi: {unit: "%", values: [{value: "1.7"}]}
  price_index.food: {unit: "%", values: [{value: "5.9"}]}
"""
ONE_OFF = """
defaults: {area: 370700000000000, from: 2020-03-01, status: confirmed, source: {number: 潍民〔2020〕3号}}
parameters:
  one_off.per: {unit: 选项, values: [{value: PER}]}
"""


@pytest.fixture
def county(db: None) -> County:
    return make_programme_county()


def test_price_subsidy_pays_each_person_of_the_groups_once(county: County) -> None:
    """寒亭 has 460 yuan in the country: x 4.3 % is 19.78, rounded 20, doubled in March 2020 by the national notice."""
    poor, tekun = family(size=2), family()
    take_over(county, [(poor, 400_00)])
    grant(county, Programme.TEKUN, tekun.persons[0], 700_00)
    grant(county, Programme.TEKUN, poor.persons[1], 700_00)
    result = run(county, Programme.PRICE_SUBSIDY)
    lines = [line_of(county, Programme.PRICE_SUBSIDY, one) for one in (*poor.persons, *tekun.persons)]
    assert [found.line.amount_fen for found in lines] == [40_00] * 3
    assert [found.line.ordinary_fen for found in lines] == [20_00] * 3
    explanation = lines[0].explanation
    assert explanation is not None
    assert explanation.formula == "低保标准 460 元 × 涨幅 4.3% 得 20 元 + 提高标准 20 元 = 40 元"
    assert "同时属于几类对象，只按最高的一类发放一次" in why(lines[1])
    assert [why(found)[-1] for found in lines] == ["按低保对象发放", "按低保对象发放", "按特困人员发放"]
    assert (result.run.payable_count, result.run.person_count, result.run.amount_fen) == (3, 3, 120_00)
    with acting_as(everywhere()):
        payables = Payable.objects.filter(run=result.run)
        assert {payable.origin for payable in payables} == {"taken_over"}
        # What dibao members have goes to the head's card, what a tekun person has to the person's own.
        assert {payable.person_id: payable.payee_id for payable in payables} == {
            poor.persons[0].id: poor.persons[0].id,
            poor.persons[1].id: poor.persons[0].id,
            tekun.persons[0].id: tekun.persons[0].id,
        }
        assert replay(result.run).difference_count == 0
    (batch,) = result.batches
    assert walk(batch, county.officers).state == "sent"
    assert sum(line.amount_fen for line in lines_of(batch)) == 120_00


def test_price_subsidy_paid_before_is_not_paid_again(county: County) -> None:
    """A household's history covers its members; what is left of the month is one person's."""
    poor, late = family(size=2), family()
    take_over(county, [(poor, 400_00), (late, 200_00)])
    with acting_as(county.officers.opener) as opener:
        covered = tuple(person.id for person in poor.persons)
        row = PaidBefore(
            Programme.PRICE_SUBSIDY, MARCH, poor.household.id, None, covered, covered[0], 80_00, date(2020, 3, 2)
        )
        record_history(actor=opener, document_id=county.document.id, rows=[row])
    result = run(county, Programme.PRICE_SUBSIDY)
    assert (result.new_payable_count, result.already_payable_count, result.run.amount_fen) == (1, 2, 40_00)
    assert result.run.report == {"already_payable": 2}
    assert line_of(county, Programme.PRICE_SUBSIDY, poor.persons[1]).line.held == "already_payable"
    with acting_as(everywhere()):
        owed = Payable.objects.filter(programme=Programme.PRICE_SUBSIDY)
        assert sum(payable.amount_fen for payable in owed) == 80_00 + 40_00


def test_family_of_a_granted_orphan_is_on_no_village_list(county: County) -> None:
    """民发〔2019〕62号: each member has a payment of its own, and no name of the household goes up."""
    home, other = family(born=[date(1960, 1, 1), date(2010, 1, 1)]), family()
    take_over(county, [(home, 400_00), (other, 200_00)])
    grant(county, Programme.ORPHAN, home.persons[1], 1000_00)
    run(county, Programme.PRICE_SUBSIDY)
    with acting_as(make_actor("township_assistant", GUDI)) as actor:
        listed = village_list_for(actor, area_code=GUDI_VILLAGE, programme="price_subsidy", month=MARCH)
    assert ([row.amount_fen for row in listed.rows], listed.withheld_count) == ([40_00], 2)


def test_price_subsidy_cancelled_in_the_county_is_not_made_anew_by_the_city(county: County) -> None:
    poor = family()
    take_over(county, [(poor, 400_00)])
    result = run(county, Programme.PRICE_SUBSIDY)
    with acting_as(everywhere()) as system:
        payable = Payable.objects.get(run=result.run)
        PaymentAttempt.objects.filter(payable=payable).update(state=AttemptState.CANCELLED)
        again = run_month(actor=system, programme="price_subsidy", benefit_month=MARCH, area_code=WEIFANG)
        assert (again.is_new, again.new_payable_count, again.already_payable_count) == (True, 0, 1)


def test_price_subsidy_follows_deaths_and_the_index(county: County) -> None:
    """Who died before the month has none; in a month below both triggers nobody has."""
    poor = family(size=2)
    take_over(county, [(poor, 400_00)])
    with acting_as(everywhere()):
        record_death(poor.persons[1], date(2020, 2, 20))
        confirm_values("潍发改〔2020〕1号", QUIET_INDEX)
    assert run(county, Programme.PRICE_SUBSIDY).run.amount_fen == 40_00
    with acting_as(everywhere()), clock.at(clock.instant(2020, 9, 1, 9)):
        quiet = run(county, Programme.PRICE_SUBSIDY, date(2020, 9, 1))
    assert (quiet.new_payable_count, quiet.run.report["not_owed"]) == (0, 1)
    assert why(line_of(county, Programme.PRICE_SUBSIDY, poor.persons[0])) == ["价格指数没有达到启动条件"]


def test_price_subsidy_paid_for_a_month_after_a_death_is_noted(county: County) -> None:
    poor = family(size=2)
    take_over(county, [(poor, 400_00)])
    batch = walk(run(county, Programme.PRICE_SUBSIDY).batches[0], county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    with acting_as(county.officers.opener) as opener:
        tell_death(actor=opener, person_id=poor.persons[1].id, died_on=date(2020, 2, 25), source="殡仪馆名单")
    with acting_as(everywhere()):
        noted = Overpayment.objects.filter(payable__programme=Programme.PRICE_SUBSIDY)
        assert [(row.person_id, row.amount_fen) for row in noted] == [(poor.persons[1].id, 40_00)]


def test_lifted_doubling_is_weighed_before_anyone_signs(county: County) -> None:
    poor = family(size=2)
    take_over(county, [(poor, 400_00)])
    run(county, Programme.PRICE_SUBSIDY)
    rows, measures = read_supposed(
        """
defaults: {area: 370703000000000, from: 2020-03-01, status: placeholder, source: {number: 测算}}
parameters:
  price_subsidy.factor: {unit: "%", values: [{value: "100"}]}
""",
        where="测算",
    )
    with acting_as(county.officers.opener) as opener:
        found = what_if(
            opener, programme="price_subsidy", month=MARCH, area_code=HANTING, supposed=Supposed(rows, measures)
        )
    assert (found.total("before_fen"), found.total("after_fen"), found.total("lowered_count")) == (80_00, 40_00, 2)


def test_measure_doubles_the_price_subsidy(county: County) -> None:
    """In February the national notice does not: the measure of the city does, and the ordinary amount stands beside."""
    poor = family()
    take_over(county, [(poor, 400_00)])
    leader = county.officers.leader
    with acting_as(leader):
        issue_measure(
            actor=leader,
            kind="price_doubled",
            parameters={},
            area_code=HANTING,
            from_at=clock.instant(2020, 2, 1),
            until_at=clock.instant(2020, 3, 1),
            document_id=make_document().id,
        )
    result = run(county, Programme.PRICE_SUBSIDY, date(2020, 2, 1))
    line = line_of(county, Programme.PRICE_SUBSIDY, poor.persons[0])
    assert (line.line.amount_fen, line.line.ordinary_fen, len(result.run.measures)) == (48_00, 24_00, 1)


@pytest.mark.parametrize(("per", "lines", "amount_fen"), [("person", 2, 600_00), ("household", 1, 300_00)])
def test_one_off_money_by_person_or_by_household(county: County, per: str, lines: int, amount_fen: int) -> None:
    poor = family(size=2)
    take_over(county, [(poor, 400_00)])
    with acting_as(everywhere()):
        confirm_values("潍民〔2020〕3号", ONE_OFF.replace("PER", per))
    result = run(county, Programme.ONE_OFF)
    assert (result.run.payable_count, result.run.person_count, result.run.amount_fen) == (lines, 2, amount_fen)
    with acting_as(everywhere()):
        assert replay(result.run).difference_count == 0
        subjects = set(RunLine.objects.filter(run=result.run).values_list("subject_id", flat=True))
        assert subjects == ({poor.household.id} if per == "household" else {one.id for one in poor.persons})
        assert set(Payable.objects.filter(run=result.run).values_list("payee_id", flat=True)) == {poor.persons[0].id}
    assert walk(result.batches[0], county.officers).amount_fen == amount_fen


def test_one_off_money_needs_the_notice_of_its_month(county: County) -> None:
    poor = family()
    take_over(county, [(poor, 400_00)])
    with pytest.raises(Invalid, match="2020-02 没有一次性补助"):
        run(county, Programme.ONE_OFF, date(2020, 2, 1))
    with acting_as(everywhere()):
        assert not BenefitRun.objects.exists()
