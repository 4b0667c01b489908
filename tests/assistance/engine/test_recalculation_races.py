"""A payment taken back while a recalculation is confirmed; with a control that shows the race without the lock."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from shouwang.assistance.commands import recalculations
from shouwang.assistance.commands.corrections import reverse_payment
from shouwang.assistance.models import PaymentAttempt
from shouwang.assistance.queries.overpayments import overpayments
from shouwang.kernel import clock
from shouwang.kernel.scope import use_scope
from tests.assistance.payments.setting import everywhere
from tests.assistance.payments.test_races import together

from .test_recalculations import LATER, compute, confirm, make, set_standard


def confirming_while_taken_back(monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[int]]:
    """The state of a payment that an officer took back while it was found too much, and what is open of it."""
    with clock.at(clock.instant(2020, 3, 18, 8)):
        county = make()
    with clock.at(LATER):
        told = set_standard("400")
        compute(county, told)
    with use_scope(everywhere().scope):
        line = PaymentAttempt.objects.get(payable__subject_id=county.families[0].household.id)
    has_read, is_taken_back = threading.Event(), threading.Event()
    compute_again = recalculations.computed_again

    def read_and_wait(*said: Any) -> object:
        has_read.set()
        is_taken_back.wait(timeout=1)
        return compute_again(*said)

    def decide() -> object:
        with clock.at(LATER):
            return confirm(county, told)

    def take_back() -> object:
        has_read.wait()
        try:
            leader = county.officers.leader
            with clock.at(LATER), use_scope(leader.scope):
                return reverse_payment(actor=leader, attempt_id=line.id, reason="误发")
        finally:
            is_taken_back.set()

    monkeypatch.setattr(recalculations, "computed_again", read_and_wait)
    together(decide, take_back)
    with use_scope(everywhere().scope):
        line.refresh_from_db()
        rows = overpayments().filter(payable=line.payable)
        return line.state, [row.open_fen for row in rows]  # type: ignore[attr-defined]  # annotated by the query


def test_payment_is_not_taken_back_between(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert confirming_while_taken_back(monkeypatch) == ("reversed", [0])


def test_control_without_the_lock_it_is_owed_twice(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalculations, "_lock_payments", lambda told, grant_ids: None)
    assert confirming_while_taken_back(monkeypatch) == ("reversed", [60_00])
