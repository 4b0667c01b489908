"""A small book: one fund of 寒亭区 with its accounts, opened through the ordinary commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shouwang.kernel.actor import Actor
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.ids import new_id
from shouwang.ledger.models import Account, Entry, Fund, Posting
from shouwang.ledger.public import (
    AccountKind,
    FundLevel,
    Line,
    create_fund,
    ensure_account,
    record_funds_received,
)
from tests.factories import GUDI, HANTING

TODAY = date(2020, 3, 18)
TREASURY_NAME = "甲专户"
"""A name that only this book's treasury has."""


@dataclass(frozen=True)
class Book:
    fund: Fund
    source: Account
    treasury: Account
    petty: Account
    paid_out: Account


def open_book(actor: Actor, *, received_fen: int = 0, area_code: int = HANTING, township: int = GUDI) -> Book:
    """Accounts of the fund 临时救助; `received_fen` stands on the treasury."""
    fund = create_fund(
        actor=actor,
        code=f"LSJZ-{area_code}",
        name="临时救助资金",
        level=FundLevel.COUNTY,
        purpose="临时救助",
        rules={"programmes": ["temporary_relief"], "single_limit_fen": 500_000},
        area_code=area_code,
    )
    book = Book(
        fund=fund,
        source=ensure_account(kind=AccountKind.SOURCE, fund_id=fund.id, area_code=area_code, name="来源"),
        treasury=ensure_account(kind=AccountKind.TREASURY, fund_id=fund.id, area_code=area_code, name=TREASURY_NAME),
        petty=ensure_account(kind=AccountKind.PETTY_RESERVE, fund_id=fund.id, area_code=township, name="备用金"),
        paid_out=ensure_account(kind=AccountKind.PAID_OUT, fund_id=fund.id, area_code=township, name="已发放"),
    )
    if received_fen:
        record_funds_received(
            actor=actor,
            fund_id=fund.id,
            area_code=area_code,
            amount_fen=received_fen,
            occurred_on=TODAY,
            memo="拨入",
            entry_id=new_id(),
        )
    return book


def move(debit: Account, credit: Account, fen: int) -> list[Line]:
    """`fen` from `credit` to `debit`."""
    return [Line(debit.id, fen), Line(credit.id, -fen)]


def written() -> tuple[int, int, int]:
    """(entries, postings, audit rows) that the connection sees: what a refused command must leave as it was."""
    return Entry.objects.count(), Posting.objects.count(), AuditEntry.objects.count()


def posting_rows(entry_id: UUID, area_code: int, *sides: tuple[Account, int], first: int = 1) -> list[Posting]:
    return [
        Posting(entry_id=entry_id, position=position, account=account, quantity=fen, area_code=area_code)
        for position, (account, fen) in enumerate(sides, first)
    ]
