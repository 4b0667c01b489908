"""Lines taken off a drafted list: the township's word holds for what it saw, and a list without lines is over."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwang.assistance.commands.batches import approve_batch, confirm_townships
from shouwang.assistance.commands.corrections import withdraw_line
from shouwang.assistance.commands.sending_back import send_back_batch
from shouwang.assistance.models import BatchMove, PaymentBatch
from shouwang.assistance.queries.batches import next_step, part_states
from shouwang.assistance.queries.waiting import lists_waiting_for
from shouwang.assistance.states import BatchState, BatchVerb
from shouwang.kernel.errors import DomainError, StateConflict
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Account, balance_of, verify_ledger
from tests.accounts.clients import client_of
from tests.factories import GUDI, make_actor

from .setting import GAOLI_VILLAGE, County, acting_as, everywhere, lines_of, reread, walk
from .test_chain import run

pytestmark = pytest.mark.django_db

GAOLI = GAOLI_VILLAGE // 10**6 * 10**6


def withdraw(county: County, batch: PaymentBatch, line_number: int) -> None:
    line = next(line for line in lines_of(batch) if line.line_number == line_number)
    with acting_as(county.officers.townships[0]) as township:
        withdraw_line(actor=township, attempt_id=line.id, reason="已去世")


def verbs(batch: PaymentBatch) -> list[str]:
    with use_scope(everywhere().scope):
        return list(BatchMove.objects.filter(batch=batch).order_by("position").values_list("verb", flat=True))


def test_list_whose_last_line_was_withdrawn_is_void(county: County) -> None:
    batch = run(county)
    for number in (1, 2):
        withdraw(county, batch, number)
    assert reread(batch).state == BatchState.DRAFTED
    withdraw(county, batch, 3)
    over = reread(batch)
    assert (over.state, over.line_count, over.amount_fen) == (BatchState.VOIDED, 0, 0)
    assert verbs(batch) == ["open", "void"]
    with acting_as(county.officers.townships[0]) as township:
        assert next_step(township, over) is None
        assert lists_waiting_for(township, 10) == []
        with pytest.raises(StateConflict, match="已作废"):
            confirm_townships(actor=township, batch_id=batch.id)


def test_list_sent_back_after_the_money_was_held_back_and_emptied_holds_nothing(county: County) -> None:
    batch = walk(run(county), county.officers, until="finance_approved")
    with acting_as(county.officers.sender) as sender:
        send_back_batch(actor=sender, batch_id=batch.id, reason="全部停发")
    for number in (1, 2, 3):
        withdraw(county, batch, number)
    assert reread(batch).state == BatchState.VOIDED
    with use_scope(everywhere().scope):
        assert {balance_of(account.id).reserved_fen for account in Account.objects.filter(fund=county.fund)} == {0}
        assert verify_ledger().findings == []


def test_page_of_a_void_list_says_so(county: County) -> None:
    batch = run(county)
    for number in (1, 2, 3):
        withdraw(county, batch, number)
    page = client_of(county.officers.opener).get(reverse("batch_page", args=[batch.id]))
    assert "明细已全部撤下，清册作废" in page.content.decode()
    assert "已经对账" not in page.content.decode()


def test_part_that_lost_a_line_after_its_word_is_confirmed_anew(county: County) -> None:
    batch = run(county)
    gudi, gaoli = make_actor("township_head", GUDI), make_actor("township_head", GAOLI)
    with acting_as(gudi):
        confirm_townships(actor=gudi, batch_id=batch.id)
    withdraw(county, batch, 1)  # one of 固堤's two
    assert verbs(batch) == ["open", "confirm", "reopen_part"]
    with acting_as(gudi):
        (part,) = part_states(gudi, batch)
        assert (part.part.line_count, part.confirmation) == (1, None)
        assert [item.title[:2] for item in lists_waiting_for(gudi, 10)] == ["DB"]
    with acting_as(gaoli):
        confirm_townships(actor=gaoli, batch_id=batch.id)
    assert reread(batch).state == BatchState.DRAFTED
    with acting_as(county.officers.leader) as leader, pytest.raises(StateConflict):
        approve_batch(actor=leader, batch_id=batch.id)
    with acting_as(gudi):
        confirm_townships(actor=gudi, batch_id=batch.id)
        assert lists_waiting_for(gudi, 10) == []
    assert reread(batch).state == BatchState.TOWNSHIP_CONFIRMED


def test_part_that_lost_a_line_before_its_word_is_confirmed_once(county: County) -> None:
    batch = run(county)
    withdraw(county, batch, 1)
    walk(batch, county.officers, until="township_confirmed")
    assert BatchVerb.REOPEN_PART not in verbs(batch)
    assert reread(batch).state == BatchState.TOWNSHIP_CONFIRMED


def test_line_is_not_withdrawn_twice(county: County) -> None:
    batch = run(county)
    line = lines_of(batch)[0]
    with acting_as(county.officers.townships[0]) as township:
        withdraw_line(actor=township, attempt_id=line.id, reason="已去世")
        with pytest.raises(DomainError, match="不在清册中"):
            withdraw_line(actor=township, attempt_id=line.id, reason="已去世")
    assert (reread(batch).line_count, reread(batch).amount_fen) == (2, 315_50 + 902_00)
