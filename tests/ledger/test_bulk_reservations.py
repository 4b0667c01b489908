"""Many reservations at once, and many voided: all or none, one audit row."""

from __future__ import annotations

import pytest

from shouwang.accounts.public import Role
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import NotFound
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import (
    Balance,
    EntryDraft,
    EntryResolved,
    InsufficientFunds,
    balance_of,
    post_reservation,
    reserve_entries,
    verify_ledger,
    void_reservations,
)
from tests.factories import FANGZI, GUDI, acting

from .books import TODAY, Book, move, open_book, written

pytestmark = pytest.mark.django_db


def drafts(book: Book, count: int, fen: int = 100) -> list[EntryDraft]:
    return [
        EntryDraft(GUDI, TODAY, f"sample:{number}", "预留", tuple(move(book.paid_out, book.treasury, fen)), new_id())
        for number in range(count)
    ]


def ids_of(reserved: list[EntryDraft]) -> list:
    return [draft.entry_id for draft in reserved]


def test_reserved_and_voided_in_bulk_with_one_audit_row_each() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        audits = AuditEntry.objects.count()
        wanted = drafts(book, 5)
        assert reserve_entries(actor=actor, drafts=wanted) == 5
        assert balance_of(book.treasury.id) == Balance(1_000, 500)
        assert void_reservations(actor=actor, reservation_ids=ids_of(wanted), reason="银行已回盘") == 5
        assert balance_of(book.treasury.id) == Balance(1_000, 0)
        assert AuditEntry.objects.count() == audits + 2
        assert verify_ledger().findings == []


def test_bulk_reservation_above_the_balance_holds_nothing_back() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=450)
        before = written()
        with pytest.raises(InsufficientFunds):
            reserve_entries(actor=actor, drafts=drafts(book, 5))
        assert written() == before
        assert balance_of(book.treasury.id) == Balance(450, 0)


def test_bulk_void_refuses_all_when_one_is_resolved() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        wanted = drafts(book, 3)
        reserve_entries(actor=actor, drafts=wanted)
        post_reservation(actor=actor, reservation_id=wanted[1].entry_id, occurred_on=TODAY, memo="发放")
        before = written()
        with pytest.raises(EntryResolved):
            void_reservations(actor=actor, reservation_ids=ids_of(wanted), reason="银行已回盘")
        assert written() == before


def test_bulk_void_hides_another_countys_reservations() -> None:
    with acting(Role.FINANCE) as actor:
        wanted = drafts(open_book(actor, received_fen=1_000), 2)
        reserve_entries(actor=actor, drafts=wanted)
    with acting(Role.FINANCE, FANGZI) as stranger, pytest.raises(NotFound):
        void_reservations(actor=stranger, reservation_ids=ids_of(wanted), reason="银行已回盘")


def test_nothing_to_reserve_or_void_writes_nothing() -> None:
    with acting(Role.FINANCE) as actor:
        before = written()
        assert reserve_entries(actor=actor, drafts=[]) == 0
        assert void_reservations(actor=actor, reservation_ids=[], reason="银行已回盘") == 0
        assert written() == before
