"""死亡名单: a list of deaths as a bureau gets it before a run, checked against the register, then recorded."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from ..states import CountyListState


class DeathList(models.Model):
    """What a workbook of deaths says of the register, with the document it came with. The workbook is not kept.

    `report` names rows and records, no persons. `matched`: {row, person_id, died_on, name_differs}; `problems`:
    {row, reason} for rows that an officer has to look at; `unknown`: rows of people who are not in the register here;
    `known`: rows of deaths that are recorded already; `chosen`: the rows that were recorded.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    document = models.ForeignKey("response.Document", on_delete=models.PROTECT)
    area_code = AreaCodeField()
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=CountyListState.choices)
    row_count = models.PositiveIntegerField(default=0)
    matched_count = models.PositiveIntegerField(default=0)
    recorded_count = models.PositiveIntegerField(default=0)
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
            models.CheckConstraint(condition=Q(state="taken") ^ Q(taken_at=None), name="death_list_taken_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="death_list_area")]
