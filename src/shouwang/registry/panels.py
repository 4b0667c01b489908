"""Slots on the pages of a person and of a household that higher apps fill, so that the register knows none of them.

A panel is a function of actor and id that returns safe HTML, or "" when there is nothing to show. Apps register theirs
at start-up (`AppConfig.ready`), lowest `order` first; a panel makes a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.safestring import SafeString

from shouwang.kernel.actor import Actor

Render = Callable[[Actor, UUID], SafeString]


@dataclass(frozen=True, slots=True)
class Panel:
    """One app's part of a page."""

    order: int
    key: str
    render: Render


_household: dict[str, Panel] = {}
_person: dict[str, Panel] = {}


def household_panel(key: str, *, order: int) -> Callable[[Render], Render]:
    """Show the decorated function's HTML on every household page."""
    return _registering(_household, key, order)


def person_panel(key: str, *, order: int) -> Callable[[Render], Render]:
    """Show the decorated function's HTML on every person page."""
    return _registering(_person, key, order)


def household_parts(actor: Actor, household_id: UUID) -> list[SafeString]:
    return _parts(_household, actor, household_id)


def person_parts(actor: Actor, person_id: UUID) -> list[SafeString]:
    return _parts(_person, actor, person_id)


def _registering(panels: dict[str, Panel], key: str, order: int) -> Callable[[Render], Render]:
    def register(render: Render) -> Render:
        panels[key] = Panel(order, key, render)
        return render

    return register


def _parts(panels: dict[str, Panel], actor: Actor, subject_id: UUID) -> list[SafeString]:
    ordered = sorted(panels.values(), key=lambda panel: (panel.order, panel.key))
    return [html for panel in ordered if (html := panel.render(actor, subject_id))]
