"""What phones saw. The table of observations is partitioned by the device's day and made by hand (migrations 0002, 0003)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from ..states import AlarmKind, Direction, How, Reason, Verdict
from .devices import Device
from .estates import Gate


class Observation(models.Model):
    """A scan as the keeper saw it: a fact of the device, always accepted, never edited.

    Its identity is (device, seq), made on the phone before the verdict was shown; `device_day` is the phone's own
    day and never changes, so that a resend meets itself in its partition. `scanned_at` is the phone's clock,
    `received_at` the server's. `checks` are bits of Check; `annuls` is the seq that this one takes back.
    """

    pk = models.CompositePrimaryKey("device_id", "seq", "device_day")
    device_id = models.IntegerField()
    seq = models.IntegerField()
    device_day = models.DateField()
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField()
    area_code = AreaCodeField()
    pass_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    verdict = models.SmallIntegerField(choices=Verdict.choices)
    reason = models.SmallIntegerField(choices=Reason.choices)
    how = models.SmallIntegerField(choices=How.choices)
    checks = models.SmallIntegerField()
    temperature_tenths = models.SmallIntegerField(null=True)
    party = models.SmallIntegerField()
    annuls = models.IntegerField(null=True)
    manifest_at = models.IntegerField()

    class Meta:
        managed = False
        db_table = "gates_observation"


class VisitorEntry(models.Model):
    """Who was let in by being written down: name, phone, whom to see; sealed, kept beside its observation."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    device_id = models.IntegerField()
    seq = models.IntegerField()
    device_day = models.DateField()
    area_code = AreaCodeField()
    entry = EncryptedTextField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device_id", "seq"], name="visitor_entry_once")]


class HeldBatch(models.Model):
    """A batch that a revoked phone still sent: sealed as it came, taken into nothing until a person judges it.

    `digest` is of its items, so that the same batch is held once.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="held_batches")
    digest = models.BinaryField(max_length=16)
    item_count = models.PositiveIntegerField()
    body = EncryptedTextField()
    area_code = AreaCodeField()
    received_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    judged_by = models.UUIDField(null=True)
    is_taken = models.BooleanField(null=True)
    judged_note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "digest"], name="held_batch_once"),
            models.CheckConstraint(
                condition=models.Q(judged_at=None, is_taken=None)
                | models.Q(judged_at__isnull=False, is_taken__isnull=False),
                name="held_batch_judged",
            ),
        ]


class PassageCount(models.Model):
    """What stays of a day when its scans are deleted: how many, by gate, hour, direction and verdict. No passes."""

    id = models.BigAutoField(primary_key=True)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT)
    on = models.DateField()
    hour = models.PositiveSmallIntegerField()
    direction = models.PositiveSmallIntegerField(choices=Direction.choices)
    verdict = models.PositiveSmallIntegerField(choices=Verdict.choices)
    passages = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gate", "on", "hour", "direction", "verdict"], name="passage_count_once"),
        ]


class IngestAlarm(models.Model):
    """What a sync brought up that a person must look at; settled with a note, never deleted. No personal data."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    device_id = models.IntegerField()
    kind = models.CharField(max_length=16, choices=AlarmKind.choices)
    seq = models.IntegerField(null=True)
    details = models.JSONField()
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "settled_at", "-recorded_at"], name="ingest_alarm_open")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device_id", "kind", "seq"], name="ingest_alarm_once", nulls_distinct=False
            ),
        ]
