"""The line from a spreadsheet to tonight's bulletin, as the people of 寒亭区 walk it in their browsers."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from shouwang.kernel.spreadsheets import Column, write_xlsx
from tests.factories import id_number
from tests.web.looking import PHONE

from .seats import ASSISTANT, CITY_OFFICER, FINANCE, HEAD, LEADER, OFFICER, City, check

pytestmark = pytest.mark.browser

STREET = "固堤街道"
NAME, SPOUSE = "齐守田", "柳玉梅"
NUMBERS = [id_number(date(1958, 3, 9), 971), id_number(date(1960, 7, 2), 972)]


def household_list() -> bytes:
    """What a township has: a title, its own words for the columns, a note below."""
    columns = [Column(str(at), label) for at, label in enumerate(("村", "户主", "姓名", "与户主关系", "身份证号码"))]
    rows = [
        {"0": "解家沿村", "1": NAME, "2": NAME, "3": "户主", "4": NUMBERS[0]},
        {"0": "解家沿村", "1": NAME, "2": SPOUSE, "3": "配偶", "4": NUMBERS[1]},
        {"0": "解家沿村", "1": "周误号", "2": "周误号", "3": "户主", "4": "370703195803090000"},
    ]
    file = io.BytesIO()
    write_xlsx(file, columns, rows)
    return file.getvalue()


def navigate(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=label, exact=True).click()


def submit(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def confirm(page: Page, name: str) -> None:
    """Press a button that asks first, and say yes."""
    submit(page, name)
    page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()


def test_from_a_spreadsheet_to_relief_before_the_papers(city: City) -> None:
    assistant = city.sit(ASSISTANT, STREET)
    check(assistant)
    _load_the_list(city, assistant)
    case = _propose(city, assistant)
    _confirm_on_a_phone(city, case)
    _pay_and_print(assistant, case)


def _load_the_list(city: City, page: Page) -> None:
    navigate(page, "表格导入")
    page.locator("main").get_by_role("link", name="导入表格").first.click()
    check(page)
    file = {"name": "固堤街道家庭名册.xlsx", "mimeType": "application/octet-stream", "buffer": household_list()}
    page.get_by_label("表格文件").set_input_files(files=[file])  # type: ignore[list-item]
    submit(page, "检查表格")
    expect(page.get_by_role("cell", name=re.compile("周误号|校验"))).to_be_visible()
    check(page)
    page.get_by_role("button", name=re.compile("导入没有问题的 2 行")).click()
    expect(page.get_by_text("导入完成")).to_be_visible()
    page.get_by_label("姓名、编号或完整证件号").fill(NUMBERS[0])
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    assert NUMBERS[0] not in page.content()
    assert NUMBERS[0] not in page.url
    check(page)


def _propose(city: City, page: Page) -> str:
    """The application, and relief before the papers; returns the case's number."""
    navigate(page, "临时救助")
    page.locator("main").get_by_role("link", name="登记申请").first.click()
    page.get_by_label("申请人身份证号").fill(NUMBERS[0])
    submit(page, "查找")
    expect(page.get_by_role("checkbox", name=SPOUSE)).to_be_checked()
    page.get_by_label("困难原因").select_option(label="重大疾病")
    page.get_by_label("困难情况").fill("突发重病住院，押金无着。")
    check(page)
    submit(page, "登记")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\d{6}"))
    case = page.get_by_role("heading", level=1).inner_text()
    page.locator("main").get_by_role("link", name="提出先行救助").click()
    page.get_by_label("先行救助金额（元）").fill("800")
    submit(page, "提出先行救助")
    expect(page.get_by_text("已提交，等乡镇负责人确认")).to_be_visible()
    check(page)
    return case


def _confirm_on_a_phone(city: City, case: str) -> None:
    head = city.sit(HEAD, STREET, PHONE)
    check(head)
    head.locator("main").get_by_role("link", name=re.compile(case)).click()
    check(head)
    head.locator("main").get_by_role("link", name="确认先行救助").click()
    expect(head.get_by_text("800.00 元")).to_be_visible()
    check(head)
    submit(head, "确认先行救助")
    expect(head.get_by_text("助理员可以发放现金")).to_be_visible()


def _pay_and_print(page: Page, case: str) -> None:
    page.reload()
    page.locator("main").get_by_role("link", name="发放现金").click()
    submit(page, "发放现金")
    expect(page.get_by_text("待补手续").first).to_be_visible()
    page.locator("main").get_by_role("link", name="收据").click()
    expect(page.get_by_text("人民币捌佰元整")).to_be_visible()
    check(page)
    page.emulate_media(media="print")
    expect(page.locator(".app-sidebar")).to_be_hidden()
    expect(page.locator(".print-header")).to_contain_text(case)
    page.emulate_media(media="screen")


def test_march_is_listed_approved_sent_and_answered(city: City, tmp_path: Path) -> None:
    officer = city.sit(OFFICER, "寒亭区")
    navigate(officer, "资金发放")
    officer.locator("main").get_by_role("link", name="生成清册").click()
    check(officer)
    submit(officer, "生成")
    expect(officer.get_by_text(re.compile("新列入"))).to_be_visible()
    check(officer)
    batch = officer.locator("main").get_by_role("link", name=re.compile("^DB202003")).inner_text()
    _confirm_by_every_township(city, batch)
    for role, step in ((LEADER, "县区审批"), (FINANCE, "财务审核")):
        seat = city.sit(role, "寒亭区")
        _open(seat, batch)
        check(seat)
        confirm(seat, step)
        expect(seat.get_by_text(f"“{step}”已办理")).to_be_visible()
    sender = city.sit(OFFICER, "寒亭区", position=1)
    _open(sender, batch)
    confirm(sender, "送银行")
    expect(sender.get_by_text("“送银行”已办理")).to_be_visible()
    answers = _answer_of_the_bank(sender, tmp_path)
    sender.get_by_label("银行回盘文件").set_input_files(answers)
    submit(sender, "读入")
    expect(sender.get_by_role("status").first).to_contain_text("退票 1 笔")
    check(sender)
    city_officer = city.sit(CITY_OFFICER, "潍坊市")
    _open(city_officer, batch)
    confirm(city_officer, "对账")
    expect(city_officer.get_by_text("这个批次已经对账")).to_be_visible()
    _run_again(officer, batch)


def _open(page: Page, batch: str) -> None:
    page.get_by_label("姓名、编号或完整证件号").fill(batch)
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=batch).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(batch)


def _confirm_by_every_township(city: City, batch: str) -> None:
    for street in ("寒亭街道", "开元街道", "固堤街道", "高里街道", "朱里街道"):
        head = city.sit(HEAD, street, PHONE)
        _open(head, batch)
        if street == "固堤街道":
            check(head)
        confirm(head, "乡镇确认")
        expect(head.get_by_text("“乡镇确认”已办理")).to_be_visible()


def _answer_of_the_bank(page: Page, folder: Path) -> Path:
    """The bank's file, made from ours: everything arrived but the first line."""
    with page.expect_download() as download:
        submit(page, "代发文件")
    book = CalamineWorkbook.from_path(download.value.path())
    head, *lines = book.get_sheet_by_index(0).to_python()
    assert "批次号" in head
    at = {label: head.index(label) for label in ("批次号", "序号", "金额")}
    rows = [
        {
            "number": str(line[at["批次号"]]),
            "line": int(float(str(line[at["序号"]]))),
            "amount": str(line[at["金额"]]),
            "result": "退票" if position == 0 else "成功",
            "reason": "账户已销户" if position == 0 else "",
        }
        for position, line in enumerate(lines)
        if line[at["批次号"]]
    ]
    columns = [
        Column(key, label)
        for key, label in (
            ("number", "批次号"), ("line", "序号"), ("amount", "金额"), ("result", "处理结果"), ("reason", "失败原因"),
        )
    ]  # fmt: skip
    path = folder / "回盘.xlsx"
    with path.open("wb") as file:
        write_xlsx(file, columns, rows)
    return path


def _run_again(page: Page, batch: str) -> None:
    """The same month once more: the same run, nobody paid twice."""
    navigate(page, "资金发放")
    page.locator("main").get_by_role("link", name="生成清册").click()
    submit(page, "生成")
    expect(page.get_by_text("这个月已经生成过清册，没有重复列入")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name=re.compile("^DB202003"))).to_have_count(1)


def test_bulletin_opens_onto_its_rows_and_a_record_and_is_signed(city: City) -> None:
    page = city.sit(CITY_OFFICER, "潍坊市")
    check(page)
    navigate(page, "快报")
    check(page)
    tile = page.locator(".stat", has_text="临时救助人次").get_by_role("link").first
    value = tile.inner_text()
    tile.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("临时救助人次")
    expect(page.locator(".lead-line")).to_contain_text(value)
    expect(page.locator(".table-tools")).to_contain_text(f"共 {value} 行")
    check(page)
    page.get_by_role("link", name="查看记录").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page)
    navigate(page, "快报")
    submit(page, "签发快报")
    page.locator("dialog[open]").get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text(re.compile("已签发第 1 期快报"))).to_be_visible()
    expect(page.locator("main")).to_contain_text(value)
    check(page)
