"""What the commander sees on 今天: the events that are on here, what nobody answers for, what is late and whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from shouwang.areas.public import area_names
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor

from ..models import Event
from ..policies_command import ARRANGES
from ..states_command import WITHOUT_LEVEL
from .events import events_open
from .groups import Hole, holes_for
from .tasks import Late, late_for

HOLES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CommandPanel:
    """`holes` and `late` are for those who arrange groups and tasks; an event is for everybody in its area."""

    events: list[Event]
    holes: list[tuple[Event, Hole]]
    hole_count: int
    late: list[Late]
    area_names: dict[int, str]


def command_panel_for(actor: Actor) -> CommandPanel:
    events = events_open(actor.area_code, clock.now())
    commands = actor.role in ARRANGES or bool(actor.scope.event_spans)
    emergencies = [event for event in events if event.kind not in WITHOUT_LEVEL]
    can_see = actor.scope.commands(actor.area_code)
    holes = [
        (event, hole)
        for event in emergencies
        if commands and can_see
        for hole in holes_for(actor, event, actor.area_code)
    ]
    late = late_for(actor) if commands else []
    names = area_names([row.assignment.area_code for row in late])
    return CommandPanel(events, holes[:HOLES_SHOWN], len(holes), late, names)
