"""Documents 文件. No personal data in the row: what a document orders is for everyone to read, so it is not scoped."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField


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
