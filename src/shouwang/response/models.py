"""Documents 文件 and measures 措施: an order of the day is a measure in force, issued by a document.

Neither holds personal data: what is in force is for everyone to read, so these tables are not scoped by row.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, SpansField


class Document(models.Model):
    """An official document: number, title, issuer, date; its file, where there is one, lies in DocumentFile."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    issuer = models.CharField(max_length=100)
    issued_on = models.DateField()
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["number", "issuer"], name="document_number_once")]
        indexes: ClassVar = [models.Index(fields=["-issued_on", "-id"], name="document_newest")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class DocumentFile(models.Model):
    """The file of a document. A table of its own, so that no list of documents ever loads a file."""

    document = models.OneToOneField(Document, primary_key=True, on_delete=models.PROTECT, related_name="file")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    content = models.BinaryField()


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
