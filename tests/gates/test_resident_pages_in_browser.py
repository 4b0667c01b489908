"""Pages of registration and passes in a real browser, at a desk and on a phone: axe, the policy, a household's own walk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shouwang.accounts.public import Role
from shouwang.gates.commands.denials import deny_passes, propose_denial
from shouwang.gates.commands.registrations import confirm_registration
from shouwang.gates.models import Pass, Registration
from shouwang.gates.rules.declarations import DeclaredHealth
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from tests.accounts.clients import client_of
from tests.factories import GUDI_VILLAGE, make_actor
from tests.registry.families import fresh_number
from tests.web.looking import DESK, PHONE, look_over
from tests.web.serving import served

from .households import PHONE as TELEPHONE
from .households import confirmed, estate_of, member, order, sent_by_resident

pytestmark = pytest.mark.browser

TIMEOUT_MS = 30_000


class Estate:
    """An estate with a household that waits, one with passes, a pass out of use, a proposal, and a health measure."""

    def __init__(self) -> None:
        self.worker = make_actor(Role.GRID_WORKER, GUDI_VILLAGE, name="赵网格")
        order("health_declaration", {"every_days": 7})
        self.estate = estate_of(buildings=("1", "2", "3"))
        self.number = fresh_number()
        well, ill = DeclaredHealth(temperature_tenths=365), DeclaredHealth(symptoms=("cough",), places="济宁市")
        with use_scope(self.worker.scope):
            home = confirmed(self.worker, self.estate, member("张永福", declared=ill), member("李秀英"), room="101")
            self.home_id = home.registration.id
            first, second = Pass.objects.order_by("holder__position")
            self.pass_id = first.id
            deny_passes(actor=self.worker, pass_ids=[second.id], reason="lost")
            proposal = propose_denial(
                actor=self.worker, proposal_id=new_id(), pass_ids=[first.id], reason="issued_in_error"
            )
            self.proposal_id = proposal.id
        waiting = sent_by_resident(self.estate, member("张永福", self.number, declared=well))
        self.waiting_id = waiting.registration.id

    @property
    def addresses(self) -> list[str]:
        return [
            "/gates/registrations/",
            "/gates/registrations/?state=",
            f"/gates/registrations/{self.waiting_id}/",
            f"/gates/registrations/{self.home_id}/",
            f"/gates/registrations/{self.home_id}/add/",
            f"/gates/registrations/{self.home_id}/declare/",
            "/gates/registrations/new/",
            "/gates/registrations/import/",
            "/gates/passes/",
            "/gates/passes/new/",
            f"/gates/passes/{self.pass_id}/",
            "/gates/passes/papers/",
            "/gates/denials/",
            f"/gates/denials/{self.proposal_id}/",
        ]


@pytest.fixture
def world(
    committed_db: str, settings: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[Estate, str]]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    with clock.at(clock.machine_now()):  # the server's own hour
        estate = Estate()
    with served() as address:
        yield estate, address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def picture(page: Page, name: str) -> None:
    """Kept where SHOUWANG_PICTURES says, for whoever wants to look."""
    folder = os.environ.get("SHOUWANG_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_pages_of_the_community(browser: Browser, world: tuple[Estate, str]) -> None:
    estate, address = world
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    cookie = client_of(estate.worker).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    for number, path in enumerate(estate.addresses):
        answer = page.goto(address + path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        look_over(page)
        picture(page, f"community-{number:02}")
    page.goto(f"{address}/gates/registrations/new/")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="再加一个人").click()
    expect(page.get_by_text("第 2 个人", exact=True)).to_be_visible()
    look_over(page)
    context.close()


def test_household_registers_on_a_phone_and_shows_its_pass(browser: Browser, world: tuple[Estate, str]) -> None:
    estate, address = world
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{address}/gates/register/")
    page.get_by_label("小区名称").fill("海棠")
    page.keyboard.press("Enter")
    look_over(page)
    picture(page, "public-1-find")
    page.get_by_role("link", name=re.compile("海棠苑")).click()
    page.get_by_role("button", name="再加一个人").click()
    picture(page, "public-2-form")
    look_over(page)
    page.get_by_role("button", name="去掉第 2 个人").click()
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look_over(page)
    picture(page, "public-3-wrong")
    number = fresh_number()
    page.get_by_label("楼号").select_option("2")
    page.get_by_label("单元和房号").fill("1单元301")
    page.get_by_label("联系电话").fill(TELEPHONE)
    page.get_by_label("姓名").fill("王小丫")
    page.get_by_label("身份证号", exact=False).first.fill(number)
    page.get_by_label("没有不舒服").check()
    page.get_by_label("我已阅读", exact=False).check()
    page.get_by_role("button", name="提交登记").click()
    code = page.locator(".public-code").inner_text()
    look_over(page)
    picture(page, "public-4-code")
    with clock.at(clock.machine_now()), use_scope(estate.worker.scope):
        mine = Registration.objects.get(residents__name="王小丫")
        confirm_registration(actor=estate.worker, registration_id=mine.id)
    page.get_by_role("link", name="我的通行证").click()
    look_over(page)
    page.get_by_label("登记码").fill(code)
    page.get_by_label("身份证号后四位").fill(number[-4:])
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_role("img", name="王小丫的通行码")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("img", name="王小丫的通行码").evaluate("image => image.naturalWidth > 0")
    look_over(page)
    picture(page, "public-5-own")
    page.get_by_role("link", name="健康登记").click()
    look_over(page)
    picture(page, "public-6-declare")
    page.get_by_label("没有不舒服").check()
    page.get_by_role("button", name="提交健康登记").click()
    expect(page.get_by_text("健康登记已提交。")).to_be_visible()
    page.get_by_role("link", name=re.compile("请访客")).click()
    look_over(page)
    page.get_by_label("访客姓名").fill("客人")
    page.get_by_role("button", name="开通行证").click()
    expect(page.get_by_role("img", name="访客客人的通行码")).to_be_visible()
    look_over(page)
    context.close()
