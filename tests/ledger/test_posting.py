"""Entries: posted, reserved, resolved, reversed; repeated by their id; refused when the money is not there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import (
    AccountKind,
    Balance,
    EntryDiffers,
    EntryInvalid,
    EntryResolved,
    FundRefuses,
    InsufficientFunds,
    Line,
    balance_of,
    check_fund_rules,
    create_fund,
    ensure_account,
    funds_for,
    get_fund_for,
    post_entry,
    post_reservation,
    reserve,
    reverse_entry,
    void_reservation,
)
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting, make_actor

from .books import TODAY, Book, move, open_book, written

pytestmark = pytest.mark.django_db


def pay(actor, book: Book, fen: int, **changes):
    arguments = {
        "area_code": GUDI,
        "occurred_on": TODAY,
        "source": "sample:1",
        "memo": "发放",
        "lines": move(book.paid_out, book.treasury, fen),
    }
    return post_entry(actor=actor, **(arguments | changes))


def test_posting_moves_the_balances() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        pay(actor, book, 30_000)
        assert balance_of(book.treasury.id) == Balance(70_000, 0)
        assert balance_of(book.paid_out.id) == Balance(30_000, 0)
        assert balance_of(book.source.id) == Balance(-100_000, 0)


def test_reservation_holds_money_back_until_it_is_posted() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        held = reserve(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample-relief:1", memo="预留",
            lines=move(book.paid_out, book.treasury, 60_000),
        )  # fmt: skip
        assert balance_of(book.treasury.id) == Balance(100_000, 60_000)
        assert balance_of(book.treasury.id).available_fen == 40_000
        with pytest.raises(InsufficientFunds) as refused:
            pay(actor, book, 40_001)
        assert refused.value.data["available_fen"] == 40_000
        assert refused.value.data["wanted_fen"] == 40_001
        posted = post_reservation(actor=actor, reservation_id=held.id, occurred_on=TODAY, memo="发放")
        assert (posted.kind, posted.source, posted.resolves_id) == ("post", "sample-relief:1", held.id)
        assert balance_of(book.treasury.id) == Balance(40_000, 0)
        assert balance_of(book.paid_out.id) == Balance(60_000, 0)


def test_void_gives_a_reservation_back_once() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        held = reserve(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample-relief:1", memo="预留",
            lines=move(book.paid_out, book.treasury, 60_000),
        )  # fmt: skip
        void_reservation(actor=actor, reservation_id=held.id, reason="申请人撤回")
        assert balance_of(book.treasury.id) == Balance(100_000, 0)
        before = written()
        with pytest.raises(EntryResolved):
            post_reservation(actor=actor, reservation_id=held.id, occurred_on=TODAY, memo="发放")
        with pytest.raises(EntryResolved):
            void_reservation(actor=actor, reservation_id=held.id, reason="再次撤回")
        assert written() == before


def test_reversal_mirrors_an_entry_once_and_needs_a_reason() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        entry = pay(actor, book, 30_000)
        with pytest.raises(EntryInvalid):
            reverse_entry(actor=actor, entry_id=entry.id, reason="  ", occurred_on=TODAY)
        mirror = reverse_entry(actor=actor, entry_id=entry.id, reason="金额录错", occurred_on=TODAY)
        assert (mirror.reverses_id, mirror.source, mirror.memo) == (entry.id, "sample:1", "金额录错")
        assert balance_of(book.treasury.id) == Balance(100_000, 0)
        with pytest.raises(EntryResolved):
            reverse_entry(actor=actor, entry_id=entry.id, reason="再来一次", occurred_on=TODAY)
        with pytest.raises(EntryResolved):
            reverse_entry(actor=actor, entry_id=mirror.id, reason="冲正的冲正", occurred_on=TODAY)


def test_reversal_of_money_already_spent_is_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor)
        received = post_entry(
            actor=actor, area_code=HANTING, occurred_on=TODAY, source="receipt:1", memo="拨入",
            lines=move(book.treasury, book.source, 50_000),
        )  # fmt: skip
        pay(actor, book, 20_000)
        before = written()
        with pytest.raises(InsufficientFunds):
            reverse_entry(actor=actor, entry_id=received.id, reason="拨错", occurred_on=TODAY)
        assert written() == before


def test_same_id_with_the_same_content_is_one_entry() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=30_000)
        entry_id = new_id()
        first = pay(actor, book, 30_000, entry_id=entry_id)  # spends all, so a second booking would be refused
        before = written()
        assert pay(actor, book, 30_000, entry_id=entry_id).id == first.id
        assert written() == before


@pytest.mark.parametrize(
    "changes",
    [{"memo": "别的"}, {"source": "sample:2"}, {"occurred_on": date(2020, 3, 17)}, {"area_code": GUDI_VILLAGE}],
)
def test_same_id_with_other_content_is_refused(changes) -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        entry_id = new_id()
        pay(actor, book, 30_000, entry_id=entry_id)
        before = written()
        with pytest.raises(EntryDiffers):
            pay(actor, book, 30_000, entry_id=entry_id, **changes)
        with pytest.raises(EntryDiffers):
            pay(actor, book, 30_001, entry_id=entry_id)
        assert written() == before


def test_id_taken_by_a_neighbour_is_refused_without_showing_the_entry() -> None:
    entry_id = new_id()
    with acting(Role.FINANCE) as actor:
        pay(actor, open_book(actor, received_fen=30_000), 30_000, entry_id=entry_id)
    with acting(Role.FINANCE, FANGZI) as actor:
        book = open_book(actor, received_fen=30_000, area_code=FANGZI, township=FANGZI)
        with pytest.raises(EntryDiffers):
            pay(actor, book, 30_000, entry_id=entry_id, area_code=FANGZI)


def test_what_is_no_entry_is_refused() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        before = written()
        treasury, paid_out = book.treasury.id, book.paid_out.id
        for changes in (
            {"lines": [Line(paid_out, 100), Line(treasury, -99)]},
            {"lines": [Line(paid_out, 100)]},
            {"lines": [Line(paid_out, 0), Line(treasury, 0)]},
            {"lines": [Line(paid_out, 50), Line(paid_out, 50), Line(treasury, -100)]},
            {"source": "sample"},
            {"occurred_on": TODAY + timedelta(days=1)},
        ):
            with pytest.raises(EntryInvalid):
                pay(actor, book, 100, **changes)
        assert written() == before


def test_neighbour_neither_posts_nor_resolves() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        entry = pay(actor, book, 1_000)
    with acting(Role.FINANCE, FANGZI) as neighbour:
        before = written()
        with pytest.raises(NotFound):
            pay(neighbour, book, 1_000)
        with pytest.raises(NotFound):
            reverse_entry(actor=neighbour, entry_id=entry.id, reason="越界", occurred_on=TODAY)
        with pytest.raises(NotFound):
            ensure_account(kind=AccountKind.TREASURY, fund_id=book.fund.id, area_code=HANTING, name="越界")
        with pytest.raises(NotFound):
            get_fund_for(neighbour, book.fund.id)
        assert balance_of(book.treasury.id) == Balance(0, 0)
        assert written() == before


def test_auditor_may_not_post() -> None:
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        auditor = make_actor(Role.AUDITOR)
        before = written()
        with pytest.raises(NotAllowed):
            pay(auditor, book, 1_000)
        assert written() == before


def test_balance_as_of_an_instant_is_half_open() -> None:
    morning = clock.instant(2020, 3, 10, 9)
    noon = clock.instant(2020, 3, 10, 12)
    with acting(Role.FINANCE) as actor:
        book = open_book(actor, received_fen=100_000)
        with clock.at(clock.instant(2020, 3, 9)):
            post_entry(
                actor=actor, area_code=HANTING, occurred_on=date(2020, 3, 9), source="receipt:0", memo="拨入",
                lines=move(book.treasury, book.source, 10_000),
            )  # fmt: skip
        with clock.at(morning):
            held = reserve(
                actor=actor, area_code=GUDI, occurred_on=date(2020, 3, 10), source="sample-relief:1", memo="预留",
                lines=move(book.paid_out, book.treasury, 4_000),
            )  # fmt: skip
        with clock.at(noon):
            post_reservation(actor=actor, reservation_id=held.id, occurred_on=date(2020, 3, 10), memo="发放")
        tick = timedelta(microseconds=1)
        assert balance_of(book.treasury.id, as_of=morning) == Balance(10_000, 0)
        assert balance_of(book.treasury.id, as_of=morning + tick) == Balance(10_000, 4_000)
        assert balance_of(book.treasury.id, as_of=noon) == Balance(10_000, 4_000)
        assert balance_of(book.treasury.id, as_of=noon + tick) == Balance(6_000, 0)
        assert balance_of(book.treasury.id) == Balance(106_000, 0)


def test_fund_rules_are_checked_in_words() -> None:
    with acting(Role.FINANCE) as actor:
        fund = open_book(actor).fund
        check_fund_rules(fund, "temporary_relief", 500_000)
        with pytest.raises(FundRefuses) as refused:
            check_fund_rules(fund, "temporary_relief", 500_001)
        assert refused.value.reason == "ledger.fund_single_limit"
        with pytest.raises(FundRefuses) as refused:
            check_fund_rules(fund, "dibao", 1)
        assert refused.value.reason == "ledger.fund_programme"


def test_funds_in_reach_are_ours_and_those_of_areas_around_us() -> None:
    with acting(Role.FINANCE, WEIFANG) as city:
        open_book(city, area_code=WEIFANG)
        open_book(city, area_code=HANTING)
        open_book(city, area_code=FANGZI, township=FANGZI)
        assert len(funds_for(city, "temporary_relief")) == 3
    with acting(Role.FINANCE, HANTING) as county:
        assert [fund.area_code for fund in funds_for(county, "temporary_relief")] == [WEIFANG, HANTING]
        assert funds_for(county, "dibao") == []
    with acting(Role.TOWNSHIP_HEAD, GUDI) as township:
        assert [fund.area_code for fund in funds_for(township, "temporary_relief")] == [WEIFANG, HANTING]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"programmes": []},
        {"programmes": ["dibao"], "single_limit_fen": 0},
        {"programmes": ["dibao"], "limit": 5},
        {"programmes": ["dibo"]},
    ],
)
def test_fund_with_unclear_rules_is_refused(rules) -> None:
    with acting(Role.FINANCE) as actor, pytest.raises(EntryInvalid):
        create_fund(
            actor=actor, code="X", name="X", level="county", purpose="", rules=rules, area_code=HANTING
        )  # fmt: skip
