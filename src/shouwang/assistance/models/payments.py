"""The monthly payment: run, list and its steps, what is owed, and what became of every try to pay it.

A payable 应发 is unique per programme, month, subject and reason; a payment attempt 发放 pays it, at most one open or
succeeded. What figures count are outcomes: append-only rows with the day it was paid and the instant it was recorded.
Every month writes these tables in bulk: a foreign key that begins a unique constraint has no index of its own, and the
references of payables, attempts, outcomes and run lines are checked once a statement (kernel.schema.referenced).
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Case, F, Q, Value, When

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import AttemptState, BatchState, BatchVerb, Channel, Origin, OutcomeKind, Programme
from .grants import Grant
from .relief import ReliefCase


class BenefitRun(models.Model):
    """One month of one programme in one area, computed once; asking again gives this run.

    `measures`: ids of the measures in force that it obeyed. `report`: how many grants it met and why some owe nothing
    or wait for an account, by code of `rules.monthly`.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    benefit_month = models.DateField()
    area_code = AreaCodeField()
    payable_count = models.PositiveIntegerField()
    person_count = models.PositiveIntegerField()
    amount_fen = FenField()
    measures = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "benefit_month", "area_code"], name="run_once"),
            models.CheckConstraint(condition=Q(benefit_month__day=1), name="run_of_a_month"),
        ]


class PaymentBatch(models.Model):
    """A list paid together: one county unit, programme, month and fund, moving along the chain of officers."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=32, unique=True)
    run = models.ForeignKey(BenefitRun, null=True, on_delete=models.PROTECT, related_name="batches")
    programme = models.CharField(max_length=24, choices=Programme.choices)
    benefit_month = models.DateField()
    area_code = AreaCodeField()
    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT)
    state = models.CharField(max_length=20, choices=BatchState.choices)
    line_count = models.PositiveIntegerField()
    part_count = models.PositiveIntegerField()
    amount_fen = FenField()
    is_reissue = models.BooleanField(default=False)
    is_history = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)
    """How many times the list set out: each time it is sent back, the townships confirm anew."""
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    bank_file_hash = models.BinaryField(null=True, max_length=32)
    return_file_hash = models.BinaryField(null=True, max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "state", "benefit_month"], name="batch_area")]


class BatchPart(models.Model):
    """The lines of a batch that one township answers for, and the money held back for them in the book.

    Where a unit has no township of its own (综合保税区), the part is a village or the unit itself. `area_code` is the
    part's place: it makes the batch visible to the township, and the ledger entries of these lines lie there.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="parts", db_index=False)
    area_code = AreaCodeField()
    line_count = models.PositiveIntegerField()
    amount_fen = FenField()
    reservation = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "area_code"], name="batch_part_once")]


class BatchMove(models.Model):
    """A batch handed over: from a state to a state, by one officer; a township confirms its own lines."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="moves", db_index=False)
    position = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    turn = models.PositiveSmallIntegerField(default=1)
    """How many times the township was asked in this round: once more for each time its confirmed lines changed."""
    verb = models.CharField(max_length=16, choices=BatchVerb.choices)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    township_code = AreaCodeField(null=True)
    user_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_move_position"),
            models.UniqueConstraint(
                fields=["batch", "round", "township_code", "turn"],
                condition=Q(verb="confirm"),
                name="batch_township_once",
            ),
        ]


class Payable(models.Model):
    """应发: what is owed to one subject for one programme, month and reason. Unique, so nothing is owed twice."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    benefit_month = models.DateField()
    household = models.ForeignKey(
        "registry.Household", null=True, related_name="payables", on_delete=models.PROTECT, db_constraint=False
    )
    person = models.ForeignKey(
        "registry.Person",
        null=True,
        related_name="payables",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
    )
    subject_id = models.UUIDField()
    reason_key = models.CharField(max_length=60)
    amount_fen = FenField()
    area_code = AreaCodeField()
    origin = models.CharField(max_length=12, choices=Origin.choices)
    grant = models.ForeignKey(Grant, null=True, related_name="payables", on_delete=models.PROTECT, db_constraint=False)
    case = models.ForeignKey(
        ReliefCase, null=True, related_name="payables", on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    run = models.ForeignKey(
        BenefitRun, null=True, related_name="payables", on_delete=models.PROTECT, db_constraint=False
    )
    payee = models.ForeignKey(
        "registry.Person", null=True, related_name="+", on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    was_listed_at_once = models.BooleanField(default=False, db_default=False)
    """Whether the list that pays it was written together with it; the few others are what may wait for an account."""
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "benefit_month", "subject_id", "reason_key"], name="payable_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payable_positive"),
            models.CheckConstraint(condition=Q(benefit_month__day=1), name="payable_of_a_month"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "benefit_month", "area_code"], name="payable_area"),
            # The most are owed to households by their grants: the others do not make every row pay for an index.
            models.Index(fields=["person"], condition=~Q(person=None), name="payable_person"),
            models.Index(fields=["case"], condition=~Q(case=None), name="payable_case"),
            # What `queries.problems` looks through: a run lists nearly all it owes, and history was paid before.
            models.Index(
                fields=["area_code"],
                condition=Q(was_listed_at_once=False, case=None) & ~Q(origin="history"),
                name="payable_not_listed",
            ),
        ]


class PayablePerson(models.Model):
    """A person whom a payable covers, with area as of then: what distinct counts count."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payable = models.ForeignKey(Payable, related_name="persons", on_delete=models.PROTECT, db_constraint=False)
    person = models.ForeignKey(
        "registry.Person", related_name="covered_by", on_delete=models.PROTECT, db_constraint=False
    )
    area_code = AreaCodeField()


_LIVE = UUID(int=0)


class PaymentAttempt(models.Model):
    """发放: one try to pay a payable. At most one is open or succeeded; the database holds that."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payable = models.ForeignKey(
        Payable, related_name="attempts", on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        PaymentBatch, null=True, related_name="attempts", db_index=False, on_delete=models.PROTECT, db_constraint=False
    )
    line_number = models.PositiveIntegerField(null=True)
    part = models.ForeignKey(
        BatchPart, null=True, related_name="attempts", on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    channel = models.CharField(max_length=4, choices=Channel.choices)
    account = models.ForeignKey(
        "registry.BankAccount", null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    amount_fen = FenField()
    area_code = AreaCodeField()
    state = models.CharField(max_length=10, choices=AttemptState.choices)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            # Of a payable's attempts the live ones share a key, every other has its own; and the index finds them all.
            models.UniqueConstraint(
                F("payable"),
                Case(When(state__in=["open", "succeeded"], then=Value(_LIVE)), default=F("id")),
                name="attempt_one_live",
            ),
            models.UniqueConstraint(fields=["batch", "line_number"], name="attempt_line_once"),
            models.CheckConstraint(
                condition=Q(batch=None, part=None, line_number=None)
                | (~Q(batch=None) & ~Q(part=None) & ~Q(line_number=None)),
                name="attempt_line_has_its_place",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["area_code"], condition=Q(state="returned"), name="attempt_returned"),
        ]


class PaymentOutcome(models.Model):
    """What became of an attempt: paid, returned, or reversed later. Append-only; figures count these rows."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="outcomes", db_index=False)
    payable = models.ForeignKey(Payable, related_name="outcomes", on_delete=models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=9, choices=OutcomeKind.choices)
    programme = models.CharField(max_length=24, choices=Programme.choices)
    paid_on = models.DateField()
    amount_fen = FenField()
    area_code = AreaCodeField()
    reason = models.CharField(max_length=100, blank=True)
    entry = models.ForeignKey(
        "ledger.Entry", null=True, related_name="outcomes", on_delete=models.PROTECT, db_constraint=False
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["attempt", "kind"], name="outcome_once")]
        indexes: ClassVar = [
            models.Index(fields=["programme", "kind", "paid_on", "area_code"], name="outcome_figures"),
        ]
