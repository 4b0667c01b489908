"""The book 账本: money (and later goods) in double entry.

An entry lies in one area and sums to zero per fund and unit: the database refuses any other. Nothing is edited or
deleted; a mistake is a reversing entry with a reason. A bulk payment is one entry per batch x township x fund, and its
lines point to it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from .states import AccountKind, EntryKind, FundLevel


class Unit(models.Model):
    """What is counted: CNY in fen; later a goods item in its smallest unit."""

    code = models.CharField(primary_key=True, max_length=24)
    label = models.CharField(max_length=40)


class Fund(models.Model):
    """Money with a purpose: who gave it, for what, in which area, under which rules.

    `rules` is `rules.FundRules` as JSON: what an app may pay from it.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=8, choices=FundLevel.choices)
    purpose = models.CharField(max_length=200)
    rules = models.JSONField(default=dict)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A place where a fund's money stands: unit x fund x owner (an area). Its entries lie inside that area."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=16, choices=AccountKind.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT)
    area_code = AreaCodeField()
    name = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "unit", "fund", "area_code"], name="account_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "kind"], name="account_area")]

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """One event in the book. `id` may be client-made; `source` names the record that caused it ("batch:<id>")."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    area_code = AreaCodeField()
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    source = models.CharField(max_length=80)
    memo = models.CharField(max_length=200)
    resolves = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="resolution")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversal")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source"], name="entry_source"),
            models.Index(fields=["area_code", "-recorded_at"], name="entry_area"),
            models.Index(fields=["id"], condition=Q(kind="reserve"), name="entry_reservations"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["post", "void"]) ^ Q(resolves=None), name="entry_resolves_reservation"
            ),
            models.CheckConstraint(condition=Q(kind="reverse") ^ Q(reverses=None), name="entry_reverses_posted"),
        ]


class Posting(models.Model):
    """One side of an entry: `quantity` in the unit's smallest part, debit positive.

    `position` counts from 1 inside the entry. With its unique key it keeps a second statement from adding to an entry.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings", db_index=False)
    quantity = models.BigIntegerField()
    area_code = AreaCodeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "position"], name="posting_position_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="posting_not_zero"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account"], include=["quantity", "area_code"], name="posting_balance"),
        ]
