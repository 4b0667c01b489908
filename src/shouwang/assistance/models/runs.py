"""What a run rested on and how each of its amounts came about: the record that makes it computable again.

All of it is append-only and is written in the run's own transaction.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField, NumbersField

from .grants import Grant
from .payments import BenefitRun, Payable


class RunRecord(models.Model):
    """The SQL that was executed, by what, on which input, with which standards and measures.

    `standards` and `measures`: the rows of those tables of the snapshot, with where each value comes from.
    `input_hash` is the digest of the snapshot's files, `counts` their rows. `seconds`: what each stage took.
    """

    run = models.OneToOneField(BenefitRun, primary_key=True, on_delete=models.PROTECT, related_name="record")
    rules_version = models.CharField(max_length=40)
    code_version = models.CharField(max_length=40)
    engine = models.CharField(max_length=40)
    sql = models.TextField()
    standards = models.JSONField()
    measures = models.JSONField()
    input_hash = models.CharField(max_length=64)
    counts = models.JSONField()
    seconds = models.JSONField()
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    area_code = AreaCodeField()


class RunFile(models.Model):
    """A piece of one file of the run's snapshot. No names, numbers or accounts are in it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    run = models.ForeignKey(BenefitRun, on_delete=models.PROTECT, related_name="files", db_index=False)
    table = models.CharField(max_length=24)
    part = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "table", "part"], name="run_file_part")]


class RunLine(models.Model):
    """What a run found of one subject: what it pays, what it would pay without the measures in force, and why.

    `number` is the line's number in the run, `grant_number`, `person_number` and `household_number` the subject's in the
    snapshot. `findings` are the values of the rule's kept columns in their order, from which, with the run's standards,
    every step can be derived again; `reasons` the bits of what changed or stopped it (rules.benefits.reasons). `held`:
    why nothing is owed, or owed and not listed (rules.monthly.Held). A line that is owed has the id of its payable; no
    payable: nothing is owed. `is_computed` false: the facts that the rules need were never recorded, and what was
    decided is paid.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    run = models.ForeignKey(
        BenefitRun, related_name="lines", db_index=False, on_delete=models.PROTECT, db_constraint=False
    )
    number = models.BigIntegerField()
    grant_number = models.BigIntegerField(null=True)
    person_number = models.BigIntegerField(null=True)
    household_number = models.BigIntegerField(null=True)
    grant = models.ForeignKey(Grant, null=True, related_name="run_lines", on_delete=models.PROTECT, db_constraint=False)
    subject_id = models.UUIDField()
    unit_code = AreaCodeField()
    payable = models.ForeignKey(
        Payable, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount_fen = FenField()
    ordinary_fen = FenField()
    decided_fen = FenField()
    last_paid_fen = FenField()
    findings = NumbersField()
    reasons = models.BigIntegerField()
    is_computed = models.BooleanField()
    held = models.CharField(max_length=16, blank=True)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="run_line_number"),
            models.CheckConstraint(condition=Q(payable=None) | Q(payable=F("id")), name="run_line_of_its_payable"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_id", "run"], name="run_line_subject"),
            # What a measure makes differ from the ordinary outcome is looked for when the measure is lifted.
            models.Index(fields=["area_code"], condition=~Q(amount_fen=F("ordinary_fen")), name="run_line_kept"),
        ]
