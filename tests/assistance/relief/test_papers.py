"""Letters and receipts of relief: the amount with its formula, the reason, the remedy and its deadline."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pytest
from django.http import FileResponse
from django.urls import reverse
from docx import Document

from shouwang.accounts.public import Role
from shouwang.assistance.models import ReliefCase
from shouwang.assistance.papers.relief import cash_receipt, decision_letter
from shouwang.assistance.public import refuse_case
from shouwang.assistance.rules.remedies import remedy_on
from shouwang.kernel.errors import Invalid, NotFound
from tests.factories import FANGZI, make_actor

from .test_pages import signed_in
from .world import Officers, accepted, approved, as_actor, make_family, make_reserve, paid, standard, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers() -> Officers:
    return Officers()


def words(case: ReliefCase) -> str:
    return "".join(block.text for block in decision_letter(case).blocks)


def refused(officers: Officers) -> ReliefCase:
    case = verified(officers, make_family())
    with as_actor(officers.head) as actor:
        return refuse_case(
            actor=actor, case_id=case.id, expected_version=case.version, reason="家庭收入高于标准", clause="第四十七条"
        )


def test_letter_gives_amount_formula_basis_and_remedy(officers: Officers) -> None:
    case = approved(officers, make_family(), standard(60_000, 2, 1))
    with as_actor(officers.head):
        text = words(case)
    assert "人民币壹仟贰佰元整（¥1,200.00）" in text
    assert "城市低保标准 600.00 元 × 2 人 × 1 个月 = 1,200.00 元" in text
    assert "60日内" in text
    assert "6个月内" in text
    assert "《中华人民共和国行政复议法》第九条" in text
    assert "《中华人民共和国行政诉讼法》第四十六条" in text


def test_refusal_gives_its_reason_and_the_remedy(officers: Officers) -> None:
    case = refused(officers)
    with as_actor(officers.head):
        letter = decision_letter(case)
        text = words(case)
    assert letter.title == "不予临时救助决定书"
    assert "不予救助。" in text
    assert "家庭收入高于标准" in text
    assert "行政复议" in text


@pytest.mark.parametrize(
    ("decided_on", "months", "article", "organ"),
    [
        (date(2015, 4, 30), 3, "第三十九条", "上一级民政部门"),
        (date(2015, 5, 1), 6, "第四十六条", "上一级民政部门"),
        (date(2023, 12, 31), 6, "第九条", "上一级民政部门"),
        (date(2024, 1, 1), 6, "第二十条", "县（市、区）人民政府"),
    ],
)
def test_remedy_is_that_of_the_decisions_day(decided_on: date, months: int, article: str, organ: str) -> None:
    sentence = remedy_on(decided_on).sentence("county")
    assert f"{months}个月内" in sentence
    assert article in sentence
    assert organ in sentence
    assert ("上一级民政部门" in sentence) == (decided_on < date(2024, 1, 1))


def test_day_before_any_remedy_is_refused() -> None:
    with pytest.raises(Invalid):
        remedy_on(date(1999, 9, 30))


def test_no_letter_before_the_decision_and_no_receipt_before_an_amount(officers: Officers) -> None:
    case = accepted(officers, make_family())
    with as_actor(officers.head):
        with pytest.raises(NotFound):
            decision_letter(case)
        with pytest.raises(NotFound):
            cash_receipt(case)


def pdf_text(response: FileResponse) -> str:
    content = b"".join(response.streaming_content)
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", "", done.stdout.decode())


def test_letter_and_receipt_go_out_as_pdf_and_word(officers: Officers) -> None:
    make_reserve(officers)
    case = paid(officers, make_family())
    with signed_in(officers.assistant) as client:
        for name, title in (("relief_letter", "临时救助决定书"), ("relief_receipt", "临时救助金（备用金）收据")):
            url = reverse(name, args=[case.id])
            assert title in client.get(url).content.decode()
            pdf = client.get(url, {"format": "pdf"})
            assert pdf.headers["Content-Type"] == "application/pdf"
            assert title in pdf_text(pdf)
            word = client.get(url, {"format": "docx"})
            assert Document(io.BytesIO(b"".join(word.streaming_content))).paragraphs[0].text == title
            assert client.get(url, {"format": "exe"}).status_code == 422
    with signed_in(make_actor(Role.TOWNSHIP_ASSISTANT, FANGZI)) as neighbour:
        for name in ("relief_letter", "relief_receipt"):
            assert neighbour.get(reverse(name, args=[case.id]), {"format": "pdf"}).status_code == 404
