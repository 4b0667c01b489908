"""What finance writes into the book itself: money received, money moved between areas, a mistake of its own put right.

What other apps have posted is put right where it came from, never here: their records would no longer agree.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import Area, get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound, StateConflict
from shouwang.kernel.scope import lies_within

from ..errors import EntryInvalid
from ..models import Account, Entry
from ..policies import ensure_may_write_by_hand
from ..queries import get_entry_for, get_fund_for
from ..rules import Line
from ..sources import OWN_SOURCES, RECEIPT, TRANSFER
from ..states import AccountKind, EntryKind
from .opening import ensure_account
from .posting import post_entry, reverse_entry


def is_own(entry: Entry) -> bool:
    """Whether finance booked the entry here and may take it back here."""
    return entry.kind == EntryKind.PLAIN and entry.source.partition(":")[0] in OWN_SOURCES


@transaction.atomic
def record_funds_received(
    *, actor: Actor, fund_id: UUID, area_code: int, amount_fen: int, occurred_on: date, memo: str, entry_id: UUID
) -> Entry:
    """拨入: money of a fund arrives on the area's treasury account. Sent twice with one id it is booked once."""
    ensure_may_write_by_hand(actor, area_code)
    _ensure_positive(amount_fen)
    fund = get_fund_for(actor, fund_id)
    area = get_area(area_code)
    given = ensure_account(
        kind=AccountKind.SOURCE, fund_id=fund.id, area_code=area_code, name=f"{area.name} {fund.name} 来源"
    )
    held = ensure_account(
        kind=AccountKind.TREASURY, fund_id=fund.id, area_code=area_code, name=f"{area.name} {fund.name} 专户"
    )
    return post_entry(
        actor=actor,
        area_code=area_code,
        occurred_on=occurred_on,
        source=f"{RECEIPT}:{entry_id}",
        memo=memo,
        lines=[Line(held.id, amount_fen), Line(given.id, -amount_fen)],
        entry_id=entry_id,
    )


@transaction.atomic
def transfer_between_areas(
    *,
    actor: Actor,
    from_account_id: UUID,
    to_account_id: UUID,
    amount_fen: int,
    occurred_on: date,
    memo: str,
    transfer_id: UUID,
) -> tuple[Entry, Entry]:
    """Two entries, one in each area, over the 往来 account of the smallest area around both; that account is at zero
    again when both are booked. Both accounts belong to one fund and to the actor's scope."""
    accounts = {
        account.id: account
        for account in Account.objects.filter(actor.scope.q(), id__in=[from_account_id, to_account_id])
    }
    giver, taker = accounts.get(from_account_id), accounts.get(to_account_id)
    if giver is None or taker is None:
        raise NotFound(_("没有这个科目，或者不在您的管辖范围"))
    ensure_may_write_by_hand(actor, giver.area_code, taker.area_code)
    _ensure_positive(amount_fen)
    if giver.id == taker.id or (giver.fund_id, giver.unit_id) != (taker.fund_id, taker.unit_id):
        raise EntryInvalid(_("调拨要在同一项资金的两个科目之间进行"), reason="ledger.transfer_across_funds")
    around = _smallest_area_around(giver.area_code, taker.area_code)
    clearing = ensure_account(
        kind=AccountKind.CLEARING,
        fund_id=giver.fund_id,
        area_code=around.code,
        name=f"{around.name} {giver.fund.name} 往来",
        unit=giver.unit_id,
    )
    source = f"{TRANSFER}:{transfer_id}"
    out = post_entry(
        actor=actor,
        area_code=giver.area_code,
        occurred_on=occurred_on,
        source=source,
        memo=memo,
        lines=[Line(giver.id, -amount_fen), Line(clearing.id, amount_fen)],
        entry_id=transfer_id,
    )
    booked = Entry.objects.filter(source=source, kind=EntryKind.PLAIN).exclude(id=transfer_id).first()
    into = post_entry(
        actor=actor,
        area_code=taker.area_code,
        occurred_on=occurred_on,
        source=source,
        memo=memo,
        lines=[Line(clearing.id, -amount_fen), Line(taker.id, amount_fen)],
        entry_id=booked.id if booked else None,
    )
    return out, into


@transaction.atomic
def correct_entry(*, actor: Actor, entry_id: UUID, reason: str, occurred_on: date) -> list[Entry]:
    """冲正 by finance of what it booked by hand; a transfer is taken back on both sides. The money must still be there."""
    entry = get_entry_for(actor, entry_id)
    ensure_may_write_by_hand(actor, entry.area_code)
    if not is_own(entry):
        raise StateConflict(
            _("这笔分录由其他业务生成，请到它的来源处更正"), reason="ledger.foreign_source", source=entry.source
        )
    together = Entry.objects.filter(actor.scope.q(), source=entry.source, kind=EntryKind.PLAIN).order_by("id")
    return [
        reverse_entry(actor=actor, entry_id=each.id, reason=reason, occurred_on=occurred_on) for each in list(together)
    ]


def _ensure_positive(amount_fen: int) -> None:
    if amount_fen <= 0:
        raise EntryInvalid(_("金额必须大于零"), reason="ledger.amount_not_positive")


def _smallest_area_around(one: int, other: int) -> Area:
    """The lowest area of `one`'s line whose span holds both codes; a zone's township goes past its host county."""
    area = get_area(one)
    while not all(lies_within(code, area.span) for code in (one, other)):
        if area.parent_id is None:
            raise EntryInvalid(_("两个科目不在同一个省，不能直接调拨"), reason="ledger.transfer_too_far")
        area = get_area(area.parent_id)
    return area
