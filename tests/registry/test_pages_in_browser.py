"""The register's pages in a real browser, on a desk and on a phone: axe, the policy, a clerk's walk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.models import PersonFact
from shouwang.registry.public import (
    AccountDetails,
    Household,
    OrganisationDetails,
    Person,
    change_need,
    members_as_of,
    record_bank_account,
    record_certificate,
    record_organisation,
    record_person_fact,
)
from tests.accounts.clients import client_of
from tests.factories import FANGZI, GUDI, HANTING, make_actor
from tests.registry.families import FANGZI_VILLAGE, SINCE, household_of, person_of
from tests.web.looking import DESK, look_over
from tests.web.serving import served

pytestmark = pytest.mark.browser


class Village:
    """A family with everything that a page can show, a second one, and somebody whom another county holds."""

    def __init__(self) -> None:
        self.officer = make_actor(Role.COUNTY_OFFICER, HANTING, name="王建国")
        neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
        with use_scope(neighbour.scope):
            self.number_elsewhere = str(person_of(neighbour, "欧阳某某", area_code=FANGZI_VILLAGE).id_number)
        with use_scope(self.officer.scope):
            self.home = household_of(self.officer, "张永福", "张建国", "张小红")
            self.other = household_of(self.officer, "李秀英", "李小明")
            self.head, self.child = member(self.home, "张永福"), member(self.other, "李小明")
            self.twin = person_of(
                self.officer, id_number="", no_id_reason="unregistered", sex="male", birth_on=date(1960, 5, 1)
            )
            self.organisation_id = new_id()
            _describe(self.officer, self.head)
            details = OrganisationDetails("固堤街道敬老院", GUDI, contact_name="李秀英", contact_phone="13812345678")
            record_organisation(actor=self.officer, organisation_id=self.organisation_id, details=details)
            self.fact_id = PersonFact.objects.get(kind="income.wage").id

    @property
    def addresses(self) -> list[str]:
        home, head = f"/registry/households/{self.home.id}", f"/registry/persons/{self.head.id}"
        member = f"{home}/members/{self.head.id}"
        return [
            "/registry/households/",
            "/registry/households/new/",
            f"{home}/",
            f"{home}/?on=2020-03-01&known=2020-03-17",
            f"{home}/members/new/",
            f"{member}/relation/",
            f"{member}/leave/",
            f"{home}/facts/urban/",
            f"{home}/move/",
            "/registry/persons/",
            "/registry/persons/duplicates/",
            f"{head}/",
            f"{head}/?on=2020-01-15",
            f"{head}/correct/",
            f"{head}/facts/new/?kind=category",
            f"/registry/persons/facts/{self.fact_id}/correct/",
            f"{head}/death/",
            f"{head}/account/",
            f"{head}/certificate/",
            f"{head}/reveal/id_number/",
            f"{head}/merge/{self.twin.id}/",
            "/registry/transfers/",
            "/registry/transfers/new/",
            "/registry/organisations/",
            f"/registry/organisations/{self.organisation_id}/",
            f"/registry/organisations/{self.organisation_id}/edit/",
        ]


def member(home: Household, name: str) -> Person:
    return next(
        Person.objects.get(id=one.person_id) for one in members_as_of([home.id], on=SINCE)[home.id] if one.name == name
    )


def _describe(officer: Actor, person: Person) -> None:
    for bank, number in (("农村商业银行", "6217001234560001"), ("邮政储蓄银行", "6217001234560002")):
        details = AccountDetails(number, bank, person.name)
        record_bank_account(actor=officer, person_id=person.id, details=details, valid_from=SINCE, source="存折")
    for kind, value in (("income.wage", 123_456), ("category", "elderly,severely_disabled"), ("self_care", 4)):
        record_person_fact(
            actor=officer, person_id=person.id, kind=kind, value=value, valid_from=SINCE, source="入户调查"
        )
    card = f"{person.id_number}41"
    record_certificate(actor=officer, person_id=person.id, number=card, since=SINCE, source="验看证件")
    change_need(
        actor=officer, person_id=person.id, need="meal_delivery", is_needed=True, valid_from=SINCE, source="入户调查"
    )


@pytest.fixture
def village(committed_db: str) -> Village:
    return Village()


@pytest.fixture
def address(village: Village, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    with served() as address:
        yield address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


def opened(browser: Browser, village: Village, address: str) -> Page:
    page = browser.new_page(viewport=DESK)
    page.set_default_timeout(10_000)
    cookie = client_of(village.officer).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": address}])
    return page


def test_pages_have_no_finding_and_do_not_scroll_sideways(browser: Browser, village: Village, address: str) -> None:
    page = opened(browser, village, address)
    for path in village.addresses:
        answer = page.goto(address + path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        look_over(page)
    page.close()


def test_clerk_says_who_is_who_and_picks_the_record_that_holds_a_number(
    browser: Browser, village: Village, address: str
) -> None:
    page = opened(browser, village, address)
    page.goto(f"{address}/registry/households/{village.home.id}/")
    page.get_by_role("link", name="设 张建国 为户主").click()
    page.get_by_label("张小红 与新户主的关系").select_option(label="兄弟姐妹")
    page.get_by_label("依据或说明").fill("户口簿")
    look_over(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("户主已变更为 张建国")
    page.get_by_role("link", name="增加成员").click()
    page.get_by_label("与户主关系").select_option(label="其他")
    page.get_by_role("textbox", name="姓名 （必填）").fill("李小明")
    page.get_by_role("textbox", name="身份证号", exact=True).fill(str(village.child.id_number))
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text(f"现在是 {village.other.number} 的子女")).to_be_visible()
    look_over(page)
    page.get_by_label("选用这条记录，不另建").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("李小明 已登记为这一户的成员")
    page.get_by_role("link", name="增加成员").click()
    page.get_by_label("与户主关系").select_option(label="其他")
    page.get_by_role("textbox", name="姓名 （必填）").fill("欧阳某某")
    page.get_by_role("textbox", name="身份证号", exact=True).fill(village.number_elsewhere)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("欧***").first).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="申请移交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("申请移交")
    expect(page.get_by_role("textbox", name="身份证号")).to_have_value(village.number_elsewhere)
    page.close()
