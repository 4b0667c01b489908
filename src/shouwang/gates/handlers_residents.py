"""What registration puts on 今天."""

from __future__ import annotations

from shouwang.kernel.worklist import provides_work

from .queries.registrations import registrations_waiting_for


def register() -> None:
    provides_work(registrations_waiting_for)
