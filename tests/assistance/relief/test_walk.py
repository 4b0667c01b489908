"""The whole way of a case, ordinary and relief first, with the rows that it leaves."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.commands.relief import close_case, end_notice, publish_notice, receive_papers
from shouwang.assistance.models import CaseMove, PayablePerson, PaymentOutcome, ReliefCase
from shouwang.kernel import clock
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import FULL, use_scope
from shouwang.ledger.public import balance_of

from .world import (
    Officers,
    accepted,
    approved,
    as_actor,
    make_family,
    make_reserve,
    order,
    paid,
    paid_first,
    standard,
    verified,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers() -> Officers:
    return Officers()


def test_urgent_case_is_paid_in_cash_and_closed(officers: Officers) -> None:
    book = make_reserve(officers, fen=500_000)
    case = paid(officers, make_family())
    with as_actor(officers.assistant) as actor:
        case = close_case(actor=actor, case_id=case.id, expected_version=case.version)
    assert (case.state, case.amount_fen, case.paid_on) == ("closed", 100_000, date(2020, 3, 18))
    assert case.formula == "小额救助 1,000.00 元"
    with use_scope(FULL):
        verbs = list(CaseMove.objects.filter(case=case).order_by("version").values_list("verb", flat=True))
        outcome = PaymentOutcome.objects.select_related("entry").get(payable__case=case)
        covered = PayablePerson.objects.filter(payable__case=case).count()
        balance = balance_of(book.petty.id)
        audited = AuditEntry.objects.filter(subject=f"relief_case:{case.id}").count()
        event = EventRecord.objects.get(kind="relief.paid")
    assert verbs == ["open", "accept", "verify", "approve", "pay_cash", "close"]
    assert (outcome.kind, outcome.amount_fen, outcome.paid_on) == ("paid", 100_000, date(2020, 3, 18))
    assert outcome.entry.source == f"relief:{case.id}"
    assert covered == 2
    assert balance.posted_fen == 400_000
    assert audited == len(verbs)
    assert (event.payload["person_count"], event.payload["amount_fen"]) == (2, 100_000)


def test_expenditure_case_hangs_on_the_board_for_seven_days(officers: Officers) -> None:
    case = verified(officers, make_family(), kind="expenditure", channel="bank")
    with as_actor(officers.assistant) as actor:
        case = publish_notice(actor=actor, case_id=case.id, expected_version=case.version, place="村务公开栏")
    assert (case.notice_until_on, case.step_due_on) == (date(2020, 3, 25), date(2020, 3, 26))
    with clock.at(clock.instant(2020, 3, 26, 9)), as_actor(officers.assistant) as actor:
        case = end_notice(actor=actor, case_id=case.id, expected_version=case.version)
    assert (case.state, case.notice_ended_on) == ("verified", date(2020, 3, 26))


def test_amount_by_standard_and_months(officers: Officers) -> None:
    case = approved(officers, make_family(), standard(66_100, 2, 2), channel="bank")
    assert case.amount_fen == 264_400
    assert case.formula == "城市低保标准 661.00 元 × 2 人 × 2 个月 = 2,644.00 元"
    assert case.decided_by_level == "county"


def test_relief_first_is_paid_before_its_papers(officers: Officers) -> None:
    make_reserve(officers)
    measure = order("relief_first", papers_due_working_days=5)
    limit = order("petty_reserve", limit_fen=200_000)
    case = paid_first(officers, make_family())
    assert (case.state, case.amount_fen, case.is_relief_first) == ("papers_owed", 80_000, True)
    assert case.papers_due_on == date(2020, 3, 25)
    assert set(case.measure_ids) == {measure.id, limit.id}
    with clock.at(clock.instant(2020, 3, 25, 16)), as_actor(officers.assistant) as actor:
        case = receive_papers(
            actor=actor,
            case_id=case.id,
            expected_version=case.version,
            investigators=["甲", "乙"],
            findings="申请表、诊断证明已补齐",
        )
    assert (case.state, case.papers_received_on) == ("closed", date(2020, 3, 25))
    with use_scope(FULL):
        assert CaseMove.objects.get(case=case, verb="receive_papers").was_in_time is True


def test_papers_one_day_late_are_late(officers: Officers) -> None:
    make_reserve(officers)
    order("relief_first", papers_due_working_days=5)
    case = paid_first(officers, make_family())
    with clock.at(clock.instant(2020, 3, 26, 8)), as_actor(officers.assistant) as actor:
        receive_papers(actor=actor, case_id=case.id, expected_version=None, investigators=["甲", "乙"], findings="补齐")
    with use_scope(FULL):
        assert CaseMove.objects.get(case=case, verb="receive_papers").was_in_time is False


def test_clocks_skip_the_spring_festival_of_2020(officers: Officers) -> None:
    """Accepted on 22 January 2020: the holiday ran to 2 February, so the tenth working day is 13 February."""
    with clock.at(clock.instant(2020, 1, 22, 10)):
        urgent = accepted(officers, make_family())
        expenditure = accepted(officers, make_family(("李四",)), kind="expenditure", channel="bank")
    assert urgent.step_due_on == date(2020, 1, 23)
    assert expenditure.step_due_on == date(2020, 2, 13)


def test_papers_clock_skips_the_spring_festival_of_2020(officers: Officers) -> None:
    with clock.at(clock.instant(2020, 1, 22, 10)):
        make_reserve_in_january(officers)
        order("relief_first", papers_due_working_days=5, from_at=clock.instant(2020, 1, 20))
        case = paid_first(officers, make_family())
    assert case.papers_due_on == date(2020, 2, 6)


def make_reserve_in_january(officers: Officers) -> None:
    with clock.at(clock.instant(2020, 3, 18, 8)):
        make_reserve(officers)


def test_rule_version_is_that_of_the_day_of_acceptance(officers: Officers) -> None:
    with clock.at(clock.instant(2018, 1, 22, 10)):
        before = make_case_of_2018(officers)
    with clock.at(clock.instant(2018, 1, 23, 10)):
        after = make_case_of_2018(officers)
    assert (before.rule_version, after.rule_version) == ("国发〔2014〕47号", "民发〔2018〕23号")


def make_case_of_2018(officers: Officers) -> ReliefCase:
    with clock.at(clock.instant(2020, 3, 18, 8)):
        household = make_family(("赵六",), since=date(2017, 1, 1))
    return accepted(officers, household, occurred_on=date(2018, 1, 20))
