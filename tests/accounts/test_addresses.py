"""Guessing one password on everybody from one address gets slower and slower; an office behind it goes on working."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwang.accounts.addresses import client_address
from shouwang.accounts.commands import signing_in
from shouwang.accounts.models import SignInAddress, User
from shouwang.kernel import clock
from shouwang.kernel.errors import NotAllowed
from tests.accounts.test_signing_in import PASSWORD, make_user

pytestmark = pytest.mark.django_db

OFFICE, HOME = "203.0.113.7", "198.51.100.9"


def attempt(username: str, password: str = "guess", address: str = OFFICE) -> str:
    try:
        signing_in.sign_in(username=username, password=password, address=address)
    except NotAllowed as refusal:
        return refusal.reason
    return "signed_in"


def guess_many(count: int = signing_in.NAMES_FREE + 1) -> None:
    assert {attempt(f"victim{number}") for number in range(count)} == {"sign_in.refused"}


def in_(wait: timedelta):
    return clock.at(clock.now() + wait)


def test_many_names_from_one_address_are_held_back_and_other_addresses_are_not() -> None:
    make_user()
    guess_many()
    assert attempt("another") == "sign_in.held_back"
    assert attempt("zhangsan", PASSWORD) == "sign_in.held_back"
    assert attempt("zhangsan", PASSWORD, HOME) == "signed_in"


def test_wait_doubles_with_every_further_name() -> None:
    guess_many()
    elapsed = timedelta(0)
    for number in range(4):
        elapsed += signing_in.FIRST_WAIT * 2**number
        with in_(elapsed - timedelta(seconds=1)):
            assert attempt(f"early{number}") == "sign_in.held_back"
        with in_(elapsed):
            assert attempt(f"later{number}") == "sign_in.refused"


def test_window_slides() -> None:
    guess_many()
    with in_(signing_in.WINDOW + timedelta(seconds=1)):
        assert attempt("another") == "sign_in.refused"


def test_one_user_who_forgot_a_password_does_not_hold_the_office_back() -> None:
    make_user()
    assert [attempt("forgetful") for _ in range(40)][-1] == "sign_in.locked"
    assert attempt("zhangsan", PASSWORD) == "signed_in"


def test_mistake_that_ended_in_a_sign_in_costs_nothing() -> None:
    make_user()
    attempt("zhangsan")
    assert attempt("zhangsan", PASSWORD) == "signed_in"
    guess_many(signing_in.NAMES_FREE)
    assert attempt("another") == "sign_in.refused"


def test_who_signed_in_there_lately_passes_with_the_right_password_only() -> None:
    make_user()
    assert attempt("zhangsan", PASSWORD) == "signed_in"
    guess_many()
    assert attempt("zhangsan") == attempt("nobody") == "sign_in.held_back"
    assert attempt("zhangsan", PASSWORD) == "signed_in"
    with in_(signing_in.KNOWN_FOR):
        guess_many()
        assert attempt("zhangsan", PASSWORD) == "sign_in.held_back"


def test_held_back_guess_still_counts_on_its_account_and_costs_the_same() -> None:
    make_user()
    guess_many()

    def queries(username: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert attempt(username) == "sign_in.held_back"
        return len(captured)

    assert queries("zhangsan") == queries("nobody")
    for _ in range(5):
        attempt("zhangsan")
    assert attempt("zhangsan", PASSWORD, HOME) == "sign_in.locked"


def test_hosts_of_one_ipv6_network_count_together() -> None:
    for number in range(signing_in.NAMES_FREE + 1):
        attempt(f"victim{number}", address=f"2001:db8:0:1::{number:x}")
    assert attempt("another", address="2001:db8:0:1::ffff") == "sign_in.held_back"
    assert attempt("another", address="2001:db8:0:2::1") == "sign_in.refused"


def test_old_rows_go_away_and_hold_nothing_that_was_typed() -> None:
    guess_many(3)
    assert "victim" not in str(list(SignInAddress.objects.values()))
    assert OFFICE not in str(list(SignInAddress.objects.values()))
    with in_(timedelta(days=2)):
        attempt("another")
    assert SignInAddress.objects.count() == 1


def test_page_tells_it_and_a_browser_on_this_machine_is_no_address() -> None:
    User.objects.all().delete()
    guess_many()
    values = {"username": "another", "password": "guess"}
    answer = Client(REMOTE_ADDR=OFFICE).post(reverse("sign_in"), values)
    assert (answer.status_code, "登录失败过多，请在 1 分钟后再试" in answer.content.decode()) == (403, True)
    assert "用户名或密码不正确" in Client().post(reverse("sign_in"), values).content.decode()


@pytest.mark.parametrize(
    ("peer", "told", "trusted", "address"),
    [
        (OFFICE, "", [], OFFICE),
        (OFFICE, HOME, [], OFFICE),
        ("127.0.0.1", HOME, [], ""),
        ("127.0.0.1", HOME, ["127.0.0.1"], HOME),
        ("127.0.0.1", f"1.2.3.4, {HOME}", ["127.0.0.1"], HOME),
        ("127.0.0.1", f"1.2.3.4, {HOME}, 10.1.0.3", ["127.0.0.1", "10.1.0.0/16"], HOME),
        (OFFICE, HOME, ["127.0.0.1"], OFFICE),
        ("127.0.0.1", "unknown", ["127.0.0.1"], ""),
        ("127.0.0.1", "", ["127.0.0.1"], ""),
        ("", HOME, ["127.0.0.1"], ""),
        ("::1", "2001:db8::7", ["::1"], "2001:db8::7"),
    ],
)
def test_header_is_believed_from_a_trusted_proxy_only(
    settings: LazySettings, peer: str, told: str, trusted: list[str], address: str
) -> None:
    settings.SHOUWANG_TRUSTED_PROXIES = [ip_network(network) for network in trusted]
    headers = {"HTTP_X_FORWARDED_FOR": told} if told else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == address
