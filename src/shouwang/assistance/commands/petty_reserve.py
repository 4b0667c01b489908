"""乡镇备用金: small cash that a township may hand out, kept in the book.

Guarantees: money comes in from the county's treasury of one fund and goes out for relief, each as one balanced entry in
the township; a reserve never pays what it does not hold (the book refuses). What it holds is a query, not a column.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import Area, Level, get_area
from shouwang.kernel import audit, clock, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import (
    Account,
    AccountKind,
    Entry,
    InsufficientFunds,
    Line,
    balances_of,
    check_fund_rules,
    ensure_account,
    get_fund_for,
    post_entry,
    reverse_entry,
)

from ..policies_relief import ensure_inside, ensure_may_fill_reserve
from ..rules.relief import township_of
from ..states import PETTY_RESERVE_FILL, Programme
from .requests import take_turns


@transaction.atomic
def fill_petty_reserve(
    *,
    actor: Actor,
    fund_id: UUID,
    treasury_area_code: int,
    township_code: int,
    amount_fen: int,
    occurred_on: date | None = None,
    memo: str = "",
    fill_id: UUID | None = None,
) -> Entry:
    """拨付: from the fund's treasury account of a county into the township's reserve. Sent twice with one `fill_id`, it
    is booked once. Raises InsufficientFunds, FundRefuses, Invalid, NotFound outside the scope.
    """
    ensure_may_fill_reserve(actor, township_code)
    ensure_inside(actor, treasury_area_code)
    if amount_fen <= 0:
        raise Invalid(_("拨付金额必须大于零"), reason="petty_reserve.amount")
    township = _township(township_code)
    fund = get_fund_for(actor, fund_id)
    check_fund_rules(fund, Programme.TEMPORARY_RELIEF, 1)
    treasury = ensure_account(
        kind=AccountKind.TREASURY,
        fund_id=fund.id,
        area_code=treasury_area_code,
        name=f"{get_area(treasury_area_code).name} {fund.name} 专户",
    )
    reserve = ensure_account(
        kind=AccountKind.PETTY_RESERVE,
        fund_id=fund.id,
        area_code=township.code,
        name=f"{township.name} {fund.name} 备用金",
    )
    fill_id = fill_id or new_id()
    take_turns([fill_id])
    is_repeated = Entry.objects.filter(id=fill_id).exists()
    entry = post_entry(
        actor=actor,
        area_code=township.code,
        occurred_on=occurred_on or clock.today(),
        source=f"{PETTY_RESERVE_FILL}{fill_id}",
        memo=memo.strip() or _("拨付乡镇备用金"),
        lines=[Line(reserve.id, amount_fen), Line(treasury.id, -amount_fen)],
        entry_id=fill_id,
    )
    if is_repeated:  # the book has compared the two
        return entry
    audit.record(
        actor=actor,
        action="petty_reserve.fill",
        subject=f"entry:{entry.id}",
        area_code=township.code,
        data={"amount_fen": amount_fen, "fund": fund.code},
    )
    return entry


@transaction.atomic
def take_back_fill(*, actor: Actor, entry_id: UUID, reason: str) -> Entry:
    """冲回 a fill that was a mistake. The money must still be in the reserve."""
    entry = Entry.objects.filter(actor.scope.q(), id=entry_id, source__startswith=PETTY_RESERVE_FILL).first()
    if entry is None:
        raise NotFound(_("没有这笔备用金拨付"), entry_id=entry_id)
    ensure_may_fill_reserve(actor, entry.area_code)
    reversal = reverse_entry(actor=actor, entry_id=entry.id, reason=reason, occurred_on=clock.today())
    audit.record(
        actor=actor,
        action="petty_reserve.take_back",
        subject=f"entry:{entry.id}",
        area_code=entry.area_code,
        data={"reversal": reversal.id},
    )
    return reversal


def pay_from_reserve(*, actor: Actor, area_code: int, amount_fen: int, source: str, memo: str, programme: str) -> Entry:
    """Cash out of the reserve of the township around `area_code`, for a command that has authorised.

    Of several funds, the first that holds enough pays. Raises InsufficientFunds when none does.
    """
    township = _reserve_place(actor, area_code)
    accounts = list(
        Account.objects.select_for_update(of=("self",))
        .select_related("fund")
        .filter(kind=AccountKind.PETTY_RESERVE, area_code=township)
        .order_by("id")
    )
    balances = balances_of([account.id for account in accounts])
    paying = next((account for account in accounts if balances[account.id].available_fen >= amount_fen), None)
    if paying is None:
        held = max((balances[account.id].available_fen for account in accounts), default=0)
        raise InsufficientFunds(
            _("%(township)s的备用金余额 %(available)s 元，不够支付 %(wanted)s 元，请县区财务先拨付")
            % {
                "township": get_area(township).name,
                "available": money.yuan(held),
                "wanted": money.yuan(amount_fen),
            },
            reason="petty_reserve.short",
            available_fen=held,
            wanted_fen=amount_fen,
        )
    check_fund_rules(paying.fund, programme, amount_fen)
    paid_out = ensure_account(
        kind=AccountKind.PAID_OUT,
        fund_id=paying.fund_id,
        area_code=township,
        name=f"{get_area(township).name} {paying.fund.name} 已发放",
    )
    return post_entry(
        actor=actor,
        area_code=township,
        occurred_on=clock.today(),
        source=source,
        memo=memo,
        lines=[Line(paid_out.id, amount_fen), Line(paying.id, -amount_fen)],
    )


def _township(code: int) -> Area:
    area = get_area(code)
    if area.level != Level.TOWNSHIP:
        raise Invalid(_("备用金拨付到乡镇（街道），请选择乡镇"), reason="petty_reserve.not_a_township", area_code=code)
    return area


def _reserve_place(actor: Actor, area_code: int) -> int:
    """The township; where a zone runs one village of another unit's township, that village."""
    township = township_of(area_code)
    return township if actor.scope.contains(township) else area_code
