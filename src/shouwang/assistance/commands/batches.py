"""The chain of a list: township, county, finance, bank, reconciliation. One verb a step; the table is `states.BATCH_STEPS`.

Guarantees: a step is taken once, from the right state, by the right post, and by nobody who took another step of the
same list; the money is held back before the list goes to the bank; a list is closed only when file, answers and book
agree to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotAllowed, StateConflict
from shouwang.ledger.public import check_fund_rules

from ..bank_files import BankProfile, OutList, fingerprint, generic_csv, lines_fingerprint, profile_of
from ..events import BatchMoved
from ..models import BatchMove, BatchPart, PaymentAttempt, PaymentBatch
from ..policies import ensure_may_take_bank_file, may_take_step, parts_of
from ..queries.banking import profile_for
from ..queries.batches import (
    Reconciliation,
    bank_list,
    confirmed_codes,
    no_such_batch,
    reconciliation,
    same_person,
    sending_of,
    taken_by,
)
from ..states import STEP_OF, BatchState, BatchStep, BatchVerb
from .money import hold_back
from .rows import insert_row, update_row


@dataclass(frozen=True, slots=True)
class BankFile:
    """The lines of a list as csv; `is_new` false: the list had been sent, and these are those lines again."""

    batch: PaymentBatch
    csv: bytes
    is_new: bool


@transaction.atomic
def confirm_townships(*, actor: Actor, batch_id: UUID, note: str = "") -> PaymentBatch:
    """乡镇确认: the actor's townships stand by their lines. The last township's word hands the list to the county."""
    batch, moves = lock_batch(batch_id)
    step = STEP_OF[BatchVerb.CONFIRM]
    part_codes = part_codes_of(batch)
    _ensure_may_step(actor, batch, step, moves, part_codes)
    _ensure_state(batch, step, moves)
    confirmed = confirmed_codes(batch, moves)
    awaited = [code for code in parts_of(actor, batch.area_code, part_codes) if code not in confirmed]
    if not awaited:
        raise StateConflict(_("您的部分已经确认，正在等待其他乡镇"), reason="batch.part_confirmed", batch_id=batch.id)
    # Parts of other townships lie outside a township's scope, so the batch's own count tells whether all have spoken.
    is_last = len(confirmed) + len(awaited) == batch.part_count
    for code in awaited[:-1]:
        _move(actor, batch, moves, step.verb, BatchState.DRAFTED, township_code=code, note=note)
    after = BatchState.TOWNSHIP_CONFIRMED if is_last else BatchState.DRAFTED
    _move(actor, batch, moves, step.verb, after, township_code=awaited[-1], note=note)
    audit_step(actor, batch, step.verb, townships=awaited)
    return batch


@transaction.atomic
def approve_batch(*, actor: Actor, batch_id: UUID, expected_version: int | None = None, note: str = "") -> PaymentBatch:
    """县区审批."""
    batch, moves = _take_step(actor, batch_id, BatchVerb.APPROVE, expected_version)
    _move(actor, batch, moves, BatchVerb.APPROVE, BatchState.COUNTY_APPROVED, note=note)
    audit_step(actor, batch, BatchVerb.APPROVE)
    return batch


@transaction.atomic
def approve_funds(*, actor: Actor, batch_id: UUID, expected_version: int | None = None, note: str = "") -> PaymentBatch:
    """财务审核: the fund may pay this, and the money is held back. Raises FundRefuses, InsufficientFunds: nobody is paid."""
    batch, moves = _take_step(actor, batch_id, BatchVerb.APPROVE_FUNDS, expected_version)
    highest = PaymentAttempt.objects.filter(batch=batch).aggregate(highest=Max("amount_fen"))["highest"] or 0
    check_fund_rules(batch.fund, batch.programme, highest)
    parts = list(BatchPart.objects.filter(batch=batch, amount_fen__gt=0).order_by("area_code"))
    hold_back(actor=actor, batch=batch, open_fen={part.id: part.amount_fen for part in parts}, parts=parts)
    _move(actor, batch, moves, BatchVerb.APPROVE_FUNDS, BatchState.FINANCE_APPROVED, note=note)
    audit_step(actor, batch, BatchVerb.APPROVE_FUNDS, fund=batch.fund.code)
    return batch


@transaction.atomic
def send_batch(*, actor: Actor, batch_id: UUID, expected_version: int | None = None) -> BankFile:
    """送银行: write the bank file and keep its fingerprint. Sent before, it is the same file again and no second step."""
    batch, moves = lock_batch(batch_id)
    if batch.bank_file_hash is not None:
        ensure_may_take_bank_file(actor, batch.area_code)
        return BankFile(batch, generic_csv(same_list(actor=actor, batch=batch)), is_new=False)
    ensure_step(actor=actor, batch=batch, moves=moves, verb=BatchVerb.SEND, expected_version=expected_version)
    out = bank_list(batch, moves)
    if len(out.lines) != batch.line_count or out.amount_fen != batch.amount_fen:
        raise Conflict(
            _("批次 %(number)s 的明细与合计不一致，未送银行。请联系系统管理员。") % {"number": batch.number},
            reason="batch.sums",
            batch_id=batch.id,
        )
    profile = profile_for(batch, out.made_at)
    if profile.needs_payer:
        profile.write(out)  # a list that its bank's form cannot carry does not leave
    csv = generic_csv(out)
    batch.bank_file_hash = fingerprint(csv)
    _move(actor, batch, moves, BatchVerb.SEND, BatchState.SENT)
    audit_step(actor, batch, BatchVerb.SEND, sha256=batch.bank_file_hash.hex(), profile=profile.key)
    return BankFile(batch, csv, is_new=True)


@transaction.atomic
def take_bank_file(*, actor: Actor, batch_id: UUID, file_format: str = "") -> tuple[PaymentBatch, BankProfile, bytes]:
    """The file of a sent list once more; written into the audit, for it shows whole accounts.

    `file_format` is the key of a bank profile; empty: the one that the unit's bank took when the list left.
    """
    batch, moves = lock_batch(batch_id)
    ensure_may_take_bank_file(actor, batch.area_code)
    sent = sending_of(moves)
    if batch.bank_file_hash is None or sent is None:
        raise StateConflict(_("财务审核并送银行之后才能下载代发文件"), reason="batch.not_sent", batch_id=batch.id)
    profile = profile_of(file_format) if file_format else profile_for(batch, sent.recorded_at)
    return batch, profile, profile.write(same_list(actor=actor, batch=batch, profile=profile.key))


def same_list(*, actor: Actor, batch: PaymentBatch, profile: str = "") -> OutList:
    """A sent list, read again. Raises Conflict when it differs from what was sent."""
    out = bank_list(batch)
    if lines_fingerprint(out) != bytes(batch.bank_file_hash or b""):
        raise Conflict(
            _("批次 %(number)s 的明细与已送银行的文件不一致，不能重新生成。请联系系统管理员。")
            % {"number": batch.number},
            reason="batch.file_differs",
            batch_id=batch.id,
        )
    audit_step(actor, batch, "take_file", profile=profile)
    return out


@transaction.atomic
def reconcile_batch(*, actor: Actor, batch_id: UUID, expected_version: int | None = None) -> Reconciliation:
    """对账: closes a list whose file, answers and book agree to the fen; else refuses and says what does not."""
    batch, moves = _take_step(actor, batch_id, BatchVerb.RECONCILE, expected_version)
    sums = reconciliation(batch)
    if not sums.agrees:
        raise Conflict(
            _(
                "对账不平，批次没有关闭：送银行 %(file)s 元，到账 %(paid)s 元，退票 %(returned)s 元，"
                "账本已发放 %(book)s 元，还有 %(open)s 笔没有结果。"
            )
            % {
                "file": money.yuan(sums.file_fen),
                "paid": money.yuan(sums.paid_fen),
                "returned": money.yuan(sums.returned_fen),
                "book": money.yuan(sums.book_paid_fen),
                "open": sums.open_count,
            },
            reason="batch.does_not_agree",
            batch_id=batch.id,
            open_count=sums.open_count,
        )
    _move(actor, batch, moves, BatchVerb.RECONCILE, BatchState.RECONCILED)
    audit_step(actor, batch, BatchVerb.RECONCILE, paid_fen=sums.paid_fen, returned_fen=sums.returned_fen)
    return sums


def lock_batch(batch_id: UUID) -> tuple[PaymentBatch, list[BatchMove]]:
    """The batch, held against every other step, and its hand-overs. Raises NotFound."""
    batch = PaymentBatch.objects.select_for_update(of=("self",)).select_related("fund").filter(id=batch_id).first()
    if batch is None:
        raise no_such_batch(batch_id)
    return batch, moves_of(batch)


def moves_of(batch: PaymentBatch) -> list[BatchMove]:
    """Its hand-overs, in order."""
    return list(BatchMove.objects.filter(batch=batch).order_by("position"))


def _take_step(
    actor: Actor, batch_id: UUID, verb: BatchVerb, expected_version: int | None
) -> tuple[PaymentBatch, list[BatchMove]]:
    batch, moves = lock_batch(batch_id)
    ensure_step(actor=actor, batch=batch, moves=moves, verb=verb, expected_version=expected_version)
    return batch, moves


def part_codes_of(batch: PaymentBatch) -> list[int]:
    """The places of the parts that the scope shows."""
    return list(BatchPart.objects.filter(batch=batch).values_list("area_code", flat=True))


def ensure_step(
    *, actor: Actor, batch: PaymentBatch, moves: list[BatchMove], verb: BatchVerb, expected_version: int | None = None
) -> None:
    """Raises NotAllowed, NotFound, Conflict (someone was faster: who, when, what), StateConflict."""
    step = STEP_OF[verb]
    # Only a confirmation asks which townships have a part.
    _ensure_may_step(actor, batch, step, moves, part_codes_of(batch) if verb == BatchVerb.CONFIRM else ())
    if expected_version is not None and expected_version != batch.version:
        raise _changed(batch, moves)
    _ensure_state(batch, step, moves)


def _ensure_may_step(
    actor: Actor, batch: PaymentBatch, step: BatchStep, moves: list[BatchMove], part_codes: Sequence[int]
) -> None:
    if not may_take_step(actor, step, batch.area_code, part_codes):
        raise NotAllowed(
            _("“%(step)s”不由您的岗位办理") % {"step": step.verb.label}, reason="batch.role", batch_id=batch.id
        )
    taken = taken_by(actor, moves, step)
    if taken is not None:
        raise NotAllowed(same_person(taken), reason="batch.same_person", batch_id=batch.id, verb=taken.verb)


def _ensure_state(batch: PaymentBatch, step: BatchStep, moves: list[BatchMove]) -> None:
    if batch.is_history or batch.state not in step.from_states:
        last = moves[-1] if moves else None
        raise StateConflict(
            _("批次 %(number)s %(state)s，不能办理“%(step)s”。上一步由%(who)s办理。")
            % {
                "number": batch.number,
                "state": BatchState(batch.state).label,
                "step": step.verb.label,
                "who": last.actor_name if last else "—",
            },
            reason="batch.state",
            batch_id=batch.id,
            state=batch.state,
        )


def _changed(batch: PaymentBatch, moves: list[BatchMove]) -> Conflict:
    last = moves[-1]
    return Conflict(
        _("批次 %(number)s 已由%(who)s于 %(at)s 办理“%(verb)s”，您看到的不是最新内容。请刷新后再办。")
        % {
            "number": batch.number,
            "who": last.actor_name,
            "at": f"{last.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "verb": BatchVerb(last.verb).label,
        },
        reason="batch.changed",
        who=last.actor_name,
        at=last.recorded_at,
        verb=last.verb,
    )


def _move(
    actor: Actor,
    batch: PaymentBatch,
    moves: list[BatchMove],
    verb: BatchVerb,
    to_state: BatchState,
    *,
    township_code: int | None = None,
    note: str = "",
) -> None:
    move_batch(
        actor=actor, batch=batch, moves=moves, verb=verb, to_state=to_state, township_code=township_code, note=note
    )


def move_batch(
    *,
    actor: Actor,
    batch: PaymentBatch,
    moves: list[BatchMove],
    verb: BatchVerb,
    to_state: BatchState,
    township_code: int | None = None,
    note: str = "",
) -> None:
    """Append the hand-over, to `moves` too, set the state and tell the apps above.

    The caller holds the lock, has read the `moves` under it and has checked the step.
    """
    asked_again = (BatchVerb.REOPEN_PART, batch.round, township_code)
    turns = sum((move.verb, move.round, move.township_code) == asked_again for move in moves)
    move = BatchMove(
        batch=batch,
        position=len(moves) + 1,
        round=batch.round,
        turn=turns + 1,
        verb=verb,
        from_state=batch.state,
        to_state=to_state,
        township_code=township_code,
        user_id=actor.user_id,
        post_id=actor.post_id,
        actor_name=actor.name,
        recorded_at=clock.now(),
        note=note.strip()[:200],
        area_code=township_code or batch.area_code,
    )
    insert_row(move)
    moves.append(move)
    if verb == BatchVerb.SEND_BACK:
        batch.round += 1
    elif batch.state == to_state:
        return
    before, batch.state = batch.state, to_state
    batch.version += 1
    update_row(batch, ("state", "round", "version", "bank_file_hash", "return_file_hash"))
    events.publish(BatchMoved(batch.id, before, to_state, batch.area_code))


def audit_step(actor: Actor, batch: PaymentBatch, verb: str, **data: object) -> None:
    audit.record(
        actor=actor,
        action=f"batch.{verb}",
        subject=f"batch:{batch.id}",
        area_code=batch.area_code,
        data={"number": batch.number, "state": batch.state, **data},
    )
