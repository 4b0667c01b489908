"""What finance books itself: money received, moved between areas, and its own mistakes put right."""

from __future__ import annotations

import pytest

from shouwang.accounts.public import Role
from shouwang.kernel.errors import NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.ledger.commands import correct_entry
from shouwang.ledger.models import Account, Entry
from shouwang.ledger.public import (
    AccountKind,
    Balance,
    EntryInvalid,
    InsufficientFunds,
    balance_of,
    ensure_account,
    post_entry,
    record_funds_received,
    transfer_between_areas,
    verify_ledger,
)
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, acting

from .books import TODAY, move, open_book, written

pytestmark = pytest.mark.django_db


def receive(actor, fund, fen: int = 5_000, area_code: int = HANTING, entry_id=None) -> Entry:
    return record_funds_received(
        actor=actor, fund_id=fund.id, area_code=area_code, amount_fen=fen, occurred_on=TODAY, memo="省级拨付",
        entry_id=entry_id or new_id(),
    )  # fmt: skip


def test_money_received_stands_on_the_treasury_once() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        entry_id = new_id()
        first = receive(actor, book.fund, entry_id=entry_id)
        assert receive(actor, book.fund, entry_id=entry_id).id == first.id == entry_id
        assert balance_of(book.treasury.id) == Balance(5_000, 0)
        assert balance_of(book.source.id) == Balance(-5_000, 0)


@pytest.mark.parametrize(
    ("role", "area_code", "error"),
    [
        (Role.COUNTY_OFFICER, HANTING, NotAllowed),
        (Role.COUNTY_LEADER, HANTING, NotAllowed),
        (Role.AUDITOR, HANTING, NotAllowed),
        (Role.TOWNSHIP_HEAD, GUDI, NotAllowed),
        (Role.FINANCE, FANGZI, NotFound),
    ],
)
def test_only_the_finance_of_the_area_books_by_hand(role: str, area_code: int, error: type[Exception]) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        entry = Entry.objects.get()
    with acting(role, area_code) as other:
        before = written()
        with pytest.raises(error):
            receive(other, book.fund)
        with pytest.raises((NotAllowed, NotFound)):
            correct_entry(actor=other, entry_id=entry.id, reason="错", occurred_on=TODAY)
        assert written() == before


@pytest.mark.parametrize("fen", [0, -1])
def test_nothing_cannot_be_received(fen: int) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        with pytest.raises(EntryInvalid):
            receive(actor, book.fund, fen)


def transfer(actor, giver: Account, taker: Account, fen: int, transfer_id=None) -> tuple[Entry, Entry]:
    return transfer_between_areas(
        actor=actor, from_account_id=giver.id, to_account_id=taker.id, amount_fen=fen, occurred_on=TODAY, memo="调拨",
        transfer_id=transfer_id or new_id(),
    )  # fmt: skip


def test_transfer_is_two_entries_over_a_clearing_account_at_zero() -> None:
    with acting(Role.FINANCE, WEIFANG) as actor:
        book = open_book(actor, received_fen=1_000)
        fangzi = ensure_account(kind=AccountKind.TREASURY, fund_id=book.fund.id, area_code=FANGZI, name="坊子专户")
        transfer_id = new_id()
        out, into = transfer(actor, book.treasury, fangzi, 400, transfer_id)
        assert (out.area_code, into.area_code, out.source) == (HANTING, FANGZI, into.source)
        assert [entry.id for entry in transfer(actor, book.treasury, fangzi, 400, transfer_id)] == [out.id, into.id]
        clearing = Account.objects.get(kind=AccountKind.CLEARING)
        assert clearing.area_code == WEIFANG
        assert [balance_of(a.id).posted_fen for a in (book.treasury, fangzi, clearing)] == [600, 400, 0]
        assert verify_ledger().open_items == []
        with pytest.raises(InsufficientFunds):
            transfer(actor, book.treasury, fangzi, 601)
        correct_entry(actor=actor, entry_id=into.id, reason="调错", occurred_on=TODAY)
        assert [balance_of(a.id).posted_fen for a in (book.treasury, fangzi, clearing)] == [1_000, 0, 0]


def test_transfer_across_funds_or_to_a_neighbour_is_refused() -> None:
    with acting(Role.FINANCE, WEIFANG) as city:
        book = open_book(city, received_fen=1_000)
        other = open_book(city, area_code=WEIFANG)
        fangzi = ensure_account(kind=AccountKind.TREASURY, fund_id=book.fund.id, area_code=FANGZI, name="坊子专户")
        before = written()
        with pytest.raises(EntryInvalid):
            transfer(city, book.treasury, other.treasury, 100)
        with pytest.raises(EntryInvalid):
            transfer(city, book.treasury, book.treasury, 100)
        assert written() == before
    with acting(Role.FINANCE, HANTING) as county, pytest.raises(NotFound):
        transfer(county, book.treasury, fangzi, 100)


def test_entry_of_another_app_is_put_right_where_it_came_from() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        paid = post_entry(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample:1", memo="",
            lines=move(book.paid_out, book.treasury, 100),
        )  # fmt: skip
        with pytest.raises(StateConflict):
            correct_entry(actor=actor, entry_id=paid.id, reason="错", occurred_on=TODAY)
        (received,) = Entry.objects.filter(source__startswith="receipt:")
        with pytest.raises(InsufficientFunds):
            correct_entry(actor=actor, entry_id=received.id, reason="错", occurred_on=TODAY)
