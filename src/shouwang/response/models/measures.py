"""Measures 措施: an order of the day is a measure in force, issued by a document. Not scoped: for everyone to read.

Every measure was signed with an order 发布单 that a second officer put his name to (models.orders).
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField

from .documents import Document
from .orders import Order


class Measure(models.Model):
    """A kind with parameters, in force in an area from an instant until an instant. Append-only; ended by MeasureEnd.

    With `org_kinds` or `org_ids` it holds for those organisations of the area alone, else for the whole of it.
    `amends` is the measure that it took the place of.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=40)
    parameters = models.JSONField()
    area_code = AreaCodeField()
    spans = SpansField()
    org_kinds = ArrayField(models.CharField(max_length=20), default=list)
    org_ids = ArrayField(models.UUIDField(), default=list)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="measures")
    amends = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="amended_by")
    is_exercise = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "from_at"], name="measure_kind")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=models.F("from_at")), name="measure_from_before_until"
            ),
            models.CheckConstraint(condition=Q(org_kinds=[]) | Q(org_ids=[]), name="measure_kinds_or_sites"),
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


class SiteReceipt(models.Model):
    """What an organisation that a measure names has answered: received, then done as ordered; by proxy or itself.

    Made with the measure, for every site that it names then. `due_at`: when it is overdue.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="receipts")
    organisation_id = models.UUIDField()
    area_code = AreaCodeField()
    due_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    received_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    is_by_proxy = models.BooleanField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area_code", "due_at"], condition=Q(confirmed_at=None), name="site_receipt_waiting"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "organisation_id"], name="site_receipt_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(received_at__isnull=False), name="site_received_before_done"
            ),
        ]
