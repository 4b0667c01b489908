"""Rows of the payment chain, one at a time: payable, covered persons, attempt, outcome.

Guarantees: nothing is owed twice and nothing is paid twice; the database refuses it, and the refusal names the row that
stands in the way. Every row is written inside the caller's transaction; the caller has authorised, and writes the
audit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.ledger.public import Entry
from shouwang.registry.public import BankAccount

from ..errors import AlreadyPayable, AlreadyPaying
from ..models import (
    BenefitRun,
    Grant,
    Payable,
    PayablePerson,
    PaymentAttempt,
    PaymentBatch,
    PaymentOutcome,
    ReliefCase,
)
from ..states import ATTEMPT_AFTER, AttemptState, OutcomeKind, Programme


def create_payable(
    *,
    programme: str,
    benefit_month: date,
    household_id: UUID | None,
    person_id: UUID | None,
    reason_key: str,
    amount_fen: int,
    area_code: int,
    origin: str,
    payee_id: UUID | None,
    person_ids: Iterable[UUID],
    case: ReliefCase | None = None,
    grant: Grant | None = None,
    run: BenefitRun | None = None,
) -> Payable:
    """What is owed to one household or one person, and whom it covers. Raises AlreadyPayable, Invalid."""
    _demand_transaction()
    subject_id = household_id or person_id
    if subject_id is None or (household_id and person_id):
        raise Invalid(_("应发必须归属一个家庭或者一个人"), reason="payable.one_subject")
    if amount_fen <= 0:
        raise Invalid(_("应发金额必须大于零"), reason="payable.not_positive", amount_fen=amount_fen)
    month = benefit_month.replace(day=1)
    try:
        with transaction.atomic():
            payable = Payable.objects.create(
                programme=programme,
                benefit_month=month,
                household_id=household_id,
                person_id=person_id,
                subject_id=subject_id,
                reason_key=reason_key,
                amount_fen=amount_fen,
                area_code=area_code,
                origin=origin,
                payee_id=payee_id,
                case=case,
                grant=grant,
                run=run,
                recorded_at=clock.now(),
            )
    except IntegrityError as error:
        if "payable_once" not in str(error):
            raise
        existing = Payable.objects.filter(
            programme=programme, benefit_month=month, subject_id=subject_id, reason_key=reason_key
        ).first()
        raise AlreadyPayable(
            _("%(programme)s %(month)s 已经列入应发，不能重复列入。请在资金发放中查看原来的那一笔。")
            % {"programme": Programme(programme).label, "month": f"{month:%Y-%m}"},
            payable_id=existing.id if existing else None,
            programme=programme,
            benefit_month=month,
            subject_id=subject_id,
        ) from error
    PayablePerson.objects.bulk_create(
        PayablePerson(payable=payable, person_id=covered, area_code=area_code) for covered in dict.fromkeys(person_ids)
    )
    return payable


def open_attempt(
    *,
    payable: Payable,
    channel: str,
    amount_fen: int,
    account: BankAccount | None = None,
    batch: PaymentBatch | None = None,
    line_number: int | None = None,
) -> PaymentAttempt:
    """One try to pay the whole payable, outside the monthly lists. Raises AlreadyPaying, Invalid.

    A line of a batch belongs to a part of it: `commands.lists` writes those, in bulk.
    """
    _demand_transaction()
    if batch is not None or line_number is not None:
        raise Invalid(_("清册中的发放行由清册生成"), reason="attempt.belongs_to_a_list")
    if amount_fen != payable.amount_fen:
        raise Invalid(
            _("发放金额必须等于应发金额"),
            reason="attempt.amount",
            amount_fen=amount_fen,
            payable_fen=payable.amount_fen,
        )
    try:
        with transaction.atomic():
            return PaymentAttempt.objects.create(
                payable=payable,
                channel=channel,
                account=account,
                amount_fen=amount_fen,
                area_code=payable.area_code,
                state=AttemptState.OPEN,
                recorded_at=clock.now(),
            )
    except IntegrityError as error:
        if "attempt_one_live" not in str(error):
            raise
        raise AlreadyPaying(
            _("这一笔正在发放或者已经到账，不能再次发放。如果确实发错，请先冲回。"), payable_id=payable.id
        ) from error


def record_outcome(
    *,
    actor: Actor,
    attempt: PaymentAttempt,
    kind: str,
    paid_on: date,
    reason: str = "",
    entry: Entry | None = None,
) -> PaymentOutcome:
    """What became of an attempt. A reversal carries the day of the payment it takes back. Raises StateConflict."""
    _demand_transaction()
    locked = PaymentAttempt.objects.select_for_update().select_related("payable").get(pk=attempt.pk)
    after = ATTEMPT_AFTER.get((locked.state, kind))
    if after is None:
        raise StateConflict(
            _("这一笔%(state)s，不能记为%(outcome)s。请刷新后查看。")
            % {"state": AttemptState(locked.state).label, "outcome": OutcomeKind(kind).label},
            reason="attempt.state",
            attempt_id=locked.id,
            state=locked.state,
        )
    PaymentAttempt.objects.filter(pk=locked.pk).update(state=after)
    attempt.state = after
    return PaymentOutcome.objects.create(
        attempt=locked,
        payable=locked.payable,
        kind=kind,
        programme=locked.payable.programme,
        paid_on=paid_on,
        amount_fen=locked.amount_fen,
        area_code=locked.area_code,
        reason=reason,
        entry=entry,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )


def _demand_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("a payable belongs into the command's transaction")
