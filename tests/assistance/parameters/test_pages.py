"""The pages: what holds, its history, proposing a change with its diff and announcement, and the second officer's word."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import ParameterNotice
from shouwang.assistance.queries.parameter_pages import notices_waiting_for, placeholder_words
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.setting import make_county, make_family, take_over
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor

from .setting import APRIL, RURAL, URBAN, Bureau, make_bureau, notice, propose, put_in_force, value

pytestmark = pytest.mark.django_db

YAML = """
defaults: {area: 370703000000000, from: 2020-04-01, source: {number: 寒民〔2020〕9号}, status: confirmed}
parameters:
  dibao.standard.urban: {unit: 元/人/月, values: [{value: "640"}]}
"""


@pytest.fixture
def county() -> Bureau:
    return make_bureau()


@pytest.fixture
def officer(county: Bureau) -> Client:
    return client_of(county.officer)


@pytest.fixture
def decider(county: Bureau) -> Client:
    return client_of(county.decider)


def text(client: Client, name: str, *arguments: object, **query: str) -> str:
    answer = client.get(reverse(name, args=list(arguments)), query)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str) -> list[str]:
    """The body rows of the first table, tags taken out."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in body.split("</tr>") if "<td" in row]


def form(**changes: object) -> dict[str, object]:
    return {
        "request_id": str(new_id()),
        "area": HANTING,
        "number": "寒民〔2020〕7号",
        "title": "关于调整低保标准的通知",
        "effective_on": "2020-04-01",
        "values-TOTAL_FORMS": "2",
        "values-INITIAL_FORMS": "0",
        "values-0-key": URBAN,
        "values-0-area": HANTING,
        "values-0-text": "620",
        "values-0-unit": "",
        "values-0-article": "第二条",
        "values-0-status": "confirmed",
        "values-1-key": "",
        "values-1-area": HANTING,
        "values-1-text": "",
        "values-1-unit": "",
        "values-1-article": "",
        "values-1-status": "confirmed",
        "yaml": "",
        "announcement": "",
        "checked": "",
        "drafted": "",
        "document": "",
        "step": "check",
    } | changes


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found.group(1)


def send(client: Client, **changes: object) -> tuple[int, str]:
    answer = client.post(reverse("parameter_notice_new"), form(**changes))
    return answer.status_code, answer.content.decode()


def test_list_says_what_holds_since_when_and_where_it_comes_from(county: Bureau, officer: Client) -> None:
    city = make_bureau(WEIFANG)
    values = [value(key, amount, area_code=WEIFANG) for key, amount in ((URBAN, "580"), (RURAL, "440"))]
    put_in_force(city, notice(*values, area_code=WEIFANG, number="潍民〔2020〕1号"))
    put_in_force(county, notice(value(status="placeholder")))
    page = text(officer, "parameter_list", month="2020-04", group="dibao")
    assert rows(page)[:2] == [
        "城市低保标准 最低生活保障 每人每月 600 元 2020-04-01 寒民〔2020〕7号 本级 占位",
        "农村低保标准 最低生活保障 每人每月 440 元 2020-04-01 潍民〔2020〕1号 沿用潍坊市 已核定",
    ]
    assert "有占位数额" in page
    before = text(officer, "parameter_list", month="2020-03", q="城市低保标准")
    assert rows(before)[0] == "城市低保标准 最低生活保障 — — — — 缺少"
    only = text(officer, "parameter_list", month="2020-04", state="placeholder", q="城市低保标准")
    assert len(rows(only)) == 1


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_list_is_exported(county: Bureau, officer: Client, file_format: str) -> None:
    put_in_force(county, notice())
    answer = officer.get(reverse("parameter_list"), {"month": "2020-04", "format": file_format})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    if file_format == "csv":
        assert (
            "最低生活保障,城市低保标准,dibao.standard.urban,每人每月 600 元,2020-04-01,寒民〔2020〕7号,寒亭区"
            in content.decode("utf-8-sig")
        )


def test_history_shows_both_axes(county: Bureau, officer: Client) -> None:
    put_in_force(county, notice(), at=clock.instant(2020, 3, 2, 9))
    put_in_force(
        county,
        notice(value(text="620"), number="寒民〔2020〕8号", is_retroactive=True),
        at=clock.instant(2020, 3, 10, 9),
    )
    now = rows(text(officer, "parameter_history", URBAN))
    assert now == ["2020-04-01 至今 每人每月 620 元 寒亭区 寒民〔2020〕8号 已核定"]
    before = rows(text(officer, "parameter_history", URBAN, known_on="2020-03-09"))
    assert before == ["2020-04-01 至今 每人每月 600 元 寒亭区 寒民〔2020〕7号 已核定"]
    page = text(officer, "parameter_history", URBAN)
    recorded = rows(page.partition("什么时候录入的</h2>")[2])
    assert [row[:16] for row in recorded] == ["2020-03-10 09:00", "2020-03-02 09:00"]
    assert officer.get(reverse("parameter_history", args=["no.such.key"])).status_code == 404


def test_change_is_checked_shown_and_then_proposed(county: Bureau, officer: Client, decider: Client) -> None:
    put_in_force(county, notice(value(valid_from=APRIL.replace(month=1)), number="寒民〔2019〕1号"))
    key = str(new_id())
    status, page = send(officer, request_id=key)
    assert status == 200
    (row,) = rows(page)
    assert row.startswith(
        "寒亭区 城市低保标准 每人每月 600 元 每人每月 620 元 提高 20 元（3.3%） 2020-04-01 寒民〔2020〕7号第二条"
    )
    assert "特困人员救助供养" in row
    announcement = re.search(r'<textarea name="announcement"[^>]*>\s*(.*?)</textarea>', page, re.S)
    assert announcement is not None
    words = announcement.group(1)
    assert words.startswith("关于调整城市低保标准的公告")
    assert (
        "1．城市低保标准：每人每月 620 元，原为每人每月 600 元，提高 20 元（3.3%）。\n以上标准自 2020年4月1日 起执行。"
        in words
    )
    assert words.endswith("寒亭区民政局\n2020年3月18日")
    with use_scope(FULL):
        assert ParameterNotice.objects.count() == 1
    again = {
        "request_id": key,
        "checked": hidden(page, "checked"),
        "drafted": hidden(page, "drafted"),
        "announcement": words.replace("特此公告", "请相互转告，特此公告"),
        "step": "propose",
    }
    assert send(officer, **again)[0] == 302
    assert send(officer, **again)[0] == 302
    with use_scope(FULL):
        made = ParameterNotice.objects.get(number="寒民〔2020〕7号")
    assert "请相互转告" in made.announcement
    with use_scope(county.decider.scope):
        (item,) = notices_waiting_for(county.decider, 10)
    assert (item.title, item.url) == (str(made), reverse("parameter_notice_page", args=[made.id]))
    assert "确认，开始执行" not in text(officer, "parameter_notice_page", made.id)
    assert "确认，开始执行" in text(decider, "parameter_notice_page", made.id)
    assert decider.post(reverse("parameter_notice_confirm", args=[made.id]), {"reason": ""}).status_code == 302
    assert "已确认" in text(officer, "parameter_notice_page", made.id)
    assert "每人每月 620 元" in text(officer, "parameter_list", month="2020-04", q=URBAN)
    with use_scope(county.decider.scope):
        assert notices_waiting_for(county.decider, 10) == []


def test_values_changed_after_the_check_are_checked_again(officer: Client) -> None:
    _status, page = send(officer)
    key = hidden(page, "request_id")
    again = {"request_id": key, "checked": hidden(page, "checked"), "step": "propose", "values-0-text": "900"}
    status, page = send(officer, **again)
    assert (status, rows(page)[0].split()[3:5]) == (200, ["每人每月", "900"])
    with use_scope(FULL):
        assert not ParameterNotice.objects.exists()


def test_every_refusal_stands_at_the_form(officer: Client) -> None:
    status, page = send(officer, **{"values-0-text": "90000", "values-1-key": RURAL, "values-1-text": "1"})
    assert status == 422
    assert "参数“城市低保标准”的值 90000 不合情理" in page
    assert "参数“农村低保标准”的值 1 不合情理" in page
    status, page = send(officer, **{"values-0-text": ""})
    assert (status, "请填写数值" in page) == (422, True)
    status, page = send(officer, **{"values-0-key": "", "values-0-text": ""})
    assert (status, "至少填写一项标准" in page) == (422, True)


def test_file_of_parameters_is_read_into_the_form(officer: Client) -> None:
    sent = SimpleUploadedFile("寒亭.yaml", YAML.encode())
    status, page = send(officer, file=sent, **{"values-0-key": "", "values-0-text": ""})
    assert (status, rows(page)[0].split()[3:5]) == (200, ["每人每月", "640"])
    assert "dibao.standard.urban:" in page
    broken = SimpleUploadedFile("坏.yaml", YAML.replace("standard.urban", "standard.suburb").encode())
    status, page = send(officer, file=broken)
    assert (status, "没有“dibao.standard.suburb”这个参数" in page) == (422, True)
    status, page = send(officer, file=SimpleUploadedFile("坏.yaml", b"\xff\xfe\x00"))
    assert (status, "UTF-8" in page) == (422, True)


def test_more_rows_keep_what_was_typed(officer: Client) -> None:
    status, page = send(officer, step="more", title="")
    assert (status, page.count('name="values-3-key"'), 'value="620"' in page) == (200, 1, True)


def test_chosen_standards_come_with_what_holds_now(county: Bureau, officer: Client) -> None:
    put_in_force(county, notice(value(valid_from=APRIL.replace(month=1))))
    page = text(officer, "parameter_notice_new", key=URBAN)
    assert 'value="600"' in page


def test_notice_is_refused_with_its_reason(county: Bureau, decider: Client) -> None:
    made = propose(county, notice())
    url = reverse("parameter_notice_refuse", args=[made.id])
    answer = decider.post(url, {"reason": ""})
    assert (answer.status_code, "退回要写明理由" in answer.content.decode()) == (422, True)
    assert decider.post(url, {"reason": "与市文件不符"}).status_code == 302
    assert "与市文件不符" in text(decider, "parameter_notice_page", made.id)


def test_notice_that_no_longer_fits_says_so_to_who_decides(county: Bureau, decider: Client) -> None:
    late = propose(county, notice(number="寒民〔2020〕8号"))
    put_in_force(county, notice())
    page = text(decider, "parameter_notice_page", late.id)
    assert "现在不能确认" in page
    assert "与自 2020-04-01 起的新值重叠" in page
    assert decider.post(reverse("parameter_notice_confirm", args=[late.id])).status_code == 422


def test_announcement_is_printed_and_says_that_it_waits(county: Bureau, officer: Client) -> None:
    made = propose(county, notice(announcement=""))
    page = text(officer, "parameter_announcement", made.id)
    assert "还没有确认，不能公布" in page
    assert "关于公布城市低保标准的公告" in page


def test_what_waits_is_shown_to_its_area_only_and_what_is_confirmed_below_it(county: Bureau) -> None:
    city = make_bureau(WEIFANG)
    mine = propose(county, notice())
    theirs = put_in_force(city, notice(value(area_code=WEIFANG), area_code=WEIFANG, number="潍民〔2020〕1号"))
    neighbour = client_of(make_actor(Role.COUNTY_OFFICER, FANGZI))
    listed = text(neighbour, "parameter_notice_list")
    assert (theirs.number in listed, mine.number in listed) == (True, False)
    assert neighbour.get(reverse("parameter_notice_page", args=[mine.id])).status_code == 404
    assert text(neighbour, "parameter_notice_page", theirs.id)
    waiting = text(client_of(county.officer), "parameter_notice_list", state="waiting")
    assert (mine.number in waiting, theirs.number in waiting) == (True, False)


@pytest.mark.parametrize(
    ("role", "status"), [(Role.COUNTY_LEADER, 403), (Role.FINANCE, 403), (Role.COUNTY_OFFICER, 200)]
)
def test_form_is_for_officers(role: str, status: int) -> None:
    assert client_of(make_actor(role, HANTING)).get(reverse("parameter_notice_new")).status_code == status


def test_placeholders_are_named_in_words(county: Bureau) -> None:
    put_in_force(county, notice(value(status="placeholder")))
    words = placeholder_words(["dibao", "tekun"], HANTING, APRIL)
    assert words.count("城市低保标准 每人每月 600 元（寒亭区）") == 1


def test_grants_warn_of_the_placeholders_that_they_rest_on(county: Bureau, officer: Client) -> None:
    put_in_force(county, notice(value(status="placeholder")))
    page = text(officer, "grant_list", month="2020-04", programme="dibao")
    assert "金额所依据的标准还有占位数额" in page
    assert "城市低保标准 每人每月 600 元（寒亭区）" in page


def test_run_warns_of_the_placeholders_that_it_rested_on() -> None:
    with use_scope(FULL):
        payer = make_county()
        family = make_family(GUDI_VILLAGE)
    take_over(payer, [(family, 450_00)])
    opener = payer.officers.opener
    with use_scope(opener.scope):
        made = run_month(actor=opener, programme="dibao", benefit_month=APRIL.replace(month=3), area_code=HANTING)
    page = text(client_of(opener), "run_page", made.run.id)
    assert "农村低保标准 每人每月 460 元（寒亭区）" in page
    assert "老年人增发比例" not in page


def test_lists_take_the_same_number_of_queries_for_one_and_three(county: Bureau, officer: Client) -> None:
    def look() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(officer, "parameter_notice_list")
            text(officer, "parameter_list", month="2020-04")
            text(officer, "parameter_history", URBAN)
        return len(captured)

    counts = []
    for number in range(3):
        day = APRIL + timedelta(days=30 * number)
        put_in_force(county, notice(value(valid_from=day), number=f"寒民〔2020〕{number}号"))
        look()  # what is asked once a process is known from now on
        counts.append(look())
    assert counts[0] == counts[2]
