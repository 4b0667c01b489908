"""Events 事件: an emergency, or the year's key tasks; what happened to its level is a row each.

Seen in every area that the event covers, and above: the database holds it. An exercise is no different there.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField

from ..states_command import WITHOUT_LEVEL, EventKind, EventLevel, EventState, EventVerb
from .documents import Document


class Event(models.Model):
    """An emergency in an area from an instant on. `level` and `ended_at` follow its moves, nothing else changes."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    title = models.CharField(max_length=100)
    area_code = AreaCodeField()
    spans = SpansField()
    is_exercise = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=EventState.choices, default=EventState.OPEN)
    level = models.PositiveSmallIntegerField(null=True, choices=EventLevel.choices)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-started_at", "-id"], name="event_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(WITHOUT_LEVEL), level=None)
                | Q(~Q(kind__in=sorted(WITHOUT_LEVEL)), level__gte=1, level__lte=4),
                name="event_level",
            ),
            models.CheckConstraint(
                condition=Q(state=EventState.OPEN, ended_at=None)
                | Q(state=EventState.ENDED, ended_at__gte=models.F("started_at")),
                name="event_end",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EventMove(models.Model):
    """What happened to an event, and from which instant. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="moves")
    area_code = AreaCodeField()
    spans = SpansField()
    position = models.PositiveIntegerField()
    verb = models.CharField(max_length=8, choices=EventVerb.choices)
    level = models.PositiveSmallIntegerField(null=True, choices=EventLevel.choices)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)
    user_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "position"], name="event_move_once")]
