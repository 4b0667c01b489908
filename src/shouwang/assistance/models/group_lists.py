"""价补对象名单: whom other departments pay, as a county brings them for the price subsidy of a month."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from ..states import CountyListState, ListedGroup


class GroupList(models.Model):
    """A workbook that says who is in a group in a month, with the document it came with. The workbook is not kept.

    Of the lists of a group, month and area the one taken last holds. `report` names rows and records, no persons.
    `matched`: {row, person_id}; `problems`: {row, reason}; `unknown`: rows of people who are not in the register here.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    group_key = models.CharField(max_length=24, choices=ListedGroup.choices)
    benefit_month = models.DateField()
    document = models.ForeignKey("response.Document", on_delete=models.PROTECT)
    area_code = AreaCodeField()
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=CountyListState.choices)
    row_count = models.PositiveIntegerField(default=0)
    matched_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    creator_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    taker_name = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.UUIDField(null=True)
    request_digest = models.BinaryField(max_length=16)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state="taken") ^ Q(taken_at=None), name="group_list_taken_once"),
            models.CheckConstraint(condition=Q(benefit_month__day=1), name="group_list_of_a_month"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="group_list_area")]


class GroupListPerson(models.Model):
    """Somebody whom a taken list names, with area as of then."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    group_list = models.ForeignKey(GroupList, related_name="persons", on_delete=models.PROTECT, db_index=False)
    person = models.ForeignKey("registry.Person", related_name="+", on_delete=models.PROTECT)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group_list", "person"], name="group_list_person_once"),
        ]
