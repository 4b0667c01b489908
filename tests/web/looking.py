"""Looking a page over: axe finds nothing, and nothing scrolls sideways, at a desk and on a phone.

A page is opened once and laid out twice, because its markup does not know the width of the window. Axe tells its
violations only: describing everything that is right took four times as long as finding what is wrong.
"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 360, "height": 740}

_VIOLATIONS_ONLY = {"resultTypes": ["violations"]}


def findings(page: Page) -> list[str]:
    """What axe has against the page as it is laid out now."""
    found = Axe().run(page, options=_VIOLATIONS_ONLY).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def look_over(page: Page) -> None:
    """The page in its window, and in the other one of the two."""
    expect(page.get_by_text("正在汇总……")).to_have_count(0)  # what a page fetches after itself is part of it
    own = page.viewport_size
    assert own in (DESK, PHONE)
    for size in (own, DESK if own == PHONE else PHONE):
        if page.viewport_size != size:
            page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (page.url, width, findings(page)) == (page.url, size["width"], [])
    page.set_viewport_size(own)
