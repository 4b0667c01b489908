"""Groups 工作组 of an event in an area, who is in them, and who answers for which line. Re-formed by new rows."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from ..states_command import Duty, DutyField, GroupKind, MemberRole
from .documents import Document
from .events import Event

_ORDER = Q(until_on=None) | Q(until_on__gte=F("from_on"))
_OPEN = Q(until_on=None)


class Group(models.Model):
    """A leading group, its office, a work group. `key` is its place in the template; never edited, only dissolved."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="groups")
    area_code = AreaCodeField()
    template_key = models.CharField(max_length=24)
    key = models.CharField(max_length=40)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    kind = models.CharField(max_length=8, choices=GroupKind.choices)
    name = models.CharField(max_length=60)
    duty = models.CharField(max_length=8, choices=Duty.choices, blank=True)
    position = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "event"], name="group_area")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ORDER, name="group_order"),
            models.UniqueConstraint(fields=["event", "area_code", "key"], condition=_OPEN, name="group_open_once"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Somebody in a group: a user of the system, or a person from outside with a name, an organisation and a phone.

    Event, area and duty are the group's, so that the database can refuse a second duty of one person.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    area_code = AreaCodeField()
    duty = models.CharField(max_length=8, choices=Duty.choices, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    person_key = models.CharField(max_length=150)
    name = models.CharField(max_length=40)
    organisation = models.CharField(max_length=100)
    title = models.CharField(max_length=60, blank=True)
    phone = EncryptedTextField(null=True)
    role = models.CharField(max_length=8, choices=MemberRole.choices)
    position = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area_code", "event"], name="group_member_area"),
            models.Index(fields=["user"], condition=_OPEN, name="group_member_user"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ORDER, name="group_member_order"),
            models.UniqueConstraint(fields=["group"], condition=_OPEN & Q(role="head"), name="group_head_once"),
            models.UniqueConstraint(fields=["group", "person_key"], condition=_OPEN, name="group_member_once"),
            models.UniqueConstraint(
                fields=["event", "area_code", "person_key"],
                condition=_OPEN & ~Q(duty=""),
                name="group_one_duty_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupLine(models.Model):
    """A line of responsibility of a group: who answers for it, who does it. A change ends the row and begins another."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="lines")
    area_code = AreaCodeField()
    field = models.CharField(max_length=12, choices=DutyField.choices)
    what = models.CharField(max_length=100)
    rhythm = models.CharField(max_length=60, blank=True)
    responsible = models.ForeignKey(GroupMember, null=True, on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(GroupMember, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "group"], name="group_line_area")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ORDER, name="group_line_order"),
            models.CheckConstraint(
                condition=Q(responsible=None) | Q(doer=None) | ~Q(responsible=F("doer")), name="group_line_two_persons"
            ),
            models.UniqueConstraint(fields=["group", "field", "what"], condition=_OPEN, name="group_line_open_once"),
        ]
