"""Sitting down at a post of the demo: a browser window of a size, signed in by the demo's button."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.web.looking import DESK, look_over

TIMEOUT_MS = 20_000

ASSISTANT = "乡镇民政助理员"
HEAD = "乡镇分管负责人"
OFFICER = "县区民政经办"
LEADER = "县区民政负责人"
FINANCE = "财务"
CITY_OFFICER = "市局经办"
SYSADMIN = "系统管理员"
AUDITOR = "审计监督"


class City:
    """The demo city as somebody with a browser meets it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self.address = address
        self._contexts: list[BrowserContext] = []

    def window(self, size: ViewportSize = DESK) -> Page:
        is_phone = size["width"] < 768
        context = self._browser.new_context(
            viewport=size, is_mobile=is_phone, has_touch=is_phone, locale="zh-CN", accept_downloads=True
        )
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        return page

    def sit(self, role: str, place: str, size: ViewportSize = DESK, *, position: int = 0) -> Page:
        """Signed in as the `position`-th officer of the role in the place, on the home page."""
        page = self.window(size)
        page.goto(f"{self.address}/sign-in")
        page.get_by_role("button", name=re.compile(rf"^{role}.*{place} · ")).nth(position).click()
        page.wait_for_url(f"{self.address}/")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def check(page: Page) -> None:
    """Look the page over once the last press has had its answer."""
    page.wait_for_load_state("networkidle")
    look_over(page)
