"""A county's workbook on its way through one of the two doors that take lists: checked, then taken in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import CountyListState, Door, Programme


class CountyList(models.Model):
    """A list 名单 of recipients or of payments already made, with the document it rests on.

    `source` and `refused` are workbooks with personal data, sealed, and dropped when they expire. `report` says in
    words which rows cannot be taken in, and which rows without ID number ask whom they mean; it names rows and records,
    no persons. `answers`: row number -> id of the person it means, or empty where the row goes back.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    door = models.CharField(max_length=12, choices=Door.choices)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    is_by_household = models.BooleanField()
    month = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    document = models.ForeignKey("response.Document", on_delete=models.PROTECT)
    area_code = AreaCodeField()
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=CountyListState.choices)
    row_count = models.PositiveIntegerField(default=0)
    good_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    amount_fen = FenField(default=0)
    report = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    source = models.BinaryField(null=True)
    refused = models.BinaryField(null=True)
    expires_at = models.DateTimeField()
    creator_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    taken_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=16)
    """Of what was sent, which is dropped itself: sent again under this id it says the same, or is refused."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state="taken") ^ Q(taken_at=None), name="county_list_taken_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="county_list_area")]
