"""Without a mouse: signing in and opening a case."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .seats import City

pytestmark = pytest.mark.browser

TABS_MAX = 80


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says `words`."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if re.search(words, page.locator(":focus").inner_text()):
            return
    raise AssertionError(f"{words} is not reached by {TABS_MAX} presses of Tab")


def test_signing_in_and_opening_a_case_by_keyboard_alone(city: City) -> None:
    page = city.window()
    page.goto(f"{city.address}/sign-in")
    tab_to(page, "县区民政经办.*寒亭区|县区民政经办")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{city.address}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    tab_to(page, "^临时救助$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("临时救助")
    tab_to(page, r"^LS?\w*\d{6}")
    number = page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
