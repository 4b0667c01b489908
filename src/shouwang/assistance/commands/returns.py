"""回盘: what the bank says of a sent list, line by line.

Guarantees: an answer is taken only for the line it names by batch, number and amount; the same answer again changes
nothing, another answer for an answered line is refused; lines that the file does not name stay open, with their money
held back; every township's answers are one entry in the book. All of a file or nothing of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid
from shouwang.ledger.public import EntryDraft, post_entries, void_reservations

from ..bank_files import LineAnswer
from ..events import PaymentsMade
from ..models import BatchMove, BatchPart, PaymentAttempt, PaymentBatch, PaymentOutcome
from ..policies import ensure_may_receive_returns
from ..rules.book import answered
from ..states import AttemptState, BatchState, BatchVerb, OutcomeKind
from .batches import ensure_step, lock_batch, move_batch
from .money import UnitAccounts, draft_of_part, hold_back
from .staging import insert_rows, new_uuids


@dataclass(frozen=True, slots=True)
class ReturnTaken:
    """What one return file brought; `unchanged_count` lines had this answer already."""

    paid_count: int
    paid_fen: int
    returned_count: int
    returned_fen: int
    unchanged_count: int
    open_count: int


class _Line(NamedTuple):
    """A line of the list as the book knows it: read in thousands, so no more of it than is asked for here."""

    id: UUID
    line_number: int
    part_id: UUID
    payable_id: UUID
    amount_fen: int
    area_code: int
    state: str

    @property
    def is_open(self) -> bool:
        return self.state == AttemptState.OPEN


class _Answered(NamedTuple):
    line: _Line
    answer: LineAnswer


_SET_STATES = """
    update assistance_paymentattempt attempt
       set state = case outcome.kind when 'paid' then %s else %s end
      from assistance_paymentoutcome outcome
     where outcome.attempt_id = attempt.id and outcome.kind in ('paid', 'returned')
       and attempt.batch_id = %s and attempt.state = %s
"""
"""Every line that has its answer by now: one statement, however long the list."""


@transaction.atomic
def receive_return(
    *,
    actor: Actor,
    batch_id: UUID,
    answers: Sequence[LineAnswer],
    fingerprint: bytes | None = None,
    declared_fen: int | None = None,
) -> ReturnTaken:
    """Take the bank's answers for a batch; `declared_fen` is what the file says that the whole list amounts to.

    Raises Invalid (another batch, unknown line, wrong amount, total or day), Conflict (a line has another answer),
    StateConflict, NotAllowed."""
    batch, moves = lock_batch(batch_id)
    ensure_may_receive_returns(actor, batch.area_code)
    _refuse_other_batches(batch, answers)
    _refuse_other_total(batch, declared_fen)
    parts = list(BatchPart.objects.select_for_update().filter(batch=batch).order_by("area_code"))
    lines = _locked_lines(batch)
    sent_on = _sent_on(moves)
    for answer in answers:
        _check_answer(batch, answer, lines.get(answer.line_number), sent_on)
    _refuse_repeated_lines(answers)
    fresh, unchanged = _sort_out(batch, answers, lines)
    if not fresh and unchanged:
        return ReturnTaken(0, 0, 0, 0, unchanged, sum(line.is_open for line in lines.values()))
    ensure_step(actor=actor, batch=batch, moves=moves, verb=BatchVerb.RECEIVE)
    answered_now = {one.line.id for one in fresh}
    still_open = [line for line in lines.values() if line.is_open and line.id not in answered_now]
    entries = _book(actor, batch, parts, fresh, still_open)
    _record_outcomes(actor, batch, fresh, entries)
    paid = [one.answer.amount_fen for one in fresh if one.answer.is_paid]
    returned = [one.answer.amount_fen for one in fresh if not one.answer.is_paid]
    if fingerprint is not None:
        batch.return_file_hash = fingerprint
        batch.save(update_fields=["return_file_hash"])
    note = _("到账 %(paid)s 笔，退票 %(returned)s 笔") % {"paid": len(paid), "returned": len(returned)}
    move_batch(actor=actor, batch=batch, moves=moves, verb=BatchVerb.RECEIVE, to_state=BatchState.RETURNED, note=note)
    taken = ReturnTaken(len(paid), sum(paid), len(returned), sum(returned), unchanged, len(still_open))
    audit.record(
        actor=actor,
        action="batch.receive",
        subject=f"batch:{batch.id}",
        area_code=batch.area_code,
        data={
            "number": batch.number,
            "paid": taken.paid_count,
            "paid_fen": taken.paid_fen,
            "returned": taken.returned_count,
            "returned_fen": taken.returned_fen,
            "sha256": fingerprint.hex() if fingerprint else None,
        },
    )
    events.publish(
        PaymentsMade(
            batch.id,
            batch.programme,
            batch.benefit_month,
            taken.paid_count,
            taken.paid_fen,
            taken.returned_count,
            taken.returned_fen,
            batch.area_code,
        )
    )
    return taken


def _locked_lines(batch: PaymentBatch) -> dict[int, _Line]:
    rows = PaymentAttempt.objects.filter(batch=batch).select_for_update().order_by("line_number")
    return {line.line_number: line for line in map(_Line._make, rows.values_list(*_Line._fields))}


def _refuse_other_batches(batch: PaymentBatch, answers: Sequence[LineAnswer]) -> None:
    other = next((answer.batch_number for answer in answers if answer.batch_number != batch.number), None)
    if other is not None:
        raise Invalid(
            _("回盘文件里有批次 %(other)s 的结果，这里是批次 %(number)s，未作任何处理。请核对文件。")
            % {"other": other, "number": batch.number},
            reason="return.other_batch",
            other=other,
        )


def _refuse_other_total(batch: PaymentBatch, declared_fen: int | None) -> None:
    if declared_fen is not None and declared_fen != batch.amount_fen:
        raise Invalid(
            _("回盘文件写明全批合计 %(stated)s 元，批次 %(number)s 是 %(sent)s 元，未作任何处理。请核对文件。")
            % {"stated": money.yuan(declared_fen), "number": batch.number, "sent": money.yuan(batch.amount_fen)},
            reason="return.total",
            stated_fen=declared_fen,
        )


def _refuse_repeated_lines(answers: Sequence[LineAnswer]) -> None:
    seen: set[int] = set()
    for answer in answers:
        if answer.line_number in seen:
            raise Invalid(
                _("回盘文件中序号 %(line)s 出现了两次，未作任何处理") % {"line": answer.line_number},
                reason="return.line_twice",
                line=answer.line_number,
            )
        seen.add(answer.line_number)


def _sent_on(moves: Sequence[BatchMove]) -> date | None:
    """The day on which the list left for the bank; None before."""
    sent = next((move for move in reversed(moves) if move.verb == BatchVerb.SEND), None)
    return sent.recorded_at.astimezone(clock.TZ).date() if sent else None


def _check_answer(batch: PaymentBatch, answer: LineAnswer, line: _Line | None, sent_on: date | None) -> None:
    if line is None:
        raise Invalid(
            _("批次 %(number)s 没有序号 %(line)s，未作任何处理") % {"number": batch.number, "line": answer.line_number},
            reason="return.unknown_line",
            line=answer.line_number,
        )
    if answer.amount_fen != line.amount_fen:
        raise Invalid(
            _("序号 %(line)s 的金额 %(got)s 元与清册 %(sent)s 元不符，未作任何处理")
            % {"line": answer.line_number, "got": money.yuan(answer.amount_fen), "sent": money.yuan(line.amount_fen)},
            reason="return.amount",
            line=answer.line_number,
        )
    if answer.on > clock.today():
        raise Invalid(
            _("序号 %(line)s 的入账日期 %(day)s 还没有到") % {"line": answer.line_number, "day": answer.on.isoformat()},
            reason="return.future",
            line=answer.line_number,
        )
    if sent_on is not None and answer.on < sent_on:
        raise Invalid(
            _("序号 %(line)s 的入账日期 %(day)s 早于送银行的日期 %(sent)s，未作任何处理")
            % {"line": answer.line_number, "day": answer.on.isoformat(), "sent": sent_on.isoformat()},
            reason="return.before_sent",
            line=answer.line_number,
        )


def _sort_out(
    batch: PaymentBatch, answers: Sequence[LineAnswer], lines: dict[int, _Line]
) -> tuple[list[_Answered], int]:
    """The answers to open lines, and how many say again what is known."""
    known = {}
    if not all(line.is_open for line in lines.values()):  # an open line has no answer
        known = {
            attempt_id: kind == OutcomeKind.PAID
            for attempt_id, kind in PaymentOutcome.objects.filter(
                attempt__batch=batch, kind__in=[OutcomeKind.PAID, OutcomeKind.RETURNED]
            ).values_list("attempt_id", "kind")
        }
    fresh: list[_Answered] = []
    unchanged = 0
    for answer in answers:
        line = lines[answer.line_number]
        said = known.get(line.id)
        if said is None:
            fresh.append(_Answered(line, answer))
        elif said == answer.is_paid:
            unchanged += 1
        else:
            raise Conflict(
                _(
                    "序号 %(line)s 已有结果（%(state)s），回盘文件给出相反的结果，未作任何处理。到账后被退回的，请办理冲回。"
                )
                % {"line": answer.line_number, "state": AttemptState(line.state).label},
                reason="return.contradicts",
                line=answer.line_number,
            )
    return fresh, unchanged


def _book(
    actor: Actor,
    batch: PaymentBatch,
    all_parts: Iterable[BatchPart],
    fresh: Iterable[_Answered],
    still_open: Iterable[_Line],
) -> dict[UUID, UUID]:
    """One entry for each township's answers; returns the entry by part. What stays open stays held back."""
    by_part: dict[UUID, list[LineAnswer]] = defaultdict(list)
    for one in fresh:
        by_part[one.line.part_id].append(one.answer)
    accounts = UnitAccounts(batch.fund, batch.area_code)
    open_fen: Counter[UUID] = Counter()
    for line in still_open:
        open_fen[line.part_id] += line.amount_fen
    parts = [part for part in all_parts if part.id in by_part]
    held = [part.reservation_id for part in parts if part.reservation_id is not None]
    void_reservations(actor=actor, reservation_ids=held, reason=_("银行已回盘"))
    drafts: dict[UUID, EntryDraft] = {}
    for part in parts:
        paid = sum(answer.amount_fen for answer in by_part[part.id] if answer.is_paid)
        returned = sum(answer.amount_fen for answer in by_part[part.id] if not answer.is_paid)
        moved = answered(is_reissue=batch.is_reissue, paid_fen=paid, returned_fen=returned)
        if moved:
            latest = max(answer.on for answer in by_part[part.id])
            drafts[part.id] = draft_of_part(accounts, batch, part, moved, latest)
    post_entries(actor=actor, drafts=drafts.values())
    hold_back(actor=actor, batch=batch, open_fen=open_fen, parts=parts)
    return {part_id: draft.entry_id for part_id, draft in drafts.items() if draft.entry_id is not None}


def _record_outcomes(actor: Actor, batch: PaymentBatch, fresh: Sequence[_Answered], entries: dict[UUID, UUID]) -> None:
    now = clock.now()
    insert_rows(
        PaymentOutcome,
        ("id", "attempt_id", "payable_id", "kind", "programme", "paid_on", "amount_fen", "area_code", "reason",
         "entry_id", "recorded_at", "recorded_by"),
        (
            (new, line.id, line.payable_id, _kind(answer), batch.programme, answer.on, line.amount_fen, line.area_code,
             answer.reason, entries.get(line.part_id), now, actor.user_id)
            for new, (line, answer) in zip(new_uuids(len(fresh)), fresh, strict=True)
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SET_STATES, [AttemptState.SUCCEEDED, AttemptState.RETURNED, batch.id, AttemptState.OPEN])


def _kind(answer: LineAnswer) -> OutcomeKind:
    return OutcomeKind.PAID if answer.is_paid else OutcomeKind.RETURNED
