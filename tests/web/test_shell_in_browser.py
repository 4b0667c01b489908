"""The shell in a real browser: what its small scripts promise, no finding of axe, no breach of the policy.

Wait with `expect` or `wait_for_url`: `wait_for_function` needs eval, which our policy refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.looking import DESK, PHONE, findings
from tests.web.serving import served

pytestmark = pytest.mark.browser

TIMEOUT_MS = 10_000
MIDDLEWARE = [
    "tests.web.serving.county_officer",
    "shouwang.web.middleware.HeadersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "shouwang.web.middleware.DomainErrorMiddleware",
]


@pytest.fixture
def address(committed_db: str, settings: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    settings.ROOT_URLCONF = "tests.web.styleguide_urls"  # type: ignore[attr-defined]
    settings.MIDDLEWARE = MIDDLEWARE  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    with served() as address:
        yield f"{address}/styleguide/"
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport=DESK)
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(address)
    yield page
    page.close()


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport=PHONE, is_mobile=True, has_touch=True)
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(address)
    yield page
    page.close()


def posts(page: Page) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.post_data or "") if request.method == "POST" else None)
    return seen


def test_axe_finds_nothing_on_a_desk(page: Page) -> None:
    assert findings(page) == []


def test_axe_finds_nothing_on_a_phone_and_the_page_does_not_scroll_sideways(phone: Page) -> None:
    assert findings(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_sorting_replaces_the_rows_only_and_back_shows_a_whole_page(page: Page) -> None:
    page.locator("#site-search").fill("stays")
    page.get_by_role("link", name="金额（元）").click()
    page.wait_for_url(re.compile(r"\?sort=amount$"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("金额（元）")
    expect(page.locator("#site-search")).to_have_value("stays")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url(re.compile(r"\?sort=amount&page=2$"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("临时救助")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("金额（元）")


def test_cards_on_a_phone_name_every_cell(phone: Page) -> None:
    cells = phone.locator("#results tbody tr").first.locator("td")
    labels = cells.evaluate_all("cells => cells.map(cell => cell.dataset.label)")
    assert labels == phone.locator("#results thead th").all_inner_texts()


def test_drawer_opens_and_gives_the_focus_back(phone: Page) -> None:
    button = phone.get_by_role("button", name="打开导航")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(phone.get_by_role("link", name="守望", exact=True)).to_be_focused()
    assert findings(phone) == []
    phone.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


def test_refusal_of_a_partial_request_is_shown_and_nothing_is_replaced(page: Page) -> None:
    page.get_by_role("button", name="被拒绝的操作").click()
    expect(page.locator(".toasts .alert")).to_contain_text("已由 李敏 批准")
    expect(page.get_by_role("button", name="被拒绝的操作")).to_be_visible()
    assert findings(page) == []


def test_lost_connection_is_told(page: Page) -> None:
    page.route("**/refuse/", lambda route: route.abort())
    page.get_by_role("button", name="被拒绝的操作").click()
    expect(page.locator(".toasts .alert")).to_contain_text("连不上服务器")


def test_confirmation_refused_sends_nothing(page: Page) -> None:
    sent = posts(page)
    page.get_by_role("button", name="作废").click()
    expect(page.locator("dialog[open]")).to_contain_text("作废后不能恢复")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert sent == []


def test_confirmation_given_sends_the_pressed_button(page: Page) -> None:
    sent = posts(page)
    page.get_by_role("button", name="作废").click()
    page.locator("dialog[open]").get_by_role("button", name="作废").click()
    expect(page.get_by_role("alert").first).to_contain_text("没有保存")
    assert [data.count('name="void"') for data in sent] == [1]
    assert findings(page) == []


def test_double_press_is_one_request(page: Page) -> None:
    sent = posts(page)
    page.get_by_role("button", name="提交").dblclick()
    expect(page.get_by_role("alert").first).to_contain_text("没有保存")
    assert len(sent) == 1


def test_area_is_found_by_typing_and_taken_by_keyboard(page: Page) -> None:
    field = page.get_by_label("居住地")
    field.fill("sd")
    expect(page.locator(".area-suggestions li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(field).to_have_value("37")
    expect(page.locator(".area-suggestions")).to_be_hidden()


def test_area_is_found_level_by_level(page: Page) -> None:
    page.get_by_text("逐级选择").click()
    for level, name in enumerate(("山东省", "潍坊市", "寒亭区", "高里街道"), start=1):
        page.get_by_label(f"区划级别 {level}").select_option(label=name)
    expect(page.get_by_label("居住地")).to_have_value("370703002000")
    assert findings(page) == []


def test_dialog_opens_closes_and_gives_the_focus_back(page: Page) -> None:
    opener = page.get_by_role("button", name="受理申请")
    opener.click()
    expect(page.get_by_role("dialog", name="同意这份申请")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_page_works_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(address)
    page.get_by_role("link", name="金额（元）").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("金额（元）")
    page.get_by_label("申请人").fill("徐春生")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert").first).to_contain_text("身份证号")
    context.close()


def test_a_tile_is_reached_and_opened_with_the_keyboard(page: Page) -> None:
    tiles = page.locator(".tile-map").first.get_by_role("link")
    tiles.first.focus()
    expect(tiles.first).to_have_attribute("aria-label", re.compile("^寒亭"))
    page.keyboard.press("Tab")
    expect(tiles.nth(1)).to_be_focused()
    assert tiles.nth(1).locator("rect").evaluate("rect => getComputedStyle(rect).strokeWidth") == "6px"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#rows$"))


@pytest.mark.parametrize("width", [360, 1920])
def test_maps_fit_their_page_and_the_table_says_the_same(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.locator(".tile-map").first
    tile = shown.locator("a .tile").first.bounding_box()
    assert tile is not None
    assert tile["width"] > 44
    shown.get_by_text("以表格查看").click()
    expect(shown.get_by_role("row", name="昌乐 374")).to_be_visible()
    assert findings(page) == []
    page.close()
