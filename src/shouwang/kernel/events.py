"""Domain events: what must travel upwards travels so.

`publish` hands an event, inside the same transaction, to the handlers that higher apps registered, and keeps a row of
it. A handler that fails fails the command: nothing is half done. Handlers register at start-up, in their app's
`handlers.py`.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import connection

from . import clock
from .ids import new_id


class Event(Protocol):
    """A frozen dataclass with a stable `kind` ("relief.paid") and the area it happened in."""

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def area_code(self) -> int: ...


E = TypeVar("E", bound=Event)
_APPEND = """
    insert into kernel_eventrecord (id, kind, recorded_at, area_code, payload) values (%s, %s, %s, %s, %s::jsonb)
"""
"""By hand, as the audit's: the table is the model `EventRecord`."""
_handlers: dict[str, list[Callable[[Any], None]]] = defaultdict(list)


def handles(event_class: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register the decorated function for every event of the class."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _handlers[event_class.kind].append(handler)
        return handler

    return register


def publish(event: Event) -> None:
    """Keep a row of the event and run its handlers, in this transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs into the command's transaction")
    payload = json.dumps(dataclasses.asdict(event), default=str, ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [new_id(), event.kind, clock.now(), event.area_code, payload])
    for handler in _handlers[event.kind]:
        handler(event)
