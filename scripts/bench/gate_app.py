"""The keeper's phone with the network off: from the camera's frame to the verdict on the screen, and the signature alone.

A headless Chromium films forty passes one after another, decides on each, writes it to its disk and shows the verdict; the
server is gone before the first. The phone's own marks are read (User Timing), so what is measured is what runs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright
from tests.gates.phone import worlds
from tests.gates.phone.double import CODE, Double
from tests.gates.phone.handset import Handset, write_film
from tests.web.serving import served

from . import databases
from .results import Line, percentile

TITLE = "The keeper's phone, offline"
PASSES, SECONDS_EACH = 40, 0.8
DECISION_LIMIT_MS, VERIFICATION_LIMIT_MS = 300, 5
TIMEOUT_MS = 240_000

NEXT_AT_ONCE = """() => new MutationObserver(() => {
  if (document.querySelector('[data-verdict]')) requestAnimationFrame(() => setTimeout(() => {
    [...document.querySelectorAll('button')].find((one) => one.textContent === '下一位')?.click()
  }))
}).observe(document.body, { childList: true, subtree: true })"""
MEASURED = "(name) => performance.getEntriesByName(name).map((entry) => entry.duration)"


def run(dsn: str) -> Iterator[Line]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with databases.plain(dsn), tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film = Path(folder) / "camera.y4m"
        ids = range(5001, 5001 + PASSES)
        write_film(film, [("", 4), *((worlds.pass_text(number), SECONDS_EACH) for number in ids)])
        roster = [worlds.holder(0, **{"pass": str(number)}) for number in ids]
        handset = Handset(playwright, Path(folder) / "profile", film)
        handset.profile.mkdir()
        try:
            page = _measured(handset, Double(roster=roster))
            decisions = page.evaluate(MEASURED, "gate-decision")
            verifications = page.evaluate(MEASURED, "gate-verification")
        finally:
            handset.kill()
    yield _line("camera frame to verdict on the screen", decisions, DECISION_LIMIT_MS)
    yield _line("verifying the pass alone", verifications, VERIFICATION_LIMIT_MS)


def _measured(handset: Handset, double: Double) -> Page:
    """The page after so many decisions without a server."""
    with served(0, double.before) as address:
        page = handset.switch_on(address)
        page.goto(f"{address}/gate/")
        page.get_by_label("登记码").fill(CODE)
        page.get_by_label("本机叫什么").fill("测速机")
        page.get_by_role("button", name="登记本机").click()
        page.get_by_role("button", name="开始值守").wait_for()
    page.evaluate(NEXT_AT_ONCE)
    page.get_by_role("button", name="开始值守").click()
    enough = f"() => performance.getEntriesByName('gate-decision').length >= {PASSES}"
    page.wait_for_function(enough, timeout=TIMEOUT_MS)
    expect(page.get_by_role("banner")).not_to_contain_text("待上传 0")
    return page


def _line(name: str, measured: list[float], limit: float) -> Line:
    note = f"p50 {percentile(measured, 0.5):.1f}, worst {max(measured):.1f}; {len(measured)} passes"
    return Line(name, percentile(measured, 0.95), "ms p95", limit, note=note)
