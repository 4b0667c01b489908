"""The pages of the command in a real browser, at a desk and on a phone: axe, the policy, and a step by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.scope import use_scope
from shouwang.response.models import Assignment
from shouwang.response.public import Recipient, assign_line
from tests.accounts.clients import client_of
from tests.browser.seats import check
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor
from tests.web.looking import DESK
from tests.web.serving import served

from .command import city, formed, given, joined, only, opened, step

pytestmark = pytest.mark.browser


class Commanded:
    """A city with an event, groups with people and holes, tasks early and late."""

    def __init__(self) -> None:
        self.city, self.county = city(), make_actor(Role.COUNTY_OFFICER, HANTING, name="王建国")
        partner = make_actor(Role.PARTNER, WEIFANG, name="陈卫东")
        event = opened(self.city)
        groups = formed(self.city, event)
        formed(self.city, event, HANTING, "five_groups")
        formed(self.city, event, GUDI, "five_groups")
        joined(self.city, groups["leading"], "丁海峰", "head", title="分管副市长")
        joined(self.city, groups["leading"], partner, "deputy", phone="13900000000", title="副主任")
        head = joined(self.city, groups["general"], "孟祥国", "head", title="办公室主任")
        doer = joined(self.city, groups["general"], self.county)
        with use_scope(self.city.scope):
            assign_line(
                actor=self.city, group_id=groups["general"].id, field="statistics", what="每日汇总上报",
                rhythm="每天 17:00 前", responsible_id=head.id, doer_id=doer.id,
            )  # fmt: skip
        task = given(
            self.city,
            Recipient(HANTING),
            Recipient(FANGZI),
            event_id=event.id,
            result_label="摸排户数",
            result_unit="户",
        )
        with use_scope(self.city.scope):
            row = task.assignments.get(area_code=HANTING)
        step(self.county, row, "receive")
        step(self.county, row, "progress", "走访 3 个村", quantity=60)
        self.waiting = row
        with clock.at(clock.instant(2020, 3, 10, 9)):
            late = given(
                self.city, Recipient(WEIFANG, groups["general"].id), event_id=event.id, title="汇总日报",
                field="statistics", due_at=clock.now() + timedelta(hours=8),
            )  # fmt: skip
        at = f"/response/events/{event.id}"
        self.addresses = [
            "/",
            "/response/events/",
            "/response/events/open/",
            f"{at}/",
            f"{at}/groups/",
            f"{at}/groups/form/",
            f"{at}/duties/",
            f"{at}/calls/",
            f"{at}/units/",
            "/response/groups/",
            f"/response/groups/{groups['leading'].id}/",
            f"/response/groups/{groups['leading'].id}/members/",
            f"/response/groups/{groups['leading'].id}/lines/",
            f"/response/groups/members/{head.id}/end/",
            f"/response/groups/members/{head.id}/phone/",
            "/response/tasks/",
            "/response/tasks/new/",
            f"/response/tasks/{task.id}/",
            f"/response/tasks/units/{row.id}/",
            f"/response/tasks/units/{only(self.city, late).id}/",
        ]


@pytest.fixture
def commanded(committed_db: str, settings: pytest.FixtureRequest) -> Iterator[tuple[str, Commanded]]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    commanded = Commanded()
    with served() as address:
        yield address, commanded


def signed_in(browser: Browser, address: str, actor: object) -> Page:
    client = client_of(actor)  # type: ignore[arg-type]
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    return context.new_page()


def test_pages_are_clean_at_a_desk_and_on_a_phone(
    browser: Browser, commanded: tuple[str, Commanded], caplog: pytest.LogCaptureFixture
) -> None:
    address, world = commanded
    page = signed_in(browser, address, world.city)
    for path in world.addresses:
        answer = page.goto(address + path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        check(page)
    page.context.close()
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


def test_unit_reports_done_with_the_keyboard(browser: Browser, commanded: tuple[str, Commanded]) -> None:
    address, world = commanded
    page = signed_in(browser, address, world.county)
    page.goto(f"{address}/response/tasks/units/{world.waiting.id}/")
    page.get_by_role("button", name="报完成").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="报完成")
    expect(dialog).to_be_visible()
    dialog.get_by_label("情况").focus()
    page.keyboard.type("全部走访完")
    dialog.get_by_label("本次数量").focus()
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已办理：报完成。")).to_be_visible()
    with use_scope(world.city.scope):
        row = Assignment.objects.get(id=world.waiting.id)
    assert (row.state, row.quantity) == ("done", 100)
    page.context.close()
