"""Every programme with grants of its own from facts to the bank's list: disability, children, old age.

The amounts are a clerk's: tests/assistance/benefits/cases has the same households.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from shouwang.assistance import cli
from shouwang.assistance.commands.county_lists import SentList, open_county_list, take_county_list
from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.models import Grant, Payable, PaymentAttempt, RunLine
from shouwang.assistance.rules.benefits.parameters import MissingParameter
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.assistance.states import GRANTED, LINKED, MONTHLY, Door, Programme
from shouwang.cli.parser import build_parser
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    confirm_values,
    everywhere,
    give_account,
    hold_standards,
    make_county,
    take_over,
    walk,
)
from tests.assistance.payments.test_county_lists import with_number
from tests.assistance.payments.test_pages import client_of
from tests.factories import HANTING
from tests.kernel.spreadsheets import files

from .setting import add_up, family, grant, know, line_of, make_programme_county, run, why
from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

LOW_INCOME = """
defaults: {area: 370700000000000, from: 2020-01-01, status: confirmed, source: {number: 潍民〔2020〕1号}}
parameters:
  disability.living.scope: {unit: 选项, values: [{value: low_income}]}
"""


@pytest.fixture
def county(db: None) -> County:
    return make_programme_county()


def test_every_rule_has_its_run() -> None:
    assert set(all_rules()) == set(MONTHLY)
    assert {programme for programme, rule in all_rules().items() if rule.groups} == LINKED
    assert GRANTED.isdisjoint(LINKED)
    assert Programme.TEMPORARY_RELIEF not in MONTHLY
    assert set(cli.PROGRAMMES) == set(MONTHLY)


def test_living_subsidy_from_certificate_to_bank(county: County) -> None:
    """100 yuan for the disabled of a dibao family, what was decided where nothing is known, but nothing for a tekun person."""
    poor, tekun, unknown = family(size=2), family(), family()
    take_over(county, [(poor, 400_00)])
    grant(county, Programme.TEKUN, tekun.persons[0], 700_00)
    know(poor.persons[0], "disability", code="41")
    for one in (poor, tekun, unknown):
        grant(county, Programme.DISABILITY_LIVING, one.persons[0], 90_00)
    result = run(county, Programme.DISABILITY_LIVING)
    paid, refused = (line_of(county, Programme.DISABILITY_LIVING, one.persons[0]) for one in (poor, tekun))
    assert paid.explanation is not None
    assert (paid.line.amount_fen, paid.explanation.formula) == (100_00, "困难残疾人生活补贴 100 元")
    assert (refused.line.amount_fen, refused.line.held) == (0, "not_owed")
    assert why(refused) == [
        "已享受不得同时享受的待遇",
        "不属于发放对象",
        "特困人员不享受两项补贴（国发〔2015〕52号）",
    ]
    assert line_of(county, Programme.DISABILITY_LIVING, unknown.persons[0]).explanation is None
    assert (result.run.payable_count, result.run.amount_fen) == (2, 190_00)
    (batch,) = result.batches
    sent = walk(batch, county.officers)
    assert (sent.number[:2], sent.state, sent.amount_fen) == ("CJ", "sent", 190_00)
    assert run(county, Programme.DISABILITY_LIVING).new_payable_count == 0
    with acting_as(everywhere()):
        assert replay(result.run).difference_count == 0


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


def test_facts_of_the_register_exclude_and_admit_from_their_day(county: County) -> None:
    """Who has a care allowance for a work injury has no living subsidy; a borderline family has one where that is enough."""
    injured, borderline, later = family(), family(), family()
    with acting_as(everywhere()):
        confirm_values("潍民〔2020〕1号", LOW_INCOME)
    take_over(county, [(injured, 400_00), (later, 400_00)])
    for one, category in ((injured, "work_injury_care"), (borderline, "borderline"), (later, "work_injury_care")):
        know(one.persons[0], "disability", code="41")
        know(one.persons[0], "category", code=category, since=date(2020, 4, 1) if one is later else date(2019, 1, 1))
        grant(county, Programme.DISABILITY_LIVING, one.persons[0], 100_00)
    run(county, Programme.DISABILITY_LIVING)
    found = [line_of(county, Programme.DISABILITY_LIVING, one.persons[0]) for one in (injured, borderline, later)]
    assert [one.line.amount_fen for one in found] == [0, 100_00, 100_00]
    assert "领取工伤保险生活护理费的不享受两项补贴（国发〔2015〕52号）" in why(found[0])


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
    assert f"高龄津贴 {home.persons[0].name}</a>" in household
    grants = client.get("/assistance/grants/", {"programme": "old_age", "month": "2020-03"}).content.decode()
    assert "50.00" in grants
