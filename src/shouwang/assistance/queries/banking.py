"""How a paying unit's bank takes its lists: the arrangement in force, and those on record."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from shouwang.kernel.actor import Actor

from ..bank_files import DEFAULT_PROFILE, BankProfile, Payer, profile_of
from ..models import BankArrangement, PaymentBatch
from ..policies import ensure_may_read_payments


def arrangement_for(batch: PaymentBatch, at: datetime) -> BankArrangement | None:
    """The unit's arrangement for the batch's fund, else for all its funds, as recorded up to `at`."""
    found = BankArrangement.objects.filter(
        Q(fund_id=batch.fund_id) | Q(fund=None), area_code=batch.area_code, recorded_at__lte=at
    )
    by_fund = sorted(found, key=lambda one: (one.fund_id is not None, one.recorded_at))
    return by_fund[-1] if by_fund else None


def profile_for(batch: PaymentBatch, at: datetime) -> BankProfile:
    """The form in which the batch leaves, or left at `at`: a workbook unless the unit arranged otherwise."""
    arranged = arrangement_for(batch, at)
    return profile_of(arranged.profile if arranged else DEFAULT_PROFILE)


def payer_of(batch: PaymentBatch, at: datetime) -> Payer | None:
    """The account the batch is paid from; None when none is on record."""
    arranged = arrangement_for(batch, at)
    if arranged is None or not arranged.payer_account_tail:
        return None
    account: str = arranged.payer_account
    return Payer(arranged.payer_name, account, arranged.payer_bank, arranged.payer_bank_code)


def list_arrangements_for(actor: Actor) -> QuerySet[BankArrangement]:
    """Every arrangement in scope, the latest first; accounts are not read."""
    ensure_may_read_payments(actor)
    found = BankArrangement.objects.filter(actor.scope.q()).defer("payer_account").select_related("fund")
    return found.order_by("area_code", "-recorded_at", "-id")
