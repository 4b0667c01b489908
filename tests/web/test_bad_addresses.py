"""What no page of ours sends, but a hand can type: it is refused in words, never a broken page."""

from __future__ import annotations

import pytest

from shouwang.accounts.public import Role
from tests.accounts.clients import client_of
from tests.factories import make_actor

pytestmark = pytest.mark.django_db

CUT = "/reporting/figures/relief.amount/?area=370703&from=2020-01-01&as_of="


@pytest.mark.parametrize(
    "address",
    [
        "/areas/search?q=a%00b",
        "/areas/search?q=%F0%90%A9%80",  # a digit, but none that int() reads
        "/reporting/?until=9999-12-31",
        "/reporting/?until=0001-01-01",
        CUT + "9999-12-31",
        CUT + "9999-12-31T24:00",
        CUT + "0001-01-01T00:00:00",
        CUT + "2020-03-17T24:00&unit=%F0%90%A9%80",
        "/ledger/?day=9999-12-31",
        "/ledger/accounts/?day=9999-12-31",
    ],
)
def test_address_typed_by_hand_is_answered(address: str) -> None:
    answer = client_of(make_actor(Role.COUNTY_OFFICER)).get(address)
    assert answer.status_code in (200, 404, 422)


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        ("/search/", {"q": "张\0三"}, 200),
        ("/assistance/relief/to-bank/", {"case": "x" * 36}, 422),
    ],
)
def test_form_sent_by_hand_is_answered(address: str, sent: dict[str, str], status: int) -> None:
    assert client_of(make_actor(Role.COUNTY_OFFICER)).post(address, sent).status_code == status
