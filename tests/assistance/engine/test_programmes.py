"""Every programme from facts to the bank's list: disability, children, old age, and what is linked to others' grants.

The amounts are a clerk's: tests/assistance/benefits/cases has the same households.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.commands.runs import RunResult, run_month
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.models import Payable
from shouwang.assistance.queries.run_records import Explained, latest_lines_for
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.assistance.states import GRANTED, LINKED, MONTHLY, Programme
from shouwang.kernel import clock
from shouwang.registry.models import Person, PersonFact
from tests.assistance.payments.setting import (
    MARCH,
    County,
    Family,
    acting_as,
    confirm_values,
    everywhere,
    lines_of,
    make_county,
    make_family,
    take_over,
    walk,
)
from tests.factories import HANTING

pytestmark = pytest.mark.django_db

STANDARDS = """
defaults: {area: 370700000000000, from: 2019-07-01, status: confirmed, source: {number: 潍民〔2019〕9号}}
parameters:
  disability.living.amount: {unit: 元/人/月, values: [{value: "100"}]}
  disability.nursing.level_1: {unit: 元/人/月, values: [{value: "120"}]}
  disability.nursing.level_2: {unit: 元/人/月, values: [{value: "100"}]}
  child.orphan.concentrated: {unit: 元/人/月, values: [{value: "1499"}]}
  child.orphan.dispersed: {unit: 元/人/月, values: [{value: "1074"}]}
  old_age.scope: {unit: 选项, values: [{value: all}]}
  old_age.age_1: {unit: 岁, values: [{value: "80"}]}
  old_age.age_2: {unit: 岁, values: [{value: "90"}]}
  old_age.amount_1: {unit: 元/人/月, values: [{value: "50"}]}
  old_age.amount_2: {unit: 元/人/月, values: [{value: "100"}]}
  one_off.dibao.rural: {unit: 元, values: [{value: "300", from: 2020-03-01}]}
"""


@pytest.fixture
def county(db: None) -> County:
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        confirm_values("潍民〔2019〕9号", STANDARDS)
    return made


def family(*, born: Sequence[date] = (), size: int = 1) -> Family:
    """Persons born on these days, the head first."""
    with acting_as(everywhere()):
        made = make_family(size=max(len(born), size))
        for person, day in zip(made.persons, born, strict=False):
            Person.objects.filter(pk=person.pk).update(birth_on=day)
    return made


def know(person: Person, kind: str, *, code: str = "", amount: int | None = None) -> None:
    with acting_as(everywhere()):
        PersonFact.objects.create(
            person=person,
            kind=kind,
            code=code,
            amount=amount,
            valid_from=date(2019, 1, 1),
            recorded_at=clock.now(),
            source="测试",
            area_code=person.area_code,
        )


def grant(county: County, programme: str, person: Person, fen: int) -> None:
    with acting_as(county.officers.opener) as opener:
        row = TakenOver(programme, None, person.id, date(2020, 1, 1), fen)
        take_over_grants(actor=opener, document_id=county.document.id, rows=[row])


def run(county: County, programme: str, month: date = MARCH) -> RunResult:
    with acting_as(county.officers.opener) as opener:
        return run_month(actor=opener, programme=programme, benefit_month=month, area_code=HANTING)


def line_of(county: County, programme: str, person: Person) -> Explained:
    """The line of a person with its chain: an explanation that does not add up is never shown."""
    with acting_as(county.officers.opener) as opener:
        found = latest_lines_for(opener, [person.id])
    (line,) = [one for one in found if one.line.run.programme == programme]
    return line


def why(found: Explained) -> Sequence[str]:
    assert found.explanation is not None
    return found.explanation.why


def test_every_rule_has_its_run() -> None:
    assert set(all_rules()) == set(MONTHLY)
    assert {programme for programme, rule in all_rules().items() if rule.groups} == LINKED
    assert GRANTED.isdisjoint(LINKED)
    assert Programme.TEMPORARY_RELIEF not in MONTHLY


def test_living_subsidy_from_certificate_to_bank(county: County) -> None:
    """100 yuan for the disabled of a dibao family, nothing for a tekun person, what was decided where nothing is known."""
    poor, tekun, unknown = family(size=2), family(), family()
    take_over(county, [(poor, 400_00)])
    grant(county, Programme.TEKUN, tekun.persons[0], 700_00)
    for one in (poor.persons[0], tekun.persons[0]):
        know(one, "disability", code="41")
    for one in (poor, tekun, unknown):
        grant(county, Programme.DISABILITY_LIVING, one.persons[0], 90_00)
    result = run(county, Programme.DISABILITY_LIVING)
    paid, refused = (line_of(county, Programme.DISABILITY_LIVING, one.persons[0]) for one in (poor, tekun))
    assert paid.explanation is not None
    assert (paid.line.amount_fen, paid.explanation.formula) == (100_00, "困难残疾人生活补贴 100 元")
    assert (refused.line.amount_fen, refused.line.held) == (0, "not_owed")
    assert "已享受不得同时享受的待遇" in why(refused)
    assert line_of(county, Programme.DISABILITY_LIVING, unknown.persons[0]).explanation is None
    assert (result.run.payable_count, result.run.amount_fen) == (2, 190_00)
    (batch,) = result.batches
    sent = walk(batch, county.officers)
    assert (sent.number[:2], sent.state, sent.amount_fen) == ("CJ", "sent", 190_00)
    assert run(county, Programme.DISABILITY_LIVING).new_payable_count == 0
    with acting_as(everywhere()):
        assert replay(result.run).difference_count == 0


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
