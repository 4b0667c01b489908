"""Two at once: two officers on one list, two runs of one month; each with a control that shows the race without the lock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from shouwang.assistance.commands import reissues
from shouwang.assistance.commands.batches import approve_batch
from shouwang.assistance.commands.corrections import cancel_payable, reverse_payment, withdraw_line
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import BatchMove, BenefitRun, Payable, PaymentAttempt, PaymentBatch
from shouwang.assistance.states import BatchState
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import DomainError, StateConflict
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import verify_ledger
from shouwang.registry.models import Person
from tests.conftest import OPENING
from tests.factories import GUDI_VILLAGE, HANTING, make_actor

from .setting import (
    MARCH,
    County,
    answers,
    everywhere,
    give_account,
    lines_of,
    make_county,
    make_family,
    take_over,
    walk,
)
from .test_chain import run


def build() -> County:
    with use_scope(everywhere().scope):
        county = make_county()
        families = [make_family(GUDI_VILLAGE) for _ in range(3)]
    take_over(county, [(family, 100_00) for family in families])
    return county


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act answered or raised, all begun at once on connections of their own."""
    gate = threading.Barrier(len(acts))
    answers: list[object] = [None] * len(acts)

    def work(position: int) -> None:
        try:
            with clock.at(OPENING):
                gate.wait()
                answers[position] = acts[position]()
        except Exception as error:  # noqa: BLE001  # whatever an act raises is its answer
            answers[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(position,)) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def approving(actor: Actor, batch_id: UUID) -> Callable[[], object]:
    def act() -> object:
        with use_scope(actor.scope):
            return approve_batch(actor=actor, batch_id=batch_id)

    return act


def test_two_leaders_approve_once(committed_db: str) -> None:
    county = build()
    batch = walk(run(county), county.officers, until="township_confirmed")
    second = make_actor("county_leader", HANTING)
    answers = together(approving(county.officers.leader, batch.id), approving(second, batch.id))
    assert {type(answer) for answer in answers} == {PaymentBatch, StateConflict}
    with use_scope(everywhere().scope):
        assert BatchMove.objects.filter(batch=batch, verb="approve").count() == 1


def test_control_without_the_lock_both_leaders_approve(committed_db: str) -> None:
    county = build()
    batch = walk(run(county), county.officers, until="township_confirmed")
    both_have_read = threading.Barrier(2)

    def careless() -> bool:
        with use_scope(everywhere().scope), transaction.atomic():
            seen = PaymentBatch.objects.get(pk=batch.pk)
            both_have_read.wait()
            PaymentBatch.objects.filter(pk=batch.pk).update(state=BatchState.COUNTY_APPROVED)
            return seen.state == BatchState.TOWNSHIP_CONFIRMED

    assert together(careless, careless) == [True, True]


def running(actor: Actor) -> Callable[[], object]:
    def act() -> object:
        with use_scope(actor.scope):
            return run_month(actor=actor, programme="dibao", benefit_month=MARCH, area_code=HANTING).is_new

    return act


def test_two_runs_of_one_month_make_one(committed_db: str) -> None:
    county = build()
    second = make_actor("county_officer", HANTING)
    answers = together(running(county.officers.opener), running(second))
    assert sorted(map(bool, answers)) == [False, True]
    with use_scope(everywhere().scope):
        assert (BenefitRun.objects.count(), Payable.objects.count()) == (1, 3)


def test_control_without_the_lock_two_runs_collide(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    county = build()
    both_are_in = threading.Barrier(2)
    monkeypatch.setattr("shouwang.assistance.commands.runs.lock_months", lambda keys: both_are_in.wait())
    answers = together(running(county.officers.opener), running(make_actor("county_officer", HANTING)))
    assert sum(isinstance(answer, Exception) for answer in answers) == 1
    with use_scope(everywhere().scope):
        assert Payable.objects.count() == 3


def reissuing_while_cancelled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The states of a returned line's attempts after a re-issue that had read it before a township gave it up."""
    county = build()
    batch = walk(run(county), county.officers)
    opener, township = county.officers.opener, county.officers.townships[0]
    with use_scope(county.officers.spare.scope):
        receive_return(actor=county.officers.spare, batch_id=batch.id, answers=answers(batch, failing=[1, 2]))
    with use_scope(everywhere().scope):
        payable = lines_of(batch)[0].payable
        give_account(Person.objects.get(id=payable.payee_id), valid_from=MARCH)
    has_read, is_given_up = threading.Event(), threading.Event()
    write = reissues.write_lists

    def wait_and_write(**arguments: Any) -> object:
        has_read.set()
        is_given_up.wait(timeout=1)
        return write(**arguments)

    def reissue() -> object:
        with use_scope(opener.scope):
            return reissues.reissue_lines(
                actor=opener, programme="dibao", benefit_month=MARCH, area_code=county.area_code
            )

    def give_up() -> object:
        has_read.wait()
        try:
            with use_scope(township.scope):
                return cancel_payable(actor=township, payable_id=payable.id, reason="死亡")
        finally:
            is_given_up.set()

    monkeypatch.setattr(reissues, "write_lists", wait_and_write)
    together(reissue, give_up)
    with use_scope(everywhere().scope):
        return sorted(PaymentAttempt.objects.filter(payable=payable).values_list("state", flat=True))


def test_line_on_its_way_again_is_not_given_up(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reissuing_while_cancelled(monkeypatch) == ["open", "returned"]


def test_control_without_the_lock_it_is_given_up_and_paid(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwang.assistance.commands.corrections.lock_months", lambda keys: None)
    assert reissuing_while_cancelled(monkeypatch) == ["cancelled", "open"]


def repeatedly(times: int, act: Callable[[], object]) -> Callable[[], object]:
    """How often the act was taken or refused in words; a deadlock is neither and comes out."""

    def acts() -> object:
        for _ in range(times):
            with suppress(DomainError):
                act()
        return times

    return acts


def test_lines_are_put_right_while_the_bank_answers(committed_db: str) -> None:
    """Each locks the list, then the part, then the lines: neither waits for what the other holds."""
    county = build()
    batch = walk(run(county), county.officers)
    said = answers(batch, only=[1, 2])
    lines = [line.id for line in lines_of(batch)]
    township, leader, spare = county.officers.townships[0], county.officers.leader, county.officers.spare
    turn = itertools.cycle(lines)

    def withdraw() -> object:
        with use_scope(township.scope):
            return withdraw_line(actor=township, attempt_id=next(turn), reason="死亡")

    def reverse() -> object:
        with use_scope(leader.scope):
            return reverse_payment(actor=leader, attempt_id=lines[2], reason="误发")

    def receive() -> object:
        with use_scope(spare.scope):
            return receive_return(actor=spare, batch_id=batch.id, answers=said)

    assert together(*(repeatedly(25, act) for act in (withdraw, reverse, receive))) == [25, 25, 25]
    with use_scope(everywhere().scope):
        assert verify_ledger().findings == []


def test_control_in_the_other_order_they_deadlock(committed_db: str) -> None:
    county = build()
    batch = walk(run(county), county.officers)
    line = lines_of(batch)[0]
    both_hold_one = threading.Barrier(2)

    def line_first() -> object:
        with use_scope(everywhere().scope), transaction.atomic():
            PaymentAttempt.objects.select_for_update().get(pk=line.pk)
            both_hold_one.wait()
            return PaymentBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)

    def list_first() -> object:
        with use_scope(everywhere().scope), transaction.atomic():
            PaymentBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            both_hold_one.wait()
            return PaymentAttempt.objects.select_for_update().get(pk=line.pk)

    assert sum(isinstance(answer, OperationalError) for answer in together(line_first, list_first)) == 1
