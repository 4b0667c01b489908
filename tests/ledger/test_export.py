"""The journal for other tools: beancount accepts it, and its balances are the book's own."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shouwang.accounts.public import Role, as_system
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.ledger.balances import balances_of
from shouwang.ledger.export import CSV_HEAD, account_names, journal_of, write_beancount, write_csv_journal
from shouwang.ledger.models import Account
from shouwang.ledger.public import (
    AccountKind,
    Line,
    ensure_account,
    post_entry,
    reserve,
    reverse_entry,
    transfer_between_areas,
)
from tests.factories import FANGZI, GUDI, HANTING, acting

from .bean_check import bean_check
from .books import TODAY, Book, open_book

pytestmark = pytest.mark.django_db

WEIFANG = 370_700_000_000_000


def book_of_march() -> Book:
    """A fund received, paid in odd fen, a payment taken back, money held back; one memo that tries to be markup."""
    with clock.at(clock.instant(2020, 3, 18, 9)), acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=1_000_003)
    with clock.at(clock.instant(2020, 3, 19, 23, 59)), acting(Role.FINANCE) as actor:
        paid = post_entry(
            actor=actor, area_code=GUDI, occurred_on=date(2020, 3, 19), source="sample:1",
            memo='一笔"引号"\\与\n换行', lines=(Line(book.treasury.id, -333_33), Line(book.paid_out.id, 333_33)),
        )  # fmt: skip
    with clock.at(clock.instant(2020, 3, 20, 0, 0)), acting(Role.FINANCE) as actor:
        reverse_entry(actor=actor, entry_id=paid.id, reason="记错", occurred_on=date(2020, 3, 20))
        post_entry(
            actor=actor, area_code=GUDI, occurred_on=date(2020, 3, 20), source="sample:2", memo="=1+1",
            lines=(Line(book.treasury.id, -1), Line(book.paid_out.id, 1)),
        )  # fmt: skip
        reserve(
            actor=actor, area_code=GUDI, occurred_on=date(2020, 3, 20), source="sample:3", memo="预留",
            lines=(Line(book.treasury.id, -500), Line(book.paid_out.id, 500)),
        )  # fmt: skip
    return book


def exported(write: Callable[..., int], *, area_code: int, first_on: date, last_on: date) -> tuple[str, int]:
    file = io.StringIO()
    with as_system("test"):
        count = write(file, journal_of(area_code=area_code, first_on=first_on, last_on=last_on))
    return file.getvalue(), count


ASSERTION = re.compile(r"^\d{4}-\d\d-\d\d balance (\S+)  (-?\d+)\.(\d\d) ~ 0\.00 CNY$", re.MULTILINE)


@pytest.mark.parametrize(
    ("first_on", "last_on", "entries"),
    [
        (date(2020, 3, 1), date(2020, 3, 31), 4),
        (date(2020, 3, 20), date(2020, 3, 20), 2),
        (date(2020, 3, 1), date(2020, 3, 19), 2),
        (date(2020, 4, 1), date(2020, 4, 30), 0),
    ],
)
@pytest.mark.parametrize("area_code", [HANTING, WEIFANG])
def test_bean_check_accepts_the_journal_and_its_balances_are_the_books(
    tmp_path: Path, area_code: int, first_on: date, last_on: date, entries: int
) -> None:
    book_of_march()
    text, count = exported(write_beancount, area_code=area_code, first_on=first_on, last_on=last_on)
    assert count == entries
    path = tmp_path / "journal.beancount"
    path.write_text(text, encoding="utf-8")
    judged = bean_check(path)
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")
    journal = journal_of(area_code=area_code, first_on=first_on, last_on=last_on)
    with as_system("test"):
        accounts = list(Account.objects.select_related("fund").order_by("fund__code", "kind", "area_code", "id"))
        book = balances_of([account.id for account in accounts], as_of=journal.until)
    names = account_names(accounts)
    stated = {name: int(whole + cents) for name, whole, cents in ASSERTION.findall(text)}
    assert stated == {names[account.id]: book[account.id].posted_fen for account in accounts}


def test_bean_check_sees_a_fen(tmp_path: Path) -> None:
    """The assertions have no tolerance: a journal that lost a fen is refused."""
    book_of_march()
    text, _count = exported(write_beancount, area_code=HANTING, first_on=date(2020, 3, 1), last_on=date(2020, 3, 31))
    path = tmp_path / "journal.beancount"
    path.write_text(re.sub(r"(balance Expenses\S+  )0\.01", r"\g<1>0.02", text), encoding="utf-8")
    assert bean_check(path).returncode != 0


def test_journal_of_one_county_names_nothing_of_another() -> None:
    book_of_march()
    with acting(Role.FINANCE, FANGZI) as actor:
        open_book(actor, received_fen=5_000, area_code=FANGZI, township=FANGZI)
    for write in (write_beancount, write_csv_journal):
        text, _count = exported(write, area_code=HANTING, first_on=TODAY, last_on=date(2020, 3, 31))
        assert str(FANGZI) not in text


def test_transfer_between_counties_leaves_each_journal_balanced(tmp_path: Path) -> None:
    book_of_march()
    with acting(Role.FINANCE, WEIFANG) as actor:
        city = open_book(actor, received_fen=9_000, area_code=WEIFANG, township=WEIFANG)
        taker = account_of_fund(city, HANTING)
        transfer_between_areas(
            actor=actor,
            from_account_id=city.treasury.id,
            to_account_id=taker.id,
            amount_fen=777,
            occurred_on=TODAY,
            memo="拨付",
            transfer_id=new_id(),
        )
    for area_code in (HANTING, WEIFANG):
        text, _count = exported(write_beancount, area_code=area_code, first_on=TODAY, last_on=TODAY)
        path = tmp_path / f"{area_code}.beancount"
        path.write_text(text, encoding="utf-8")
        judged = bean_check(path)
        assert (judged.returncode, judged.stderr) == (0, "")
        assert "7.77 CNY" in text


def account_of_fund(book: Book, area_code: int) -> Account:
    return ensure_account(kind=AccountKind.TREASURY, fund_id=book.fund.id, area_code=area_code, name="县专户")


def test_csv_journal_balances_and_is_safe_to_open() -> None:
    book_of_march()
    text, count = exported(write_csv_journal, area_code=HANTING, first_on=TODAY, last_on=date(2020, 3, 31))
    head, *rows = csv.reader(io.StringIO(text))
    assert (tuple(head), count, len(rows)) == (CSV_HEAD, 4, 8)
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        debit, credit = (int(cell.replace(".", "") or 0) for cell in row[-2:])
        sums[row[1]] += debit - credit
    assert set(sums.values()) == {0}
    assert len(sums) == count
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert [row[0] for row in rows][-1] == "2020-03-20"


def test_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid):
        journal_of(area_code=HANTING, first_on=date(2020, 3, 2), last_on=date(2020, 3, 1))
