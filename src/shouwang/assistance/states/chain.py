"""The payment chain: a list from 清册 to 对账, its steps as data, and what becomes of each try to pay."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class AttemptState(models.TextChoices):
    OPEN = "open", "待发放"
    SUCCEEDED = "succeeded", "已到账"
    RETURNED = "returned", "退票"
    REVERSED = "reversed", "已冲回"
    CANCELLED = "cancelled", "已取消"


class OutcomeKind(models.TextChoices):
    PAID = "paid", "到账"
    RETURNED = "returned", "退票"
    REVERSED = "reversed", "冲回"
    CANCELLED = "cancelled", "取消"


ATTEMPT_AFTER: dict[tuple[str, str], str] = {
    (AttemptState.OPEN, OutcomeKind.PAID): AttemptState.SUCCEEDED,
    (AttemptState.OPEN, OutcomeKind.RETURNED): AttemptState.RETURNED,
    (AttemptState.OPEN, OutcomeKind.CANCELLED): AttemptState.CANCELLED,
    (AttemptState.RETURNED, OutcomeKind.CANCELLED): AttemptState.CANCELLED,
    (AttemptState.SUCCEEDED, OutcomeKind.REVERSED): AttemptState.REVERSED,
}
"""What an outcome makes of an attempt; any other pair is refused."""


class Channel(models.TextChoices):
    BANK = "bank", "银行代发"
    CASH = "cash", "现金"


class BatchState(models.TextChoices):
    """A monthly list on its way: 清册 -> 乡镇 -> 县区 -> 财务 -> 银行 -> 回盘 -> 对账."""

    DRAFTED = "drafted", "已生成清册"
    TOWNSHIP_CONFIRMED = "township_confirmed", "乡镇已确认"
    COUNTY_APPROVED = "county_approved", "县区已审批"
    FINANCE_APPROVED = "finance_approved", "财务已审核"
    SENT = "sent", "已送银行"
    RETURNED = "returned", "银行已回盘"
    RECONCILED = "reconciled", "已对账"
    VOIDED = "voided", "已作废"


class BatchVerb(models.TextChoices):
    """The steps of the chain; `open` is the run (or the re-issue) that made the list."""

    OPEN = "open", "生成清册"
    CONFIRM = "confirm", "乡镇确认"
    APPROVE = "approve", "县区审批"
    APPROVE_FUNDS = "approve_funds", "财务审核"
    SEND = "send", "送银行"
    RECEIVE = "receive", "读入回盘"
    RECONCILE = "reconcile", "对账"
    SEND_BACK = "send_back", "退回"
    REOPEN_PART = "reopen_part", "撤下明细，重新确认"
    VOID = "void", "作废"


@dataclass(frozen=True, slots=True)
class BatchStep:
    """One step of the chain: who takes it, from which states to which.

    `is_personal`: nobody who took another personal step of the batch may take it. Reading the bank's answer decides
    nothing, so whoever sent the list may read it in.
    """

    verb: BatchVerb
    from_states: frozenset[str]
    to_state: BatchState
    roles: frozenset[str]
    is_personal: bool = True


BATCH_STEPS: tuple[BatchStep, ...] = (
    BatchStep(
        BatchVerb.CONFIRM,
        frozenset({BatchState.DRAFTED}),
        BatchState.TOWNSHIP_CONFIRMED,
        frozenset({"township_assistant", "township_head", "county_officer"}),
    ),
    BatchStep(
        BatchVerb.APPROVE,
        frozenset({BatchState.TOWNSHIP_CONFIRMED}),
        BatchState.COUNTY_APPROVED,
        frozenset({"county_leader"}),
    ),
    BatchStep(
        BatchVerb.APPROVE_FUNDS,
        frozenset({BatchState.COUNTY_APPROVED}),
        BatchState.FINANCE_APPROVED,
        frozenset({"finance"}),
    ),
    BatchStep(
        BatchVerb.SEND,
        frozenset({BatchState.FINANCE_APPROVED}),
        BatchState.SENT,
        frozenset({"finance", "county_officer", "city_officer"}),
    ),
    BatchStep(
        BatchVerb.RECEIVE,
        frozenset({BatchState.SENT, BatchState.RETURNED}),
        BatchState.RETURNED,
        frozenset({"finance", "county_officer", "city_officer"}),
        is_personal=False,
    ),
    BatchStep(
        BatchVerb.RECONCILE,
        frozenset({BatchState.RETURNED}),
        BatchState.RECONCILED,
        frozenset({"finance", "county_officer", "city_officer"}),
    ),
)

STEP_OF: dict[str, BatchStep] = {step.verb: step for step in BATCH_STEPS}

SENT_BACK_FROM: dict[str, BatchStep] = {
    state: step
    for step in BATCH_STEPS
    for state in step.from_states
    if step.verb in (BatchVerb.CONFIRM, BatchVerb.APPROVE, BatchVerb.APPROVE_FUNDS, BatchVerb.SEND)
}
"""Until a list has left, whoever may take its next step may send it back instead. By state: that step."""


NOT_STEPS: frozenset[str] = frozenset({BatchVerb.RECEIVE, BatchVerb.REOPEN_PART, BatchVerb.VOID})
"""Moves that decide nothing about the list: whoever made one may still take a step of it."""

VOIDS = BatchStep(
    BatchVerb.VOID,
    frozenset({BatchState.DRAFTED}),
    BatchState.VOIDED,
    frozenset({"township_assistant", "township_head", "county_officer"}),
    is_personal=False,
)
"""The end of a list whose every line was withdrawn. Nobody is asked: it comes with the last line, while nothing is held
back for the list yet."""

CHAIN: tuple[BatchState, ...] = tuple(state for state in BatchState if state != BatchState.VOIDED)
"""The states that a list goes through when it is paid, in order."""
