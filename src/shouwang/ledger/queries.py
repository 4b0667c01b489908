"""Reading the book: funds, accounts with their balances, statements, entries. Everything is scoped by the actor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shouwang.accounts.public import User
from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, spans_q

from .balances import Balance, balances_of
from .models import Account, Entry, Fund, Posting
from .policies import ensure_may_read
from .rules import FundRules
from .states import POSTED_KINDS, AccountKind, EntryKind

BOOK_ORDER = ("entry__recorded_at", "-quantity", "entry_id")
"""The order in which the book was written; of one instant, what came in before what went out. Balances run along it."""


def funds_in_reach(actor: Actor) -> QuerySet[Fund]:
    """The funds held in the actor's area or in an area around it, and those held below."""
    around: list[int] = []
    area = get_area(actor.area_code) if actor.area_code else None
    while area is not None:
        around.append(area.code)
        area = area.parent
    return Fund.objects.filter(actor.scope.q() | Q(area_code__in=around)).order_by("code")


def get_fund_for(actor: Actor, fund_id: UUID) -> Fund:
    """Raises NotFound for a fund of another area."""
    fund = funds_in_reach(actor).filter(id=fund_id).first()
    if fund is None:
        raise NotFound(_("没有这项资金"), fund_id=fund_id)
    return fund


def funds_for(actor: Actor, programme: str) -> list[Fund]:
    """The funds in reach whose rules allow the programme."""
    return [fund for fund in funds_in_reach(actor) if FundRules.from_json(fund.rules).allows(programme)]


def check_fund_rules(fund: Fund, programme: str, amount_fen: int) -> None:
    """Raises FundRefuses, in words, when the fund may not pay this."""
    FundRules.from_json(fund.rules).check(fund_name=fund.name, programme=programme, amount_fen=amount_fen)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """All accounts of one kind in one fund, added up."""

    kind: AccountKind
    account_count: int
    only_account_id: UUID | None
    balance: Balance


@dataclass(frozen=True, slots=True)
class FundTotals:
    fund: Fund
    kinds: tuple[KindTotal, ...]


def fund_totals_for(actor: Actor, *, as_of: datetime | None = None) -> list[FundTotals]:
    """The accounts of the actor's areas, by fund and kind, with balances as of an instant (None: now)."""
    ensure_may_read(actor)
    accounts = list(_accounts(actor).values_list("id", "fund_id", "kind"))
    balances = balances_of([account_id for account_id, _fund, _kind in accounts], as_of=as_of)
    grouped: dict[tuple[UUID, str], list[UUID]] = {}
    for account_id, fund_id, kind in accounts:
        grouped.setdefault((fund_id, kind), []).append(account_id)
    funds = Fund.objects.filter(id__in={fund_id for fund_id, _kind in grouped}).order_by("code")
    return [
        FundTotals(
            fund,
            tuple(
                _kind_total(kind, ids, balances) for kind in AccountKind if (ids := grouped.get((fund.id, kind.value)))
            ),
        )
        for fund in funds
    ]


def _kind_total(kind: AccountKind, account_ids: Sequence[UUID], balances: dict[UUID, Balance]) -> KindTotal:
    parts = [balances[account_id] for account_id in account_ids]
    return KindTotal(
        kind=kind,
        account_count=len(account_ids),
        only_account_id=account_ids[0] if len(account_ids) == 1 else None,
        balance=Balance(sum(part.posted_fen for part in parts), sum(part.reserved_fen for part in parts)),
    )


ACCOUNT_SORTS = {"name": "name", "area": "area_code", "fund": "fund__name", "kind": "kind"}


def list_accounts_for(
    actor: Actor,
    *,
    fund_id: UUID | None = None,
    kinds: Collection[str] = (),
    spans: Sequence[Span] | None = None,
    sort: str = "",
) -> QuerySet[Account]:
    """The accounts of the actor's areas, by fund, kind and area unless sorted; `kinds` empty: all."""
    ensure_may_read(actor)
    accounts = _accounts(actor).select_related("fund")
    if fund_id:
        accounts = accounts.filter(fund_id=fund_id)
    if kinds:
        accounts = accounts.filter(kind__in=kinds)
    if spans is not None:
        accounts = accounts.filter(spans_q(spans))
    key = ACCOUNT_SORTS.get(sort.removeprefix("-"))
    first = [f"-{key}" if sort.startswith("-") else key] if key else []
    return accounts.order_by(*first, "fund__code", "kind", "area_code")


def get_account_for(actor: Actor, account_id: UUID) -> Account:
    """Raises NotFound for an account of another area."""
    ensure_may_read(actor)
    account = _accounts(actor).select_related("fund").filter(id=account_id).first()
    if account is None:
        raise NotFound(_("没有这个科目"), account_id=account_id)
    return account


def _accounts(actor: Actor) -> QuerySet[Account]:
    return Account.objects.filter(actor.scope.q())


@dataclass(frozen=True, slots=True)
class Statement:
    """What was posted on an account in a period [since, until), in book order, with the balance after each posting."""

    account: Account
    opening_fen: int
    closing_fen: int
    debit_fen: int
    credit_fen: int
    count: int
    postings: QuerySet[Posting]
    """Annotated with `balance_fen`."""


def statement_for(actor: Actor, account_id: UUID, *, since: datetime, until: datetime) -> Statement:
    """Raises NotFound for an account of another area. Reservations are no postings of a statement."""
    account = get_account_for(actor, account_id)
    opening = balances_of([account.id], as_of=since)[account.id].posted_fen
    postings = Posting.objects.filter(
        account=account,
        entry__kind__in=POSTED_KINDS,
        entry__recorded_at__gte=since,
        entry__recorded_at__lt=until,
    ).select_related("entry")
    turnover = postings.aggregate(
        debit=Coalesce(Sum("quantity", filter=Q(quantity__gt=0)), 0),
        credit=Coalesce(Sum("quantity", filter=Q(quantity__lt=0)), 0),
        count=Count("*"),
    )
    running = Window(Sum("quantity"), order_by=BOOK_ORDER)
    return Statement(
        account=account,
        opening_fen=opening,
        closing_fen=int(opening + turnover["debit"] + turnover["credit"]),
        debit_fen=int(turnover["debit"]),
        credit_fen=int(-turnover["credit"]),
        count=turnover["count"],
        postings=postings.annotate(balance_fen=running + opening).order_by(*BOOK_ORDER),
    )


def open_reservations_for(actor: Actor, account_id: UUID) -> QuerySet[Posting]:
    """What reservations hold back on the account now."""
    ensure_may_read(actor)
    return (
        Posting.objects.filter(
            actor.scope.q(),
            account_id=account_id,
            quantity__lt=0,
            entry__kind=EntryKind.RESERVE,
            entry__resolution=None,
        )
        .select_related("entry")
        .annotate(held_fen=-F("quantity"))
        .order_by(*BOOK_ORDER)
    )


def get_entry_for(actor: Actor, entry_id: UUID) -> Entry:
    """With what it resolves or reverses, and what resolved or reversed it. Raises NotFound outside the scope."""
    ensure_may_read(actor)
    related = Entry.objects.select_related("resolves", "reverses", "resolution", "reversal")
    entry = related.filter(actor.scope.q(), id=entry_id).first()
    if entry is None:
        raise NotFound(_("没有这笔分录"), entry_id=entry_id)
    return entry


@dataclass(frozen=True, slots=True)
class EntrySide:
    """A posting and its account; None where the account belongs to an area above the reader's."""

    posting: Posting
    account: Account | None

    @property
    def debit_fen(self) -> int | None:
        return self.posting.quantity if self.posting.quantity > 0 else None

    @property
    def credit_fen(self) -> int | None:
        return -self.posting.quantity if self.posting.quantity < 0 else None


def sides_of(actor: Actor, entry: Entry) -> list[EntrySide]:
    """Both sides of an entry, in its own order."""
    postings = list(Posting.objects.filter(actor.scope.q(), entry=entry).order_by("position"))
    accounts = _accounts(actor).select_related("fund").in_bulk([posting.account_id for posting in postings])
    return [EntrySide(posting, accounts.get(posting.account_id)) for posting in postings]


def recorder_name(entry: Entry) -> str:
    """Who wrote the entry; empty for the system."""
    if entry.recorded_by is None:
        return ""
    return User.objects.filter(id=entry.recorded_by).values_list("name", flat=True).first() or ""
