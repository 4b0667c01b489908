"""The pages of the standards in a real browser, on a desk and on a phone: axe, the policy, no sideways scroll, keys."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from shouwang.assistance.models import ParameterDecision
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.setting import hold_standards
from tests.assistance.payments.test_pages_in_browser import Desk
from tests.factories import WEIFANG
from tests.web.serving import served

from .setting import RURAL, URBAN, Bureau, make_bureau, notice, propose, put_in_force, value

pytestmark = pytest.mark.browser
_SHOTS = os.environ.get("SHOUWANG_SHOTS", "")
"""A folder for screenshots, to be looked at by a person."""


@pytest.fixture
def county(committed_db: str) -> Bureau:
    with use_scope(FULL):
        hold_standards()
    return make_bureau()


@pytest.fixture
def address(county: Bureau, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    with served() as address:
        yield address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    desk = Desk(browser, address)
    yield desk
    desk.page.close()


def shoot(desk: Desk, name: str) -> None:
    if _SHOTS:
        assert desk.page.viewport_size is not None
        width = desk.page.viewport_size["width"]
        desk.page.screenshot(path=Path(_SHOTS) / f"{name}-{width}.png", full_page=True)


def test_standards_are_looked_at(desk: Desk, county: Bureau) -> None:
    put_in_force(county, notice(value(text="620")))
    desk.sit(county.officer)
    desk.look("parameter_list")
    shoot(desk, "list")
    desk.look("parameter_history", URBAN)
    shoot(desk, "history")
    desk.look("parameter_notice_list")
    desk.look("grant_list")
    shoot(desk, "grants")


def test_standard_is_changed_by_two_officers_with_the_keyboard(desk: Desk, county: Bureau) -> None:
    page = desk.page
    desk.sit(county.officer)
    page.goto(f"{desk.address}{reverse('parameter_notice_new')}?key={URBAN}&key={RURAL}")
    desk.check()
    shoot(desk, "new")
    page.get_by_label("文号").focus()
    page.keyboard.type("寒民〔2020〕12号")
    page.keyboard.press("Tab")
    page.keyboard.type("关于提高低保标准的通知")
    page.get_by_label("执行日期").fill("2020-04-01")  # the served process has today's clock
    page.get_by_label("第 1 行 数值").fill("90000")
    page.get_by_label("第 2 行 数值").fill("490")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不合情理")
    desk.check()
    page.get_by_label("第 1 行 数值").fill("640")
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_role("heading", name="新旧对照")).to_be_visible()
    expect(page.get_by_label("公告文本")).to_have_value(
        re.compile(
            "^关于调整城市低保标准、农村低保标准的公告\n\n"
            "根据《关于提高低保标准的通知》（寒民〔2020〕12号），现将有关标准公布如下：\n一、寒亭区\n"
            "1．城市低保标准：每人每月 640 元，原为每人每月 600 元，提高 40 元（6.7%）；\n"
            "2．农村低保标准：每人每月 490 元，原为每人每月 460 元，提高 30 元（6.5%）。\n"
            "以上标准自 2020年4月1日 起执行。\n\n特此公告。\n\n寒亭区民政局\n"
        )
    )
    desk.check()
    shoot(desk, "checked")
    page.get_by_role("button", name="提出，交另一人确认").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已提出")
    desk.check()
    url = page.url
    desk.sit(county.decider)
    desk.look("home")
    expect(page.get_by_text("寒民〔2020〕12号 关于提高低保标准的通知")).to_be_visible()
    page.goto(url)
    desk.check()
    shoot(desk, "deciding")
    page.get_by_role("button", name="确认，开始执行").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    expect(page.get_by_text("已确认，从现在起按新标准核算。")).to_be_visible()
    page.goto(f"{url}announcement/")
    desk.check()
    shoot(desk, "announcement")
    with use_scope(FULL):
        assert ParameterDecision.objects.filter(area_code=county.area_code).count() == 1


def test_notice_that_reaches_back_says_what_follows(desk: Desk, county: Bureau) -> None:
    city = make_bureau(WEIFANG)
    early = value(text="470", key=RURAL, valid_from=date(2020, 1, 1), area_code=WEIFANG, status="placeholder")
    made = propose(city, notice(early, area_code=WEIFANG, is_retroactive=True))
    desk.sit(city.decider)
    desk.look("parameter_notice_page", made.id)
    shoot(desk, "retroactive")
