"""Every programme from facts to the bank's list: disability, children, old age, and what is linked to others' grants.

The amounts are a clerk's: tests/assistance/benefits/cases has the same households.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from shouwang.assistance import cli
from shouwang.assistance.commands.county_lists import SentList, open_county_list, take_county_list
from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.commands.history import PaidBefore, record_history
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import RunResult, run_month
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.engine.what_if import Supposed, what_if
from shouwang.assistance.models import BenefitRun, Grant, Overpayment, Payable, PaymentAttempt, RunLine
from shouwang.assistance.queries.run_records import Explained, latest_lines_for
from shouwang.assistance.rules.benefits.clauses import Kind
from shouwang.assistance.rules.benefits.parameters import MissingParameter
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.assistance.rules.supposed import read_supposed
from shouwang.assistance.states import GRANTED, LINKED, MONTHLY, AttemptState, Door, Programme
from shouwang.cli.parser import build_parser
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.registry.models import Person, PersonFact
from shouwang.registry.public import record_death as tell_death
from shouwang.response.public import issue_measure
from tests.assistance.payments.setting import (
    MARCH,
    County,
    Family,
    acting_as,
    answers,
    confirm_values,
    everywhere,
    give_account,
    hold_standards,
    lines_of,
    make_county,
    make_document,
    make_family,
    record_death,
    take_over,
    walk,
)
from tests.assistance.payments.test_county_lists import with_number
from tests.assistance.payments.test_pages import client_of
from tests.factories import HANTING, WEIFANG
from tests.kernel.spreadsheets import files

from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

STANDARDS = """
defaults: {area: 370700000000000, from: 2019-10-01, status: confirmed, source: {number: 潍民〔2019〕9号}}
parameters:
  old_age.scope: {unit: 选项, values: [{value: all}]}
  old_age.amount_1: {unit: 元/人/月, values: [{value: "50"}]}
  old_age.amount_2: {unit: 元/人/月, values: [{value: "100"}]}
  one_off.dibao.rural: {unit: 元, values: [{value: "300", from: 2020-03-01}]}
"""

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


def add_up(found: Explained) -> int:
    """What the steps of the chain come to, by their sign."""
    assert found.explanation is not None
    signs = {Kind.ADD: 1, Kind.SUBTRACT: -1}
    return sum(step.value * signs.get(step.kind, 0) for step in found.explanation.steps)


def test_every_rule_has_its_run() -> None:
    assert set(all_rules()) == set(MONTHLY)
    assert {programme for programme, rule in all_rules().items() if rule.groups} == LINKED
    assert GRANTED.isdisjoint(LINKED)
    assert Programme.TEMPORARY_RELIEF not in MONTHLY
    assert set(cli.PROGRAMMES) == set(MONTHLY)


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
    assert "特困人员不享受两项补贴（国发〔2015〕52号）" in why(refused)
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


def test_month_of_any_programme_from_the_command_line(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    grant(county, Programme.OLD_AGE, family(born=[date(1930, 2, 1)]).persons[0], 50_00)
    asked = ["run", "--programme", "old_age", "--month", "2020-03", "--area", "370703", "--json"]
    cli.run(build_parser().parse_args(asked))
    answer = json.loads(capsys.readouterr().out)
    assert (answer["new_payables"], answer["amount_fen"], answer["batches"][0][:2]) == (1, 100_00, "GL")


def test_workbook_of_recipients_names_persons_whoever_heads_their_household(county: County) -> None:
    home = family(born=[date(1960, 1, 1), date(1931, 1, 1)])
    old = home.persons[1]
    number = with_number(old, 77)
    content = files.xlsx([["老年人姓名", "身份证号", "津贴标准", "起始月"], [old.name, number, 50, "2020-03"]])
    sent = SentList(Door.TAKE_OVER, "old_age", False, county.document.id, "高龄津贴名单.xlsx", content)
    with acting_as(county.officers.opener) as opener:
        with pytest.raises(Invalid, match="按人"):
            open_county_list(actor=opener, list_id=new_id(), sent=replace(sent, is_by_household=True))
        listed = open_county_list(actor=opener, list_id=new_id(), sent=sent)
        assert take_county_list(actor=opener, list_id=listed.id).good_count == 1
        assert Grant.objects.get().person_id == old.id


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


def test_nursing_subsidy_by_level_and_need(county: County) -> None:
    first, second, well = family(), family(), family()
    for one, code in ((first, "41"), (second, "12"), (well, "41")):
        know(one.persons[0], "disability", code=code)
        know(one.persons[0], "need", code="meal_delivery" if one is well else "daily_care")
        grant(county, Programme.DISABILITY_NURSING, one.persons[0], 90_00)
    result = run(county, Programme.DISABILITY_NURSING)
    found = [line_of(county, Programme.DISABILITY_NURSING, one.persons[0]) for one in (first, second, well)]
    assert [one.line.amount_fen for one in found] == [add_up(one) for one in found] == [120_00, 100_00, 0]
    assert why(found[2]) == ["没有认定需要长期照护"]
    assert walk(result.batches[0], county.officers).amount_fen == 220_00


def test_orphans_by_where_they_live_are_paid_to_who_cares_for_them(county: County) -> None:
    home = family(born=[date(1960, 1, 1), date(2010, 1, 1), date(2011, 1, 1), date(2002, 3, 1)])
    children = home.persons[1:]
    know(children[0], "care_mode", code="concentrated")
    know(children[1], "care_mode", code="dispersed")
    with acting_as(everywhere()):
        own = give_account(children[0])
    for child in children:
        grant(county, Programme.ORPHAN, child, 1000_00)
    result = run(county, Programme.ORPHAN)
    found = [line_of(county, Programme.ORPHAN, child) for child in children]
    assert [one.line.amount_fen for one in found] == [add_up(one) for one in found] == [1499_00, 1074_00, 0]
    assert "超过规定年龄" in why(found[2])
    with acting_as(everywhere()):
        payee_of = dict(Payable.objects.filter(run=result.run).values_list("person_id", "payee_id"))
        assert payee_of == {children[0].id: children[0].id, children[1].id: home.persons[0].id}
        accounts = set(PaymentAttempt.objects.filter(payable__run=result.run).values_list("account_id", flat=True))
        assert own.id in accounts
    assert walk(result.batches[0], county.officers).state == "sent"


def test_unattended_child_is_topped_up_by_what_the_dibao_run_found(county: County) -> None:
    """民发〔2019〕62号: 1,074 less the child's half of 860 yuan that the family has by the rules, not of the 700 decided."""
    home = family(born=[date(1980, 1, 1), date(2010, 1, 1)])
    take_over(county, [(home, 700_00)])
    with acting_as(everywhere()):
        earn(home, 60)
    child = home.persons[1]
    grant(county, Programme.UNATTENDED_CHILD, child, 900_00)
    dibao = run(county, Programme.DIBAO)
    assert dibao.run.amount_fen == 860_00 + 40_00  # and 40 yuan for the minor
    result = run(county, Programme.UNATTENDED_CHILD)
    found = line_of(county, Programme.UNATTENDED_CHILD, child)
    assert found.explanation is not None
    assert found.explanation.formula == "事实无人抚养儿童补贴标准 1,074 元 − 扣除已享受的待遇 450 元 = 624 元"
    assert walk(result.batches[0], county.officers).amount_fen == 624_00


def test_living_subsidy_that_the_full_child_rate_excludes_is_not_taken_off(county: County) -> None:
    """Whichever of the two is run first, the child has 1,074 yuan altogether."""
    home = family(born=[date(1980, 1, 1), date(2010, 1, 1)])
    child = home.persons[1]
    know(child, "disability", code="41")
    for programme in (Programme.UNATTENDED_CHILD, Programme.DISABILITY_LIVING):
        grant(county, programme, child, 100_00)
    assert run(county, Programme.UNATTENDED_CHILD).run.amount_fen == 1074_00
    assert run(county, Programme.DISABILITY_LIVING).run.amount_fen == 0
    assert "全额享受事实无人抚养儿童补贴的不享受生活补贴（民发〔2019〕62号）" in why(
        line_of(county, Programme.DISABILITY_LIVING, child)
    )


def test_old_age_allowance_by_birthday(county: County) -> None:
    days = [date(1940, 3, 1), date(1940, 3, 2), date(1930, 2, 1)]
    old = [family(born=[day]) for day in days]
    for one in old:
        grant(county, Programme.OLD_AGE, one.persons[0], 50_00)
    result = run(county, Programme.OLD_AGE)
    found = [line_of(county, Programme.OLD_AGE, one.persons[0]) for one in old]
    assert [one.line.amount_fen for one in found] == [add_up(one) for one in found] == [50_00, 0, 100_00]
    assert found[1].explanation is not None
    assert found[1].explanation.changes == ["满 80 周岁以后发放"]
    assert walk(result.batches[0], county.officers).amount_fen == 150_00


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


@pytest.mark.parametrize(
    ("programme", "key"),
    [
        (Programme.DISABILITY_LIVING, "disability.living.amount"),
        (Programme.DISABILITY_NURSING, "disability.nursing.level_2"),
        (Programme.ORPHAN, "child.orphan.concentrated"),
        (Programme.UNATTENDED_CHILD, "child.orphan.dispersed"),
        (Programme.OLD_AGE, "old_age.amount_1"),
        (Programme.PRICE_SUBSIDY, "dibao.standard.rural"),
    ],
)
def test_missing_standard_names_itself_and_pays_nobody(db: None, programme: Programme, key: str) -> None:
    with acting_as(everywhere()):
        hold_standards(without=key)
        bare = make_county()
    with pytest.raises(MissingParameter, match=rf"寒亭区.*2020年3月.*{re.escape(key)}"):
        run(bare, programme)
    with acting_as(everywhere()):
        assert not Payable.objects.exists()


def test_one_off_money_needs_the_notice_of_its_month(county: County) -> None:
    poor = family()
    take_over(county, [(poor, 400_00)])
    with pytest.raises(Invalid, match="2020-02 没有一次性补助"):
        run(county, Programme.ONE_OFF, date(2020, 2, 1))
    with acting_as(everywhere()):
        assert not BenefitRun.objects.exists()


def test_household_is_refused_what_is_a_persons_own(county: County) -> None:
    home = family()
    row = TakenOver(Programme.OLD_AGE, home.household.id, None, date(2020, 1, 1), 50_00)
    with acting_as(county.officers.opener) as opener, pytest.raises(Invalid, match="按人发放"):
        take_over_grants(actor=opener, document_id=county.document.id, rows=[row])
    with acting_as(everywhere()):
        assert not Grant.objects.exists()
        with pytest.raises(IntegrityError, match="grant_of_a_household"), transaction.atomic():
            Grant.objects.create(
                programme=Programme.OLD_AGE,
                household=home.household,
                area_code=HANTING,
                starts_on=MARCH,
                origin="case",
                recorded_at=clock.now(),
            )


def test_pages_show_the_run_the_chain_and_the_household(county: County) -> None:
    home = family(born=[date(1930, 2, 1)])
    grant(county, Programme.OLD_AGE, home.persons[0], 50_00)
    client = client_of(county.officers.opener)
    answer = client.post(
        "/assistance/payments/new/", {"programme": "old_age", "month": "2020-03", "area": str(HANTING)}
    )
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "应发人数" in page
    assert "与原定数额不同" in page
    with acting_as(everywhere()):
        line = RunLine.objects.get()
    card = client.get(f"/assistance/payments/calculations/{line.id}/").content.decode()
    assert "高龄津贴 100 元" in card
    assert "潍民〔2019〕9号" in card
    household = client.get(f"/registry/households/{home.household.id}/").content.decode()
    assert "高龄津贴 100 元" in household
    assert f"高龄津贴</a> {home.persons[0].name}" in household
    grants = client.get("/assistance/grants/", {"programme": "old_age", "month": "2020-03"}).content.decode()
    assert "50.00" in grants
