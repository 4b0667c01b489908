"""Grants: rights to a monthly payment, what they pay from a month on, and since when an area pays them here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import BY_HOUSEHOLD, ChangeCause, GrantChangeKind, Origin, Programme, ReviewDecision

_ONE_SUBJECT = Q(household=None) ^ Q(person=None)


class Grant(models.Model):
    """A household's (dibao) or a person's (all else) right to a monthly payment; its amounts are dated facts."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    household = models.ForeignKey("registry.Household", null=True, on_delete=models.PROTECT, related_name="grants")
    person = models.ForeignKey("registry.Person", null=True, on_delete=models.PROTECT, related_name="grants")
    area_code = AreaCodeField()
    starts_on = models.DateField()
    origin = models.CharField(max_length=12, choices=Origin.choices)
    document = models.ForeignKey("response.Document", null=True, on_delete=models.PROTECT)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ONE_SUBJECT, name="grant_one_subject"),
            models.CheckConstraint(
                condition=Q(household=None) | Q(programme__in=sorted(BY_HOUSEHOLD)), name="grant_of_a_household"
            ),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="grant_starts_with_a_month"),
            models.CheckConstraint(
                condition=~Q(origin="taken_over") | ~Q(document=None), name="grant_taken_over_by_document"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["programme", "area_code"], name="grant_area")]


class GrantPerson(models.Model):
    """Whom a grant covered when it began, and where: what the figures of admissions count, whoever moves later.

    `home_id` is the household they lived in that day, also of a grant that names a person: a move of it that becomes
    known later, from that day or before, moves the admission.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="persons")
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="admissions")
    household_id = models.UUIDField(null=True)
    home_id = models.UUIDField(null=True)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    starts_on = models.DateField()
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["starts_on", "area_code"], name="grant_person_figures")]


class GrantAmount(models.Model):
    """What a grant pays a month from a month on; null: nothing (suspended or ended). A dated fact: never edited."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="amounts", db_index=False)
    valid_from = models.DateField()
    monthly_fen = FenField(null=True)
    kind = models.CharField(max_length=8, choices=GrantChangeKind.choices)
    cause = models.CharField(max_length=12, choices=ChangeCause.choices, blank=True)
    reason = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["grant", "valid_from", "recorded_at"], name="grant_amount_read"),
            models.CheckConstraint(condition=Q(monthly_fen=None) | Q(monthly_fen__gt=0), name="grant_amount_positive"),
            models.CheckConstraint(condition=Q(valid_from__day=1), name="grant_amount_from_a_month"),
            models.CheckConstraint(
                condition=Q(kind__in=["suspend", "end"]) ^ ~Q(monthly_fen=None), name="grant_amount_unless_stopped"
            ),
        ]


class PostponedReview(models.Model):
    """A cut or an end that a pause of exits kept from taking effect; to be reviewed when the pause ends. Append-only.

    `is_kept`: a run found it and no officer asked for it, so that what the rules give may change while it waits;
    `wanted_fen` is what they gave in the first month.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="postponed_reviews")
    valid_from = models.DateField()
    wanted_fen = FenField(null=True)
    is_kept = models.BooleanField(default=False)
    kind = models.CharField(max_length=8, choices=GrantChangeKind.choices)
    cause = models.CharField(max_length=12, choices=ChangeCause.choices)
    reason = models.CharField(max_length=100)
    measure_ids = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    area_code = AreaCodeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "recorded_at"], name="postponed_review_area")]


class ReviewSettlement(models.Model):
    """What became of a postponed review after the pause: the change took effect, or was dismissed. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    review = models.OneToOneField(PostponedReview, on_delete=models.PROTECT, related_name="settlement")
    decision = models.CharField(max_length=9, choices=ReviewDecision.choices)
    valid_from = models.DateField(null=True)
    reason = models.CharField(max_length=100)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision="applied") ^ Q(valid_from=None), name="review_applied_from_a_month"
            ),
        ]


class AreaGoLive(models.Model):
    """From which day on an area pays a programme in this system: the second door is closed from then on. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    area_code = AreaCodeField()
    programme = models.CharField(max_length=24, choices=Programme.choices)
    live_on = models.DateField()
    document = models.ForeignKey("response.Document", on_delete=models.PROTECT)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["area_code", "programme"], name="go_live_once")]
