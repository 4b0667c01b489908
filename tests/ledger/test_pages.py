"""Pages of the book: what they show, to whom, in a constant number of queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role, User
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.ledger import sources
from shouwang.ledger.models import Entry, Fund
from shouwang.ledger.public import AccountKind, SourceLink, balance_of, ensure_account, post_entry, reserve
from shouwang.ledger.queries import statement_for
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

from .books import TODAY, TREASURY_NAME, Book, move, open_book

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def page(actor: Actor, name: str, *arguments: object, **query: str) -> str:
    answer = client_of(actor).get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def post(actor: Actor, address: str, *arguments: object, **values: object):
    return client_of(actor).post(reverse(address, args=arguments), values)


def text_of(answer) -> str:
    return b"".join(answer).decode("utf-8-sig")


@pytest.fixture
def finance() -> Actor:
    return make_actor(Role.FINANCE)


@pytest.fixture
def book(finance: Actor) -> Book:
    with use_scope(finance.scope):
        made = open_book(finance, received_fen=123_456_00)
        with clock.at(clock.instant(2020, 3, 10, 9)):
            received(finance, made, 10_000_00, "receipt:old")
        with clock.at(clock.instant(2020, 3, 18, 8, 5)):
            post_entry(
                actor=finance, area_code=GUDI, occurred_on=TODAY, source="sample:77", memo="三月低保",
                lines=move(made.paid_out, made.treasury, 3_456_00),
            )  # fmt: skip
    return made


def received(actor: Actor, book: Book, fen: int, source: str) -> Entry:
    return post_entry(
        actor=actor, area_code=HANTING, occurred_on=date(2020, 3, 10), source=source, memo="省级拨付",
        lines=move(book.treasury, book.source, fen),
    )  # fmt: skip


def test_accounts_show_each_kind_with_its_balance(finance: Actor, book: Book) -> None:
    shown = page(finance, "ledger_accounts")
    assert "临时救助资金" in shown
    assert "130,000.00" in shown  # 123,456 + 10,000 - 3,456 on the treasury
    assert "133,456.00" in shown  # what the source gave, as a positive amount
    assert "-133,456.00" not in shown


def test_accounts_as_of_an_earlier_day(finance: Actor, book: Book) -> None:
    shown = page(finance, "ledger_accounts", day="2020-03-17")
    assert "10,000.00" in shown
    assert "130,000.00" not in shown
    assert "2020-03-17 24:00" in shown


def test_statement_runs_from_opening_to_closing(finance: Actor, book: Book) -> None:
    shown = page(finance, "ledger_statement", book.treasury.id, since="2020-03-18", until="2020-03-18")
    for amount in ("10,000.00", "123,456.00", "3,456.00", "133,456.00", "130,000.00"):
        assert amount in shown
    assert "三月低保" in shown
    assert "省级拨付" not in shown


def test_statement_of_one_instant_never_dips_below_zero(finance: Actor) -> None:
    """A replayed day records everything at one instant: what came in is told first."""
    with use_scope(finance.scope):
        book = open_book(finance, received_fen=5)
        for number in range(5):
            post_entry(
                actor=finance, area_code=GUDI, occurred_on=TODAY, source=f"sample:{number}", memo="",
                lines=move(book.paid_out, book.treasury, 1),
            )  # fmt: skip
        instants = clock.day_start(TODAY), clock.day_start(date(2020, 3, 19))
        statement = statement_for(finance, book.treasury.id, since=instants[0], until=instants[1])
        assert [posting.balance_fen for posting in statement.postings] == [5, 4, 3, 2, 1, 0]


def test_statement_shows_what_is_held(finance: Actor, book: Book) -> None:
    with use_scope(finance.scope):
        reserve(
            actor=finance, area_code=GUDI, occurred_on=TODAY, source="sample-relief:9", memo="某户临时救助",
            lines=move(book.paid_out, book.treasury, 1_234_00),
        )  # fmt: skip
    shown = page(finance, "ledger_statement", book.treasury.id)
    assert "某户临时救助" in shown
    assert "128,766.00" in shown  # available


def test_entry_links_its_source_and_its_reversal(finance: Actor, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_resolvers", {})
    sources.register_source("sample", lambda actor, subject: SourceLink(f"{actor.role} 批次 {subject}", "/somewhere/"))
    with use_scope(finance.scope):
        paid, old = Entry.objects.get(source="sample:77"), Entry.objects.get(source="receipt:old")
    shown = page(finance, "ledger_entry", paid.id)
    assert '<a href="/somewhere/">finance 批次 77</a>' in shown
    assert reverse("ledger_reverse", args=[paid.id]) not in shown
    assert post(finance, "ledger_reverse", paid.id, reason="错").status_code == 422
    assert post(finance, "ledger_reverse", old.id, reason=" ").status_code == 422
    assert post(finance, "ledger_reverse", old.id, reason="录重了").status_code == 302
    shown = page(finance, "ledger_entry", old.id)
    assert "录重了" in shown
    assert reverse("ledger_reverse", args=[old.id]) not in shown
    with use_scope(finance.scope):
        mirror = Entry.objects.get(reverses=old)
    assert reverse("ledger_entry", args=[old.id]) in page(finance, "ledger_entry", mirror.id)


def test_money_received_twice_by_a_double_click_is_booked_once(finance: Actor, book: Book) -> None:
    values = {
        "request_id": new_id(), "fund": book.fund.id, "area": "370703000000", "amount": "1,000.50",
        "occurred_on": "2020-03-18", "memo": "鲁财社指〔2020〕1号",
    }  # fmt: skip
    assert [post(finance, "ledger_receive", **values).status_code for _ in range(2)] == [302, 302]
    with use_scope(finance.scope):
        assert balance_of(book.treasury.id).posted_fen == 131_000_50


@pytest.mark.parametrize(
    "change", [{"amount": "-5"}, {"amount": "1.005"}, {"amount": "十元"}, {"occurred_on": "2020-03-19"}, {"memo": ""}]
)
def test_money_that_cannot_be_booked_is_told_at_the_form(finance: Actor, book: Book, change: dict[str, str]) -> None:
    values = {
        "request_id": new_id(), "fund": book.fund.id, "area": "370703000000", "amount": "10",
        "occurred_on": "2020-03-18", "memo": "某某文",
    }  # fmt: skip
    with use_scope(finance.scope):
        before = Entry.objects.count()
    assert post(finance, "ledger_receive", **(values | change)).status_code == 422
    with use_scope(finance.scope):
        assert Entry.objects.count() == before


def test_fund_and_transfer_by_hand() -> None:
    city = make_actor(Role.FINANCE, WEIFANG)
    answer = post(
        city, "ledger_fund_new", code="ZY2020", name="中央补助", level="central", area="370700000000",
        programmes=["dibao", "tekun"], single_limit="", purpose="困难群众救助补助",
    )  # fmt: skip
    assert answer.status_code == 302
    assert Fund.objects.get(code="ZY2020").rules == {"programmes": ["dibao", "tekun"], "single_limit_fen": None}
    with use_scope(city.scope):
        book = open_book(city, received_fen=1_000_00)
        fangzi = ensure_account(kind=AccountKind.TREASURY, fund_id=book.fund.id, area_code=FANGZI, name="坊子专户")
    values = {
        "request_id": new_id(), "giver": book.treasury.id, "taker": fangzi.id, "amount": "400", "memo": "调拨",
        "occurred_on": "2020-03-18",
    }  # fmt: skip
    assert [post(city, "ledger_transfer", **values).status_code for _ in range(2)] == [302, 302]
    with use_scope(city.scope):
        assert balance_of(fangzi.id).posted_fen == 400_00


@pytest.mark.parametrize("name", ["ledger_accounts", "ledger_account_list"])
def test_neighbour_and_other_roles_see_nothing(book: Book, name: str) -> None:
    assert TREASURY_NAME not in page(make_actor(Role.FINANCE, FANGZI), name)
    assert client_of(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)).get(reverse(name)).status_code == 403


def test_neighbour_gets_404_for_an_account_and_an_entry(book: Book, finance: Actor) -> None:
    with use_scope(finance.scope):
        entry = Entry.objects.get(source="receipt:old")
    neighbour = client_of(make_actor(Role.FINANCE, FANGZI))
    for address in (
        reverse("ledger_statement", args=[book.treasury.id]),
        reverse("ledger_statement", args=[book.treasury.id]) + "?format=csv",
        reverse("ledger_entry", args=[entry.id]),
    ):
        answer = neighbour.get(address)
        assert (answer.status_code, "省级拨付" in answer.content.decode()) == (404, False)
    assert neighbour.post(reverse("ledger_reverse", args=[entry.id]), {"reason": "越界"}).status_code == 404


@pytest.mark.parametrize("name", ["ledger_receive", "ledger_transfer", "ledger_fund_new"])
def test_forms_by_hand_are_for_finance(name: str) -> None:
    assert client_of(make_actor(Role.FINANCE)).get(reverse(name)).status_code == 200
    assert client_of(make_actor(Role.COUNTY_LEADER)).get(reverse(name)).status_code == 403


def test_number_of_queries_does_not_grow(finance: Actor, book: Book) -> None:
    addresses = [
        reverse("ledger_accounts"),
        reverse("ledger_account_list"),
        reverse("ledger_statement", args=[book.treasury.id]),
    ]
    few = [queries_of_page(client_of(finance), address) for address in addresses]
    with use_scope(finance.scope):
        for number in range(1, 6):
            ensure_account(
                kind=AccountKind.PETTY_RESERVE,
                fund_id=book.fund.id,
                area_code=GUDI + number * 10**6,
                name=f"村{number}",
            )
            received(finance, book, number, f"receipt:{number}")
    assert [queries_of_page(client_of(finance), address) for address in addresses] == few


def test_statement_asks_the_same_of_a_period_with_nothing_one_row_and_many(finance: Actor, book: Book) -> None:
    statement = reverse("ledger_statement", args=[book.petty.id])
    counts = [queries_of_page(client_of(finance), statement)]
    for rows in (1, 60):
        with use_scope(finance.scope):
            for number in range(rows):
                post_entry(
                    actor=finance, area_code=GUDI, occurred_on=TODAY, source=f"sample:{rows}{number}", memo="补足",
                    lines=move(book.petty, book.treasury, 1),
                )  # fmt: skip
        counts.append(queries_of_page(client_of(finance), statement))
    assert counts == [counts[0]] * 3


def test_exports_hold_the_filtered_rows(finance: Actor, book: Book) -> None:
    address = reverse("ledger_account_list")
    answer = client_of(finance).get(address, {"kind": "treasury", "format": "csv"})
    lines = text_of(answer).splitlines()
    assert lines[1:] == ["临时救助资金,专户存款,寒亭区,甲专户,130000.00,0.00,130000.00"]
    statement = reverse("ledger_statement", args=[book.treasury.id])
    answer = client_of(finance).get(statement, {"since": "2020-03-18", "until": "2020-03-18", "format": "csv"})
    lines = text_of(answer).splitlines()
    assert [line.rsplit(",", 3)[1:] for line in lines[1:]] == [
        ["123456.00", "", "133456.00"],
        ["", "3456.00", "130000.00"],
    ]
    assert b"".join(client_of(finance).get(statement, {"format": "xlsx"})).startswith(b"PK")


def test_accounts_are_sorted_by_their_heads(finance: Actor, book: Book) -> None:
    rising, falling = (page(finance, "ledger_account_list", sort=sort) for sort in ("area", "-area"))
    assert rising.index(TREASURY_NAME) < rising.index(">备用金</a>")
    assert falling.index(TREASURY_NAME) > falling.index(">备用金</a>")


def test_wrong_query_is_no_crash(finance: Actor, book: Book) -> None:
    client = client_of(finance)
    for query in (
        {"fund": "x"},
        {"kind": "x"},
        {"area": "abc"},
        {"day": "2020-13-40"},
        {"page": "x"},
        {"format": "exe"},
    ):
        assert client.get(reverse("ledger_account_list"), query).status_code in (200, 422)
    statement = reverse("ledger_statement", args=[book.treasury.id])
    assert client.get(statement, {"since": "2020-03-18", "until": "2020-03-01"}).status_code == 200
