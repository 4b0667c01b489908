"""Notices of parameters 标准与参数通知: what one officer proposes and another confirms; never edited.

A notice, its values and its decision are public once it is confirmed, and seen by its own area before. The database
refuses a decision by whoever proposed, a value added after the proposal, and a value of an area outside the scope.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from ..states import NoticeVerdict, ParameterStatus


class ParameterNotice(models.Model):
    """A notice that sets values of the area that issues it, or of areas below.

    `number` is the document number 文号 that the values rest on; `is_retroactive`: months already paid are to be settled
    by arrears or recovery.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    area_code = AreaCodeField()
    document = models.ForeignKey("response.Document", null=True, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField()
    is_retroactive = models.BooleanField(default=False)
    announcement = models.TextField()
    value_count = models.PositiveSmallIntegerField()
    proposer_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(value_count__gt=0), name="parameter_notice_has_values"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="parameter_notice_area")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ParameterValue(models.Model):
    """One dated value of a notice. `text` None: from that day on the area follows the one above."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    notice = models.ForeignKey(ParameterNotice, on_delete=models.PROTECT, related_name="values", db_index=False)
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80)
    area_code = AreaCodeField()
    valid_from = models.DateField()
    text = models.CharField(max_length=40, null=True)
    unit = models.CharField(max_length=12)
    source_number = models.CharField(max_length=100)
    source_article = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=11, choices=ParameterStatus.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "position"], name="parameter_value_position"),
            models.UniqueConstraint(fields=["notice", "key", "area_code", "valid_from"], name="parameter_value_once"),
            models.CheckConstraint(condition=~Q(text=""), name="parameter_value_not_empty"),
        ]
        indexes: ClassVar = [models.Index(fields=["key", "area_code", "valid_from"], name="parameter_value_key")]


class ParameterDecision(models.Model):
    """The second officer's word on a notice. Its values count from `recorded_at` on, if it confirms."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    notice = models.OneToOneField(ParameterNotice, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=9, choices=NoticeVerdict.choices)
    reason = models.CharField(max_length=200, blank=True)
    decider_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(verdict="refused") | ~Q(reason=""), name="parameter_decision_refused_why"
            ),
        ]
