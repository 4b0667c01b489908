"""Movements of a list's money in the book: from sums by kind of account to entries on the unit's accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from uuid import UUID

from shouwang.areas.public import get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import (
    AccountKind,
    EntryDraft,
    Fund,
    Line,
    accounts_of_unit,
    ensure_account,
    reserve_entries,
)

from ..models import BatchPart, PaymentBatch
from ..rules.book import held_back


class UnitAccounts:
    """The accounts of one fund in one paying unit, looked up and opened when they are first needed."""

    def __init__(self, fund: Fund, area_code: int) -> None:
        self._fund, self._area_code = fund, area_code

    @cached_property
    def _ids(self) -> dict[AccountKind, UUID]:
        return accounts_of_unit(fund_id=self._fund.id, area_code=self._area_code)

    def lines(self, moved: Mapping[AccountKind, int]) -> tuple[Line, ...]:
        return tuple(Line(self._id(kind), quantity) for kind, quantity in moved.items())

    def _id(self, kind: AccountKind) -> UUID:
        if kind not in self._ids:
            name = f"{get_area(self._area_code).name} {self._fund.name} {kind.label}"
            account = ensure_account(kind=kind, fund_id=self._fund.id, area_code=self._area_code, name=name)
            self._ids[kind] = account.id
        return self._ids[kind]


def source_of_part(batch: PaymentBatch, part: BatchPart) -> str:
    """What the book calls the lines of one township in one list: their entries carry it."""
    return f"batch:{batch.id}:{part.area_code}"


def memo_of(batch: PaymentBatch) -> str:
    return f"{batch.get_programme_display()} {batch.benefit_month:%Y-%m} {batch.number}"


def draft_of_part(
    accounts: UnitAccounts, batch: PaymentBatch, part: BatchPart, moved: Mapping[AccountKind, int], occurred_on: date
) -> EntryDraft:
    return EntryDraft(
        area_code=part.area_code,
        occurred_on=occurred_on,
        source=source_of_part(batch, part),
        memo=memo_of(batch),
        lines=accounts.lines(moved),
        entry_id=new_id(),
    )


def hold_back(*, actor: Actor, batch: PaymentBatch, open_fen: Mapping[UUID, int], parts: Iterable[BatchPart]) -> None:
    """Reserve what each part still waits for, by its id; a part that waits for nothing holds nothing back."""
    accounts = UnitAccounts(batch.fund, batch.area_code)
    today = clock.today()
    drafts: list[EntryDraft] = []
    changed: list[BatchPart] = []
    for part in parts:
        waiting = open_fen.get(part.id, 0)
        part.reservation_id = None
        if waiting:
            moved = held_back(is_reissue=batch.is_reissue, open_fen=waiting)
            draft = draft_of_part(accounts, batch, part, moved, today)
            part.reservation_id = draft.entry_id
            drafts.append(draft)
        changed.append(part)
    reserve_entries(actor=actor, drafts=drafts)
    BatchPart.objects.bulk_update(changed, ["reservation"])
