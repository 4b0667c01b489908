"""追回台账: what was paid and, by what is known now, should not have been; and what became of it.

Both tables are append-only. What was paid stays paid: figures count outcomes, and these rows are beside them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import ChangeCause, OverpaymentStepKind
from .payments import Payable


class Overpayment(models.Model):
    """What one payment was too much: of a payable that arrived, in fen, with its cause and the person it is about.

    A payable has several rows when more becomes known. `area_code` is the payable's: who paid recovers. The names are
    those of the day it was noted: the office that paid reads them also when the people have moved into another county.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="overpayments")
    person = models.ForeignKey("registry.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    payee_name = models.CharField(max_length=64, blank=True)
    person_name = models.CharField(max_length=64, blank=True)
    amount_fen = FenField()
    cause = models.CharField(max_length=12, choices=ChangeCause.choices)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="overpayment_positive"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "recorded_at"], name="overpayment_area")]


class OverpaymentStep(models.Model):
    """A part of an overpayment settled: offset by a later payable, recovered into the book, written off, or taken back
    with the whole payment. An offset whose payable is not paid after all is undone by a row of a negative amount; one
    that shortens a line which had come back has an entry too, for the money that need not go out again.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    overpayment = models.ForeignKey(Overpayment, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=OverpaymentStepKind.choices)
    amount_fen = FenField()
    payable = models.ForeignKey(Payable, null=True, on_delete=models.PROTECT, related_name="offsets")
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=100, blank=True)
    actor_name = models.CharField(max_length=64)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="overpayment_step_not_zero"),
            models.CheckConstraint(
                condition=Q(kind="offset") ^ Q(payable=None), name="overpayment_offset_by_a_payable"
            ),
            models.CheckConstraint(
                condition=Q(kind="offset") | Q(kind="recovered") ^ Q(entry=None),
                name="overpayment_recovered_in_the_book",
            ),
        ]
