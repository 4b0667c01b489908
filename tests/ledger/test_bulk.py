"""Many entries at once: all or none, the same guards, one audit row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import NotFound
from shouwang.kernel.ids import new_id
from shouwang.ledger.commands import bulk
from shouwang.ledger.public import (
    AccountKind,
    Balance,
    EntryDiffers,
    EntryDraft,
    EntryInvalid,
    InsufficientFunds,
    Line,
    balance_of,
    ensure_account,
    post_entries,
    verify_ledger,
)
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, acting

from .books import TODAY, Book, move, open_book, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["few", "many"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every promise holds on both ways into the book: a few entries at once, and many through the staging table."""
    if request.param == "many":
        monkeypatch.setattr(bulk, "FEW_ENTRIES", 0)


def drafts(book: Book, count: int, fen: int = 100) -> list[EntryDraft]:
    return [
        EntryDraft(GUDI, TODAY, f"sample:{number}", "发放", tuple(move(book.paid_out, book.treasury, fen)), new_id())
        for number in range(count)
    ]


def test_bulk_posts_all_with_one_audit_row(monkeypatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ENTRIES", 7)
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=10_000)
        audits = AuditEntry.objects.count()
        assert post_entries(actor=actor, drafts=iter(drafts(book, 30))) == 30
        assert balance_of(book.treasury.id) == Balance(7_000, 0)
        assert AuditEntry.objects.count() == audits + 1
        report = verify_ledger()
        assert (report.entries, report.postings, report.findings) == (31, 62, [])


def test_bulk_sent_again_adds_only_what_is_new() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=400)
        sent = drafts(book, 4)
        assert post_entries(actor=actor, drafts=sent[:3]) == 3
        assert post_entries(actor=actor, drafts=sent) == 1
        assert post_entries(actor=actor, drafts=sent) == 0
        assert post_entries(actor=actor, drafts=[]) == 0
        assert balance_of(book.treasury.id) == Balance(0, 0)


@pytest.mark.parametrize("change", [{"memo": "别的"}, {"source": "sample:x"}, {"lines": None}])
def test_bulk_with_a_known_id_and_other_content_posts_nothing(change) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        sent = drafts(book, 2)
        post_entries(actor=actor, drafts=sent[:1])
        if "lines" in change:
            change = {"lines": tuple(move(book.paid_out, book.treasury, 101))}
        before = written()
        with pytest.raises(EntryDiffers):
            post_entries(actor=actor, drafts=[sent[1], replace(sent[0], **change)])
        assert written() == before


def test_bulk_overdraft_is_refused_whole() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000)
        before = written()
        with pytest.raises(InsufficientFunds) as refused:
            post_entries(actor=actor, drafts=drafts(book, 11))
        assert refused.value.data["wanted_fen"] == 1_100
        assert written() == before


def test_bulk_refuses_what_one_entry_is_refused_for() -> None:
    with acting(Role.FINANCE, WEIFANG) as city:
        book = open_book(city, received_fen=1_000)
        away = ensure_account(kind=AccountKind.PAID_OUT, fund_id=book.fund.id, area_code=FANGZI, name="坊子")
    with acting(Role.FINANCE, HANTING) as actor:
        good, bad = drafts(book, 2)
        before = written()
        for broken, error in (
            (replace(bad, lines=(Line(book.paid_out.id, 100), Line(book.treasury.id, -99))), EntryInvalid),
            (replace(bad, area_code=FANGZI), NotFound),
            (replace(bad, lines=(Line(away.id, 100), Line(book.treasury.id, -100))), DatabaseError),
        ):
            with pytest.raises(error), transaction.atomic():
                post_entries(actor=actor, drafts=[good, broken])
        assert written() == before
