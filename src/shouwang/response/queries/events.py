"""Events that concern an actor: those that cover one of their areas, or lie in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.fields import AreaCodeField, SpansField
from shouwang.kernel.scope import Span

from ..models import Event, EventMove, Measure
from ..states_command import EventState

EVENT_SORTS = {"started_at": "started_at", "level": "level"}


def touches(spans: Sequence[Span], field: str = "spans") -> Func:
    """Rows whose spans share a code with `spans`; no spans share none."""
    return Func(
        F(field), Value(tuple(spans), output_field=SpansField()), arg_joiner=" && ", template="(%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip


def list_events_for(
    actor: Actor, *, kind: str = "", state: str = "", include_exercises: bool = True, sort: str = ""
) -> QuerySet[Event]:
    """Those open first, the latest first among them."""
    events = Event.objects.filter(touches(actor.scope.command_spans))
    if kind:
        events = events.filter(kind=kind)
    if state:
        events = events.filter(state=state)
    if not include_exercises:
        events = events.filter(is_exercise=False)
    key = EVENT_SORTS.get(sort.removeprefix("-"))
    order = [(F(key).desc if sort.startswith("-") else F(key).asc)(nulls_last=True)] if key else ["-state"]
    return events.order_by(*order, "-started_at", "-id")


def get_event_for(actor: Actor, event_id: UUID) -> Event:
    """Raises NotFound, for an event that is not there and for one that does not concern the actor."""
    event = Event.objects.filter(touches(actor.scope.command_spans), id=event_id).first()
    if event is None:
        raise NotFound(_("没有这个事件，或与您的辖区无关"), reason="event.unknown", event_id=event_id)
    return event


def get_event(event_id: UUID) -> Event:
    """As the scope on the connection shows it. Raises NotFound."""
    event = Event.objects.filter(id=event_id).first()
    if event is None:
        raise NotFound(_("没有这个事件，或与您的辖区无关"), reason="event.unknown", event_id=event_id)
    return event


def events_open(area_code: int, on: date | datetime, *, include_exercises: bool = False) -> list[Event]:
    """The events that cover the area at the instant, or at any moment of the day; the latest first.

    An exercise is one only when it is asked for. The year's key tasks are an event like the others.
    """
    begin = on if isinstance(on, datetime) else clock.day_start(on)
    end = on if isinstance(on, datetime) else clock.day_start(on + timedelta(days=1)) - timedelta(microseconds=1)
    covers = Func(
        F("spans"), Value(area_code, output_field=AreaCodeField()), arg_joiner=" @> ", template="(%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip
    events = Event.objects.filter(covers, Q(ended_at=None) | Q(ended_at__gt=begin), started_at__lte=end)
    if not include_exercises:
        events = events.filter(is_exercise=False)
    return list(events.order_by("-started_at", "-id"))


def moves_of(event: Event) -> list[EventMove]:
    """The newest first."""
    return list(event.moves.select_related("document").order_by("-position"))


def level_at(event: Event, at: datetime) -> int | None:
    """The level that held at an instant; None before the event, after it, and for an event without levels."""
    move = event.moves.filter(at__lte=at).order_by("-position").first()
    return move.level if move else None


def measures_ordered_during(event: Event) -> list[Measure]:
    """The measures in the event's area that were ordered while it lasted, the newest first."""
    measures = Measure.objects.filter(
        touches(event.spans), from_at__gte=event.started_at, is_exercise=event.is_exercise
    )
    if event.ended_at is not None:
        measures = measures.filter(from_at__lt=event.ended_at)
    return list(measures.select_related("document", "end").order_by("-from_at", "-id"))


def open_events_for(actor: Actor) -> list[Event]:
    """Those that groups are formed in and tasks hang on."""
    return list(list_events_for(actor, state=EventState.OPEN))
