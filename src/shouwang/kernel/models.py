"""Tables of the kernel: deployment, audit, events, working days, search terms."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from . import ids
from .fields import AreaCodeField


class Deployment(models.Model):
    """One row, made when the database is made: whether it is a demo, and by how much its clock is shifted."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField()
    clock_offset = models.DurationField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="deployment_single"),
            models.CheckConstraint(
                condition=models.Q(is_demo=True) | models.Q(clock_offset=models.Value("0")),
                name="deployment_only_demo_shifts_clock",
            ),
        ]


class AuditBlock(models.Model):
    """A sealed block of audit entries: their ids, the digest of each, and the chain's hash over them."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    entry_ids = ArrayField(models.UUIDField())
    entry_hashes = ArrayField(models.BinaryField())
    previous_hash = models.BinaryField()
    hash = models.BinaryField()


class AuditEntry(models.Model):
    """Who did what to which record, when; written by the command in its own transaction, never edited."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    recorded_at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=100)
    area_code = AreaCodeField()
    data = models.JSONField()
    block_number = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "recorded_at"], name="audit_subject"),
            models.Index(fields=["area_code", "-recorded_at"], name="audit_area"),
            models.Index(fields=["-recorded_at", "-id"], name="audit_newest"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(block_number=None)),
        ]


class EventRecord(models.Model):
    """A domain event that was handed to the handlers of higher apps, inside the command's transaction."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    area_code = AreaCodeField()
    payload = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "recorded_at"], name="event_kind")]


class WorkingDay(models.Model):
    """Whether a civil date is worked: the State Council's notice, seeded from chinesecalendar, editable."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    note = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=64)


class SearchTerm(models.Model):
    """A term (name, name tail, pinyin, initials, 2-gram of a title) by which a record is found."""

    id = models.BigAutoField(primary_key=True)
    term = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=16)
    object_id = models.UUIDField()
    area_code = AreaCodeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "term", "area_code"], name="search_term"),
            models.Index(fields=["object_id"], name="search_object"),
        ]
