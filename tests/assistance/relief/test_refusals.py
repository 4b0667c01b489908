"""What each step refuses; a refused step leaves no row, no audit and no event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from shouwang.accounts.models import Post
from shouwang.accounts.public import Role, actor_of
from shouwang.assistance.commands.petty_reserve import fill_petty_reserve
from shouwang.assistance.commands.relief import (
    accept_case,
    approve_case,
    close_case,
    confirm_relief_first,
    end_notice,
    open_case,
    pay_cash,
    propose_relief_first,
    publish_notice,
    receive_papers,
    refuse_case,
    send_back,
    verify_case,
    withdraw_case,
)
from shouwang.assistance.errors import DuplicateCause, NotInForce, ReliefChanged
from shouwang.assistance.models import ReliefCase
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import InsufficientFunds
from shouwang.registry.public import Household, move_household
from tests.factories import FANGZI, GUDI, HANTING, make_actor

from .world import (
    Officers,
    accepted,
    application,
    approved,
    as_actor,
    make_family,
    make_reserve,
    opened,
    order,
    paid,
    paid_first,
    proposed,
    small,
    standard,
    verified,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers() -> Officers:
    return Officers()


@pytest.fixture
def household() -> Household:
    return make_family()


def refused(actor: Actor, command: Callable[..., object], error: type[DomainError], **arguments) -> DomainError:
    """The refusal; nothing was written."""
    before = written()
    with as_actor(actor), pytest.raises(error) as caught:
        command(actor=actor, **arguments)
    assert written() == before
    return caught.value


CHECKED = {"investigators": ["甲", "乙"], "findings": "属实"}

STEPS = {
    "accept": (opened, accept_case, {}),
    "verify": (accepted, verify_case, CHECKED),
    "approve": (verified, approve_case, {"claim": small()}),
    "refuse": (verified, refuse_case, {"reason": "不符合", "clause": "第九条"}),
    "send_back": (verified, send_back, {"reason": "再核实"}),
    "withdraw": (accepted, withdraw_case, {"reason": "不申请了"}),
    "pay_cash": (approved, pay_cash, {"received_by": "徐春生"}),
    "propose": (opened, propose_relief_first, {"amount_fen": 50_000}),
    "confirm": (proposed, confirm_relief_first, {}),
    "receive_papers": (paid_first, receive_papers, CHECKED),
    "close": (paid, close_case, {}),
}
"""The state before a step, its command, its other arguments."""

DOERS = {
    "accept": "assistant", "verify": "officer", "approve": "leader", "refuse": "head", "send_back": "head",
    "withdraw": "grid", "pay_cash": "second_assistant", "propose": "assistant", "confirm": "head",
    "receive_papers": "officer", "close": "officer",
}  # fmt: skip


@pytest.fixture
def emergency(officers: Officers) -> None:
    order("relief_first", papers_due_working_days=10)
    make_reserve(officers)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.usefixtures("emergency")
def test_step_is_for_its_roles_and_its_area(name: str, officers: Officers, household: Household) -> None:
    prepare, command, arguments = STEPS[name]
    case = prepare(officers, household)
    arguments = {"case_id": case.id, "expected_version": case.version} | arguments
    doer = getattr(officers, DOERS[name])
    outsider = make_actor(doer.role, FANGZI if doer.area_code == HANTING else 370704_001_000_000)
    refused(officers.finance, command, NotAllowed, **arguments)
    refused(make_actor(Role.AUDITOR, HANTING), command, NotAllowed, **arguments)
    refused(outsider, command, NotFound, **arguments)
    refused(doer, command, ReliefChanged, **(arguments | {"expected_version": case.version - 1}))
    before = written()
    with as_actor(doer):
        command(actor=doer, **arguments)
    after = written()
    assert (after[0], after[1] > before[1], after[5] > before[5]) == (before[0], True, True)
    with as_actor(doer):
        case.refresh_from_db()
    again = arguments | {"expected_version": case.version}
    assert refused(doer, command, StateConflict, **again).reason == "relief.state"


def test_opening_is_for_its_roles_and_its_area(officers: Officers, household: Household) -> None:
    said = application(household)
    refused(officers.head, open_case, NotAllowed, case_id=new_id(), application=said)
    refused(
        make_actor(Role.TOWNSHIP_ASSISTANT, 370704_001_000_000), open_case, NotFound, case_id=new_id(), application=said
    )
    with as_actor(officers.grid) as actor:
        assert open_case(actor=actor, case_id=new_id(), application=said).state == "draft"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"story": " "}, "relief.story_missing"),
        ({"occurred_on": date(2020, 3, 19)}, "relief.in_future"),
        ({"is_local": False}, "relief.home_missing"),
        ({"proxy_name": "李四"}, "relief.proxy"),
        ({"amount_fen": 0}, "relief.amount"),
        ({"cause": "no"}, "relief.kind"),
        ({"applicant_id": None}, "relief.applicant"),
    ],
)
def test_application_that_cannot_be(officers: Officers, household: Household, changes: dict, reason: str) -> None:
    error = refused(
        officers.assistant, open_case, Invalid, case_id=new_id(), application=application(household, **changes)
    )
    assert error.reason == reason


def test_same_form_twice_is_one_case_and_other_content_is_refused(officers: Officers, household: Household) -> None:
    case_id = new_id()
    with as_actor(officers.assistant) as actor:
        first = open_case(actor=actor, case_id=case_id, application=application(household))
        second = open_case(actor=actor, case_id=case_id, application=application(household))
    assert (first.number, ReliefCase.__name__) == (second.number, "ReliefCase")
    for changes in (
        {"story": "另一件事"},
        {"amount_fen": 1_00},
        {"channel": "bank"},
        {"proxy_name": "李四", "proxy_relation": "邻居"},
    ):
        other = application(household, **changes)
        error = refused(officers.assistant, open_case, Conflict, case_id=case_id, application=other)
        assert error.reason == "request.reused"


def test_second_relief_for_the_same_cause_is_refused_with_the_clause(officers: Officers, household: Household) -> None:
    make_reserve(officers)
    case = paid(officers, household)
    last_day = clock.instant(2021, 3, 17, 9)
    with clock.at(last_day):
        error = refused(
            officers.assistant, open_case, DuplicateCause, case_id=new_id(), application=application(household)
        )
    assert error.data["case_id"] == case.id
    assert "国发〔2014〕47号" in error.message
    with clock.at(clock.instant(2021, 3, 18, 9)):
        assert opened(officers, household).state == "draft"


def test_same_cause_is_remembered_when_the_family_has_moved_to_another_township(
    officers: Officers, household: Household
) -> None:
    case = accepted(officers, household)
    new_village = 370703_006_201_000
    with as_actor(make_actor(Role.COUNTY_OFFICER, HANTING)) as mover:
        move_household(
            actor=mover, household_id=household.id, to_area_code=new_village, moved_on=clock.today(), source="迁居"
        )
        said = application(household, area_code=new_village)
    assistant = make_actor(Role.TOWNSHIP_ASSISTANT, 370703_006_000_000)
    error = refused(assistant, open_case, DuplicateCause, case_id=new_id(), application=said)
    assert error.data["number"] == case.number


def test_another_cause_and_an_ended_case_do_not_stand_in_the_way(officers: Officers, household: Household) -> None:
    case = accepted(officers, household)
    with as_actor(officers.grid) as actor:
        withdraw_case(actor=actor, case_id=case.id, expected_version=None, reason="填错了")
    assert opened(officers, household).state == "draft"
    assert opened(officers, household, cause="fire").state == "draft"


def test_follow_up_aid_continues_a_paid_case_for_a_reason(officers: Officers, household: Household) -> None:
    make_reserve(officers)
    case = paid(officers, household)
    without_reason = application(household, follow_up_of=case.id)
    assert (
        refused(officers.assistant, open_case, Invalid, case_id=new_id(), application=without_reason).reason
        == "relief.follow_up_reason"
    )
    stranger = make_family(("孙七",))
    of_others = application(stranger, follow_up_of=case.id, follow_up_reason="仍在住院")
    assert (
        refused(officers.assistant, open_case, Invalid, case_id=new_id(), application=of_others).reason
        == "relief.follow_up"
    )
    followed = opened(officers, household, follow_up_of=case.id, follow_up_reason="仍在住院")
    assert (followed.follow_up_of_id, followed.follow_up_reason) == (case.id, "仍在住院")


def test_follow_up_of_a_case_that_is_not_paid_is_refused(officers: Officers, household: Household) -> None:
    case = accepted(officers, household)
    said = application(household, follow_up_of=case.id, follow_up_reason="仍在住院")
    error = refused(officers.assistant, open_case, Invalid, case_id=new_id(), application=said)
    assert error.reason == "relief.follow_up"


@pytest.mark.parametrize(("fen", "is_the_townships"), [(200_000, True), (200_001, False)])
def test_township_decides_up_to_its_limit(officers: Officers, fen: int, is_the_townships: bool) -> None:
    order("petty_reserve", limit_fen=200_000)
    case = verified(officers, make_family(("周九",)), channel="bank")
    arguments = {
        "case_id": case.id,
        "expected_version": case.version,
        "claim": standard(fen, 1, 1) if not is_the_townships else small(fen),
    }
    if not is_the_townships:
        error = refused(officers.head, approve_case, NotAllowed, **arguments)
        assert error.reason == "relief.above_township"
        with as_actor(officers.leader) as leader:
            assert approve_case(actor=leader, **arguments).decided_by_level == "county"
        return
    with as_actor(officers.head) as head:
        assert approve_case(actor=head, **arguments).decided_by_level == "township"


def test_cash_above_the_limit_is_refused(officers: Officers) -> None:
    case = verified(officers, make_family(("吴十",)))
    error = refused(
        officers.leader,
        approve_case,
        Invalid,
        case_id=case.id,
        expected_version=case.version,
        claim=standard(200_001, 1, 1),
    )
    assert error.reason == "relief.above_cash"
    with as_actor(officers.leader) as leader:
        case = approve_case(
            actor=leader,
            case_id=case.id,
            expected_version=case.version,
            claim=standard(200_001, 1, 1),
            channel="bank",
        )
    assert (case.channel, case.amount_fen) == ("bank", 200_001)


def test_nobody_decides_what_they_prepared(officers: Officers, household: Household) -> None:
    """One user with two posts: county officer verifies, and as the county's leader must not decide."""
    case = accepted(officers, household)
    officer = officers.officer
    with as_actor(officer):
        case = verify_case(actor=officer, case_id=case.id, expected_version=case.version, **CHECKED)
    post = Post.objects.create(
        user_id=officer.user_id, role=Role.COUNTY_LEADER, area_code=HANTING, from_on=date(2020, 1, 1),
        recorded_at=clock.now(),
    )  # fmt: skip
    as_leader = actor_of(user_id=officer.user_id, post_id=post.id)
    assert as_leader is not None
    error = refused(as_leader, approve_case, NotAllowed, case_id=case.id, expected_version=case.version, claim=small())
    assert error.reason == "relief.own_case"
    error = refused(
        as_leader, refuse_case, NotAllowed, case_id=case.id, expected_version=case.version, reason="x", clause="y"
    )
    assert error.reason == "relief.own_case"


def test_relief_first_without_the_measure_is_refused_with_words(officers: Officers, household: Household) -> None:
    case = opened(officers, household)
    arguments = {"case_id": case.id, "expected_version": case.version, "amount_fen": 50_000}
    assert "先行救助" in refused(officers.assistant, propose_relief_first, NotInForce, **arguments).message
    order("relief_first", papers_due_working_days=10, from_at=clock.instant(2020, 3, 19))
    refused(officers.assistant, propose_relief_first, NotInForce, **arguments)
    with clock.at(clock.instant(2020, 3, 19)), as_actor(officers.assistant) as actor:
        assert propose_relief_first(actor=actor, **arguments).is_relief_first


def test_relief_first_is_not_confirmed_after_the_measure_ended(officers: Officers, household: Household) -> None:
    order("relief_first", papers_due_working_days=10, until_at=clock.instant(2020, 3, 18, 12))
    case = proposed(officers, household)
    with clock.at(clock.instant(2020, 3, 18, 12)):
        refused(officers.head, confirm_relief_first, NotInForce, case_id=case.id, expected_version=case.version)
    with clock.at(clock.instant(2020, 3, 18, 11, 59)), as_actor(officers.head) as head:
        assert confirm_relief_first(actor=head, case_id=case.id, expected_version=case.version).state == "approved"


def test_remote_check_needs_simplified_approval(officers: Officers, household: Household) -> None:
    case = accepted(officers, household)
    arguments = {
        "case_id": case.id, "expected_version": case.version, "investigators": ["甲"], "findings": "视频核实属实",
        "is_remote": True,
    }  # fmt: skip
    refused(officers.assistant, verify_case, NotInForce, **arguments)
    measure = order("simplified_approval")
    with as_actor(officers.assistant) as actor:
        case = verify_case(actor=actor, **arguments)
    assert (case.state, case.measure_ids) == ("verified", [measure.id])


@pytest.mark.parametrize("names", [["甲"], ["甲", " 甲 "], ["", ""]])
def test_check_at_home_needs_two_investigators(officers: Officers, household: Household, names: list[str]) -> None:
    case = accepted(officers, household)
    error = refused(
        officers.assistant,
        verify_case,
        Invalid,
        case_id=case.id,
        expected_version=case.version,
        investigators=names,
        findings="属实",
    )
    assert error.reason == "relief.investigators"


def test_expenditure_needs_its_notice_unless_approval_is_simplified(officers: Officers, household: Household) -> None:
    case = verified(officers, household, kind="expenditure", channel="bank")
    arguments = {"case_id": case.id, "expected_version": case.version, "claim": small()}
    assert refused(officers.leader, approve_case, StateConflict, **arguments).reason == "relief.needs_notice_settled"
    measure = order("simplified_approval")
    with as_actor(officers.leader) as leader:
        case = approve_case(actor=leader, **arguments)
    assert (case.state, case.measure_ids) == ("approved", [measure.id])


def test_urgent_case_has_no_notice(officers: Officers, household: Household) -> None:
    case = verified(officers, household)
    arguments = {"case_id": case.id, "expected_version": case.version, "place": "公开栏"}
    error = refused(officers.assistant, publish_notice, StateConflict, **arguments)
    assert error.reason == "relief.needs_expenditure_kind"


def test_notice_hangs_through_its_seventh_day(officers: Officers, household: Household) -> None:
    case = verified(officers, household, kind="expenditure", channel="bank")
    with as_actor(officers.assistant) as actor:
        case = publish_notice(actor=actor, case_id=case.id, expected_version=case.version, place="公开栏")
    arguments = {"case_id": case.id, "expected_version": case.version}
    with clock.at(clock.instant(2020, 3, 25, 23, 59)):
        assert refused(officers.assistant, end_notice, StateConflict, **arguments).reason == "relief.needs_notice_over"
    with clock.at(clock.instant(2020, 3, 26)), as_actor(officers.assistant) as actor:
        assert end_notice(actor=actor, **arguments).state == "verified"


def test_cash_that_the_township_does_not_hold_is_refused(officers: Officers, household: Household) -> None:
    make_reserve(officers, fen=99_999)
    case = approved(officers, household)
    error = refused(
        officers.assistant,
        pay_cash,
        InsufficientFunds,
        case_id=case.id,
        expected_version=case.version,
        received_by="徐春生",
    )
    assert (error.data["available_fen"], error.data["wanted_fen"]) == (99_999, 100_000)


def test_reserve_is_filled_by_the_countys_finance_only(officers: Officers) -> None:
    book = make_reserve(officers, fen=0, received_fen=500_000)
    arguments = {
        "fund_id": book.fund.id, "treasury_area_code": HANTING, "township_code": GUDI, "amount_fen": 100_000,
    }  # fmt: skip
    refused(officers.leader, fill_petty_reserve, NotAllowed, **arguments)
    refused(make_actor(Role.FINANCE, FANGZI), fill_petty_reserve, NotFound, **arguments)
    refused(officers.finance, fill_petty_reserve, Invalid, **(arguments | {"township_code": HANTING}))
    refused(officers.finance, fill_petty_reserve, Invalid, **(arguments | {"amount_fen": 0}))
    refused(officers.finance, fill_petty_reserve, InsufficientFunds, **(arguments | {"amount_fen": 500_001}))
