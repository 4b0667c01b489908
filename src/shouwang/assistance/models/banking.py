"""What stands around the payment of a month: how a unit's bank takes lists, cards that others hold, months closed.

All three are records of what was decided: a later row stands in for an earlier one, nothing is edited.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField


class BankArrangement(models.Model):
    """代发银行: in which form a paying unit's bank takes its lists, and the account they are paid from.

    `fund` empty: for every fund of the unit that has none of its own. The latest row holds; a list keeps the one that
    held when it was sent.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    area_code = AreaCodeField()
    fund = models.ForeignKey("ledger.Fund", null=True, on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(max_length=20)
    payer_name = models.CharField(max_length=140, blank=True)
    payer_account = EncryptedTextField(null=True)
    payer_account_tail = models.CharField(max_length=4, blank=True)
    payer_bank = models.CharField(max_length=140, blank=True)
    payer_bank_code = models.CharField(max_length=12, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area_code", "-recorded_at"], name="bank_arrangement_area")]


class CardAgreement(models.Model):
    """代管协议: who holds the card or is paid on the account for whom, from a day until a day, with the paper on file.

    民发〔2021〕57号 art. 26: a card held for a family needs a written agreement filed with the county. `account_index` is
    the blind index of the account that the person is paid on; `ended_on` is the first day without the agreement.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="card_agreements")
    account_index = models.BinaryField(max_length=16)
    account_tail = models.CharField(max_length=4)
    keeper_name = models.CharField(max_length=64)
    keeper_relation = models.CharField(max_length=64)
    document_number = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True)
    ended_by = models.UUIDField(null=True)
    area_code = AreaCodeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_index"], name="card_agreement_account"),
            models.Index(fields=["area_code", "-recorded_at"], name="card_agreement_area"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="card_agreement_period"
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | ~Q(ended_reason=""), name="card_agreement_end_reason"),
        ]


class MonthClosing(models.Model):
    """结账: a unit's month as it stood when it was closed. Append-only, once a unit and month.

    `sums`: one row a programme and fund with the three sums in fen. `open_items`: what was still open, listed with its
    age in days; never an unexplained difference.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    area_code = AreaCodeField()
    benefit_month = models.DateField()
    sums = models.JSONField()
    open_items = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_code", "benefit_month"], name="month_closed_once"),
            models.CheckConstraint(condition=Q(benefit_month__day=1), name="month_closing_of_a_month"),
        ]
