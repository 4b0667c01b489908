"""The township's reserve under any sequence of fills, payments and fills taken back: the sums hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwang.assistance.commands.petty_reserve import fill_petty_reserve, pay_from_reserve, take_back_fill
from shouwang.assistance.queries.petty_reserve import reserve_statement_for, reserves_for
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import InsufficientFunds, balance_of
from tests.factories import GUDI, GUDI_VILLAGE, HANTING

from .world import Officers, as_actor, make_reserve

pytestmark = pytest.mark.django_db
YEAR = {"since": date(2020, 1, 1), "until": date(2020, 12, 31)}

MOVES = st.lists(st.tuples(st.sampled_from(["fill", "pay", "take_back"]), st.integers(1, 300_000)), max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_sums_hold_and_the_reserve_never_owes(moves: list[tuple[str, int]]) -> None:
    """Each move a second after the one before: the statement follows the order in which they were recorded."""
    with transaction.atomic():
        officers = Officers()
        book = make_reserve(officers, fen=0)
        filled = paid = 0
        fills: list[tuple[object, int]] = []
        with as_actor(officers.finance) as actor:
            for second, (what, fen) in enumerate(moves):
                later = clock.now() + timedelta(seconds=second)
                try:
                    with clock.at(later):
                        if what == "fill":
                            entry = fill_petty_reserve(
                                actor=actor, fund_id=book.fund.id, treasury_area_code=HANTING, township_code=GUDI,
                                amount_fen=fen,
                            )  # fmt: skip
                            fills.append((entry.id, fen))
                            filled += fen
                        elif what == "pay":
                            pay_from_reserve(
                                actor=actor, area_code=GUDI_VILLAGE, amount_fen=fen, source=f"relief:{new_id()}",
                                memo="临时救助", programme="temporary_relief",
                            )  # fmt: skip
                            paid += fen
                        elif fills:
                            entry_id, fen = fills[-1]
                            take_back_fill(actor=actor, entry_id=entry_id, reason="拨错")
                            fills.pop()
                            filled -= fen
                except InsufficientFunds:
                    continue
            lines = reserves_for(actor, **YEAR)
            held = balance_of(book.petty.id).posted_fen
            statement = list(reserve_statement_for(actor, GUDI, **YEAR).movements()) if lines else []
        transaction.set_rollback(True)
    line = lines[0] if lines else None
    assert held == filled - paid
    assert held >= 0
    assert (line.filled_fen, line.paid_fen, line.balance_fen) == (filled, paid, held) if line else held == 0
    assert all(one.balance_fen >= 0 for one in statement)
    assert (statement[-1].balance_fen if statement else 0) == held


def test_fill_sent_twice_is_booked_once() -> None:
    officers = Officers()
    book = make_reserve(officers, fen=0)
    arguments = {
        "fund_id": book.fund.id, "treasury_area_code": HANTING, "township_code": GUDI, "amount_fen": 5_000,
        "fill_id": new_id(),
    }  # fmt: skip
    with as_actor(officers.finance) as actor:
        first = fill_petty_reserve(actor=actor, **arguments)
        second = fill_petty_reserve(actor=actor, **arguments)
        assert (first.id, balance_of(book.petty.id).posted_fen) == (second.id, 5_000)


def test_period_cuts_by_the_day_it_happened() -> None:
    officers = Officers()
    make_reserve(officers, fen=10_000)
    with as_actor(officers.finance) as actor:
        (before,) = reserves_for(actor, since=date(2020, 3, 18), until=date(2020, 3, 18))
        (after,) = reserves_for(actor, since=date(2020, 3, 19), until=date(2020, 3, 19))
        assert reserves_for(actor, since=date(2020, 1, 1), until=date(2020, 3, 17)) == []
    assert (before.opening_fen, before.filled_fen, before.balance_fen) == (0, 10_000, 10_000)
    assert (after.opening_fen, after.filled_fen, after.balance_fen) == (10_000, 0, 10_000)
