"""The journal for other people's tools: beancount (`bean-check` accepts it) and plain csv.

Guarantees: what was posted in the area in the period, in book order, the postings of each entry together; money in yuan
with two decimals, made from fen by integers; the beancount file asserts for every account of the area the balance that
the book itself gives at the end of the period, without tolerance. Days are those on which the book was written
(`recorded_at`), like every balance; the day of the event stands beside them. Reservations are no postings.

An account that belongs to a wider area (往来) is exported with this area's share of it, and asserts nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import IO
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from shouwang.areas.public import area_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.scope import Span, lies_within, spans_q
from shouwang.kernel.spreadsheets import neutralised

from .balances import balances_of
from .models import Account, Posting
from .states import CNY, POSTED_KINDS, AccountKind

_ROOTS = {
    AccountKind.SOURCE: "Income:Source",
    AccountKind.TREASURY: "Assets:Treasury",
    AccountKind.PETTY_RESERVE: "Assets:PettyReserve",
    AccountKind.PAID_OUT: "Expenses:PaidOut",
    AccountKind.RETURNED: "Assets:Returned",
    AccountKind.CLEARING: "Assets:Clearing",
    AccountKind.MIGRATION: "Income:Migration",
}
_OPENING = "Equity:Opening-Balances"
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9-]+")
_AT_ONCE = 2_000

CSV_HEAD = (
    *(
        "记账日期",
        "分录编号",
        "分录类型",
        "来源",
        "摘要",
        "业务日期",
        "分录区划",
        "科目名称",
        "科目类型",
        "资金编号",
        "资金",
    ),
    *("借方（元）", "贷方（元）"),
)


@dataclass(frozen=True, slots=True)
class Journal:
    """What is exported: the area's spans and the half-open instants of the period."""

    area_code: int
    spans: Sequence[Span]
    first_on: date
    last_on: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first_on, time(), tzinfo=clock.TZ)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last_on + timedelta(days=1), time(), tzinfo=clock.TZ)


def journal_of(*, area_code: int, first_on: date, last_on: date) -> Journal:
    """Both days included. Raises Invalid (a period that ends before it begins), NotFound (no such area)."""
    if last_on < first_on:
        raise Invalid(_("结束日期不能早于开始日期"), reason="export.period")
    return Journal(area_code, get_area(area_code).span, first_on, last_on)


def write_csv_journal(file: IO[str], journal: Journal) -> int:
    """One row a posting; returns the number of entries."""
    writer = csv.writer(file)
    writer.writerow(CSV_HEAD)
    count = 0
    for postings in _entries(journal):
        count += 1
        for posting in postings:
            entry, account = posting.entry, posting.account
            debit, credit = max(posting.quantity, 0), max(-posting.quantity, 0)
            writer.writerow(
                [
                    _day(entry.recorded_at).isoformat(),
                    str(entry.id),
                    entry.get_kind_display(),
                    entry.source,
                    neutralised(entry.memo),
                    entry.occurred_on.isoformat(),
                    str(entry.area_code),
                    neutralised(account.name),
                    account.get_kind_display(),
                    account.fund.code,
                    neutralised(account.fund.name),
                    yuan_text(debit) if debit else "",
                    yuan_text(credit) if credit else "",
                ]
            )
    return count


def write_beancount(file: IO[str], journal: Journal) -> int:
    """The journal with its accounts, opening balances and closing assertions; returns the number of entries."""
    accounts = list(_accounts(journal))
    names = account_names(accounts)
    area_labels = area_names(sorted({account.area_code for account in accounts}))
    file.write(_head(journal))
    opened_on = journal.first_on - timedelta(days=1)
    for account in accounts:
        file.write(f"{opened_on} open {names[account.id]} {CNY}\n")
        file.write(f"  name: {_quoted(account.name)}\n  kind: {_quoted(account.get_kind_display())}\n")
        file.write(f"  fund: {_quoted(account.fund.name)}\n")
        file.write(f"  area: {_quoted(area_labels.get(account.area_code, str(account.area_code)))}\n")
    _write_opening(file, journal, names, opened_on)
    count = 0
    for postings in _entries(journal):
        count += 1
        _write_entry(file, postings, names)
    _write_assertions(file, journal, accounts, names)
    return count


def account_names(accounts: Iterable[Account]) -> dict[UUID, str]:
    """A beancount name for each account: kind, 15-digit area, fund; the end of the id where two would share one."""
    names: dict[UUID, str] = {}
    taken: set[str] = set()
    for account in accounts:
        fund = _NOT_IN_NAME.sub("-", account.fund.code).strip("-").upper() or "FUND"
        name = f"{_ROOTS[AccountKind(account.kind)]}:A{account.area_code}:F-{fund}"
        if name in taken:
            name = f"{name}-{account.id.hex[-8:]}"
        taken.add(name)
        names[account.id] = name
    return names


def yuan_text(fen: int) -> str:
    """-123456 -> "-1234.56"."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def _head(journal: Journal) -> str:
    title = _("%(area)s 账本 %(first)s 至 %(last)s") % {
        "area": get_area(journal.area_code).name,
        "first": journal.first_on.isoformat(),
        "last": journal.last_on.isoformat(),
    }
    return f'option "title" {_quoted(title)}\noption "operating_currency" "{CNY}"\n\n'


def _postings(journal: Journal) -> QuerySet[Posting]:
    """Every posting in the area up to the end of the period; goods, which have units of their own, are left out."""
    return Posting.objects.filter(
        spans_q(journal.spans),
        account__unit_id=CNY,
        entry__kind__in=POSTED_KINDS,
        entry__recorded_at__lt=journal.until,
    )


def _accounts(journal: Journal) -> QuerySet[Account]:
    """The accounts of the area, and those of wider areas that it posted to."""
    own = Account.objects.filter(spans_q(journal.spans), unit_id=CNY)
    used = Account.objects.filter(id__in=_postings(journal).order_by().values("account_id").distinct())
    return (own | used).select_related("fund").order_by("fund__code", "kind", "area_code", "id").distinct()


def _entries(journal: Journal) -> Iterator[list[Posting]]:
    """The postings of each entry of the period, in book order."""
    postings = (
        _postings(journal)
        .filter(entry__recorded_at__gte=journal.since)
        .select_related("entry", "account__fund")
        .order_by("entry__recorded_at", "entry_id", "position")
        .iterator(chunk_size=_AT_ONCE)
    )
    for _entry_id, group in groupby(postings, key=lambda posting: posting.entry_id):
        yield list(group)


def _write_opening(file: IO[str], journal: Journal, names: dict[UUID, str], opened_on: date) -> None:
    before = dict(
        _postings(journal)
        .filter(entry__recorded_at__lt=journal.since)
        .order_by()
        .values_list("account_id")
        .annotate(total=Sum("quantity"))
    )
    carried = {account_id: int(total) for account_id, total in before.items() if total}
    file.write(f"{opened_on} open {_OPENING} {CNY}\n\n")
    if carried:
        file.write(f"{opened_on} * {_quoted(_('期初余额'))}\n")
        for account_id, total in carried.items():
            file.write(f"  {names[account_id]}  {yuan_text(total)} {CNY}\n")
        # Each entry balances per fund, so what was carried forward balances as well: nothing is left for equity, and
        # the line is there for a journal that begins inside a wider area's transfer.
        file.write(f"  {_OPENING}  {yuan_text(-sum(carried.values()))} {CNY}\n\n")


def _write_entry(file: IO[str], postings: Sequence[Posting], names: dict[UUID, str]) -> None:
    entry = postings[0].entry
    file.write(f"{_day(entry.recorded_at)} * {_quoted(entry.memo)}\n")
    file.write(f'  entry: "{entry.id}"\n  source: {_quoted(entry.source)}\n')
    file.write(f"  kind: {_quoted(entry.get_kind_display())}\n  occurred: {entry.occurred_on}\n")
    if entry.reverses_id:
        file.write(f'  reverses: "{entry.reverses_id}"\n')
    for posting in postings:
        file.write(f"  {names[posting.account_id]}  {yuan_text(posting.quantity)} {CNY}\n")
    file.write("\n")


def _write_assertions(file: IO[str], journal: Journal, accounts: Sequence[Account], names: dict[UUID, str]) -> None:
    own = [a for a in accounts if lies_within(a.area_code, journal.spans)]
    balances = balances_of([account.id for account in own], as_of=journal.until)
    closed_on = journal.last_on + timedelta(days=1)  # an assertion holds at the beginning of its day
    for account in own:
        amount = yuan_text(balances[account.id].posted_fen)
        file.write(f"{closed_on} balance {names[account.id]}  {amount} ~ 0.00 {CNY}\n")


def _day(at: datetime) -> date:
    return at.astimezone(clock.TZ).date()


def _quoted(text: str) -> str:
    """A beancount string: one line, quotes and backslashes escaped."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
