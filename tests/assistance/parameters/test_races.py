"""Two at once: overlapping notices confirmed together, one proposal sent twice; with a control without the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shouwang.accounts.public import Role
from shouwang.assistance.commands import parameters, runs
from shouwang.assistance.commands.parameters import decide_parameters, propose_parameters
from shouwang.assistance.models import ParameterDecision, ParameterNotice, Recalculation
from shouwang.assistance.rules.benefits.parameters import ParametersRefused
from shouwang.assistance.states import NoticeVerdict
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.setting import MARCH
from tests.assistance.payments.test_chain import run
from tests.assistance.payments.test_races import build, together
from tests.factories import WEIFANG, make_actor

from .setting import RURAL, make_bureau, notice, propose, value


def confirming(actor: Actor, notice_id: UUID) -> Callable[[], object]:
    def act() -> object:
        with use_scope(actor.scope):
            return decide_parameters(actor=actor, notice_id=notice_id, verdict=NoticeVerdict.CONFIRMED)

    return act


def confirm_both() -> list[object]:
    county = make_bureau()
    city = make_actor(Role.CITY_OFFICER, WEIFANG)
    first, second = (propose(county, notice(number=f"寒民〔2020〕{number}号")) for number in (7, 8))
    return together(confirming(county.decider, first.id), confirming(city, second.id))


def test_overlapping_notices_are_not_both_confirmed(committed_db: str) -> None:
    answers = confirm_both()
    assert {type(answer) for answer in answers} == {ParameterDecision, ParametersRefused}
    with use_scope(FULL):
        assert ParameterDecision.objects.count() == 1


def test_control_without_the_lock_both_are_confirmed(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = threading.Barrier(2)
    check = parameters.check_values

    def check_together(*arguments: Any) -> Any:
        changes = check(*arguments)
        if threading.current_thread() is not threading.main_thread():
            checked.wait(20)
        return changes

    monkeypatch.setattr(parameters, "_take_turn", lambda: None)
    monkeypatch.setattr(parameters, "check_values", check_together)
    assert [type(answer) for answer in confirm_both()] == [ParameterDecision, ParameterDecision]


def test_one_proposal_sent_twice_at_once_is_one(committed_db: str) -> None:
    county, notice_id = make_bureau(), new_id()

    def act() -> object:
        with use_scope(county.officer.scope):
            return propose_parameters(actor=county.officer, notice_id=notice_id, proposed=notice())

    answers = together(act, act)
    assert [answer.id for answer in answers if isinstance(answer, ParameterNotice)] == [notice_id, notice_id]
    with use_scope(FULL):
        assert ParameterNotice.objects.get().values.count() == 1


def confirm_during_a_run(monkeypatch: pytest.MonkeyPatch) -> int:
    """A notice of March is confirmed while a run of March computes with what it read; how many months it reaches."""
    county, bureau = build(), make_bureau()
    waiting = propose(bureau, notice(value(RURAL, "500", valid_from=MARCH), effective_on=MARCH, is_retroactive=True))
    has_read, has_confirmed = threading.Event(), threading.Event()
    take_snapshot = runs.take_snapshot

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        has_read.set()
        has_confirmed.wait(1)
        return take_snapshot(*arguments, **more)

    def confirm() -> object:
        has_read.wait(20)
        answer = confirming(bureau.decider, waiting.id)()
        has_confirmed.set()
        return answer

    monkeypatch.setattr(runs, "take_snapshot", meanwhile)
    answers = together(lambda: run(county), confirm)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    with use_scope(FULL):
        return Recalculation.objects.filter(programme="dibao", benefit_month=MARCH).count()


def test_notice_confirmed_during_a_run_finds_its_month_paid(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert confirm_during_a_run(monkeypatch) == 1


def test_control_without_the_lock_the_notice_reaches_nothing(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "hold_parameters", lambda: None)
    assert confirm_during_a_run(monkeypatch) == 0
