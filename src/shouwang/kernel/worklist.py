"""What waits for a person: apps say which of their records do, the home page lists them by deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from . import clock
from .actor import Actor


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to do next: what it is, where to do it, and by when (None: no legal deadline)."""

    kind: str
    title: str
    action: str
    url: str
    due_on: date | None = None

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < clock.today()

    @property
    def is_due_today(self) -> bool:
        return self.due_on == clock.today()


Provider = Callable[[Actor, int], list[WorkItem]]
_providers: list[Provider] = []


def provides_work(provider: Provider) -> Provider:
    """Register a provider: (actor, limit) -> at most `limit` items, the most urgent first."""
    _providers.append(provider)
    return provider


def work_for(actor: Actor, *, limit: int = 50) -> list[WorkItem]:
    """Everything that waits for the actor, the earliest deadline first, what has none last."""
    items = [item for provider in _providers for item in provider(actor, limit)]
    return sorted(items, key=lambda item: (item.due_on or date.max, item.kind, item.title))[:limit]
