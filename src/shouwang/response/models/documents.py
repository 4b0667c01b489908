"""Documents 文件. No personal data in the row: what a document orders is for everyone to read, so it is not scoped."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from ..states import WorkField


class Document(models.Model):
    """An official document: number, title, issuer, date; its file, where there is one, lies in DocumentFile.

    `forwards` is the document of the authority above that it passes on, `supersedes` the one whose place it takes.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    issuer = models.CharField(max_length=100)
    issued_on = models.DateField()
    work_field = models.CharField(max_length=24, choices=WorkField.choices, default=WorkField.GENERAL)
    co_issuers = ArrayField(models.CharField(max_length=100), default=list)
    forwards = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="forwarded_by")
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
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


class DocumentReceipt(models.Model):
    """A document sent to a unit, and when the unit said that it has it: a receipt, no ranking and no points."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="receipts")
    area_code = AreaCodeField()
    due_on = models.DateField()
    sent_at = models.DateTimeField()
    sent_by = models.UUIDField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "area_code"], name="document_receipt_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["area_code", "due_on"], condition=models.Q(received_at=None), name="document_receipt_waiting"
            ),
        ]
