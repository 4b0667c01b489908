"""What the database itself refuses in the book, whatever the code above it does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.ledger.models import Account, Entry, Fund, Posting
from shouwang.ledger.public import AccountKind, EntryKind, ensure_account, post_entry, reserve
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, acting

from .books import TODAY, move, open_book, posting_rows, written

pytestmark = pytest.mark.django_db


def bare_entry(area_code: int = GUDI, **more) -> Entry:
    fields = {"kind": EntryKind.PLAIN, "source": "test:1", "memo": ""}
    return Entry.objects.create(area_code=area_code, occurred_on=TODAY, recorded_at=clock.now(), **(fields | more))


def refused(rows: list[Posting]) -> None:
    before = written()
    with pytest.raises(DatabaseError), transaction.atomic():
        Posting.objects.bulk_create(rows)
    assert written() == before


def test_unbalanced_postings_are_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        refused(posting_rows(bare_entry().id, GUDI, (book.paid_out, 100), (book.treasury, -99)))
        refused(posting_rows(bare_entry().id, GUDI, (book.paid_out, 100)))


def test_entry_of_two_halves_that_balance_only_together_is_refused() -> None:
    """Two entries in one statement, each unbalanced, summing to zero over both."""
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        one, other = bare_entry(), bare_entry()
        refused(
            posting_rows(one.id, GUDI, (book.paid_out, 100), (book.treasury, -50))
            + posting_rows(other.id, GUDI, (book.paid_out, 50), (book.treasury, -100))
        )


def test_postings_by_two_statements_are_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        entry = bare_entry()
        sides = (book.paid_out, 100), (book.treasury, -100)
        refused(posting_rows(entry.id, GUDI, sides[0]))
        Posting.objects.bulk_create(posting_rows(entry.id, GUDI, *sides))
        refused(posting_rows(entry.id, GUDI, *sides))
        refused(posting_rows(entry.id, GUDI, *sides, first=3))
        assert Posting.objects.filter(entry=entry).count() == 2


def test_entry_across_funds_is_refused() -> None:
    with acting(Role.FINANCE, WEIFANG) as actor:
        here, there = open_book(actor), open_book(actor, area_code=WEIFANG)
        refused(posting_rows(bare_entry().id, GUDI, (here.paid_out, 100), (there.treasury, -100)))


def test_postings_outside_the_area_are_refused() -> None:
    with acting(Role.FINANCE, WEIFANG) as actor:
        book = open_book(actor)
        away = ensure_account(kind=AccountKind.PAID_OUT, fund_id=book.fund.id, area_code=FANGZI, name="坊子")
        entry = bare_entry()
        refused(posting_rows(entry.id, GUDI, (away, 100), (book.treasury, -100)))
        refused(posting_rows(entry.id, HANTING, (book.paid_out, 100), (book.treasury, -100)))
        # An entry of the whole county does not lie inside its township's account.
        refused(posting_rows(bare_entry(HANTING).id, HANTING, (book.petty, 100), (book.treasury, -100)))


def test_zero_posting_is_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        refused(posting_rows(bare_entry().id, GUDI, (book.paid_out, 0), (book.treasury, 0)))


def test_account_hidden_by_the_scope_counts_as_missing() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI):
        refused(posting_rows(bare_entry().id, GUDI, (book.paid_out, 100), (book.treasury, -100)))


def test_resolution_and_reversal_that_say_something_else_are_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        arguments = {"actor": actor, "area_code": GUDI, "occurred_on": TODAY, "source": "sample-relief:1", "memo": ""}
        held = reserve(lines=move(book.paid_out, book.treasury, 100), **arguments)
        paid = post_entry(lines=move(book.paid_out, book.treasury, 100), **arguments)
        post = bare_entry(kind=EntryKind.POST, resolves=held)
        refused(posting_rows(post.id, GUDI, (book.paid_out, 99), (book.treasury, -99)))
        refused(posting_rows(post.id, GUDI, (book.petty, 100), (book.treasury, -100)))
        reverse = bare_entry(kind=EntryKind.REVERSE, reverses=paid)
        refused(posting_rows(reverse.id, GUDI, (book.paid_out, 100), (book.treasury, -100)))
        Posting.objects.bulk_create(posting_rows(reverse.id, GUDI, (book.treasury, 100), (book.paid_out, -100)))


def test_void_has_no_postings() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        held = reserve(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample-relief:1", memo="",
            lines=move(book.paid_out, book.treasury, 100),
        )  # fmt: skip
        void = bare_entry(kind=EntryKind.VOID, resolves=held)
        refused(posting_rows(void.id, GUDI, (book.paid_out, 100), (book.treasury, -100)))


@pytest.mark.parametrize(
    ("kind", "has_link"),
    [(EntryKind.POST, False), (EntryKind.VOID, False), (EntryKind.REVERSE, False), ("plain", True)],
)
def test_entry_whose_kind_and_link_disagree_is_refused(kind: str, has_link: bool) -> None:
    with acting(Role.FINANCE):
        link = bare_entry() if has_link else None
        with pytest.raises(DatabaseError), transaction.atomic():
            bare_entry(kind=kind, resolves=link)


def test_book_is_append_only() -> None:
    with acting(Role.FINANCE) as actor:
        open_book(actor, received_fen=1_000)
        for model, change in (
            (Fund, {"rules": {}}),
            (Account, {"name": "x"}),
            (Entry, {"memo": "x"}),
            (Posting, {"quantity": 5}),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.update(**change)
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.all()._raw_delete("default")
