"""Every step of the chain: who may take it, from which state; a refusal leaves no row, no audit, no event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from shouwang.assistance.commands.batches import (
    approve_batch,
    approve_funds,
    confirm_townships,
    reconcile_batch,
    send_batch,
    take_bank_file,
)
from shouwang.assistance.commands.corrections import withdraw_line
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import BatchMove, PaymentBatch, PaymentOutcome
from shouwang.assistance.queries.waiting import lists_waiting_for
from shouwang.assistance.states import BATCH_STEPS, BatchState, BatchVerb
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Entry, InsufficientFunds, record_funds_received
from tests.factories import FANGZI, GUDI, HANTING, make_actor

from .setting import (
    GAOLI_VILLAGE,
    MARCH,
    County,
    acting_as,
    answers,
    everywhere,
    lines_of,
    make_county,
    make_family,
    reread,
    take_over,
    walk,
)
from .test_chain import run

pytestmark = pytest.mark.django_db

STATE_BEFORE = {
    BatchVerb.CONFIRM: BatchState.DRAFTED,
    BatchVerb.APPROVE: BatchState.TOWNSHIP_CONFIRMED,
    BatchVerb.APPROVE_FUNDS: BatchState.COUNTY_APPROVED,
    BatchVerb.SEND: BatchState.FINANCE_APPROVED,
    BatchVerb.RECEIVE: BatchState.SENT,
    BatchVerb.RECONCILE: BatchState.RETURNED,
}
COMMANDS: dict[BatchVerb, Callable[[Actor, PaymentBatch], object]] = {
    BatchVerb.CONFIRM: lambda actor, batch: confirm_townships(actor=actor, batch_id=batch.id),
    BatchVerb.APPROVE: lambda actor, batch: approve_batch(actor=actor, batch_id=batch.id),
    BatchVerb.APPROVE_FUNDS: lambda actor, batch: approve_funds(actor=actor, batch_id=batch.id),
    BatchVerb.SEND: lambda actor, batch: send_batch(actor=actor, batch_id=batch.id),
    BatchVerb.RECEIVE: lambda actor, batch: receive_return(actor=actor, batch_id=batch.id, answers=answers(batch)),
    BatchVerb.RECONCILE: lambda actor, batch: reconcile_batch(actor=actor, batch_id=batch.id),
}
RIGHT_ROLE = {
    BatchVerb.CONFIRM: "township_head",
    BatchVerb.APPROVE: "county_leader",
    BatchVerb.APPROVE_FUNDS: "finance",
    BatchVerb.SEND: "finance",
    BatchVerb.RECEIVE: "finance",
    BatchVerb.RECONCILE: "finance",
}
WRONG_ROLE = {
    BatchVerb.CONFIRM: "county_leader",
    BatchVerb.APPROVE: "county_officer",
    BatchVerb.APPROVE_FUNDS: "county_leader",
    BatchVerb.SEND: "county_leader",
    BatchVerb.RECEIVE: "township_head",
    BatchVerb.RECONCILE: "auditor",
}


def standing_at(county: County, state: BatchState) -> PaymentBatch:
    batch = run(county)
    if state == BatchState.DRAFTED:
        return batch
    if state == BatchState.VOIDED:
        with acting_as(county.officers.townships[0]) as township:
            for line in lines_of(batch):
                withdraw_line(actor=township, attempt_id=line.id, reason="误列")
        return reread(batch)
    batch = walk(batch, county.officers, until="sent" if state == BatchState.RETURNED else state)
    if state == BatchState.RETURNED:
        with acting_as(county.officers.sender) as sender:
            receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    return reread(batch)


def everything() -> tuple[int, ...]:
    with use_scope(everywhere().scope):
        models = (BatchMove, PaymentOutcome, Entry, AuditEntry, EventRecord)
        return tuple(model.objects.count() for model in models)


def refused(actor: Actor, verb: BatchVerb, batch: PaymentBatch) -> DomainError:
    before, state = everything(), batch.state
    with acting_as(actor), pytest.raises(DomainError) as refusal:
        COMMANDS[verb](actor, batch)
    assert everything() == before
    assert reread(batch).state == state
    return refusal.value


@pytest.mark.parametrize("step", BATCH_STEPS, ids=lambda step: step.verb.value)
def test_step_is_taken_by_the_right_post_and_no_other(county: County, step: object) -> None:
    verb = step.verb  # type: ignore[attr-defined]
    batch = standing_at(county, STATE_BEFORE[verb])
    assert isinstance(refused(make_actor(WRONG_ROLE[verb], HANTING), verb, batch), NotAllowed)
    assert isinstance(refused(make_actor(RIGHT_ROLE[verb], FANGZI), verb, batch), NotFound)
    right = make_actor(RIGHT_ROLE[verb], HANTING)
    with acting_as(right):
        COMMANDS[verb](right, batch)
    assert reread(batch).state == step.to_state  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [state for state in BatchState if state != BatchState.RECONCILED])
def test_step_from_any_other_state_is_refused(county: County, state: BatchState) -> None:
    batch = standing_at(county, state)
    for step in BATCH_STEPS:
        if state in step.from_states or (step.verb == BatchVerb.SEND and batch.bank_file_hash):
            continue
        if step.verb == BatchVerb.RECEIVE and state == BatchState.RETURNED:
            continue
        refusal = refused(make_actor(RIGHT_ROLE[step.verb], HANTING), step.verb, batch)
        assert isinstance(refusal, StateConflict), (state, step.verb)


def test_nobody_decides_what_they_opened(county: County) -> None:
    batch = walk(run(county), county.officers, until="finance_approved")
    refusal = refused(county.officers.opener, BatchVerb.SEND, batch)
    assert (type(refusal), refusal.reason) == (NotAllowed, "batch.same_person")


def test_nobody_takes_two_steps_of_one_list(county: County) -> None:
    batch = walk(run(county), county.officers, until="finance_approved")
    refusal = refused(county.officers.finance, BatchVerb.SEND, batch)
    assert refusal.reason == "batch.same_person"
    walked = standing_from(county, batch)
    refusal = refused(county.officers.sender, BatchVerb.RECONCILE, walked)
    assert refusal.reason == "batch.same_person"


def standing_from(county: County, batch: PaymentBatch) -> PaymentBatch:
    with acting_as(county.officers.sender) as sender:
        send_batch(actor=sender, batch_id=batch.id)
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    return reread(batch)


def test_each_township_confirms_its_own_lines_only(county: County) -> None:
    batch = run(county)
    gudi = make_actor("township_assistant", GUDI)
    with acting_as(gudi):
        confirm_townships(actor=gudi, batch_id=batch.id)
    assert reread(batch).state == BatchState.DRAFTED
    assert refused(gudi, BatchVerb.CONFIRM, reread(batch)).reason == "batch.part_confirmed"
    gaoli = make_actor("township_head", GAOLI_VILLAGE // 10**6 * 10**6)
    with acting_as(gaoli):
        confirm_townships(actor=gaoli, batch_id=batch.id)
    assert reread(batch).state == BatchState.TOWNSHIP_CONFIRMED


def test_second_officer_sees_who_was_faster(county: County) -> None:
    batch = walk(run(county), county.officers, until="township_confirmed")
    with acting_as(county.officers.leader) as leader:
        approve_batch(actor=leader, batch_id=batch.id, expected_version=batch.version)
    second = make_actor("county_leader", HANTING)
    with acting_as(second), pytest.raises(Conflict) as refusal:
        approve_batch(actor=second, batch_id=batch.id, expected_version=batch.version)
    assert (refusal.value.reason, refusal.value.data["who"], refusal.value.data["verb"]) == (
        "batch.changed",
        "负责人",
        "approve",
    )


def test_list_whose_money_is_short_stops_before_anyone_is_paid(db: None) -> None:
    with use_scope(everywhere().scope):
        county = make_county(money_fen=100_00)
        family = make_family()
    take_over(county, [(family, 450_00)])
    batch = walk(run(county), county.officers, until="county_approved")
    assert isinstance(refused(county.officers.finance, BatchVerb.APPROVE_FUNDS, batch), InsufficientFunds)
    with acting_as(county.officers.spare) as spare:
        record_funds_received(
            actor=spare,
            fund_id=county.fund.id,
            area_code=HANTING,
            amount_fen=350_00,
            occurred_on=MARCH,
            memo="补足",
            entry_id=new_id(),
        )
    with acting_as(county.officers.finance) as finance:
        approve_funds(actor=finance, batch_id=batch.id)
    assert reread(batch).state == BatchState.FINANCE_APPROVED


def test_list_sent_twice_gives_the_same_file(county: County) -> None:
    batch = walk(run(county), county.officers, until="finance_approved")
    with acting_as(county.officers.sender) as sender:
        first = send_batch(actor=sender, batch_id=batch.id)
        moves = BatchMove.objects.filter(batch=batch).count()
        second = send_batch(actor=sender, batch_id=batch.id)
        _batch, _profile, third = take_bank_file(actor=sender, batch_id=batch.id, file_format="csv")
        assert BatchMove.objects.filter(batch=batch).count() == moves
    assert (first.is_new, second.is_new) == (True, False)
    assert first.csv == second.csv == third


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"batch_number": "DB202003-370704-01"}, "return.other_batch"),
        ({"line_number": 99}, "return.unknown_line"),
        ({"amount_fen": 1}, "return.amount"),
        ({"on": date(2020, 3, 19)}, "return.future"),
        ({"on": date(2020, 3, 17)}, "return.before_sent"),
    ],
)
def test_wrong_answer_refuses_the_whole_file(county: County, change: dict[str, object], reason: str) -> None:
    batch = walk(run(county), county.officers)
    first, *rest = answers(batch)
    before = everything()
    with acting_as(county.officers.sender) as sender, pytest.raises(Invalid) as refusal:
        receive_return(actor=sender, batch_id=batch.id, answers=[*rest, replace(first, **change)])
    assert refusal.value.reason == reason
    assert everything() == before


def test_answer_that_contradicts_an_earlier_one_is_refused(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, only=[1]))
        with pytest.raises(Conflict) as refusal:
            receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[1]))
    assert refusal.value.reason == "return.contradicts"


def test_bank_file_shows_whole_accounts_to_those_who_send_it_only(county: County) -> None:
    batch = walk(run(county), county.officers)
    before = everything()
    head = make_actor("township_head", GUDI)
    with acting_as(head), pytest.raises(NotAllowed):
        take_bank_file(actor=head, batch_id=batch.id, file_format="csv")
    assert everything() == before


def waiting_for(actor: Actor) -> list[str]:
    with acting_as(actor):
        return [item.action for item in lists_waiting_for(actor, 50)]


def test_list_waits_on_the_page_of_whose_step_is_next(county: County) -> None:
    officers = county.officers
    batch = run(county)
    seen = {"drafted": everyone_waiting(county)}
    for state in ("township_confirmed", "county_approved", "finance_approved"):
        batch = walk_one(batch, county, state)
        seen[state] = everyone_waiting(county)
    with acting_as(officers.sender):
        send_batch(actor=officers.sender, batch_id=batch.id)
    seen["sent"] = everyone_waiting(county)
    assert seen == {
        "drafted": {"助理": ["乡镇确认"]},
        "township_confirmed": {"负责人": ["县区审批"]},
        "county_approved": {"财务": ["财务审核"], "复核": ["财务审核"]},
        "finance_approved": {"送盘": ["送银行"], "复核": ["送银行"]},
        "sent": {name: ["读入回盘"] for name in ("经办", "财务", "送盘", "复核")},
    }


def walk_one(batch: PaymentBatch, county: County, state: str) -> PaymentBatch:
    verb, actor = {
        "township_confirmed": (BatchVerb.CONFIRM, county.officers.townships[0]),
        "county_approved": (BatchVerb.APPROVE, county.officers.leader),
        "finance_approved": (BatchVerb.APPROVE_FUNDS, county.officers.finance),
    }[state]
    with acting_as(actor):
        COMMANDS[verb](actor, batch)
    return reread(batch)


def everyone_waiting(county: County) -> dict[str, list[str]]:
    officers = county.officers
    people = (officers.opener, *officers.townships, officers.leader, officers.finance, officers.sender, officers.spare)
    return {actor.name: actions for actor in people if (actions := waiting_for(actor))}
