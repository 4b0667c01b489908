"""Every kind of page, laid out for a desk and for a phone: axe finds nothing, nothing scrolls sideways, the policy is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.looking import look_over

from .seats import ASSISTANT, AUDITOR, CITY_OFFICER, FINANCE, OFFICER, SYSADMIN, City

pytestmark = pytest.mark.browser

PAGES = {
    (ASSISTANT, "固堤街道"): (
        "/registry/households/",
        "/registry/households/new/",
        "/registry/persons/",
        "/registry/imports/",
        "/assistance/grants/",
        "/response/measures/",
        "/search/",
        "/account",
    ),
    (OFFICER, "寒亭区"): ("/registry/organisations/", "/registry/transfers/", "/registry/persons/duplicates/"),
    (FINANCE, "寒亭区"): ("/ledger/", "/ledger/accounts/", "/ledger/received/", "/assistance/petty-reserve/"),
    (CITY_OFFICER, "潍坊市"): (
        "/assistance/relief/",
        "/assistance/payments/",
        "/response/documents/",
        "/response/events/",
        "/response/tasks/",
    ),
    (AUDITOR, "潍坊市"): ("/audit/", "/response/measures/all/", "/reporting/", "/reporting/bulletins/"),
    (SYSADMIN, "潍坊市"): ("/users/", "/system/health/"),
}
OPENS_FIRST_ROW = frozenset(
    {
        "/registry/households/",
        "/registry/persons/",
        "/assistance/grants/",
        "/ledger/accounts/",
        "/assistance/petty-reserve/",
        "/assistance/relief/",
        "/assistance/payments/",
        "/response/documents/",
        "/response/events/",
        "/response/tasks/",
    }
)
"""Lists whose first record is opened too."""


@pytest.mark.parametrize(("role", "place"), list(PAGES))
def test_pages_of_a_post(city: City, role: str, place: str) -> None:
    page = city.sit(role, place)
    look_over(page)
    for path in PAGES[role, place]:
        _visit(page, city.address + path)
        if path in OPENS_FIRST_ROW:
            record = page.locator("main tbody a").first.evaluate("link => link.href")
            _visit(page, record)
            expect(page.get_by_role("heading", level=1)).to_be_visible()


def _visit(page: Page, url: str) -> None:
    answer = page.goto(url)
    assert answer is not None
    assert (url, answer.status) == (url, 200)
    look_over(page)


def test_sign_in_page(city: City) -> None:
    page = city.window()
    _visit(page, f"{city.address}/sign-in")
