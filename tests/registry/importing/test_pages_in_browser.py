"""An import in a real browser, on a desk and on a phone: axe, the policy, the whole journey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shouwang.accounts.public import Role, as_system, create_demo_user
from tests.factories import GUDI
from tests.kernel.spreadsheets import files
from tests.web.looking import DESK, look_over
from tests.web.serving import served

from .books import person_row
from .test_import import messy, with_newborn

pytestmark = pytest.mark.browser


@pytest.fixture
def address(committed_db: str, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    with as_system("演示") as system:
        create_demo_user(
            actor=system,
            username="demo-assistant",
            name="演示甲",
            role=Role.TOWNSHIP_ASSISTANT,
            area_code=GUDI,
            from_on=date(2019, 1, 1),
        )
    with served() as address:
        yield address
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []


def send(page: Page, address: str, file: Path) -> None:
    page.goto(f"{address}/registry/imports/new/")
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="检查表格").click()
    page.wait_for_url("**/registry/imports/*-*/")


def test_list_is_sent_checked_decided_loaded_and_undone(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page(viewport=DESK, accept_downloads=True)
    page.set_default_timeout(10_000)
    page.goto(f"{address}/sign-in?next=/registry/imports/")
    page.get_by_role("button", name="乡镇民政助理员").click()
    page.wait_for_url("**/registry/imports/")
    look_over(page)
    header, rows = with_newborn()
    rows.append(person_row("2", "王海", "370723199001011234", income="一千多"))
    file = tmp_path / "固堤街道2020年3月困难家庭名册.xlsx"
    file.write_bytes(files.xlsx([["固堤街道困难家庭名册"], header, *rows, ["合计", 5]]))
    page.goto(f"{address}/registry/imports/new/")
    look_over(page)
    send(page, address, file)
    expect(page.get_by_role("heading", level=1)).to_have_text(file.name)
    look_over(page)
    page.get_by_role("button", name="导入没有问题的 4 行").click()
    expect(page.get_by_text("导入完成")).to_be_visible()
    look_over(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载退回的行").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    rows[1] = person_row("1", "李桂香", str(rows[1][4]), "配偶", income="0.12万元", account="")
    file.write_bytes(files.xlsx([["四月"], *messy(rows)[:2], header, *rows]))
    send(page, address, file)
    page.get_by_role("link", name="逐行确认").click()
    look_over(page)
    expect(page.get_by_label("底册登记为 李桂兰")).to_be_visible()
    page.get_by_label("底册登记为 李桂兰").check()
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url("**/registry/imports/*-*/")
    expect(page.get_by_text("已确认 1 行")).to_be_visible()
    page.get_by_role("link", name="逐行确认").click()
    expect(page.get_by_label("户主相同")).to_be_visible()
    page.get_by_role("button", name="以下全部为同一人（1 行）").click()
    look_over(page)
    page.get_by_role("button", name="全部确认").click()
    page.wait_for_url("**/registry/imports/*-*/")
    expect(page.get_by_text("已确认 1 行")).to_be_visible()
    page.get_by_role("button", name="导入没有问题的 4 行").click()
    expect(page.get_by_text("导入完成")).to_be_visible()
    page.get_by_role("button", name="撤销导入").click()
    look_over(page)
    page.get_by_label("撤销的理由").fill("重复上报")
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.get_by_text("这次导入已撤销")).to_be_visible()
    page.goto(f"{address}/registry/imports/")
    look_over(page)
    page.close()
