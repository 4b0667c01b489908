"""Two at once: overlapping notices confirmed together, one proposal sent twice; with a control without the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shouwang.accounts.public import Role
from shouwang.assistance.commands import parameters
from shouwang.assistance.commands.parameters import decide_parameters, propose_parameters
from shouwang.assistance.models import ParameterDecision, ParameterNotice
from shouwang.assistance.rules.benefits.parameters import ParametersRefused
from shouwang.assistance.states import NoticeVerdict
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.test_races import together
from tests.factories import WEIFANG, make_actor

from .setting import make_bureau, notice, propose


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
