"""Orders 发布单: measures drafted together, rehearsed together and signed in one step by a second officer.

A plan put in force is an order of many items; a single measure is an order of one.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from ..states import OrderState
from .documents import Document


class Order(models.Model):
    """`fingerprint` is of what the last rehearsal showed: signing refuses when it would show something else now."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    title = models.CharField(max_length=100)
    area_code = AreaCodeField()
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="orders")
    event_id = models.UUIDField(null=True)
    is_exercise = models.BooleanField(default=False)
    confirm_within_hours = models.PositiveSmallIntegerField(default=24)
    backdate_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=OrderState.choices, default=OrderState.DRAFT)
    drafted_at = models.DateTimeField()
    drafted_by = models.UUIDField(null=True)
    rehearsed_at = models.DateTimeField(null=True)
    rehearsed_by = models.UUIDField(null=True)
    fingerprint = models.BinaryField(max_length=32, null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-drafted_at"], name="order_state")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state=OrderState.SIGNED)
                | Q(signed_at__isnull=False, fingerprint__isnull=False, document__isnull=False),
                name="order_signed_is_rehearsed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("drafted_by")), name="order_by_two_officers"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state_now(self) -> OrderState:
        return OrderState(self.state)


class OrderItem(models.Model):
    """A measure to be; its id becomes the measure's. Changed only while its order is a draft (trigger)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    parameters = models.JSONField()
    area_code = AreaCodeField()
    org_kinds = ArrayField(models.CharField(max_length=20), default=list)
    org_ids = ArrayField(models.UUIDField(), default=list)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    amends_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_item_position"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")), name="order_item_from_before_until"
            ),
            models.CheckConstraint(condition=Q(org_kinds=[]) | Q(org_ids=[]), name="order_item_kinds_or_sites"),
        ]
