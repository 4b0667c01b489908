"""Reading a list: the batch, its parts, its lines, what each officer may do next, and the money behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.ledger.public import AccountKind
from shouwang.registry.public import BankAccount

from ..bank_files import OutLine, OutList
from ..models import BatchMove, BatchPart, PaymentAttempt, PaymentBatch, PaymentOutcome
from ..policies import ensure_may_read_payments, may_take_step, parts_of
from ..rules.book import answered
from ..states import BATCH_STEPS, NOT_STEPS, SENT_BACK_FROM, AttemptState, BatchState, BatchStep, BatchVerb, OutcomeKind
from .banking import payer_of


def get_batch_for(actor: Actor, batch_id: UUID) -> PaymentBatch:
    """Raises NotFound. A township sees a batch that has lines of it; the policy of the table says so."""
    ensure_may_read_payments(actor)
    batch = PaymentBatch.objects.select_related("fund", "run").filter(id=batch_id).first()
    if batch is None:
        raise no_such_batch(batch_id)
    return batch


def no_such_batch(batch_id: UUID) -> NotFound:
    return NotFound(_("没有这个批次，可能不在您的辖区"), batch_id=batch_id)


@dataclass(frozen=True, slots=True)
class PartState:
    """A part and the confirmation of its township, None while it is awaited."""

    part: BatchPart
    confirmation: BatchMove | None
    is_mine: bool


def part_states(actor: Actor, batch: PaymentBatch) -> list[PartState]:
    """The parts that the actor sees, by place."""
    parts = list(BatchPart.objects.filter(batch=batch).filter(actor.scope.q()).order_by("area_code"))
    confirmed = confirmations(batch, _moves(batch))
    mine = set(parts_of(actor, batch.area_code, [part.area_code for part in parts]))
    return [PartState(part, confirmed.get(part.area_code), part.area_code in mine) for part in parts]


def get_part_for(actor: Actor, batch: PaymentBatch, area_code: int) -> BatchPart:
    """The batch's part of one place. Raises NotFound, also for a place outside the actor's scope."""
    ensure_may_read_payments(actor)
    part = BatchPart.objects.filter(actor.scope.q(), batch=batch, area_code=area_code).first()
    if part is None:
        raise NotFound(_("这个批次没有这个乡镇的明细，可能不在您的辖区"), area_code=area_code)
    return part


def moves_of(batch: PaymentBatch) -> list[BatchMove]:
    """The hand-overs, the latest first."""
    return list(_moves(batch).order_by("-position"))


def _moves(batch: PaymentBatch) -> QuerySet[BatchMove]:
    return BatchMove.objects.filter(batch=batch).order_by("position")


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the batch waits for; `is_mine` when this actor may take it, else `obstacle` says why not."""

    step: BatchStep
    is_mine: bool
    obstacle: str


def next_step(actor: Actor, batch: PaymentBatch) -> NextStep | None:
    """The next personal step of the chain and whether the actor may take it; None when the batch is finished."""
    step = next((s for s in BATCH_STEPS if batch.state in s.from_states), None)
    if step is None:
        return None
    if batch.state == BatchState.RETURNED and not open_lines(batch).exists():
        step = next(s for s in BATCH_STEPS if s.verb == BatchVerb.RECONCILE)
    moves = list(_moves(batch))
    part_codes = list(BatchPart.objects.filter(batch=batch).values_list("area_code", flat=True))
    if not may_take_step(actor, step, batch.area_code, part_codes):
        return NextStep(step, is_mine=False, obstacle=_("等待有这一步职责的岗位办理"))
    taken = taken_by(actor, moves, step)
    if taken is not None:
        return NextStep(step, is_mine=False, obstacle=same_person(taken))
    mine = set(parts_of(actor, batch.area_code, part_codes))
    if step.verb == BatchVerb.CONFIRM and not mine - confirmed_codes(batch, moves):
        return NextStep(step, is_mine=False, obstacle=_("您的部分已经确认，等待其他乡镇"))
    return NextStep(step, is_mine=True, obstacle="")


def taken_by(actor: Actor, moves: Collection[BatchMove], step: BatchStep) -> BatchMove | None:
    """The move that keeps the actor from this step: nobody takes two steps of one batch. None when none does.

    Sending a batch back is an answer of the step it was sent back from: whoever gave it has that step, in this round
    and in every other, and no second one.
    """
    if not step.is_personal or actor.user_id is None:
        return None
    mine = (move for move in moves if move.user_id == actor.user_id and move.verb not in NOT_STEPS)
    return next((move for move in mine if _step_answered(move) != step.verb), None)


def _step_answered(move: BatchMove) -> str:
    return SENT_BACK_FROM[move.from_state].verb if move.verb == BatchVerb.SEND_BACK else move.verb


def confirmations(batch: PaymentBatch, moves: Iterable[BatchMove]) -> dict[int | None, BatchMove]:
    """By place, the word that still stands: given since the batch last set out, and of the lines as they are. `moves` in
    order."""
    standing: dict[int | None, BatchMove] = {}
    for move in moves:
        if move.round == batch.round and move.verb == BatchVerb.CONFIRM:
            standing[move.township_code] = move
        elif move.round == batch.round and move.verb == BatchVerb.REOPEN_PART:
            standing.pop(move.township_code, None)
    return standing


def confirmed_codes(batch: PaymentBatch, moves: Iterable[BatchMove]) -> set[int | None]:
    """The places whose word stands."""
    return set(confirmations(batch, moves))


def may_send_back(actor: Actor, batch: PaymentBatch) -> bool:
    """Whether the next step is the actor's, taken or not yet due: a township may object to what it has confirmed."""
    step = None if batch.is_history else SENT_BACK_FROM.get(batch.state)
    if step is None:
        return False
    part_codes = list(BatchPart.objects.filter(batch=batch).values_list("area_code", flat=True))
    if not may_take_step(actor, step, batch.area_code, part_codes):
        return False
    return taken_by(actor, list(_moves(batch)), step) is None


def same_person(move: BatchMove) -> str:
    return _("您已办理本批次的“%(verb)s”，这一步要由另一个人办理") % {"verb": BatchVerb(move.verb).label}


def open_lines(batch: PaymentBatch) -> QuerySet[PaymentAttempt]:
    return PaymentAttempt.objects.filter(batch=batch, state=AttemptState.OPEN)


def list_lines_for(
    actor: Actor, batch: PaymentBatch, *, township: int | None = None, state: str = ""
) -> QuerySet[PaymentAttempt]:
    """The lines that the actor sees, in order, with the bank's reason for what came back."""
    ensure_may_read_payments(actor)
    reason = PaymentOutcome.objects.filter(attempt_id=OuterRef("id"), kind=OutcomeKind.RETURNED)
    lines = PaymentAttempt.objects.filter(actor.scope.q(), batch=batch)
    if township is not None:
        lines = lines.filter(part__area_code=township)
    if state:
        lines = lines.filter(state=state)
    return (
        lines.select_related("payable", "payable__household", "payable__payee", "payable__person", "account", "part")
        .annotate(return_reason=Subquery(reason.values("reason")[:1]))
        .order_by("line_number")
    )


def get_line_for(actor: Actor, attempt_id: UUID) -> PaymentAttempt:
    """Raises NotFound, also for another county's line."""
    ensure_may_read_payments(actor)
    line = (
        PaymentAttempt.objects.filter(actor.scope.q(), id=attempt_id)
        .select_related(
            "payable", "payable__household", "payable__payee", "payable__person", "account", "batch", "part"
        )
        .first()
    )
    if line is None:
        raise NotFound(_("没有这一笔发放，可能不在您的辖区"), attempt_id=attempt_id)
    return line


def line_totals(batch: PaymentBatch) -> dict[str, tuple[int, int]]:
    """(count, fen) by state of the lines in scope."""
    rows = (
        PaymentAttempt.objects.filter(batch=batch)
        .values("state")
        .annotate(count=Count("id"), amount=Sum("amount_fen"))
        .order_by("state")
    )
    return {row["state"]: (row["count"], row["amount"]) for row in rows}


def bank_list(batch: PaymentBatch, moves: Collection[BatchMove] | None = None) -> OutList:
    """The list as it leaves, accounts in full; also those of who lives in another county by now.

    Made of lines and accounts, which never change, and of the hour in which it was sent (now, while it is not).
    """
    sent = sending_of(list(_moves(batch)) if moves is None else moves)
    made_at = sent.recorded_at if sent else clock.now()
    sealed_as = BankAccount._meta.get_field("account").purpose
    with connection.cursor() as cursor:
        cursor.execute("select * from assistance_accounts_of_lines(%s)", [batch.id])
        rows = cursor.fetchall()
    lines = [
        OutLine(number, holder, crypto.decrypt(sealed, purpose=sealed_as), bank, amount_fen)
        for number, holder, sealed, bank, amount_fen in rows
    ]
    return OutList(
        number=batch.number,
        purpose=f"{batch.get_programme_display()} {batch.benefit_month:%Y-%m}",
        made_at=made_at,
        pay_on=made_at.astimezone(clock.TZ).date(),
        lines=lines,
        payer=payer_of(batch, made_at),
    )


def sending_of(moves: Collection[BatchMove]) -> BatchMove | None:
    """The move by which the list left for the bank; None before."""
    sent = [move for move in moves if move.verb == BatchVerb.SEND]
    return max(sent, key=lambda move: move.position, default=None)


_POSTED = """
    select account.kind, coalesce(sum(posting.quantity), 0)::bigint
      from (select distinct outcome.entry_id
              from assistance_paymentoutcome outcome
              join assistance_paymentattempt attempt on attempt.id = outcome.attempt_id
             where attempt.batch_id = %s and outcome.kind in ('paid', 'returned')) entry
      join ledger_posting posting on posting.entry_id = entry.entry_id
      join ledger_account account on account.id = posting.account_id
     group by account.kind
"""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What must agree before a list is closed, in fen. `open_count`: lines without an answer."""

    file_fen: int
    paid_fen: int
    returned_fen: int
    book_paid_fen: int
    book_agrees: bool
    open_count: int

    @property
    def agrees(self) -> bool:
        return self.open_count == 0 and self.file_fen == self.paid_fen + self.returned_fen and self.book_agrees


def reconciliation(batch: PaymentBatch) -> Reconciliation:
    """What was sent, what the bank says, what the book says. A later reversal does not change what this list paid."""
    rows = (
        PaymentOutcome.objects.filter(attempt__batch=batch, kind__in=[OutcomeKind.PAID, OutcomeKind.RETURNED])
        .values("kind")
        .annotate(amount=Sum("amount_fen"))
        .order_by("kind")
    )
    said = {row["kind"]: int(row["amount"]) for row in rows}
    paid, returned = said.get(OutcomeKind.PAID, 0), said.get(OutcomeKind.RETURNED, 0)
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, [batch.id])
        posted = {AccountKind(kind): int(amount) for kind, amount in cursor.fetchall() if amount}
    return Reconciliation(
        file_fen=batch.amount_fen,
        paid_fen=paid,
        returned_fen=returned,
        book_paid_fen=posted.get(AccountKind.PAID_OUT, 0),
        book_agrees=posted == answered(is_reissue=batch.is_reissue, paid_fen=paid, returned_fen=returned),
        open_count=open_lines(batch).count(),
    )
