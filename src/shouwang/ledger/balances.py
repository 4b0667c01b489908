"""What stands on an account, now or as of an instant: one statement, so that posted and reserved belong together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from .states import GROWS_BY_CREDIT, HOLDS_MONEY

_NOW = """
    with total as (
        select account_id, sum(quantity) as quantity
          from ledger_posting where account_id = any(%(account_ids)s) group by account_id),
    held as (
        select posting.account_id, sum(posting.quantity) as quantity,
               sum(-posting.quantity) filter (where posting.quantity < 0 and resolution.id is null) as reserved
          from ledger_entry entry
          join ledger_posting posting on posting.entry_id = entry.id
          left join ledger_entry resolution on resolution.resolves_id = entry.id
         where entry.kind = 'reserve' and posting.account_id = any(%(account_ids)s)
         group by posting.account_id)
    select account_id, (total.quantity - coalesce(held.quantity, 0))::bigint, coalesce(held.reserved, 0)::bigint
      from total left join held using (account_id)
"""
"""From the postings' own index: ten times the speed of reading each posting's entry on an account of 300,000."""

_AS_OF = """
    select posting.account_id,
           coalesce(sum(posting.quantity) filter (where entry.kind <> 'reserve'), 0)::bigint,
           coalesce(sum(-posting.quantity) filter (
               where entry.kind = 'reserve' and posting.quantity < 0 and resolution.id is null), 0)::bigint
      from ledger_posting posting
      join ledger_entry entry on entry.id = posting.entry_id and entry.recorded_at < %(as_of)s
      left join ledger_entry resolution on resolution.resolves_id = entry.id and resolution.recorded_at < %(as_of)s
     where posting.account_id = any(%(account_ids)s)
     group by posting.account_id
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """In fen, debit positive: what is posted, and what open reservations hold back of it."""

    posted_fen: int = 0
    reserved_fen: int = 0

    @property
    def available_fen(self) -> int:
        return self.posted_fen - self.reserved_fen

    def shown(self, kind: str) -> ShownBalance:
        """As a page tells it for an account of this kind."""
        posted = -self.posted_fen if kind in GROWS_BY_CREDIT else self.posted_fen
        if kind in HOLDS_MONEY:
            return ShownBalance(posted, self.reserved_fen, self.available_fen)
        return ShownBalance(posted, None, None)


@dataclass(frozen=True, slots=True)
class ShownBalance:
    """What came from a source as a positive amount; reserved and available only where money can be paid from."""

    posted_fen: int
    reserved_fen: int | None
    available_fen: int | None


def balances_of(account_ids: Collection[UUID], *, as_of: datetime | None = None) -> dict[UUID, Balance]:
    """The balance of each account. `as_of` is half-open: what was recorded before it counts."""
    balances = dict.fromkeys(account_ids, Balance())
    if balances:
        with connection.cursor() as cursor:
            cursor.execute(_AS_OF if as_of else _NOW, {"account_ids": list(balances), "as_of": as_of})
            for account_id, posted, reserved in cursor.fetchall():
                balances[account_id] = Balance(posted_fen=posted, reserved_fen=reserved)
    return balances


def balance_of(account_id: UUID, *, as_of: datetime | None = None) -> Balance:
    return balances_of([account_id], as_of=as_of)[account_id]
