"""A paper drawn as PDF and as docx: the same words, nothing in a text is markup, rare characters have a shape."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from docx import Document
from docx.oxml.ns import qn

from shouwang.kernel import clock
from shouwang.kernel.documents import (
    Align,
    Facts,
    Paper,
    PaperTable,
    Text,
    TextStyle,
    font_report,
    paper_response,
    render_docx,
    render_pdf,
)
from shouwang.kernel.documents import fonts as font_module
from shouwang.kernel.errors import Invalid, StateConflict

MARKUP = '#set text(red) $x^2$ *a* _b_ `c` \\ "d" <e> {{f}} #read("/etc/passwd")'
PAPER = Paper(
    title="临时救助决定书",
    number="LSJZ-2020-0001",
    blocks=[
        Text("王堃喆赟：", TextStyle.PLAIN),
        Text(MARKUP),
        Text("给予救助。", TextStyle.STRONG),
        Facts([("金额", "¥2,000.00")]),
        PaperTable(
            ["序号", "金额（元）"], [1, 2], [Align.CENTER, Align.RIGHT],
            [[str(n), f"{n}.00"] for n in range(1, 101)], ["合计", "5,050.00"],
        ),
    ],
    office="固堤街道办事处",
    day="2020年3月18日",
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_pdf_shows_every_text_as_it_is() -> None:
    text = squeezed(text_of(render_pdf(PAPER)))
    for wanted in ("临时救助决定书", "王堃喆赟：", MARKUP, "给予救助。", "合计5,050.00", "固堤街道办事处"):
        assert squeezed(wanted) in text
    assert text.count("序号金额（元）") == len(re.findall(r"—\d/\d—", text))


def test_pdf_embeds_its_fonts_and_is_the_same_at_the_same_instant(tmp_path: Path) -> None:
    once = render_pdf(PAPER)
    assert render_pdf(PAPER) == once
    with clock.at(clock.instant(2020, 3, 19)):
        assert render_pdf(PAPER) != once
    path = tmp_path / "paper.pdf"
    path.write_bytes(once)
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert listed
    assert all(line.split()[-5] == "yes" for line in listed)


def test_docx_has_the_same_words_in_the_statutory_fonts() -> None:
    document = Document(io.BytesIO(render_docx(PAPER)))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert paragraphs[0] == PAPER.title
    assert MARKUP in paragraphs
    facts, table = document.tables
    assert [cell.text for cell in facts.rows[0].cells] == ["金额", "¥2,000.00"]
    assert [cell.text for cell in table.rows[-1].cells] == ["合计", "5,050.00"]
    assert len(table.rows) == 102
    used = {fonts.get(qn("w:eastAsia")) for fonts in document.element.body.iter(qn("w:rFonts"))}
    assert used == {"方正小标宋简体", "仿宋_GB2312", "黑体"}


def test_characters_no_file_may_hold_do_not_stop_a_paper() -> None:
    paper = Paper("题", [Text("甲\x00\x0b乙\ud800丙".encode("utf-8", "surrogatepass").decode("utf-8", "replace"))])
    assert "甲" in Document(io.BytesIO(render_docx(paper))).paragraphs[1].text
    assert render_pdf(paper).startswith(b"%PDF")


def test_table_with_a_row_too_short_is_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        PaperTable(["甲", "乙"], [1, 1], [Align.LEFT, Align.LEFT], [["一"]])


def test_other_formats_are_refused() -> None:
    with pytest.raises(Invalid):
        paper_response(PAPER, "exe")


def test_file_has_the_papers_name_and_day() -> None:
    response = paper_response(PAPER, "docx", name="决定书_1")
    assert "20200318.docx" in response.headers["Content-Disposition"]
    response.close()


@pytest.fixture
def fonts_anew() -> SimpleNamespace:
    font_module.fonts.cache_clear()
    yield SimpleNamespace()
    font_module.fonts.cache_clear()


@pytest.mark.usefixtures("fonts_anew")
def test_without_a_chinese_font_it_says_what_to_do(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PACKAGED_FONTS = []
    monkeypatch.setattr(font_module, "_SYSTEM", Path("/nowhere"))
    with pytest.raises(StateConflict, match="SHOUWANG_FONTS"):
        render_pdf(PAPER)


@pytest.mark.usefixtures("fonts_anew")
def test_bureaus_own_folder_comes_first(settings: LazySettings, tmp_path: Path) -> None:
    settings.SHOUWANG_FONTS = str(tmp_path)
    assert next(font_module.font_folders()) == tmp_path
    assert font_report()["title"] in font_module.TITLE
