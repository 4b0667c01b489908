"""Tasks 任务: one order to one or many units; a row for each unit, and a row for whatever happened to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField

from ..states_command import DutyField, TaskKind, TaskSource, TaskState, TaskVerb
from .documents import Document
from .events import Event
from .groups import Group


class Task(models.Model):
    """What is to be done and by when; never edited. `reach` are the codes of its issuer's area and of its units."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=8, choices=TaskKind.choices, default=TaskKind.ORDINARY)
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2000, blank=True)
    source = models.CharField(max_length=8, choices=TaskSource.choices)
    source_note = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="tasks")
    field = models.CharField(max_length=12, choices=DutyField.choices, default=DutyField.OTHER)
    area_code = AreaCodeField()
    reach = SpansField()
    due_at = models.DateTimeField()
    result_label = models.CharField(max_length=40, blank=True)
    result_unit = models.CharField(max_length=10, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    issuer_name = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "due_at"], name="task_area")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(due_at__gt=F("recorded_at")), name="task_due_ahead"),
            models.CheckConstraint(
                condition=~Q(source=TaskSource.DOCUMENT) | Q(document__isnull=False), name="task_document_named"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Assignment(models.Model):
    """A task as one unit has it: to the bureau there, a group or a person, with who answers and who does.

    `target` is the quantity that was asked for: how many are called back, how many are to be visited.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="assignments")
    area_code = AreaCodeField()
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    responsible = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    responsible_name = models.CharField(max_length=40, blank=True)
    doer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    doer_name = models.CharField(max_length=40, blank=True)
    target = models.PositiveIntegerField(null=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    quantity = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area_code", "due_at"], name="assignment_area"),
            models.Index(
                fields=["due_at"], condition=Q(state__in=["open", "received", "returned"]), name="assignment_open"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(responsible=None) | Q(doer=None) | ~Q(responsible=F("doer")), name="assignment_two_persons"
            ),
            models.UniqueConstraint(
                fields=["task", "area_code", "group", "responsible_name", "doer_name"],
                name="assignment_once",
                nulls_distinct=False,
            ),
        ]


class AssignmentMove(models.Model):
    """What happened to an assignment, by whom, with how much as its result. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="moves")
    area_code = AreaCodeField()
    position = models.PositiveIntegerField()
    verb = models.CharField(max_length=8, choices=TaskVerb.choices)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    text = models.CharField(max_length=1000, blank=True)
    quantity = models.PositiveIntegerField(null=True)
    is_late = models.BooleanField(default=False)
    user_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "position"], name="assignment_move_once")
        ]


class AssignmentFile(models.Model):
    """The evidence of a move, in a table of its own, so that no list loads a file."""

    move = models.OneToOneField(AssignmentMove, primary_key=True, on_delete=models.PROTECT, related_name="file")
    area_code = AreaCodeField()
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    content = models.BinaryField()
