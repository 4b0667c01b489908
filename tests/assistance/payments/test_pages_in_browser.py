"""The pages of the payment chain in a real browser, on a desk and on a phone: axe, the policy, no sideways scroll."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from shouwang.assistance.commands.grants import end_grant
from shouwang.assistance.commands.history import set_go_live
from shouwang.assistance.models import CountyList, Grant, PaymentBatch, PostponedReview
from shouwang.assistance.states import ChangeCause
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import use_scope
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, make_actor
from tests.kernel.spreadsheets import files
from tests.measures import issue_measure
from tests.web.looking import DESK, look_over
from tests.web.serving import served

from .setting import GAOLI_VILLAGE, County, acting_as, everywhere, lines_of, make_county, make_family, take_over, walk
from .test_chain import run
from .test_county_lists import HEADER, NO_NUMBER_HEADER, row, unnumbered
from .test_pages import client_of

pytestmark = pytest.mark.browser


@pytest.fixture
def county(committed_db: str) -> County:
    with use_scope(everywhere().scope):
        made = make_county()
        families = [make_family(GUDI_VILLAGE, size=2), make_family(GAOLI_VILLAGE), make_family(GUDI_VILLAGE)]
    take_over(made, list(zip(families[:2], (450_00, 315_50), strict=True)))
    made.families = families
    return made


@pytest.fixture
def address(county: County, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    with served() as address:
        yield address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


class Desk:
    """A browser window in which an officer is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.page: Page = browser.new_page(viewport=DESK)
        self.page.set_default_timeout(20_000)

    def sit(self, actor: Actor) -> None:
        session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}])

    def look(self, name: str, *arguments: object) -> None:
        answer = self.page.goto(self.address + reverse(name, args=list(arguments)))
        assert answer is not None
        assert (name, answer.status) == (name, 200)
        self.check()

    def check(self) -> None:
        look_over(self.page)

    def open_dialog(self, button: str, title: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()
        expect(self.page.get_by_role("dialog", name=title)).to_be_visible()
        self.check()


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    desk = Desk(browser, address)
    yield desk
    desk.page.close()


def test_chain_of_a_list(desk: Desk, county: County) -> None:
    batch = run(county)
    desk.sit(county.officers.opener)
    desk.look("run_list")
    desk.look("run_page", batch.run_id)
    desk.look("problem_list")
    desk.sit(make_actor("township_head", GUDI))
    desk.look("batch_page", batch.id)
    desk.open_dialog("退回", "退回清册")
    batch = walk(batch, county.officers)
    desk.sit(county.officers.sender)
    desk.look("batch_page", batch.id)
    desk.look("payment_line", lines_of(batch)[0].id)


def test_list_is_sent_back_by_hand(desk: Desk, county: County) -> None:
    batch = walk(run(county), county.officers, until="township_confirmed")
    desk.sit(county.officers.leader)
    desk.look("batch_page", batch.id)
    desk.open_dialog("退回", "退回清册")
    dialog = desk.page.get_by_role("dialog", name="退回清册")
    dialog.get_by_label("原因").fill("有两户金额有误")
    dialog.get_by_role("button", name="退回").click()
    expect(desk.page.get_by_role("status").first).to_contain_text("清册已退回")
    expect(desk.page.get_by_text("有两户金额有误")).to_be_visible()
    desk.check()
    with use_scope(everywhere().scope):
        assert PaymentBatch.objects.get(id=batch.id).round == 2


def test_grants_and_what_a_pause_kept_waiting(desk: Desk, county: County) -> None:
    leader = county.officers.leader
    with use_scope(leader.scope):
        issue_measure(
            actor=leader,
            kind="exit_paused",
            parameters={},
            area_code=HANTING,
            from_at=clock.instant(2020, 3, 1),
            until_at=clock.instant(2020, 4, 1),
            document_id=county.document.id,
        )
        grant = Grant.objects.order_by("id")[0]
    with acting_as(county.officers.opener) as opener:
        end_grant(
            actor=opener, grant_id=grant.id, valid_from=date(2020, 4, 1), cause=ChangeCause.INCOME, reason="收入超标"
        )
        review = PostponedReview.objects.get()
    desk.sit(county.officers.opener)
    desk.look("grant_list")
    desk.look("grant_page", grant.id)
    desk.open_dialog("登记变更", "登记变更")
    desk.look("review_list")
    desk.look("review_page", review.id)


def send_list(desk: Desk, county: County, workbook: bytes) -> None:
    desk.page.get_by_label("依据文件").select_option(str(county.document.id))
    desk.page.get_by_label("名单表格").set_input_files(
        {"name": "寒亭低保名单.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": workbook}
    )
    desk.page.get_by_role("button", name="检查名单").click()


def test_rows_without_a_number_are_answered(desk: Desk, county: County) -> None:
    persons = [county.families[2].persons[0], county.families[0].persons[0]]
    desk.sit(county.officers.opener)
    desk.look("county_list_new", "take_over")
    send_list(desk, county, files.xlsx([NO_NUMBER_HEADER, *map(unnumbered, persons)]))
    for question, answer in enumerate(("就是此人", "退回这一行")):
        group = desk.page.get_by_role("group").filter(has_text=f"第 {question + 2} 行")
        group.get_by_role("radio", name=answer).focus()
        desk.page.keyboard.press("Space")
    desk.page.get_by_role("button", name="保存确认").click()
    expect(desk.page.get_by_role("button", name="录入没有问题的 1 行")).to_be_visible()
    expect(desk.page.get_by_role("radio", checked=True)).to_have_count(2)
    desk.check()


def test_doors_and_go_live(desk: Desk, county: County) -> None:
    workbook = files.xlsx([HEADER, row(county.families[2], 31), row(county.families[0], 32, 0)])
    with acting_as(county.officers.opener) as opener:
        set_go_live(
            actor=opener,
            area_code=HANTING,
            programme="dibao",
            live_on=date(2020, 1, 1),
            document_id=county.document.id,
        )
    desk.sit(county.officers.opener)
    desk.look("go_live_list")
    desk.open_dialog("登记上线", "登记上线")
    for door in ("history", "take_over"):
        desk.look("county_list_new", door)
    send_list(desk, county, workbook)
    expect(desk.page.get_by_text("金额必须大于零")).to_be_visible()
    desk.check()
    desk.page.get_by_role("button", name="录入没有问题的 1 行").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="接转在册对象").click()
    expect(desk.page.get_by_text("1 行已于")).to_be_visible()
    desk.check()
    with use_scope(everywhere().scope):
        assert (CountyList.objects.get().state, Grant.objects.count()) == ("taken", 3)
