"""Measures 措施: an order of the day is a measure in force, issued by a document. Not scoped: for everyone to read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField

from .documents import Document


class Measure(models.Model):
    """A kind with parameters, in force in an area from an instant until an instant. Append-only; ended by MeasureEnd."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=40)
    parameters = models.JSONField()
    area_code = AreaCodeField()
    spans = SpansField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="measures")
    is_exercise = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "from_at"], name="measure_kind")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=models.F("from_at")), name="measure_from_before_until"
            ),
        ]


class MeasureEnd(models.Model):
    """A measure lifted before its time, from an instant, as known from `recorded_at`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField()
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
