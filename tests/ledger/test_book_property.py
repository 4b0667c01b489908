"""Random work on a book agrees with a plain Python model of it, and the book verifies after every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.ledger.models import Account
from shouwang.ledger.public import (
    Balance,
    EntryDraft,
    EntryResolved,
    InsufficientFunds,
    balance_of,
    post_entries,
    post_entry,
    post_reservation,
    reserve,
    reverse_entry,
    verify_ledger,
    void_reservation,
)
from tests.conftest import OPENING
from tests.factories import GUDI, acting

from .books import TODAY, move, open_book

AFTERWARDS = OPENING + timedelta(seconds=1)
HOLDING = ("treasury", "petty")
PAIRS = [
    ("treasury", "source"), ("petty", "treasury"), ("paid_out", "treasury"), ("paid_out", "petty"), ("treasury", "petty"),
]  # fmt: skip

amounts = st.integers(1, 500)
pairs = st.sampled_from(PAIRS)
steps = st.one_of(
    st.tuples(st.just("post"), pairs, amounts),
    st.tuples(st.just("reserve"), pairs, amounts),
    st.tuples(st.just("bulk"), st.lists(st.tuples(pairs, amounts), min_size=1, max_size=4), st.just(0)),
    st.tuples(st.sampled_from(["resolve", "void", "reverse"]), st.integers(0, 30), st.just(0)),
)


@dataclass
class Model:
    """What the book should say: numbers and lists, nothing else."""

    posted: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("source", "treasury", "petty", "paid_out"), 0)
    )
    reserved: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("source", "treasury", "petty", "paid_out"), 0)
    )
    entries: list[tuple[UUID, str, tuple[str, str], int]] = field(default_factory=list)
    done: set[UUID] = field(default_factory=set)

    def can_pay(self, giver: str, fen: int) -> bool:
        return giver not in HOLDING or self.posted[giver] - self.reserved[giver] >= fen

    def move(self, pair: tuple[str, str], fen: int) -> None:
        self.posted[pair[0]] += fen
        self.posted[pair[1]] -= fen


@dataclass
class Bench:
    actor: Actor
    accounts: dict[str, Account]
    model: Model = field(default_factory=Model)

    def arguments(self) -> dict:
        return {"actor": self.actor, "area_code": GUDI, "occurred_on": TODAY, "source": "test:1", "memo": ""}

    def lines(self, pair: tuple[str, str], fen: int) -> list:
        return move(self.accounts[pair[0]], self.accounts[pair[1]], fen)

    def add(self, verb: str, pair: tuple[str, str], fen: int) -> None:
        command = post_entry if verb == "post" else reserve
        if not self.model.can_pay(pair[1], fen):
            with pytest.raises(InsufficientFunds):
                command(lines=self.lines(pair, fen), **self.arguments())
            return
        entry = command(lines=self.lines(pair, fen), **self.arguments())
        self.model.entries.append((entry.id, verb, pair, fen))
        if verb == "post":
            self.model.move(pair, fen)
        else:
            self.model.reserved[pair[1]] += fen

    def bulk(self, moves: list[tuple[tuple[str, str], int]]) -> None:
        drafts = [EntryDraft(GUDI, TODAY, "test:1", "", tuple(self.lines(pair, fen))) for pair, fen in moves]
        net = dict.fromkeys(self.model.posted, 0)
        for (taker, giver), fen in moves:
            net[taker] += fen
            net[giver] -= fen
        if any(net[name] < 0 and not self.model.can_pay(name, -net[name]) for name in HOLDING):
            with pytest.raises(InsufficientFunds):
                post_entries(actor=self.actor, drafts=drafts)
            return
        assert post_entries(actor=self.actor, drafts=drafts) == len(moves)
        for pair, fen in moves:
            self.model.move(pair, fen)

    def follow(self, verb: str, position: int) -> None:
        """Resolve or reverse one of the entries so far."""
        if not self.model.entries:
            return
        entry_id, made_by, pair, fen = self.model.entries[position % len(self.model.entries)]
        if verb == "reverse":
            act = lambda: reverse_entry(actor=self.actor, entry_id=entry_id, reason="错", occurred_on=TODAY)  # noqa: E731
        elif verb == "resolve":
            act = lambda: post_reservation(actor=self.actor, reservation_id=entry_id, occurred_on=TODAY, memo="")  # noqa: E731
        else:
            act = lambda: void_reservation(actor=self.actor, reservation_id=entry_id, reason="撤")  # noqa: E731
        if entry_id in self.model.done or (made_by == "post") != (verb == "reverse"):
            with pytest.raises(EntryResolved):
                act()
            return
        if verb == "reverse" and not self.model.can_pay(pair[0], fen):
            with pytest.raises(InsufficientFunds):
                act()
            return
        act()
        self.model.done.add(entry_id)
        if verb == "reverse":
            self.model.move(pair, -fen)
        else:
            self.model.reserved[pair[1]] -= fen
            if verb == "resolve":
                self.model.move(pair, fen)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=12))
def test_random_work_agrees_with_a_plain_model(work) -> None:
    with transaction.atomic(), acting(Role.FINANCE) as actor:
        book = open_book(actor)
        names = {"source": book.source, "treasury": book.treasury, "petty": book.petty, "paid_out": book.paid_out}
        bench = Bench(actor, names)
        for verb, what, fen in [("post", ("treasury", "source"), 900), *work]:
            if verb in ("post", "reserve"):
                bench.add(verb, what, fen)
            elif verb == "bulk":
                bench.bulk(what)
            else:
                bench.follow(verb, what)
            for name, account in names.items():
                expected = Balance(bench.model.posted[name], bench.model.reserved[name])
                assert balance_of(account.id) == expected
                assert balance_of(account.id, as_of=AFTERWARDS) == expected
        assert verify_ledger().findings == []
        transaction.set_rollback(True)
