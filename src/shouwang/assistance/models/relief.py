"""Temporary relief 临时救助: the case, whom it covers, the steps it took."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField, FenField

from ..states import Channel, ReliefBasis, ReliefCause, ReliefKind, ReliefState


class ReliefCase(models.Model):
    """Temporary relief 临时救助 for one hardship, as a case with clocks; helped where the hardship is."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=24, unique=True)
    area_code = AreaCodeField()
    household = models.ForeignKey(
        "registry.Household", null=True, on_delete=models.PROTECT, related_name="relief_cases"
    )
    applicant = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="relief_cases")
    applicant_snapshot = EncryptedTextField()
    proxy_name = models.CharField(max_length=64, blank=True)
    proxy_relation = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=12, choices=ReliefKind.choices)
    cause = models.CharField(max_length=16, choices=ReliefCause.choices)
    story = models.TextField(max_length=1000)
    occurred_on = models.DateField()
    is_local = models.BooleanField()
    home_area_name = models.CharField(max_length=100, blank=True)
    amount_fen = FenField(null=True)
    basis = models.CharField(max_length=16, choices=ReliefBasis.choices, blank=True)
    formula = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    is_relief_first = models.BooleanField(default=False)
    measure_ids = ArrayField(models.UUIDField(), default=list)
    rule_version = models.CharField(max_length=40)
    decided_by_level = models.CharField(max_length=8, blank=True)  # township, county
    follow_up_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="follow_ups")
    follow_up_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=ReliefState.choices)
    step_due_on = models.DateField(null=True)
    notice_until_on = models.DateField(null=True)
    notice_ended_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    papers_working_days = models.PositiveSmallIntegerField(null=True)
    papers_due_on = models.DateField(null=True)
    papers_received_on = models.DateField(null=True)
    accepted_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    request_digest = models.BinaryField(max_length=16)
    """Of the application that opened it: the form sent again says the same, or is refused."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area_code", "state", "step_due_on"], name="relief_area"),
            models.Index(fields=["applicant", "cause"], name="relief_applicant"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen=None) | Q(amount_fen__gt=0), name="relief_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state="papers_owed") | ~Q(papers_due_on=None), name="relief_papers_have_a_date"
            ),
            models.CheckConstraint(
                condition=Q(follow_up_of=None) | ~Q(follow_up_reason=""), name="relief_follow_up_has_a_reason"
            ),
        ]


class ReliefPerson(models.Model):
    """A person whom a relief case covers; 人次 counts these rows of paid cases."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(ReliefCase, on_delete=models.PROTECT, related_name="persons")
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="relief")
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "person"], name="relief_person_once")]


class CaseMove(models.Model):
    """One step of a case: who, when, from, to, why, and whether its deadline was met. Append-only.

    `version` is the case's after the step: the order of the steps, and two at once cannot both be written.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(ReliefCase, on_delete=models.PROTECT, related_name="moves", db_index=False)
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=24)
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    user_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    due_on = models.DateField(null=True)
    was_in_time = models.BooleanField(null=True)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "version"], name="case_move_once")]
