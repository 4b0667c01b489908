"""Entries one at a time: post, reserve, post or void a reservation, reverse.

The caller is a command of another app, or one of `by_hand`: it has authorised its role and opened the transaction. Every
function here locks, in the order of their ids, the money-holding accounts that would pay; so two payments at once cannot
both spend the same fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.ids import new_id

from ..balances import balances_of
from ..errors import EntryDiffers, EntryInvalid, EntryResolved, InsufficientFunds
from ..models import Account, Entry, Posting
from ..policies import ensure_may_post
from ..rules import EntryDraft, Line, check_draft
from ..states import HOLDS_MONEY, POSTED_KINDS, EntryKind


@transaction.atomic
def post_entry(
    *,
    actor: Actor,
    area_code: int,
    occurred_on: date,
    source: str,
    memo: str,
    lines: Sequence[Line],
    entry_id: UUID | None = None,
) -> Entry:
    """Post an entry. Sent again with its id and the same content, it is the entry that is there.

    Raises InsufficientFunds, EntryInvalid, EntryDiffers (same id, other content), NotFound (outside the scope).
    """
    draft = EntryDraft(area_code, occurred_on, source, memo, tuple(lines), entry_id)
    return _record(actor, EntryKind.PLAIN, draft)


@transaction.atomic
def reserve(
    *,
    actor: Actor,
    area_code: int,
    occurred_on: date,
    source: str,
    memo: str,
    lines: Sequence[Line],
    entry_id: UUID | None = None,
) -> Entry:
    """Hold money back: it stays in the balance and leaves what is available. Refuses as `post_entry`."""
    draft = EntryDraft(area_code, occurred_on, source, memo, tuple(lines), entry_id)
    return _record(actor, EntryKind.RESERVE, draft)


@transaction.atomic
def post_reservation(*, actor: Actor, reservation_id: UUID, occurred_on: date, memo: str) -> Entry:
    """Post what a reservation holds, to the same accounts. Raises EntryResolved when it is posted or void already."""
    reservation, lines = _open_reservation(actor, reservation_id)
    draft = EntryDraft(reservation.area_code, occurred_on, reservation.source, memo, lines)
    return _record(actor, EntryKind.POST, draft, resolves=reservation)


@transaction.atomic
def void_reservation(*, actor: Actor, reservation_id: UUID, reason: str) -> Entry:
    """Give back what a reservation holds. Raises EntryResolved when it is posted or void already."""
    reservation, _lines = _open_reservation(actor, reservation_id)
    entry = Entry.objects.create(
        kind=EntryKind.VOID,
        area_code=reservation.area_code,
        occurred_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        source=reservation.source,
        memo=required_reason(reason),
        resolves=reservation,
    )
    _audit(actor, entry, amount_fen=0)
    return entry


@transaction.atomic
def reverse_entry(*, actor: Actor, entry_id: UUID, reason: str, occurred_on: date) -> Entry:
    """Take back a posted entry by its mirror image. Raises EntryResolved when that is done, InsufficientFunds when the
    money is gone."""
    original, lines = _locked_entry(actor, entry_id)
    if original.kind not in POSTED_KINDS - {EntryKind.REVERSE}:
        raise EntryResolved(
            _("%(kind)s分录不能冲正") % {"kind": original.get_kind_display()},
            reason="ledger.not_reversible",
            entry_id=entry_id,
        )
    done = Entry.objects.filter(reverses=original).first()
    if done is not None:
        raise EntryResolved(
            _("这笔分录已于 %(day)s 冲正：%(memo)s") % {"day": done.occurred_on.isoformat(), "memo": done.memo},
            reason="ledger.already_reversed",
            entry_id=done.id,
        )
    mirrored = tuple(Line(line.account_id, -line.quantity) for line in lines)
    draft = EntryDraft(original.area_code, occurred_on, original.source, required_reason(reason), mirrored)
    return _record(actor, EntryKind.REVERSE, draft, reverses=original)


def lock_paying_accounts(decreases: Mapping[UUID, int]) -> list[Account]:
    """Lock, in the order of their ids, the money-holding accounts among `decreases` (fen going out, by account)."""
    paying = [account_id for account_id, fen in decreases.items() if fen > 0]
    accounts = Account.objects.filter(id__in=paying, kind__in=HOLDS_MONEY)
    return list(accounts.select_for_update().order_by("id"))


def refuse_overdraft(accounts: Sequence[Account], decreases: Mapping[UUID, int]) -> None:
    """Raises InsufficientFunds for the first of the locked accounts that cannot pay."""
    balances = balances_of([account.id for account in accounts])
    for account in accounts:
        available, wanted = balances[account.id].available_fen, decreases[account.id]
        if wanted > available:
            raise InsufficientFunds(
                _("“%(account)s”可用余额 %(available)s 元，不够支付 %(wanted)s 元，请先拨入资金")
                % {"account": account.name, "available": money.yuan(available), "wanted": money.yuan(wanted)},
                account_id=account.id,
                available_fen=available,
                wanted_fen=wanted,
            )


def _record(
    actor: Actor, kind: EntryKind, draft: EntryDraft, *, resolves: Entry | None = None, reverses: Entry | None = None
) -> Entry:
    ensure_may_post(actor, draft.area_code)
    check_draft(draft, today=clock.today())
    decreases = {line.account_id: -line.quantity for line in draft.lines}
    accounts = lock_paying_accounts(decreases)
    existing = _repeated(kind, draft)
    if existing is not None:
        return existing
    if kind != EntryKind.POST:  # posting a reservation spends what it holds
        refuse_overdraft(accounts, decreases)
    entry = Entry(
        id=draft.entry_id or new_id(),
        kind=kind,
        area_code=draft.area_code,
        occurred_on=draft.occurred_on,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        source=draft.source,
        memo=draft.memo[:200],
        resolves=resolves,
        reverses=reverses,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        # Another transaction brought the same id first, or it lies outside our scope.
        existing = _repeated(kind, draft)
        if existing is None:
            raise EntryDiffers(_("这笔分录的编号已被使用，未记账"), entry_id=entry.id) from None
        return existing
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            position=position,
            account_id=line.account_id,
            quantity=line.quantity,
            area_code=entry.area_code,
        )
        for position, line in enumerate(draft.lines, 1)
    )
    _audit(actor, entry, amount_fen=sum(line.quantity for line in draft.lines if line.quantity > 0))
    return entry


def _repeated(kind: EntryKind, draft: EntryDraft) -> Entry | None:
    """The entry that has the draft's id, when it says the same. Raises EntryDiffers when it does not."""
    if draft.entry_id is None:
        return None
    entry = Entry.objects.filter(id=draft.entry_id).first()
    if entry is None:
        return None
    said = (entry.kind, entry.area_code, entry.occurred_on, entry.source, entry.memo, set(_lines_of(entry)))
    if said != (kind, draft.area_code, draft.occurred_on, draft.source, draft.memo[:200], set(draft.lines)):
        raise EntryDiffers(_("同一编号的分录已经记账，内容不同，未再记账"), entry_id=entry.id)
    return entry


def _open_reservation(actor: Actor, reservation_id: UUID) -> tuple[Entry, tuple[Line, ...]]:
    reservation, lines = _locked_entry(actor, reservation_id)
    if reservation.kind != EntryKind.RESERVE:
        raise EntryResolved(_("这笔分录不是预留"), reason="ledger.not_a_reservation", entry_id=reservation_id)
    resolution = Entry.objects.filter(resolves=reservation).first()
    if resolution is not None:
        raise EntryResolved(
            _("这笔预留已于 %(day)s 办理：%(kind)s")
            % {"day": resolution.occurred_on.isoformat(), "kind": resolution.get_kind_display()},
            entry_id=resolution.id,
        )
    return reservation, lines


def _locked_entry(actor: Actor, entry_id: UUID) -> tuple[Entry, tuple[Line, ...]]:
    entry = Entry.objects.select_for_update().filter(actor.scope.q(), id=entry_id).first()
    if entry is None:
        raise NotFound(_("没有这笔分录"), entry_id=entry_id)
    ensure_may_post(actor, entry.area_code)
    return entry, _lines_of(entry)


def _lines_of(entry: Entry) -> tuple[Line, ...]:
    postings = Posting.objects.filter(entry=entry).order_by("position")
    return tuple(Line(account_id, quantity) for account_id, quantity in postings.values_list("account_id", "quantity"))


def required_reason(reason: str) -> str:
    """The reason without blanks around it, as long as a memo. Raises EntryInvalid when there is none."""
    if not reason.strip():
        raise EntryInvalid(_("请写明原因"), reason="ledger.reason_missing")
    return reason.strip()[:200]


def _audit(actor: Actor, entry: Entry, *, amount_fen: int) -> None:
    audit.record(
        actor=actor,
        action=f"ledger.{entry.kind}",
        subject=f"entry:{entry.id}",
        area_code=entry.area_code,
        data={"source": entry.source, "amount_fen": amount_fen},
    )
