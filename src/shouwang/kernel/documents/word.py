"""A paper as docx, to be edited in Word or WPS: same blocks, the statutory fonts by name."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from .. import clock
from ..qr import qr_png
from .fonts import WORD_BODY, WORD_HEADING, WORD_TITLE
from .paper import Align, Cards, Facts, Paper, PaperTable, Text, TextStyle, printable

_ALIGNS = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTER: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_LEFT, _RIGHT = Mm(26), Mm(24)
_TITLE_SIZE, _BODY_SIZE, _LIST_SIZE, _NOTE_SIZE = Pt(22), Pt(16), Pt(10.5), Pt(11)


def render_docx(paper: Paper) -> bytes:
    document = Document()
    _set_page(document, paper)
    _write(document.add_paragraph(), paper.title, WORD_TITLE, _TITLE_SIZE, Align.CENTER)
    if paper.number:
        _write(document.add_paragraph(), paper.number, WORD_BODY, Pt(12), Align.CENTER)
    width = _page_size(paper)[0] - _LEFT - _RIGHT
    for block in paper.blocks:
        if isinstance(block, Text):
            _text(document, block)
        elif isinstance(block, Facts):
            _facts(document, block, width)
        elif isinstance(block, Cards):
            _cards(document, block, width)
        else:
            _table(document, block, width)
    for line in (paper.office, paper.day):
        if line:
            _write(document.add_paragraph(), line, WORD_BODY, _BODY_SIZE, Align.RIGHT)
    if paper.note:
        _write(document.add_paragraph(), paper.note, WORD_BODY, _NOTE_SIZE)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page_size(paper: Paper) -> tuple[Mm, Mm]:
    """Width and height of A4."""
    return (Mm(297), Mm(210)) if paper.is_wide else (Mm(210), Mm(297))


def _set_page(document: WordDocument, paper: Paper) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if paper.is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = _page_size(paper)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = _LEFT, _RIGHT
    properties = document.core_properties
    properties.title, properties.author, properties.comments = (
        printable(paper.title)[:255],
        printable(paper.office)[:255],
        "",
    )
    properties.created = properties.modified = clock.now().replace(tzinfo=None)
    style = document.styles["Normal"]
    style.font.name, style.font.size = WORD_BODY, _BODY_SIZE
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), WORD_BODY)


def _text(document: WordDocument, block: Text) -> None:
    paragraph = document.add_paragraph()
    if block.style in (TextStyle.BODY, TextStyle.STRONG):
        paragraph.paragraph_format.first_line_indent = Pt(32)
    font = WORD_HEADING if block.style is TextStyle.STRONG else WORD_BODY
    _write(paragraph, block.text, font, _NOTE_SIZE if block.style is TextStyle.SMALL else _BODY_SIZE)


def _facts(document: WordDocument, block: Facts, width: int) -> None:
    table = _grid(document, len(block.rows), [1, 3], width)
    for row, (label, value) in zip(table.rows, block.rows, strict=True):
        _cell(row.cells[0], label, WORD_BODY, Pt(14), Align.CENTER)
        _cell(row.cells[1], value, WORD_BODY, Pt(14), Align.LEFT)


def _table(document: WordDocument, block: PaperTable, width: int) -> None:
    rows = [*block.rows, *([block.total] if block.total else [])]
    table = _grid(document, len(rows) + 1, list(block.widths), width)
    grid = list(table.rows)
    for cell, label in zip(grid[0].cells, block.head, strict=True):
        _cell(cell, label, WORD_HEADING, _LIST_SIZE, Align.CENTER)
    _repeat_head(table)
    for position, (row, texts) in enumerate(zip(grid[1:], rows, strict=True)):
        font = WORD_HEADING if block.total and position == len(rows) - 1 else WORD_BODY
        for cell, text, align in zip(row.cells, texts, block.aligns, strict=True):
            _cell(cell, text, font, _LIST_SIZE, align)


def _cards(document: WordDocument, block: Cards, width: int) -> None:
    rows = -(-len(block.cards) // block.columns)
    cells = [cell for row in _grid(document, rows, [1] * block.columns, width).rows for cell in row.cells]
    for cell, card in zip(cells, block.cards, strict=False):  # the last row may have empty cells
        if card.code:
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run().add_picture(io.BytesIO(qr_png(card.code)), width=Mm(block.code_mm))
        _write(cell.add_paragraph(), card.title, WORD_HEADING, Pt(20), Align.CENTER)
        for line in card.lines:
            _write(cell.add_paragraph(), line, WORD_BODY, Pt(12.5), Align.CENTER)


def _grid(document: WordDocument, rows: int, widths: list[int], width: int) -> Table:
    table = document.add_table(rows=rows, cols=len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, share in zip(table.columns, widths, strict=True):
        column.width = width * share // sum(widths)
        for cell in column.cells:
            cell.width = column.width
    return table


def _repeat_head(table: Table) -> None:
    properties = table.rows[0]._tr.get_or_add_trPr()
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    properties.append(mark)


def _cell(cell: _Cell, text: str, font: str, size: Pt, align: Align) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _write(paragraph, text, font, size, align)


def _write(paragraph: Paragraph, text: str, font: str, size: Pt, align: Align = Align.LEFT) -> None:
    paragraph.alignment = _ALIGNS[align]
    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size = font, size
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
