"""Tasks and documents to receive wait on 今天."""

from __future__ import annotations

from shouwang.kernel.worklist import provides_work

from .queries.documents import documents_waiting_for
from .queries.waiting import tasks_waiting_for


def register() -> None:
    provides_work(tasks_waiting_for)
    provides_work(documents_waiting_for)
