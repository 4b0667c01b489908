"""Workbooks by which a community registered households: what came of each, and the rows that went back, sealed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from .estates import Estate


class RegistrationSheet(models.Model):
    """`refused` is the workbook of the rows that went back, ciphertext (purpose gates.sheet), dropped after 72 hours; the
    workbook that was sent is not kept."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT)
    area_code = AreaCodeField()
    file_name = models.CharField(max_length=200)
    row_count = models.PositiveIntegerField()
    household_count = models.PositiveIntegerField()
    known_count = models.PositiveIntegerField()
    refused_count = models.PositiveIntegerField()
    refused = models.BinaryField(null=True)
    request_digest = models.BinaryField(max_length=16)
    creator_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="registration_sheet_latest")]
