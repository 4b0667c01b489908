"""The register 底册: persons, households, dated facts about them, organisations.

Facts that decide money are rows with `valid_from` (the world) and `recorded_at` (this system); they are appended,
never edited, and store no end: a later row of the same kind ends the earlier one, so an overlap cannot be written.
Two rows of one fact never share both instants (unique), so "the latest" is always one row. `queries.as_of` is the only
way to read them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField

from .states import (
    HouseholdFactKind,
    ImportFileRole,
    ImportState,
    NoIdReason,
    OrganisationKind,
    PersonFactKind,
    Relation,
    Sex,
    TransferState,
)


class Person(models.Model):
    """A human being, found by ID number through the blind index, or without ID for a stated reason."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.CharField(max_length=64)
    sex = models.CharField(max_length=6, choices=Sex.choices)
    birth_on = models.DateField(null=True)
    id_number = EncryptedTextField(null=True)
    id_index = models.BinaryField(null=True, max_length=16)
    id_tail = models.CharField(max_length=4, blank=True)
    no_id_reason = models.CharField(max_length=16, choices=NoIdReason.choices, blank=True)
    phone = EncryptedTextField(null=True)
    phone_index = models.BinaryField(null=True, max_length=16)
    disability_certificate = EncryptedTextField(null=True)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id_index"], name="person_id_once"),
            models.CheckConstraint(condition=Q(id_index=None) ^ Q(no_id_reason=""), name="person_id_or_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["phone_index"], name="person_phone"),
            models.Index(fields=["area_code", "id"], name="person_area"),
            models.Index(fields=["name", "birth_on"], name="person_name_birth"),
        ]

    def __str__(self) -> str:
        return self.name


class Household(models.Model):
    """People who live together and are helped as one; its head and members are dated facts."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.CharField(max_length=24, unique=True)
    area_code = AreaCodeField()
    registered_on = models.DateField()
    recorded_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True)
    """When the import that registered it was undone: no list has it from then on, an earlier as-of still shows it."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "id"], name="household_area")]

    def __str__(self) -> str:
        return self.number


class Fact(models.Model):
    """A dated fact: what is so from `valid_from` on, as known from `recorded_at` on."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    source = models.CharField(max_length=64)
    area_code = AreaCodeField()

    class Meta:
        abstract = True


class Membership(Fact):
    """Which household a person lives in and as what. A null household: lives in none that we know of."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="memberships", db_index=False, db_constraint=False
    )
    household = models.ForeignKey(
        Household, null=True, on_delete=models.PROTECT, related_name="memberships", db_constraint=False
    )
    relation = models.CharField(max_length=16, choices=Relation.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "valid_from", "recorded_at"], name="membership_read"),
            models.CheckConstraint(condition=Q(household=None) ^ ~Q(relation=""), name="membership_relation"),
        ]


class PersonFact(Fact):
    """A fact about a person; both values null: no longer so. A set of codes is one value: "elderly,veteran"."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="facts", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=24, choices=PersonFactKind.choices)
    amount = models.BigIntegerField(null=True)
    code = models.CharField(max_length=160, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "valid_from", "recorded_at"], name="person_fact_read"),
            models.CheckConstraint(condition=Q(amount=None) | Q(code=None), name="person_fact_one_value"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="person_fact_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(kind="death"), name="person_fact_death"),
        ]


class HouseholdFact(Fact):
    """A fact about a household; both values null: no longer so."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="facts", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=24, choices=HouseholdFactKind.choices)
    amount = models.BigIntegerField(null=True)
    code = models.CharField(max_length=160, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "kind", "valid_from", "recorded_at"], name="household_fact_read"
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(code=None), name="household_fact_one_value"),
        ]


class BankAccount(Fact):
    """The account a person is paid on, from a date on; it may be another holder's by a recorded agreement."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="bank_accounts", db_index=False, db_constraint=False
    )
    bank_name = models.CharField(max_length=64)
    holder_name = models.CharField(max_length=64)
    account = EncryptedTextField()
    account_index = models.BinaryField(max_length=16)
    account_tail = models.CharField(max_length=4)
    agreement = models.CharField(max_length=128, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_index"], name="bank_account_index")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "valid_from", "recorded_at"], name="bank_account_read"),
        ]


class PersonMerge(models.Model):
    """Two records that are one person, or (a later row, `is_merged` false) are not after all. Append-only."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    duplicate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges", db_index=False)
    survivor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absorbed")
    is_merged = models.BooleanField()
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["duplicate", "recorded_at"], name="merge_read"),
            models.CheckConstraint(condition=~Q(duplicate=models.F("survivor")), name="merge_two_persons"),
        ]


class Transfer(models.Model):
    """A county asks for a person (alone or with the household) that another county's register holds.

    `area_code` is the village of the asking county where they live now, `from_area_code` the township that holds them;
    both sides see the row, neither sees more of the other's register.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transfers")
    masked_name = models.CharField(max_length=64)
    with_household = models.BooleanField()
    area_code = AreaCodeField()
    from_area_code = AreaCodeField()
    moved_on = models.DateField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=TransferState.choices)
    requested_by = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()
    answer = models.CharField(max_length=200, blank=True)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="requested"), name="transfer_open_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["area_code", "-recorded_at"], name="transfer_to"),
            models.Index(fields=["from_area_code", "-recorded_at"], name="transfer_from"),
        ]


class Organisation(models.Model):
    """An organisation with its unified social credit code."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.OTHER)
    credit_code = models.CharField(max_length=18, unique=True, null=True)
    area_code = AreaCodeField()
    contact_name = models.CharField(max_length=64, blank=True)
    contact_phone = EncryptedTextField(null=True)
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "kind", "id"], name="organisation_area")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One workbook that was checked and then loaded; what it wrote carries its id, so it can be undone.

    Counts are rows of the file and add up to `row_count`; a row counts as what became of its household.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=24)
    file_name = models.CharField(max_length=200)
    file_hash = models.BinaryField(max_length=32)
    state = models.CharField(max_length=8, choices=ImportState.choices)
    area_code = AreaCodeField()
    since = models.DateField()
    created_by = models.UUIDField(null=True)
    creator_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    equal_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    undecided_count = models.PositiveIntegerField(default=0)
    layout = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    report = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="import_area")]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """A part of a batch's workbook, sealed; deleted when nothing is left to do with it, at the latest when it expires."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="files", db_index=False)
    role = models.CharField(max_length=8, choices=ImportFileRole.choices)
    part = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    area_code = AreaCodeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "role", "part"], name="import_file_part")]
