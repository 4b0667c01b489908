"""退回: a list that has not left goes back to where it began; the money is free, and still nobody takes two steps."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwang.assistance.commands.batches import approve_batch, approve_funds, confirm_townships, send_batch
from shouwang.assistance.commands.corrections import withdraw_line
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.sending_back import send_back_batch
from shouwang.assistance.models import BatchMove, BatchPart, PaymentBatch
from shouwang.assistance.queries.batches import may_send_back, part_states
from shouwang.assistance.states import SENT_BACK_FROM, BatchState
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Account, balance_of, verify_ledger
from tests.factories import FANGZI, GUDI, HANTING, make_actor

from .setting import County, acting_as, answers, everywhere, lines_of, reread, walk
from .test_chain import run
from .test_pages import client_of
from .test_steps import everyone_waiting

pytestmark = pytest.mark.django_db

REASON = "古堤街道第 1 户金额有误"


def standing_at(county: County, state: str) -> PaymentBatch:
    batch = run(county)
    return batch if state == BatchState.DRAFTED else walk(batch, county.officers, until=state)


def send_back(actor: Actor, batch: PaymentBatch, **changes: object) -> PaymentBatch:
    with acting_as(actor):
        return send_back_batch(actor=actor, batch_id=batch.id, **({"reason": REASON} | changes))  # type: ignore[arg-type]


def refused(actor: Actor, batch: PaymentBatch, **changes: object) -> DomainError:
    counted = (BatchMove, BatchPart, AuditEntry, EventRecord)
    with use_scope(everywhere().scope):
        before = [model.objects.count() for model in counted]
    with pytest.raises(DomainError) as refusal:
        send_back(actor, batch, **changes)
    with use_scope(everywhere().scope):
        assert [model.objects.count() for model in counted] == before
    return refusal.value


def held_back_fen(county: County) -> int:
    with use_scope(everywhere().scope):
        treasury = Account.objects.get(fund=county.fund, kind="treasury")
        return balance_of(treasury.id).reserved_fen


NEXT = {
    BatchState.DRAFTED: "township_head",
    BatchState.TOWNSHIP_CONFIRMED: "county_leader",
    BatchState.COUNTY_APPROVED: "finance",
    BatchState.FINANCE_APPROVED: "finance",
}


@pytest.mark.parametrize("state", list(NEXT))
def test_next_officer_sends_a_list_back_and_nobody_else(county: County, state: str) -> None:
    batch = standing_at(county, state)
    wrong = "county_leader" if NEXT[state] == "finance" else "finance"
    assert isinstance(refused(make_actor(wrong, HANTING), batch), NotAllowed)
    assert isinstance(refused(make_actor(NEXT[state], FANGZI), batch), NotFound)
    right = make_actor(NEXT[state], HANTING, name="退回人")
    send_back(right, batch)
    after = reread(batch)
    assert (after.state, after.round, after.version) == (BatchState.DRAFTED, 2, batch.version + 1)
    with use_scope(everywhere().scope):
        last = BatchMove.objects.filter(batch=batch).order_by("-position")[0]
    assert (last.verb, last.from_state, last.note, last.actor_name) == ("send_back", state, REASON, "退回人")


def test_every_state_before_the_bank_can_be_sent_back_from() -> None:
    assert set(SENT_BACK_FROM) == set(NEXT)


@pytest.mark.parametrize("until", ["sent", "returned"])
def test_list_that_has_left_is_not_sent_back(county: County, until: str) -> None:
    batch = walk(run(county), county.officers)
    if until == "returned":
        with acting_as(county.officers.sender) as sender:
            receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    assert isinstance(refused(county.officers.spare, reread(batch)), StateConflict)


def test_reason_must_be_given_and_the_page_fresh(county: County) -> None:
    batch = standing_at(county, BatchState.TOWNSHIP_CONFIRMED)
    assert isinstance(refused(county.officers.leader, batch, reason="  "), Invalid)
    assert isinstance(refused(county.officers.leader, batch, expected_version=batch.version - 1), Conflict)


def test_money_held_back_is_free_again(county: County) -> None:
    batch = standing_at(county, BatchState.FINANCE_APPROVED)
    assert held_back_fen(county) == batch.amount_fen
    send_back(county.officers.sender, batch)
    assert held_back_fen(county) == 0
    with use_scope(everywhere().scope):
        assert list(BatchPart.objects.filter(batch=batch).values_list("reservation", flat=True)) == [None, None]
        assert verify_ledger().findings == []


def test_townships_confirm_anew(county: County) -> None:
    batch = standing_at(county, BatchState.TOWNSHIP_CONFIRMED)
    send_back(county.officers.leader, batch)
    township = county.officers.townships[0]
    with acting_as(township):
        assert [state.confirmation for state in part_states(township, reread(batch))] == [None, None]
        confirm_townships(actor=township, batch_id=batch.id)
    assert reread(batch).state == BatchState.TOWNSHIP_CONFIRMED


def test_township_objection_undoes_what_other_townships_said(county: County) -> None:
    batch = run(county)
    assistant = make_actor("township_assistant", GUDI)
    with acting_as(assistant):
        confirm_townships(actor=assistant, batch_id=batch.id)
    head = make_actor("township_head", GUDI)
    send_back(head, batch)
    with use_scope(everywhere().scope):
        assert [state.confirmation for state in part_states(everywhere(), reread(batch))] == [None, None]


def test_list_sent_back_is_put_right_and_paid_by_the_same_people(county: County) -> None:
    """Who took a step takes the same one again; the line that was wrong is off the list."""
    officers = county.officers
    batch = standing_at(county, BatchState.FINANCE_APPROVED)
    send_back(officers.sender, batch)
    with acting_as(officers.townships[0]) as township:
        withdraw_line(actor=township, attempt_id=lines_of(batch)[0].id, reason="金额有误")
    batch = walk(reread(batch), officers)
    with acting_as(officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    assert (reread(batch).state, batch.line_count, held_back_fen(county)) == (BatchState.RETURNED, 2, 0)
    with use_scope(everywhere().scope):
        assert verify_ledger().findings == []


@pytest.mark.parametrize("state", [BatchState.COUNTY_APPROVED, BatchState.FINANCE_APPROVED])
def test_nobody_takes_a_second_step_in_a_later_round(county: County, state: str) -> None:
    officers = county.officers
    batch = standing_at(county, state)
    send_back(officers.finance if state == BatchState.COUNTY_APPROVED else officers.sender, batch)
    batch = walk(reread(batch), officers, until="county_approved")
    another = officers.spare if state == BatchState.COUNTY_APPROVED else officers.finance
    with acting_as(another):
        approve_funds(actor=another, batch_id=batch.id)
    with acting_as(officers.finance), pytest.raises(NotAllowed) as refusal:
        send_batch(actor=officers.finance, batch_id=batch.id)
    assert refusal.value.reason == "batch.same_person"


def test_nobody_sends_back_what_they_handed_on(county: County) -> None:
    officers = county.officers
    batch = standing_at(county, BatchState.FINANCE_APPROVED)
    for actor in (officers.opener, officers.finance):
        assert refused(actor, batch).reason == "batch.same_person"
        with acting_as(actor):
            assert not may_send_back(actor, batch)
    with acting_as(officers.sender):
        assert may_send_back(officers.sender, batch)


def test_list_sent_back_waits_again_for_the_same_people(county: County) -> None:
    officers = county.officers
    batch = standing_at(county, BatchState.TOWNSHIP_CONFIRMED)
    send_back(officers.leader, batch)
    assert everyone_waiting(county) == {"助理": ["乡镇确认"]}
    with acting_as(officers.townships[0]):
        confirm_townships(actor=officers.townships[0], batch_id=batch.id)
    assert everyone_waiting(county) == {"负责人": ["县区审批"]}
    with acting_as(officers.leader):
        approve_batch(actor=officers.leader, batch_id=batch.id)
    assert everyone_waiting(county) == {"财务": ["财务审核"], "复核": ["财务审核"]}


def test_list_is_sent_back_on_its_page(county: County) -> None:
    batch = standing_at(county, BatchState.TOWNSHIP_CONFIRMED)
    client = client_of(county.officers.leader)
    page = client.get(reverse("batch_page", args=[batch.id]))
    assert page.context["may_send_back"]
    url = reverse("batch_send_back", args=[batch.id])
    assert client.post(url, {"version": batch.version, "reason": REASON}).status_code == 302
    page = client.get(reverse("batch_page", args=[batch.id]))
    assert (page.context["may_send_back"], page.context["steps"][0].state) == (False, "done")
    assert REASON in page.content.decode()
