"""The pages of accounts in a real browser, on a desk and on a phone: axe, the policy, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from shouwang.accounts.models import User
from shouwang.accounts.public import Post, Role, as_system, create_demo_user
from shouwang.kernel import clock
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor
from tests.web.looking import DESK, look_over
from tests.web.serving import served

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
SEATS = (
    (Role.CITY_OFFICER, WEIFANG),
    (Role.COUNTY_OFFICER, HANTING),
    (Role.COUNTY_LEADER, HANTING),
    (Role.TOWNSHIP_ASSISTANT, GUDI),
    (Role.TOWNSHIP_HEAD, GUDI),
    (Role.GRID_WORKER, GUDI_VILLAGE),
    (Role.FINANCE, HANTING),
    (Role.AUDITOR, WEIFANG),
    (Role.SYSADMIN, WEIFANG),
)


@pytest.fixture
def address(committed_db: str, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    with as_system("演示") as system:
        for number, (role, area_code) in enumerate(SEATS):
            create_demo_user(
                actor=system,
                username=f"demo-{role.replace('_', '-')}",
                name=f"演示{'甲乙丙丁戊己庚辛壬'[number]}",
                role=role,
                area_code=area_code,
                from_on=date(2019, 1, 1),
            )
    user = User.objects.get(id=make_actor(Role.COUNTY_OFFICER, HANTING, name="欧阳建国").user_id)
    user.username = "ouyang"
    user.set_password(PASSWORD)
    user.save()
    Post.objects.create(
        user=user, role=Role.GRID_WORKER, area_code=GUDI_VILLAGE, from_on=date(2019, 6, 1), recorded_at=clock.now()
    )
    with served() as address:
        yield address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


def opened(browser: Browser) -> Page:
    page = browser.new_page(viewport=DESK)
    page.set_default_timeout(10_000)
    return page


def test_pages_have_no_finding_and_do_not_scroll_sideways(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/sign-in?next=/users/")
    look_over(page)
    page.get_by_role("button", name="系统管理员").click()
    page.wait_for_url("**/users/")
    look_over(page)
    page.get_by_role("link", name="欧阳建国").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("欧阳建国")
    look_over(page)
    page.get_by_role("button", name="增加岗位").click()
    expect(page.get_by_role("dialog", name="增加岗位")).to_be_visible()
    look_over(page)
    for path in ("/users/new", "/workdays/?day=2020-01-19", "/workdays/?year=2098", "/account"):
        page.goto(address + path)
        look_over(page)
    page.close()


def test_sign_in_and_first_password_by_keyboard_alone(browser: Browser, address: str) -> None:
    User.objects.filter(username="ouyang").update(must_change_password=True)
    page = opened(browser)
    page.goto(f"{address}/account")
    page.keyboard.type("ouyang")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/password")
    for text in (PASSWORD, "my own four words", "my own four words"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account$"))
    expect(page.get_by_role("status").first).to_contain_text("密码已修改")
    page.close()
