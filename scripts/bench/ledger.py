"""Posting in bulk against the cheapest insert of the same rows: COPY, INSERT ... SELECT, no trigger, no policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from time import perf_counter

from django.db import connections, transaction
from tests.factories import GUDI, HANTING, acting
from tests.ledger.books import Book, move, open_book

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.ids import new_ids
from shouwang.ledger.public import EntryDraft, post_entries

from . import databases
from .results import Bar, Line

TITLE = "Posting ledger entries in bulk"
ENTRIES = 300_000
POSTINGS_EACH = 2
TODAY = date(2020, 3, 18)
_FLOOR_TABLES = """
    create table floor_entry (like ledger_entry including all);
    create table floor_posting (like ledger_posting including all);
    alter table floor_posting add foreign key (entry_id) references floor_entry, add foreign key (account_id)
          references ledger_account;
    create temporary table floor_staged (entry_id uuid, id uuid, position smallint, account_id uuid, quantity bigint)
"""


def run(dsn: str, count: int = ENTRIES) -> Iterator[Line]:
    with databases.plain(dsn), clock.at(clock.instant(2020, 3, 18, 8)), acting(Role.FINANCE, HANTING) as actor:
        book = open_book(actor, received_fen=count * 100)
        floor = _seconds_of_plain_inserts(book, count)
        started = perf_counter()
        post_entries(actor=actor, drafts=_drafts(book, count))
        spent = perf_counter() - started
    note = f"{count:,} entries x {POSTINGS_EACH} postings"
    yield Line("post_entries, all guards on", spent, "s", floor, Bar.FLOOR, note)
    yield Line("- postings a second", count * POSTINGS_EACH / spent, "/s")


def _drafts(book: Book, count: int) -> Iterator[EntryDraft]:
    for number in range(count):
        lines = tuple(move(book.paid_out, book.treasury, 100))
        yield EntryDraft(GUDI, TODAY, f"sample:{number}", "发放", lines)


def _seconds_of_plain_inserts(book: Book, count: int) -> float:
    """The same rows with the same indexes and foreign keys into tables that guard nothing, written by their owner."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(_FLOOR_TABLES)
        started = perf_counter()
        row_ids = iter(new_ids(count * POSTINGS_EACH))
        debit, credit = book.paid_out.id, book.treasury.id
        with cursor.copy("copy floor_staged from stdin") as copy:
            for entry_id in new_ids(count):
                copy.write_row((entry_id, next(row_ids), 1, debit, 100))
                copy.write_row((entry_id, next(row_ids), 2, credit, -100))
        cursor.execute(
            """
            insert into floor_entry (id, kind, area_code, occurred_on, recorded_at, source, memo)
            select entry_id, 'plain', %s, %s, %s, 'sample:' || entry_id, '' from floor_staged where position = 1;
            """,
            [GUDI, TODAY, clock.now()],
        )
        cursor.execute(
            """
            insert into floor_posting (id, entry_id, position, account_id, quantity, area_code)
            select id, entry_id, position, account_id, quantity, %s from floor_staged
            """,
            [GUDI],
        )
        spent = perf_counter() - started
    with connections["owner"].cursor() as cursor:
        cursor.execute("drop table floor_posting, floor_entry")
    return spent
