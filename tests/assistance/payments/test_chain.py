"""The whole chain on three households, with sums that a clerk can check by hand."""

from __future__ import annotations

import pytest

from shouwang.assistance.commands.batches import reconcile_batch
from shouwang.assistance.commands.corrections import cancel_payable, reverse_payment
from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import PayablePerson, PaymentBatch, PaymentOutcome
from shouwang.kernel.errors import Conflict
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Account, balance_of, verify_ledger
from tests.factories import GUDI_VILLAGE, HANTING

from .setting import (
    GAOLI_VILLAGE,
    MARCH,
    County,
    acting_as,
    answers,
    everywhere,
    give_account,
    lines_of,
    reread,
    walk,
)

pytestmark = pytest.mark.django_db


def run(county: County) -> PaymentBatch:
    opener = county.officers.opener
    with acting_as(opener):
        result = run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
    assert len(result.batches) == 1
    return result.batches[0]


def balances(county: County) -> dict[str, tuple[int, int]]:
    """(posted, reserved) by kind of account, zeros left out."""
    with use_scope(everywhere().scope):
        stands = {account.kind: balance_of(account.id) for account in Account.objects.filter(fund=county.fund)}
    return {
        kind: (balance.posted_fen, balance.reserved_fen)
        for kind, balance in stands.items()
        if balance.posted_fen or balance.reserved_fen
    }


def assert_book_holds() -> None:
    with use_scope(everywhere().scope):
        assert verify_ledger().findings == []


def test_month_walks_the_chain_and_every_sum_agrees(county: County) -> None:
    batch = run(county)
    assert (batch.number, batch.line_count, batch.part_count, batch.amount_fen) == ("DB202003-370703-01", 3, 2, 1667_50)
    sent = walk(batch, county.officers)
    assert sent.state == "sent"
    assert balances(county)["treasury"] == (100_000_00, 1667_50)

    with acting_as(county.officers.sender) as sender:
        taken = receive_return(actor=sender, batch_id=batch.id, answers=answers(sent, failing=[2]))
    failed = lines_of(sent)[1].amount_fen
    paid = 1667_50 - failed
    assert (taken.paid_count, taken.paid_fen) == (2, paid)
    assert (taken.returned_count, taken.returned_fen, taken.open_count) == (1, failed, 0)
    assert balances(county) == {
        "source": (-100_000_00, 0),
        "treasury": (100_000_00 - 1667_50, 0),
        "paid_out": (paid, 0),
        "returned": (failed, 0),
    }

    with acting_as(county.officers.spare) as spare:
        sums = reconcile_batch(actor=spare, batch_id=batch.id)
    assert (sums.file_fen, sums.paid_fen, sums.returned_fen) == (1667_50, paid, failed)
    assert reread(batch).state == "reconciled"
    with use_scope(everywhere().scope):
        assert PaymentOutcome.objects.filter(kind="paid").count() == 2
        assert PayablePerson.objects.count() == 6
    assert_book_holds()


def test_returned_line_is_issued_again_to_the_new_account(county: County) -> None:
    batch = walk(run(county), county.officers)
    failed = lines_of(batch)[0]
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[1]))
    with acting_as(county.officers.opener) as opener:
        with pytest.raises(Conflict) as refusal:
            reissue_lines(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
        assert refusal.value.reason == "reissue.nothing"
        give_account(failed.payable.payee, valid_from=MARCH)
        (again,) = reissue_lines(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
    assert (again.number, again.is_reissue, again.amount_fen) == ("DB202003-370703-R01", True, failed.amount_fen)
    again = walk(again, county.officers)
    assert balances(county)["returned"] == (failed.amount_fen, failed.amount_fen)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=again.id, answers=answers(again))
    with acting_as(county.officers.spare) as spare:
        reconcile_batch(actor=spare, batch_id=again.id)
    assert balances(county) == {
        "source": (-100_000_00, 0),
        "treasury": (100_000_00 - 1667_50, 0),
        "paid_out": (1667_50, 0),
    }
    assert_book_holds()


def test_open_line_keeps_its_money_and_the_list_open(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        taken = receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, only=[1]))
    rest = 1667_50 - lines_of(batch)[0].amount_fen
    assert taken.open_count == 2
    assert balances(county)["treasury"] == (100_000_00 - 1667_50 + rest, rest)
    with acting_as(county.officers.spare) as spare:
        with pytest.raises(Conflict) as refusal:
            reconcile_batch(actor=spare, batch_id=batch.id)
        assert (refusal.value.reason, refusal.value.data["open_count"]) == ("batch.does_not_agree", 2)
    with acting_as(county.officers.sender) as sender:
        assert receive_return(actor=sender, batch_id=batch.id, answers=answers(batch)).unchanged_count == 1
    with acting_as(county.officers.spare) as spare:
        assert reconcile_batch(actor=spare, batch_id=batch.id).agrees
    assert_book_holds()


def test_same_return_file_twice_changes_nothing(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[3]))
        before = balances(county)
        again = receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[3]))
    assert (again.paid_count, again.returned_count, again.unchanged_count) == (0, 0, 3)
    assert balances(county) == before


def test_reversal_takes_back_one_line(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    line = lines_of(batch)[2]
    with acting_as(county.officers.leader) as leader:
        outcome = reverse_payment(actor=leader, attempt_id=line.id, reason="重复领取")
    assert (outcome.kind, outcome.amount_fen) == ("reversed", line.amount_fen)
    assert balances(county)["paid_out"] == (1667_50 - line.amount_fen, 0)
    assert balances(county)["treasury"] == (100_000_00 - 1667_50 + line.amount_fen, 0)
    assert_book_holds()


def test_returned_line_given_up_goes_back_into_the_treasury(county: County) -> None:
    batch = walk(run(county), county.officers)
    line = lines_of(batch)[0]
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[1]))
    with acting_as(county.officers.opener) as opener:
        cancel_payable(actor=opener, payable_id=line.payable_id, reason="本人死亡")
    assert "returned" not in balances(county)
    assert balances(county)["treasury"] == (100_000_00 - 1667_50 + line.amount_fen, 0)
    assert_book_holds()


def test_parts_are_the_townships_of_the_lines(county: County) -> None:
    batch = run(county)
    with use_scope(everywhere().scope):
        parts = list(batch.parts.order_by("area_code").values_list("area_code", "line_count", "amount_fen"))
    assert parts == [
        (GUDI_VILLAGE // 10**6 * 10**6, 2, 765_50),
        (GAOLI_VILLAGE // 10**6 * 10**6, 1, 902_00),
    ]
