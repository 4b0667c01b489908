"""The printed bulletin: its wide table lies within the paper, on a sheet turned on its side; other pages stand upright."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.figures import all_figures
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.reporting.commands import issue_bulletin
from tests.accounts.clients import client_of
from tests.factories import WEIFANG, make_actor
from tests.reporting.world import AS_OF, SINCE, make_family, pay
from tests.web.serving import served

pytestmark = pytest.mark.browser

UPRIGHT, ON_ITS_SIDE = (210, 297), (297, 210)
"""A4 in millimetres."""

MARGIN_MM = 12


@pytest.fixture
def city(committed_db: str) -> Actor:
    actor = make_actor(Role.CITY_OFFICER, WEIFANG, name="王建国")
    with use_scope(actor.scope):
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, fen=1_234_567_890_123)  # 1,234,567.89 万元
    return actor


@pytest.fixture
def page(city: Actor, browser: Browser) -> Iterator[Page]:
    with served() as address:
        page = browser.new_page(base_url=address)
        cookie = client_of(city).cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": address}])
        yield page
        page.close()


def sheets(page: Page) -> set[tuple[int, int]]:
    """The sizes in millimetres of the sheets that the page is printed on."""
    printed = page.pdf(prefer_css_page_size=True).decode("latin-1")
    points = re.findall(r"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert points
    return {(round(float(width) * 25.4 / 72), round(float(height) * 25.4 / 72)) for width, height in points}


def width_in_print(page: Page, sheet: tuple[int, int]) -> tuple[float, float]:
    """How far the page reaches to the right and how far it may, in CSS pixels, laid out as on the sheet."""
    allowed = (sheet[0] - 2 * MARGIN_MM) * 96 / 25.4
    page.emulate_media(media="print")
    page.set_viewport_size({"width": int(allowed), "height": 800})
    reach = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect().right))"
    )
    return reach, allowed


@pytest.mark.parametrize("is_issued", [True, False])
def test_bulletin_fits_the_paper_on_its_side(page: Page, city: Actor, is_issued: bool) -> None:
    path = f"/reporting/?area={WEIFANG}&since={SINCE}&until=2020-03-17&hour=24"
    if is_issued:
        said = {"area_code": WEIFANG, "since": SINCE, "as_of": AS_OF, "title": "潍坊市快报"}
        with use_scope(city.scope):
            path = f"/reporting/bulletins/{issue_bulletin(actor=city, bulletin_id=new_id(), **said).id}/"
    page.goto(path)
    assert page.locator("thead th").count() == 1 + len(all_figures())
    assert page.locator("tfoot td", has_text="1,234,567.89").count() == 2  # 低保, and 低保、特困 together
    assert sheets(page) == {ON_ITS_SIDE}
    reach, allowed = width_in_print(page, ON_ITS_SIDE)
    assert reach <= allowed


def test_other_pages_stand_upright(page: Page) -> None:
    page.goto("/ledger/accounts/")
    assert sheets(page) == {UPRIGHT}
