"""月度结账: a unit's month, programme by programme and fund by fund, and what is still open with its age.

Three sums stand side by side: what went to the bank (the lists' own totals), what became of the lines, and what the book
says of the same lists. They must agree to the fen; what is open is no difference, and is listed until it is settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.ledger.public import Fund

from ..models import BatchMove, MonthClosing, PaymentAttempt, PaymentBatch
from ..policies import ensure_may_read_payments
from ..states import AttemptState, BatchState, BatchVerb, Programme
from .places import paying_units
from .problems import list_problems_for

AGES = (7, 30, 90)
"""Bounds in days of the ageing list: up to each, and above the last."""


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One programme and fund, in fen. `lines_*` from the lines and their outcomes, `book_*` from the ledger."""

    programme: str
    fund_id: UUID
    fund_name: str
    file_fen: int
    lines_paid_fen: int
    lines_returned_fen: int
    lines_open_fen: int
    lines_reversed_fen: int
    book_paid_fen: int
    book_returned_fen: int
    book_held_fen: int
    book_reversed_fen: int

    @property
    def programme_label(self) -> str:
        return str(Programme(self.programme).label)

    @property
    def lines_fen(self) -> int:
        return self.lines_paid_fen + self.lines_returned_fen + self.lines_open_fen

    @property
    def book_fen(self) -> int:
        return self.book_paid_fen + self.book_returned_fen + self.book_held_fen

    @property
    def agrees(self) -> bool:
        return (
            self.file_fen == self.lines_fen
            and self.lines_paid_fen == self.book_paid_fen
            and self.lines_returned_fen == self.book_returned_fen
            and self.lines_open_fen == self.book_held_fen
            and self.lines_reversed_fen == self.book_reversed_fen
        )

    def as_json(self) -> dict[str, object]:
        return {
            "programme": self.programme,
            "fund_id": str(self.fund_id),
            "fund": self.fund_name,
            "file_fen": self.file_fen,
            "lines_fen": self.lines_fen,
            "book_fen": self.book_fen,
            "paid_fen": self.lines_paid_fen,
            "returned_fen": self.lines_returned_fen,
            "open_fen": self.lines_open_fen,
            "reversed_fen": self.lines_reversed_fen,
        }


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something of the month that is not settled: what, how much, since which day. Names nobody."""

    kind: str
    reference: str
    record_id: UUID
    programme: str
    amount_fen: int
    since: date
    reason: str = ""

    @property
    def age_days(self) -> int:
        return (clock.today() - self.since).days

    @property
    def programme_label(self) -> str:
        return str(Programme(self.programme).label)

    @property
    def kind_label(self) -> str:
        return _item_labels()[self.kind]

    def as_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "reference": self.reference,
            "record_id": str(self.record_id),
            "programme": self.programme,
            "amount_fen": self.amount_fen,
            "since": self.since.isoformat(),
            "age_days": self.age_days,
            "reason": self.reason,
        }


NOT_SENT, NOT_RECONCILED, NO_ANSWER, RETURNED, NO_ACCOUNT = (
    *("not_sent", "not_reconciled", "no_answer"),
    *("returned", "no_account"),
)


def _item_labels() -> dict[str, str]:
    return {
        NOT_SENT: _("清册还没有送银行"),
        NOT_RECONCILED: _("清册还没有对账"),
        NO_ANSWER: _("银行没有结果"),
        RETURNED: _("退票没有补发"),
        NO_ACCOUNT: _("没有账号，没有发出"),
    }


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Open items up to so many days old."""

    label: str
    count: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class MonthState:
    """A unit's month as it stands now; `closing` is the record of its closing, None before."""

    area_code: int
    month: date
    rows: Sequence[MonthRow]
    open_items: Sequence[OpenItem]
    closing: MonthClosing | None = field(default=None)

    @property
    def differing(self) -> list[MonthRow]:
        return [row for row in self.rows if not row.agrees]

    @property
    def unsent(self) -> list[OpenItem]:
        return [item for item in self.open_items if item.kind == NOT_SENT]

    @property
    def ages(self) -> list[AgeBand]:
        return age_bands(self.open_items)


def month_state_for(actor: Actor, *, area_code: int, month: date) -> MonthState:
    """Raises NotFound (another unit), Invalid (no paying unit), NotAllowed."""
    ensure_may_read_payments(actor)
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有这个发放单位，可能不在您的辖区"), area_code=area_code)
    if area_code not in {unit.code for unit in paying_units(area_code)}:
        raise Invalid(_("按县区、功能区结账，请选择一个发放单位"), reason="month.not_a_unit", area_code=area_code)
    closing = MonthClosing.objects.filter(area_code=area_code, benefit_month=month).first()
    batches = PaymentBatch.objects.filter(area_code=area_code, benefit_month=month, is_history=False)
    return MonthState(
        area_code=area_code,
        month=month,
        rows=_rows(area_code, month),
        open_items=sorted(
            [*_open_lists(batches), *_open_payables(actor, area_code, month)],
            key=lambda item: (item.since, item.kind, item.reference),
        ),
        closing=closing,
    )


def list_closings_for(actor: Actor) -> QuerySet[MonthClosing]:
    """The months closed in the actor's area, the latest month first."""
    ensure_may_read_payments(actor)
    return MonthClosing.objects.filter(actor.scope.q()).order_by("-benefit_month", "area_code")


def age_bands(items: Iterable[OpenItem]) -> list[AgeBand]:
    """The open items by age, from the youngest."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for item in items:
        band = next((position for position, bound in enumerate(AGES) if item.age_days <= bound), len(AGES))
        sums[band][0] += 1
        sums[band][1] += item.amount_fen
    labels = [_("%(days)s 天以内") % {"days": bound} for bound in AGES]
    labels.append(_("%(days)s 天以上") % {"days": AGES[-1]})
    return [AgeBand(label, *sums[position]) for position, label in enumerate(labels)]


_LISTS = """
    select batch.id, batch.programme, batch.fund_id, batch.is_reissue, batch.amount_fen
      from assistance_paymentbatch batch
     where batch.area_code = %(area)s and batch.benefit_month = %(month)s and not batch.is_history
       and batch.bank_file_hash is not null
"""

_SAID = f"""
    with list as ({_LISTS})
    select list.id,
           coalesce(sum(outcome.amount_fen) filter (where outcome.kind = 'paid'), 0)::bigint,
           coalesce(sum(outcome.amount_fen) filter (where outcome.kind = 'returned'), 0)::bigint,
           coalesce(sum(outcome.amount_fen) filter (where outcome.kind = 'reversed'), 0)::bigint
      from list
      join assistance_paymentattempt attempt on attempt.batch_id = list.id
      join assistance_paymentoutcome outcome on outcome.attempt_id = attempt.id
     group by list.id
"""

_WAITING = f"""
    with list as ({_LISTS})
    select list.id, sum(attempt.amount_fen)::bigint
      from list join assistance_paymentattempt attempt on attempt.batch_id = list.id
     where attempt.state = 'open'
     group by list.id
"""

# By what the entries say they are for, not by what the lines point to: the two sides stay independent.
_BOOKED = f"""
    with list as ({_LISTS}),
    source as (
        select list.id, list.fund_id, 'batch:' || list.id || ':' || part.area_code as source
          from list join assistance_batchpart part on part.batch_id = list.id)
    select source.id,
           coalesce(sum(posting.quantity) filter (
               where entry.kind = 'plain' and account.kind = 'paid_out'), 0)::bigint,
           coalesce(sum(posting.quantity) filter (
               where entry.kind = 'plain' and account.kind = 'returned'), 0)::bigint,
           coalesce(sum(posting.quantity) filter (
               where entry.kind = 'reserve' and resolution.id is null and account.kind = 'paid_out'), 0)::bigint
      from source
      join ledger_entry entry on entry.source = source.source
      left join ledger_entry resolution on resolution.resolves_id = entry.id
      join ledger_posting posting on posting.entry_id = entry.id
      join ledger_account account on account.id = posting.account_id and account.fund_id = source.fund_id
     group by source.id
"""

_REVERSED = f"""
    with list as ({_LISTS})
    select list.id, coalesce(-sum(posting.quantity), 0)::bigint
      from list
      join assistance_paymentattempt attempt on attempt.batch_id = list.id and attempt.state = 'reversed'
      join ledger_entry entry on entry.source = 'reversal:' || attempt.id
      join ledger_posting posting on posting.entry_id = entry.id
      join ledger_account account on account.id = posting.account_id and account.kind = 'paid_out'
     where entry.kind = 'plain'
     group by list.id
"""


def _rows(area_code: int, month: date) -> list[MonthRow]:
    given: dict[str, int | date] = {"area": area_code, "month": month}
    said, waiting, booked, reversed_in_book = (_by_list(sql, given) for sql in (_SAID, _WAITING, _BOOKED, _REVERSED))
    sums: dict[tuple[str, UUID], list[int]] = defaultdict(lambda: [0] * 9)
    for batch_id, programme, fund_id, is_reissue, amount_fen in _lists(given):
        paid, returned, taken_back = said.get(batch_id, (0, 0, 0))
        book_paid, book_returned, held = booked.get(batch_id, (0, 0, 0))
        # A re-issue pays from the account of returned money: what came back again went out of it and into it.
        back_in_book = book_returned if not is_reissue else returned + book_returned + book_paid
        parts = (
            *(amount_fen, paid, returned, *waiting.get(batch_id, (0,)), taken_back),
            *(book_paid, back_in_book, held, *reversed_in_book.get(batch_id, (0,))),
        )
        total = sums[programme, fund_id]
        for position, part in enumerate(parts):
            total[position] += part
    funds = dict(Fund.objects.filter(id__in={fund_id for _programme, fund_id in sums}).values_list("id", "name"))
    order = list(Programme.values)
    return [
        MonthRow(programme, fund_id, funds.get(fund_id, ""), *parts)
        for (programme, fund_id), parts in sorted(sums.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
    ]


def _lists(given: dict[str, int | date]) -> list[tuple[UUID, str, UUID, bool, int]]:
    """The lists of the month that have left: id, programme, fund, whether it is a re-issue, its total."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, given)
        return list(cursor.fetchall())


def _by_list(sql: str, given: dict[str, int | date]) -> dict[UUID, tuple[int, ...]]:
    """The sums of a statement by list."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {row[0]: tuple(int(amount) for amount in row[1:]) for row in cursor.fetchall()}


def _open_lists(batches: QuerySet[PaymentBatch]) -> list[OpenItem]:
    """Lists that have not left, or not been reconciled, and the lines for which the bank owes an answer."""
    items: list[OpenItem] = []
    sent_on = {
        move.batch_id: move.recorded_at.astimezone(clock.TZ).date()
        for move in BatchMove.objects.filter(batch__in=batches, verb=BatchVerb.SEND)
    }
    for batch in batches.exclude(state=BatchState.RECONCILED).order_by("number"):
        made_on = batch.recorded_at.astimezone(clock.TZ).date()
        if batch.bank_file_hash is None:
            if batch.line_count:
                items.append(_of_batch(NOT_SENT, batch, batch.amount_fen, made_on))
            continue
        waiting = PaymentAttempt.objects.filter(batch=batch, state=AttemptState.OPEN)
        lines = list(waiting.order_by("line_number").values_list("id", "line_number", "amount_fen"))
        since = sent_on.get(batch.id, made_on)
        items.extend(
            OpenItem(NO_ANSWER, f"{batch.number} {number}", line_id, batch.programme, amount_fen, since)
            for line_id, number, amount_fen in lines
        )
        if not lines:
            items.append(_of_batch(NOT_RECONCILED, batch, batch.amount_fen, since))
    return items


def _of_batch(kind: str, batch: PaymentBatch, amount_fen: int, since: date) -> OpenItem:
    return OpenItem(kind, batch.number, batch.id, batch.programme, amount_fen, since)


def _open_payables(actor: Actor, area_code: int, month: date) -> list[OpenItem]:
    """Owed and not on its way: what came back, and what never left for want of an account."""
    found = list_problems_for(actor, month=month, spans=_unit_spans(area_code))
    items: list[OpenItem] = []
    for payable in found:
        was_returned = bool(payable.was_returned)  # type: ignore[attr-defined]  # annotated by the query
        at = payable.last_at if was_returned else payable.recorded_at  # type: ignore[attr-defined]
        items.append(
            OpenItem(
                kind=RETURNED if was_returned else NO_ACCOUNT,
                reference=payable.last_batch_number or "",  # type: ignore[attr-defined]
                record_id=payable.id,
                programme=payable.programme,
                amount_fen=payable.owed_fen,  # type: ignore[attr-defined]  # annotated by the query
                since=at.astimezone(clock.TZ).date(),
                reason=payable.last_reason or "",  # type: ignore[attr-defined]
            )
        )
    return items


def _unit_spans(area_code: int) -> tuple[tuple[int, int], ...]:
    return next(unit.spans for unit in paying_units(area_code) if unit.code == area_code)
