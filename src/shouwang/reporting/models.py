"""Bulletins 通报: figures as of a cut-off, kept so that they print the same for ever."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.anchors import Anchor
from shouwang.kernel.fields import AreaCodeField


class Bulletin(models.Model):
    """An issued bulletin: area, period, cut-off, and the values that were printed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.PositiveIntegerField()
    area_code = AreaCodeField()
    since_on = models.DateField()
    as_of = models.DateTimeField()
    title = models.CharField(max_length=100)
    values = models.JSONField()
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField(null=True)
    issuer_name = models.CharField(max_length=64)
    seal_number = models.BigIntegerField(null=True)
    seal_digest = models.CharField(max_length=64, blank=True)
    """The last sealed block of the audit when it was issued: its paper is an anchor outside the database."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["area_code", "number"], name="bulletin_number_once")]
        indexes: ClassVar = [models.Index(fields=["area_code", "-as_of"], name="bulletin_area")]

    @property
    def seal(self) -> Anchor | None:
        return Anchor(self.seal_number, self.seal_digest) if self.seal_number else None


class FigureSnapshot(models.Model):
    """A figure's leaf values as of a settled cut-off; computed once, the same for ever."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=48)
    since_on = models.DateField()
    as_of = models.DateTimeField()
    area_code = AreaCodeField()
    values = models.JSONField()
    rows = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "since_on", "as_of", "area_code"], name="snapshot_once"),
        ]


class UnitSnapshot(models.Model):
    """The reporting units of an area as they were when its first figure of a settled cut-off was kept.

    `units` is [{"code", "name", "spans"}] in printing order. A zone that is drawn anew changes no earlier cut-off.
    """

    id = models.BigAutoField(primary_key=True)
    area_code = AreaCodeField()
    as_of = models.DateTimeField()
    units = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["area_code", "as_of"], name="units_once")]
