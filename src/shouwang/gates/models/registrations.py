"""Who lives where, registered once by one member for all; what they declared about their health; how often the public
pages were asked.

Kept apart from the register 底册: collected for one purpose, and forgotten when it ends (`forget_on`). A resident who is
in the register as well is linked to it, never copied into it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from ..states import RegistrationSource, RegistrationState
from .estates import Estate


class Registration(models.Model):
    """One household at one address. `code_digest` is of the one-time code that its sender holds."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="registrations")
    building = models.CharField(max_length=20)
    room = models.CharField(max_length=20)
    area_code = AreaCodeField()
    state = models.CharField(max_length=10, choices=RegistrationState.choices)
    source = models.CharField(max_length=12, choices=RegistrationSource.choices)
    code_digest = models.BinaryField(max_length=32, null=True, unique=True)
    request_digest = models.BinaryField(max_length=16)
    phone = EncryptedTextField(null=True)
    consent_version = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    forget_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=200, blank=True)
    forgotten_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["estate", "state", "building", "room"], name="registration_address"),
            models.Index(fields=["area_code", "state", "recorded_at"], name="registration_waiting"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=RegistrationState.PENDING, decided_at=None)
                | (~Q(state=RegistrationState.PENDING) & Q(decided_at__isnull=False)),
                name="registration_decided",
            ),
        ]


class Resident(models.Model):
    """A person of a registration, with an ID number or a reason for having none. `person_id` is the register's record."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="residents")
    area_code = AreaCodeField()
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=64)
    initials = models.CharField(max_length=20)
    id_number = EncryptedTextField(null=True)
    id_index = models.BinaryField(null=True, max_length=16)
    id_tail = models.CharField(max_length=4, blank=True)
    no_id_reason = models.CharField(max_length=16, blank=True)
    person_id = models.UUIDField(null=True)
    left_on = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["id_index"], name="resident_id")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["registration", "position"], name="resident_position"),
            models.CheckConstraint(condition=Q(id_index=None) ^ Q(no_id_reason=""), name="resident_id_or_reason"),
        ]


class HealthDeclaration(models.Model):
    """健康登记 by the four groups of GB/T 38962-2020: a dated fact with its source, sealed; it decides nothing by itself.

    `reports_symptoms` is all that a gate is told. Append-only; the latest that holds on a day counts.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="declarations")
    area_code = AreaCodeField()
    declared_on = models.DateField()
    source = models.CharField(max_length=12, choices=RegistrationSource.choices)
    reports_symptoms = models.BooleanField()
    answers = EncryptedTextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["resident", "-declared_on", "-recorded_at"], name="declaration_latest")
        ]


class PublicCount(models.Model):
    """How often a public page was asked within an hour, by whom or about what; `key` is a keyed digest. No personal data.

    In the database and not in a process's memory: every worker counts the same.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.BinaryField(max_length=16)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["hour"], name="public_count_hour")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "hour"], name="public_count_once")]
