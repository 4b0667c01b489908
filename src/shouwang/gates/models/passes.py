"""Passes, the keys that sign them, and the deny list, which holds passes and never persons."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from ..states import DenyReason, PassKind
from .estates import Estate
from .registrations import Resident


class SigningKey(models.Model):
    """A key pair of the bureau's. Published in manifests from `published_at`, signs from `signs_from` until before
    `signs_until`, is believed until `valid_until`; withdrawn, no manifest names it any more.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kid = models.BinaryField(max_length=8)
    point = models.BinaryField(max_length=64, unique=True)
    private = EncryptedTextField()
    published_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    signs_until = models.DateTimeField()
    valid_until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(published_at__lte=F("signs_from"), signs_from__lt=F("signs_until"))
                & Q(signs_until__lte=F("valid_until")),
                name="signing_key_order",
            ),
        ]


class Pass(models.Model):
    """One pass. `text` is its code as last signed; signed anew by the next key, or renewed for another term, its id stays.

    `holder` is the resident; a visitor's, helper's or member of staff's pass has the name and ID tail on itself.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=PassKind.choices)
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="passes")
    area_code = AreaCodeField()
    holder = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="passes")
    holder_name = models.CharField(max_length=64, blank=True)
    holder_tail = models.CharField(max_length=4, blank=True)
    host = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="guests")
    purpose = models.CharField(max_length=60, blank=True)
    issued_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField()
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT)
    text = models.CharField(max_length=220)
    printed_at = models.DateTimeField(null=True)
    recorded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["estate", "expires_at"], name="pass_estate"),
            models.Index(fields=["holder", "-expires_at"], name="pass_holder"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id__gt=0), name="pass_id_positive"),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("expires_at"), issued_at__lte=F("valid_from")), name="pass_order"
            ),
            models.CheckConstraint(condition=Q(holder__isnull=False) ^ ~Q(holder_name=""), name="pass_has_a_holder"),
        ]


class PassDenial(models.Model):
    """A pass taken out of use. `number` is the version that phones ask for what is new after; append-only.

    There is no way from a person to a row of this table but the passes that he holds, each with its own reason.
    """

    number = models.BigAutoField(primary_key=True)
    denied = models.OneToOneField(Pass, on_delete=models.PROTECT, related_name="denial")
    reason = models.CharField(max_length=16, choices=DenyReason.choices)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    confirmed_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(reason__in=DenyReason.values), name="denial_reason_closed"),
        ]


class DenialProposal(models.Model):
    """More than twenty passes at once: one officer proposes, another confirms or rejects."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    pass_ids = ArrayField(models.BigIntegerField())
    reason = models.CharField(max_length=16, choices=DenyReason.choices)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    is_confirmed = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")), name="denial_by_two_officers"
            ),
            models.CheckConstraint(condition=Q(reason__in=DenyReason.values), name="denial_proposal_reason_closed"),
        ]
