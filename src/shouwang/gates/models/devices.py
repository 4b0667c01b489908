"""Keepers' phones: enrolled once by a code, known by a revocable key, named in every scan."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField

from ..states import DeviceProfile
from .estates import Gate


class EnrolmentCode(models.Model):
    """A code that enrols one phone, once. Kept as a keyed digest."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT)
    profile = models.CharField(max_length=8, choices=DeviceProfile.choices, default=DeviceProfile.GATE)
    digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)


class Device(models.Model):
    """One enrolment of one phone: enrolled anew it is a new device, so its sequence begins at 1.

    `token_digest` is SHA-256 of the secret half of its key. Revoked, it syncs no more; what it still holds is kept for a
    person to judge.
    """

    id = models.AutoField(primary_key=True)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=40)
    profile = models.CharField(max_length=8, choices=DeviceProfile.choices)
    token_digest = models.BinaryField(max_length=32)
    area_code = AreaCodeField()
    enrolled_at = models.DateTimeField()
    enrolled_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    revoke_reason = models.CharField(max_length=100, blank=True)
    wipe_asked_at = models.DateTimeField(null=True)
    wiped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(wipe_asked_at=None) | models.Q(revoked_at__isnull=False),
                name="device_wiped_is_revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeviceReport(models.Model):
    """What a phone last said of itself, rewritten at each sync; nothing is counted from it."""

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.CASCADE, related_name="report")
    area_code = AreaCodeField()
    seen_at = models.DateTimeField()
    clock_offset_ms = models.BigIntegerField()
    last_seq = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    quarantined = models.IntegerField(default=0)
    manifest_compiled_at = models.DateTimeField(null=True)
    is_storage_persisted = models.BooleanField(null=True)
    app_version = models.CharField(max_length=20, blank=True)
    received = SpansField(default=())
    """Spans of sequence numbers that are in, half-open: every scan of theirs is a row, and a gap is a gap."""
    recent_batches = ArrayField(models.BinaryField(max_length=16), default=list)
    """Digests of the last batches: the same batch once more is known by it, without a look at its scans."""
