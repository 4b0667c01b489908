"""The letter of a monthly amount: its steps with clause and standard, the remedy and its limit; the run on paper."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pytest
from django.http import FileResponse
from django.test import Client
from django.urls import reverse
from docx import Document

from shouwang.assistance.models import Overpayment, OverpaymentStep, RunLine
from shouwang.assistance.states import ChangeCause, OverpaymentStepKind
from shouwang.kernel import clock
from tests.assistance.payments.setting import County, acting_as, everywhere
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, make_actor

from .setting import family, grant, make_programme_county
from .setting import run as run_programme
from .test_runs_by_rules import county, earn, run

__all__ = ["county"]

pytestmark = pytest.mark.django_db


def line_of(county: County, family: int) -> RunLine:
    with acting_as(everywhere()):
        return RunLine.objects.get(subject_id=county.families[family].household.id)


def downloaded(client: Client, url: str) -> bytes:
    answer = client.get(url)
    assert isinstance(answer, FileResponse)
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def test_letter_says_the_amount_its_steps_and_the_remedy(county: County) -> None:
    run(county)
    client = client_of(county.officers.opener)
    url = reverse("run_line_letter", args=[line_of(county, 0).id])
    page = client.get(url).content.decode()
    for words in (
        "最低生活保障数额决定书",
        "发放人民币肆佰捌拾元整（¥480.00）。",
        "每人 460 元 × 3 人 − 月收入 900 元 = 480 元",
        "60日内向县（市、区）人民政府或者上一级民政部门申请行政复议",
        "6个月内直接向人民法院提起行政诉讼",
        "依据：《最低生活保障审核审批办法（试行）》（民发〔2012〕220号）",
        "不得作为决定书送达",  # the demo's standards are placeholders
    ):
        assert words in page
    assert url in client.get(reverse("run_line", args=[line_of(county, 0).id])).content.decode()
    word = Document(io.BytesIO(downloaded(client, f"{url}?format=docx")))
    assert any("申请行政复议" in paragraph.text for paragraph in word.paragraphs)
    assert any("保障标准" in cell.text for table in word.tables for cell in table.columns[0].cells)
    drawn = subprocess.run(
        ["pdftotext", "-", "-"], input=downloaded(client, f"{url}?format=pdf"), capture_output=True, check=True
    )
    assert "480.00" in re.sub(r"\s", "", drawn.stdout.decode())
    assert client_of(make_actor("county_officer", FANGZI)).get(url).status_code == 404


def test_letter_of_nothing_owed_and_of_what_was_decided(county: County) -> None:
    with acting_as(everywhere()):
        earn(county.families[1], 700, since=date(2020, 2, 1))
    run(county)
    client = client_of(county.officers.opener)
    refused = client.get(reverse("run_line_letter", args=[line_of(county, 1).id])).content.decode()
    assert "本月不予发放" in refused
    assert "家庭收入不低于保障标准" in refused
    decided = client.get(reverse("run_line_letter", args=[line_of(county, 3).id])).content.decode()
    assert "按接转时核定的数额" in decided


def test_letter_says_what_was_set_off_and_what_is_paid(county: County) -> None:
    run(county)
    with acting_as(county.officers.leader):
        line = line_of(county, 0)
        assert line.payable_id is not None
        overpaid = Overpayment.objects.create(
            payable_id=line.payable_id,
            amount_fen=100_00,
            cause=ChangeCause.OTHER,
            area_code=line.area_code,
            recorded_at=clock.now(),
        )
        OverpaymentStep.objects.create(
            overpayment=overpaid,
            kind=OverpaymentStepKind.OFFSET,
            amount_fen=100_00,
            payable_id=line.payable_id,
            actor_name="生成清册",
            area_code=line.area_code,
            recorded_at=clock.now(),
        )
    client = client_of(county.officers.opener)
    page = client.get(reverse("run_line_letter", args=[line.id])).content.decode()
    assert "发放人民币肆佰捌拾元整（¥480.00）。" in page
    assert "其中抵扣以前多发 100.00 元，实发 380.00 元。" in page
    assert "您（家庭，居住地" in page


def test_letter_to_a_person_says_nothing_of_the_family() -> None:
    made = make_programme_county()
    old = family(born=[date(1935, 1, 1)])
    grant(made, "old_age", old.persons[0], 50_00)
    run_programme(made, "old_age")
    with acting_as(everywhere()):
        line = RunLine.objects.get(subject_id=old.persons[0].id)
    page = client_of(made.officers.opener).get(reverse("run_line_letter", args=[line.id])).content.decode()
    assert "经核算，您（居住地" in page


def test_run_goes_onto_paper(county: County) -> None:
    result = run(county)
    client = client_of(county.officers.opener)
    word = Document(io.BytesIO(downloaded(client, reverse("run_paper", args=[result.run.id, "docx"]))))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert "寒亭区" in cells
    assert "1,951.00" in cells
    assert "新增发放" in cells
    assert downloaded(client, reverse("run_paper", args=[result.run.id, "pdf"])).startswith(b"%PDF")
