"""Estates 小区 with their buildings, and the gates 卡口 that lead into them.

Estates, gates and devices have small numbers for ids, not UUIDs: they travel in passes, manifests and every scan.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from ..states import EstateKind, GateState, StalePolicy


class Estate(models.Model):
    """A residential estate, or the grounds of an institution, in a village or community."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=EstateKind.choices, default=EstateKind.RESIDENTIAL)
    address = models.CharField(max_length=120, blank=True)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["area_code", "name"], name="estate_once")]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """A building, with how many households live in it as the community counted: what coverage is measured against."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="buildings")
    name = models.CharField(max_length=20)
    household_count = models.PositiveIntegerField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["estate", "name"], name="building_once")]


class Gate(models.Model):
    """An entrance of an estate. `secret` (64 hex digits) keys the digests of ID numbers on its phones' rosters."""

    id = models.AutoField(primary_key=True)
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="gates")
    name = models.CharField(max_length=40)
    stale_after_hours = models.PositiveSmallIntegerField(default=24)
    stale_policy = models.CharField(max_length=16, choices=StalePolicy.choices, default=StalePolicy.ADMIT_AND_FLAG)
    secret = EncryptedTextField()
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["estate", "name"], name="gate_once"),
            models.CheckConstraint(
                condition=models.Q(stale_after_hours__gte=1, stale_after_hours__lte=72), name="gate_stale_hours"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GateStatus(models.Model):
    """Open or sealed, since when, and how fire engines and ambulances get in. Append-only: the latest row holds."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="statuses")
    state = models.CharField(max_length=8, choices=GateState.choices)
    from_at = models.DateTimeField()
    emergency_note = models.CharField(max_length=200, blank=True)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["gate", "-from_at", "-recorded_at"], name="gate_status_latest")]
        constraints: ClassVar = [
            # A sealed entrance must still let a fire engine in (requirements, row 147).
            models.CheckConstraint(
                condition=~models.Q(state=GateState.SEALED, emergency_note=""), name="gate_sealed_with_a_way_in"
            ),
        ]
