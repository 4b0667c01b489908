"""The streaming reader of xlsx, beside the parser that holds the whole sheet; and what it keeps on disk."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Hole, Spool, open_book
from shouwang.kernel.spreadsheets.table import Table
from tests.kernel.spreadsheets import files
from tests.kernel.spreadsheets.files import worksheet

PLAIN = files.xlsx([["x"]])
FORMATS = (
    "General", "0", "0.00", "#,##0.00;[Red]-#,##0.00", "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "h:mm AM/PM", "[h]:mm", "[mm]:ss",
    "[$-804]yyyy", '"day"0', "[Red]0", r"\d0", "0_d", "0.0E+0", "@", "yyyy;@", "mm:ss.0",
)  # fmt: skip
NUMBERS = (0.25, 1, 1.5, 59, 61, 43891, 43891.5, 2950000)


def table(data: bytes) -> Table:
    book = open_book(io.BytesIO(data), filename="a.xlsx")
    return book.grid(book.sheet_names[0])


def rows(data: bytes) -> list[list[object]]:
    return [list(row) for row in table(data).rows()]


def held(data: bytes) -> list[list[object]]:
    """As the other parser reads it, without the blanks after the last cell of a row."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    return [_cut([*margin, *row]) for row in sheet.iter_rows()]


def _cut(row: Iterable[object]) -> list[object]:
    cells = list(row)
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def sheet_of(cells: str, *, strings: str = "", styles: str = "") -> bytes:
    data = files.with_member(PLAIN, "xl/worksheets/sheet1.xml", worksheet(f'<row r="1">{cells}</row>'))
    if strings:
        data = files.with_member(data, "xl/sharedStrings.xml", f'<sst xmlns="x">{strings}</sst>'.encode())
    return files.with_member(data, "xl/styles.xml", styles.encode()) if styles else data


@pytest.mark.parametrize("is_1904", [False, True])
def test_every_number_format_shows_what_the_other_parser_shows(is_1904: bool) -> None:
    book = openpyxl.Workbook()
    if is_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    page = book.active
    for at, shown in enumerate(FORMATS, 1):
        for position, number in enumerate(NUMBERS, 1):
            page.cell(at, position, number).number_format = shown
    data = files.saved(book)
    assert rows(data) == held(data)


@pytest.mark.parametrize("number_format", [14, 15, 20, 22, 27, 31, 36, 45, 46, 47, 50, 57, 58, 49, 9])
def test_built_in_formats_are_known(number_format: int) -> None:
    styles = f'<styleSheet xmlns="x"><cellXfs><xf numFmtId="0"/><xf numFmtId="{number_format}"/></cellXfs></styleSheet>'
    data = sheet_of('<c r="A1" s="1"><v>43891.5</v></c><c r="B1" s="1"><v>43891</v></c>', styles=styles)
    assert rows(data) == held(data)


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a\n b_x000D_</t></is></c>',
        '<c r="A1" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r><rPh sb="0" eb="1"><t>zhang</t></rPh></is></c>',
        '<c r="B1" t="str"><f>A1</f><v>12</v></c>',
        '<c r="A1"><f>1+1</f><v>2</v></c>',
        '<c r="A1" t="b"><v>1</v></c><c r="C1" t="b"><v>0</v></c>',
        '<c r="A1" t="d"><v>2020-03-01</v></c><c r="B1" t="d"><v>2020-03-01T10:00:00</v></c>',
        '<c r="A1" t="n"><v>1e3</v></c><c r="B1"><v>0.1</v></c><c r="C1"><v>370703198001011480</v></c>',
        '<c r="A1"><v>abc</v></c>',
        '<c r="A1" s="0"/><c r="Z1" s="0"></c><c r="AA1"><v>1</v></c>',
    ],
)
def test_cells_are_what_the_other_parser_reads(cells: str) -> None:
    assert rows(sheet_of(cells)) == held(sheet_of(cells))


def test_shared_strings_are_found_by_their_number() -> None:
    strings = "<si><t>王</t></si><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si><si><t/></si>"
    cells = '<c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>2</v></c><c r="C1" t="s"><v>0</v></c>'
    assert rows(sheet_of(cells, strings=strings)) == [["张三", "", "王"]]


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1" t="s"><v>7</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="weird"><v>1</v></c>',
        '<c r="A2"><v>1</v></c>',
        '<c r="11"><v>1</v></c>',
        '<c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c>',
    ],
)
def test_sheet_that_contradicts_itself_is_refused(cells: str) -> None:
    with pytest.raises(Invalid) as refused:
        rows(sheet_of(cells))
    assert refused.value.reason == "spreadsheet.broken"


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + worksheet('<row r="1"><c r="A1"><v>&a;</v></c></row>')
    with pytest.raises(Invalid) as refused:
        rows(files.with_member(PLAIN, "xl/worksheets/sheet1.xml", bomb))
    assert refused.value.reason == "spreadsheet.broken"


def test_holes_and_rows_that_are_missing_keep_their_places() -> None:
    cells = (
        '<c r="B1" t="e"><v>#N/A</v></c><c r="C1"><f>X</f></c><c r="D1" t="str"><f>X</f><v></v></c></row>'
        '<row r="4"><c r="A4"><v>1</v></c>'
    )
    assert rows(sheet_of(cells)) == [["", Hole.ERROR, Hole.FORMULA], [], [], [1.0]]


def test_days_are_days() -> None:
    book = openpyxl.Workbook()
    said = [date(2020, 3, 1), datetime(2020, 3, 1, 8, 30), time(8, 30), timedelta(hours=30)]  # noqa: DTZ001 - as cells are
    book.active.append(said)
    assert rows(files.saved(book)) == [said]


def test_merged_rows_of_a_column() -> None:
    data = files.xlsx([[str(at)] for at in range(60)], merged=["A2:A3", "B5:C5", "A40:B41"])
    assert [at for at, mark in enumerate(table(data).merged_rows(0)) if mark] == [1, 2, 39, 40]
    assert sorted(table(data).head_merged) == [((1, 0), (2, 0)), ((4, 1), (4, 2))]


def test_spool_gives_back_what_it_took_in_order_and_by_position() -> None:
    spool: Spool[str] = Spool()
    for at in range(1_000):
        spool.append(str(at), size=at % 7 and (200_000 if at < 50 else 1))
    assert list(spool) == [str(at) for at in range(1_000)]
    assert [spool[at] for at in (0, 999, 255, 256, 5, 6, 512)] == ["0", "999", "255", "256", "5", "6", "512"]
    first, second = iter(spool), iter(spool)
    assert (next(first), next(first), next(second)) == ("0", "1", "0")
    with pytest.raises(IndexError):
        spool[1_000]
