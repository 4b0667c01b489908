"""补差核算: a paid month of a unit computed again, and what each grant is owed or was paid too much.

The amounts of a decided recalculation are never edited; the database refuses it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import LINKED, Programme
from ..states_follows import BY_HAND, LeftOut, RecalculationCause, RecalculationState, RecalculationWait
from .grants import Grant
from .overpayments import Overpayment
from .parameters import ParameterNotice
from .payments import Payable


class Recalculation(models.Model):
    """One month of one programme in one paying unit, computed again because of a notice or of facts known later.

    Computed by one officer, decided by another. `standards` are the unit's as they were known then, `rules_version` the
    text: with them each line explains itself.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    benefit_month = models.DateField()
    area_code = AreaCodeField()
    cause = models.CharField(max_length=8, choices=RecalculationCause.choices)
    notice = models.ForeignKey(ParameterNotice, null=True, on_delete=models.PROTECT, related_name="recalculations")
    basis = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=RecalculationState.choices, default=RecalculationState.WAITING)
    rules_version = models.CharField(max_length=40, blank=True)
    standards = models.JSONField(default=dict)
    compared_count = models.PositiveIntegerField(default=0)
    arrears_fen = FenField(default=0)
    overpaid_fen = FenField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    computed_by = models.UUIDField(null=True)
    computed_name = models.CharField(max_length=64, blank=True)
    computed_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_name = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=100, blank=True)

    @property
    def is_by_hand(self) -> bool:
        """Of what is linked to others' grants: nothing is computed, an officer settles it and writes down how."""
        return self.programme in LINKED

    @property
    def state_label(self) -> str:
        return (self.is_by_hand and BY_HAND.get(self.state)) or str(RecalculationState(self.state).label)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "programme", "benefit_month", "area_code"], name="recalculation_once_a_notice"
            ),
            models.CheckConstraint(condition=Q(cause="notice") ^ Q(notice=None), name="recalculation_of_a_notice"),
            models.CheckConstraint(condition=Q(benefit_month__day=1), name="recalculation_of_a_month"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("computed_by")), name="recalculation_two_officers"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "refused"]) ^ Q(decided_at=None), name="recalculation_decided"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="recalculation_area")]


class RecalculationLine(models.Model):
    """A grant whose month comes out differently: what was paid (less what was noted as too much), what should have been.

    `payable` is what was paid for the month first, None where nothing was. Once confirmed the line has its arrears or
    its overpayment, unless `waits` says why not.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    recalculation = models.ForeignKey(Recalculation, on_delete=models.CASCADE, related_name="lines", db_index=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="recalculation_lines")
    subject_id = models.UUIDField()
    payable = models.ForeignKey(Payable, null=True, on_delete=models.PROTECT, related_name="recalculations")
    paid_fen = FenField()
    should_fen = FenField()
    ordinary_fen = FenField()
    findings = ArrayField(models.BigIntegerField())
    reasons = models.BigIntegerField()
    waits = models.CharField(max_length=12, choices=RecalculationWait.choices, blank=True)
    arrears = models.OneToOneField(Payable, null=True, on_delete=models.PROTECT, related_name="arrears_of")
    overpayment = models.OneToOneField(Overpayment, null=True, on_delete=models.PROTECT, related_name="found_by")
    area_code = AreaCodeField()

    @property
    def difference_fen(self) -> int:
        return self.should_fen - self.paid_fen

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recalculation", "grant"], name="recalculation_line_once"),
            models.CheckConstraint(condition=~Q(paid_fen=F("should_fen")), name="recalculation_line_differs"),
            models.CheckConstraint(
                condition=Q(arrears=None) | Q(should_fen__gt=F("paid_fen")), name="recalculation_arrears_when_more"
            ),
            models.CheckConstraint(
                condition=Q(overpayment=None) | Q(should_fen__lt=F("paid_fen")), name="recalculation_too_much_when_less"
            ),
        ]


class RecalculationOmission(models.Model):
    """A grant of the month that was not computed again, and why. `paid_fen` is what it was paid on balance."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    recalculation = models.ForeignKey(Recalculation, on_delete=models.CASCADE, related_name="omissions", db_index=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_id = models.UUIDField()
    why = models.CharField(max_length=16, choices=LeftOut.choices)
    paid_fen = FenField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recalculation", "grant"], name="recalculation_omission_once"),
        ]
