"""The keeper's phone in a real Chromium with a camera: scanned, killed, opened offline, sent twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from tests.gates.phone import worlds
from tests.gates.phone.double import CODE, Double
from tests.gates.phone.handset import LAPTOP, SMALL, Handset, write_film
from tests.web.serving import served

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("GATE_PICTURES")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield started


class Post:
    """A gate with its phone and its server, which can be away."""

    def __init__(self, handset: Handset) -> None:
        self.double = Double()
        self.handset = handset
        self.address = ""
        self._serving = ExitStack()

    def server_up(self) -> None:
        port = urlsplit(self.address).port or 0
        self.address = self._serving.enter_context(served(port, self.double.before))

    def server_down(self) -> None:
        self._serving.close()

    def open(self) -> Page:
        page = self.handset.switch_on(self.address)
        page.goto(f"{self.address}/gate/")
        return page

    def enrol(self) -> Page:
        page = self.open()
        page.get_by_label("登记码").fill(CODE)
        page.get_by_label("本机叫什么").fill("南门1号机")
        page.get_by_role("button", name="登记本机").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("班前自检")
        return page

    def close(self) -> None:
        self.handset.kill()
        self.server_down()


@pytest.fixture
def post(playwright: Playwright, committed_db: str, tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[Post]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    film = tmp_path / "camera.y4m"
    write_film(film, [(worlds.pass_text(1001), 1.2), ("", 2), (worlds.pass_text(1002), 1.2), ("", 2)])
    standing = Post(Handset(playwright, tmp_path / "profile", film))
    (tmp_path / "profile").mkdir()
    standing.server_up()
    yield standing
    standing.close()


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始值守").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("对准通行码")


def scans(page: Page, count: int) -> list[int]:
    """So many cards held before the camera: the numbers of their records."""
    found = []
    for _ in range(count):
        shown = page.locator("[data-verdict]")
        shown.wait_for()
        found.append(int(shown.get_attribute("data-seq") or 0))
        page.get_by_role("button", name="下一位").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("对准通行码")
    return found


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for size in (SMALL, LAPTOP):
        page.set_viewport_size(size)
        page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png")
    page.set_viewport_size(SMALL)


def test_phone_is_killed_reopened_offline_and_sends_each_scan_once(post: Post) -> None:
    page = post.enrol()
    picture(page, "selfcheck")
    begin(page)
    seen = scans(page, 2)
    picture(page, "scan")
    post.server_down()
    seen += scans(page, 2)
    post.handset.kill()

    page = post.open()
    begin(page)
    expect(page.get_by_role("banner")).to_contain_text("离线")
    seen += scans(page, 2)
    assert seen == [1, 2, 3, 4, 5, 6]

    post.server_up()
    page.get_by_role("button", name="记录与上传").click()
    for _ in range(2):
        page.get_by_role("button", name="立即上传和更新").click()
        expect(page.locator(".received")).to_have_text("1-6 已上传，无遗漏")
    picture(page, "log")
    assert (sorted(post.double.rows), post.double.doubled) == ([1, 2, 3, 4, 5, 6], [])
    assert {row["pass"] for row in post.double.rows.values()} == {"1001", "1002"}
