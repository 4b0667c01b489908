"""What the townships' petty reserves 备用金 held, got and paid. Opening + filled - paid = balance, for every line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shouwang.areas.public import area_names
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.ledger.public import Account, AccountKind, EntryKind, Fund, Posting, funds_for

from ..policies_relief import ensure_may_read_relief
from ..states import PETTY_RESERVE_FILL, Programme

_POSTED = Q(entry__kind__in=["plain", "post", "reverse"])


@dataclass(frozen=True, slots=True)
class ReserveLine:
    """One township's reserve over a period, in fen. A fill taken back lowers `filled_fen`, a payment `paid_fen`."""

    area_code: int
    name: str
    opening_fen: int
    filled_fen: int
    paid_fen: int

    @property
    def balance_fen(self) -> int:
        return self.opening_fen + self.filled_fen - self.paid_fen


def reserves_for(actor: Actor, *, since: date, until: date) -> list[ReserveLine]:
    """Every township in scope that has a reserve, by code; the period is [since, until] by the day it happened."""
    ensure_may_read_relief(actor)
    postings = Posting.objects.filter(
        actor.scope.q(), _POSTED, account__kind=AccountKind.PETTY_RESERVE, entry__occurred_on__lte=until
    )
    sums = (
        postings.values("account__area_code")
        .annotate(
            opening=Coalesce(Sum("quantity", filter=Q(entry__occurred_on__lt=since)), 0),
            filled=Coalesce(Sum("quantity", filter=Q(entry__occurred_on__gte=since) & _is_fill()), 0),
            moved=Coalesce(Sum("quantity", filter=Q(entry__occurred_on__gte=since)), 0),
        )
        .order_by("account__area_code")
    )
    rows = list(sums)
    names = area_names([row["account__area_code"] for row in rows])
    return [
        ReserveLine(
            area_code=row["account__area_code"],
            name=names.get(row["account__area_code"], ""),
            opening_fen=row["opening"],
            filled_fen=row["filled"],
            paid_fen=row["filled"] - row["moved"],
        )
        for row in rows
    ]


def _is_fill() -> Q:
    return Q(entry__source__startswith=PETTY_RESERVE_FILL)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money into or out of a reserve; `may_be_taken_back`: a fill that has not been."""

    entry_id: UUID
    on: date
    memo: str
    fund_name: str
    in_fen: int | None
    out_fen: int | None
    balance_fen: int
    may_be_taken_back: bool

    @property
    def dialog_id(self) -> str:
        return f"take-back-{self.entry_id}"


@dataclass(frozen=True, slots=True)
class ReserveStatement:
    """A township's reserve in a period with every movement, in order; postings carry `balance_fen` after them."""

    line: ReserveLine
    postings: QuerySet[Posting]

    def movements(self, part: slice = slice(None)) -> Iterator[Movement]:
        for posting in self.postings[part]:
            entry = posting.entry
            is_fill = entry.source.startswith(PETTY_RESERVE_FILL) and entry.kind == EntryKind.PLAIN
            yield Movement(
                entry_id=entry.id,
                on=entry.occurred_on,
                memo=entry.memo,
                fund_name=posting.account.fund.name,
                in_fen=posting.quantity if posting.quantity > 0 else None,
                out_fen=-posting.quantity if posting.quantity < 0 else None,
                balance_fen=posting.balance_fen,  # type: ignore[attr-defined]  # annotated below
                may_be_taken_back=is_fill and not hasattr(entry, "reversal"),
            )


def reserve_statement_for(actor: Actor, area_code: int, *, since: date, until: date) -> ReserveStatement:
    """Raises NotFound outside the scope, or for a township without a reserve."""
    ensure_may_read_relief(actor)
    line = next((one for one in reserves_for(actor, since=since, until=until) if one.area_code == area_code), None)
    if line is None:
        raise NotFound(_("这个乡镇没有备用金，可能不在您的辖区"), area_code=area_code)
    order = ("entry__occurred_on", "entry__recorded_at", "entry_id", "position")
    running = Window(Sum("quantity"), order_by=[F(column).asc() for column in order])
    postings = (
        Posting.objects.filter(
            actor.scope.q(),
            _POSTED,
            account__kind=AccountKind.PETTY_RESERVE,
            account__area_code=area_code,
            entry__occurred_on__gte=since,
            entry__occurred_on__lte=until,
        )
        .select_related("entry__reversal", "account__fund")
        .annotate(balance_fen=running + line.opening_fen)
        .order_by(*order)
    )
    return ReserveStatement(line, postings)


def balance_of_township(actor: Actor, township_code: int, today: date) -> int:
    """What the township's reserve holds, in fen; 0 when it has none."""
    lines = reserves_for(actor, since=today + timedelta(days=1), until=today)
    return sum(line.balance_fen for line in lines if line.area_code == township_code)


@dataclass(frozen=True, slots=True)
class FillSource:
    """A treasury account that a reserve can be filled from."""

    fund: Fund
    account: Account


def fill_sources_for(actor: Actor) -> list[FillSource]:
    """Treasury accounts in scope of the funds that may pay temporary relief."""
    funds = {fund.id: fund for fund in funds_for(actor, Programme.TEMPORARY_RELIEF)}
    accounts = Account.objects.filter(actor.scope.q(), kind=AccountKind.TREASURY, fund_id__in=funds)
    return [FillSource(funds[account.fund_id], account) for account in accounts.order_by("area_code", "id")]
