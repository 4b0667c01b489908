"""What travels upwards: a row and the handlers, in the command's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import transaction

from shouwang.kernel import clock, events
from shouwang.kernel.models import EventRecord
from tests.factories import HANTING, acting


@dataclass(frozen=True, slots=True)
class Rang:
    kind: ClassVar[str] = "test.rang"
    area_code: int
    times: int


@pytest.fixture
def heard() -> Iterator[list[Rang]]:
    heard: list[Rang] = []
    events.handles(Rang)(heard.append)
    yield heard
    events._handlers.pop(Rang.kind)


@pytest.mark.django_db
def test_published_event_reaches_its_handlers_and_leaves_a_row(heard: list[Rang]) -> None:
    with acting(area_code=HANTING), transaction.atomic():
        events.publish(Rang(area_code=HANTING, times=2))
        row = EventRecord.objects.get(kind="test.rang")
    assert heard == [Rang(area_code=HANTING, times=2)]
    assert (row.payload, row.recorded_at) == ({"area_code": HANTING, "times": 2}, clock.now())


@pytest.mark.django_db
def test_failing_handler_fails_the_command() -> None:
    @events.handles(Rang)
    def fail(_event: Rang) -> None:
        raise KeyError("handler")

    try:
        with acting(area_code=HANTING):
            with pytest.raises(KeyError, match="handler"), transaction.atomic():
                events.publish(Rang(area_code=HANTING, times=1))
            assert EventRecord.objects.count() == 0
    finally:
        events._handlers.pop(Rang.kind)


def test_event_outside_a_transaction_is_a_programmers_error(committed_db: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        events.publish(Rang(area_code=HANTING, times=1))
