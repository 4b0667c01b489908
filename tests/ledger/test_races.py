"""Two payments at once from one account: the row lock decides, and without it the race is there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.ledger.balances import balance_of
from shouwang.ledger.commands import posting
from shouwang.ledger.models import Account
from shouwang.ledger.public import InsufficientFunds, post_entry, post_reservation, reserve
from tests.conftest import OPENING
from tests.factories import GUDI, acting

from .books import TODAY, Book, move, open_book


def at_once(actor: Actor, *works: Callable[[], object]) -> list[object]:
    """Each work in its own thread and connection; its result, or the exception it raised."""

    def run(work: Callable[[], object]) -> object:
        try:
            with clock.at(OPENING), use_scope(actor.scope):
                return work()
        except Exception as error:  # noqa: BLE001 - the tests compare what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def pay(actor: Actor, book: Book, fen: int, entry_id=None) -> Callable[[], object]:
    return lambda: post_entry(
        actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample:1", memo="发放",
        lines=move(book.paid_out, book.treasury, fen), entry_id=entry_id,
    ).id  # fmt: skip


def meeting(monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    """Both works meet just before they lock; without the lock they also meet before they write."""
    before_lock, before_check = Barrier(2, timeout=20), Barrier(2, timeout=20)
    lock, refuse = posting.lock_paying_accounts, posting.refuse_overdraft

    def meet_and_lock(decreases):
        before_lock.wait()
        if locked:
            return lock(decreases)
        return list(Account.objects.filter(id__in=decreases, kind="treasury"))

    def refuse_and_meet(accounts, decreases):
        refuse(accounts, decreases)
        if not locked:
            before_check.wait()

    monkeypatch.setattr(posting, "lock_paying_accounts", meet_and_lock)
    monkeypatch.setattr(posting, "refuse_overdraft", refuse_and_meet)


@pytest.mark.usefixtures("committed_db")
def test_two_payments_at_once_cannot_spend_the_same_money(monkeypatch) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100)
    meeting(monkeypatch, locked=True)
    results = at_once(actor, pay(actor, book, 80), pay(actor, book, 80))
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 1
    with use_scope(actor.scope):
        assert balance_of(book.treasury.id).available_fen == 20


@pytest.mark.usefixtures("committed_db")
def test_control_without_the_lock_both_payments_pass(monkeypatch) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100)
    meeting(monkeypatch, locked=False)
    results = at_once(actor, pay(actor, book, 80), pay(actor, book, 80))
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 0
    with use_scope(actor.scope):
        assert balance_of(book.treasury.id).available_fen == -60


@pytest.mark.usefixtures("committed_db")
def test_one_id_sent_twice_at_once_is_one_entry(monkeypatch) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100)
    meeting(monkeypatch, locked=True)
    entry_id = new_id()
    assert at_once(actor, pay(actor, book, 80, entry_id), pay(actor, book, 80, entry_id)) == [entry_id, entry_id]
    with use_scope(actor.scope):
        assert balance_of(book.treasury.id).posted_fen == 20


@pytest.mark.usefixtures("committed_db")
def test_reservation_resolved_twice_at_once_is_posted_once() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100)
        with transaction.atomic():
            held = reserve(
                actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample-relief:1", memo="",
                lines=move(book.paid_out, book.treasury, 80),
            )  # fmt: skip

    def resolve() -> object:
        return post_reservation(actor=actor, reservation_id=held.id, occurred_on=TODAY, memo="").kind

    results = at_once(actor, resolve, resolve)
    assert sorted(str(getattr(result, "code", result)) for result in results) == ["ledger.entry_resolved", "post"]
    with use_scope(actor.scope):
        assert balance_of(book.treasury.id).posted_fen == 20
