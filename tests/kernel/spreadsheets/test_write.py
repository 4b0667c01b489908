"""Tables going out, and refused rows going back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.spreadsheets import (
    REASON_LABEL,
    Column,
    Kind,
    Sheet,
    neutralised,
    read_sheet,
    write_csv,
    write_refused,
    write_xlsx,
)
from tests.kernel.numbers import id_number
from tests.kernel.spreadsheets import files
from tests.kernel.spreadsheets.files import COLUMNS, HEADER

TODAY = date(2020, 3, 18)
ZHANG = id_number(date(1980, 1, 1), 148)
ROW = {
    "name": "张三",
    "id_number": ZHANG,
    "born_on": date(1980, 1, 1),
    "amount": 120_050,
    "account": "6222020200012345678",
    "is_dibao": True,
    "remark": "=HYPERLINK(1)",
}


def xlsx_of(rows: Sequence[dict[str, object]], columns: Sequence[Column] = COLUMNS) -> bytes:
    buffer = io.BytesIO()
    assert write_xlsx(buffer, columns, rows) == len(rows)  # type: ignore[arg-type]
    return buffer.getvalue()


def read(data: bytes, filename: str = "a.xlsx") -> Sheet:
    return read_sheet(io.BytesIO(data), filename=filename, columns=COLUMNS)


def test_xlsx_reads_back_as_it_was_written() -> None:
    (row,) = read(xlsx_of([ROW])).rows(today=TODAY)
    assert (row.cells, row.problems) == (ROW, ())


def test_xlsx_has_text_numbers_and_dates_of_the_right_type_and_no_formula() -> None:
    page = openpyxl.load_workbook(io.BytesIO(xlsx_of([ROW]))).active
    shown = [(cell.value, cell.data_type, cell.number_format) for cell in page[2]]
    assert shown[1] == (ZHANG, "s", "@")
    assert shown[3] == (1200.5, "n", "#,##0.00")
    assert shown[4] == ("6222020200012345678", "s", "@")
    assert shown[6][:2] == ("=HYPERLINK(1)", "s")


def test_csv_is_what_excel_expects_and_neutral() -> None:
    data = b"".join(write_csv(COLUMNS, [ROW, {"name": "李四", "amount": 5}]))
    assert data.decode("utf-8").splitlines() == [
        "\ufeff" + ",".join(HEADER),
        f"张三,{ZHANG},1980-01-01,1200.50,6222020200012345678,是,'=HYPERLINK(1)",
        "李四,,,0.05,,,",
    ]


def test_csv_streams_in_pieces() -> None:
    pieces = list(write_csv(COLUMNS[:1], ({"name": str(at)} for at in range(2500))))
    assert [piece.count(b"\r\n") for piece in pieces] == [1001, 1000, 500, 0]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_text_that_starts_like_a_formula_is_neutralised(text: str) -> None:
    assert neutralised(text) == f"'{text}"


def test_other_text_is_left_alone() -> None:
    assert [neutralised(text) for text in ("", "a=1", "张三", "1-2")] == ["", "a=1", "张三", "1-2"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_csv_cell_ever_starts_a_formula(text: str) -> None:
    data = b"".join(write_csv(COLUMNS[-1:], [{"remark": text}])).decode("utf-8-sig")
    (shown,) = list(csv.reader(io.StringIO(data, newline="")))[1] or [""]
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert shown.removeprefix("'") == text.removeprefix("'")


@given(st.integers(-(10**14), 10**14))
def test_money_in_xlsx_is_exact(fen: int) -> None:
    page = openpyxl.load_workbook(io.BytesIO(xlsx_of([{"amount": fen}]))).active
    assert round(page.cell(2, 4).value * 100) == fen


def sent_back(sheet: Sheet, reasons: dict[int, list[str]]) -> bytes:
    file = io.BytesIO()
    write_refused(file, sheet, sorted(reasons.items()))
    return file.getvalue()


TITLED = [
    ["某镇临时救助花名册"],
    ["户主", None, *HEADER[2:]],
    ["姓名", "身份证号"],
    ["张三", ZHANG, date(1980, 1, 1), 1200, "6222020200012345678", "是", "=1+1"],
    ["李四", 3.70703198001011e17, "2020-02-30", 800.5, "0536", "否", "备考"],
    ["王五", None, None, -5],
    ["合计", None, None, 2000],
]
MERGED = ["A1:G1", "A2:B2", *(f"{letter}2:{letter}3" for letter in "CDEFG")]


def test_refused_rows_come_back_under_their_own_header_with_the_reasons() -> None:
    sheet = read(files.xlsx(TITLED, merged=MERGED))
    back = sent_back(sheet, {5: ["身份证号：丢失", "出生日期：不存在"], 6: ["金额：负数"]})
    page = openpyxl.load_workbook(io.BytesIO(back)).active
    values = [[cell.value for cell in line] for line in page.iter_rows()]
    assert values[:3] == [
        ["某镇临时救助花名册", *[None] * 7],
        ["户主", None, *HEADER[2:], REASON_LABEL],
        ["姓名", "身份证号", *[None] * 6],
    ]
    assert [line[0] for line in values[3:]] == ["李四", "王五"]
    assert [line[7] for line in values[3:]] == ["身份证号：丢失；出生日期：不存在", "金额：负数"]
    assert {str(area) for area in page.merged_cells.ranges} == set(MERGED)
    assert (page["B5"].number_format, page["E4"].number_format) == ("@", "@")


def test_refused_rows_read_again_find_the_same_columns_and_problems() -> None:
    sheet = read(files.xlsx(TITLED, merged=MERGED))
    refused = {row.number: row for row in sheet.rows(today=TODAY) if row.problems}
    assert sorted(refused) == [4, 5, 6]
    again = read(sent_back(sheet, {n: [p.message for p in row.problems] for n, row in refused.items()}))
    assert again.mapping == sheet.mapping
    rows = list(again.rows(today=TODAY))
    assert [row.cells for row in rows[1:]] == [refused[5].cells, refused[6].cells]
    assert [row.problems for row in rows[1:]] == [refused[5].problems, refused[6].problems]


def test_second_round_replaces_the_reasons() -> None:
    sheet = read(files.xlsx(TITLED, merged=MERGED))
    second = read(sent_back(sheet, {5: ["旧原因"], 6: ["旧原因"]}))
    page = openpyxl.load_workbook(io.BytesIO(sent_back(second, {5: ["新原因"]}))).active
    assert [[cell.value for cell in line][7:] for line in page.iter_rows()] == [
        [None],
        [REASON_LABEL],
        [None],
        ["新原因"],
    ]


@pytest.mark.parametrize("filename", ["a.csv", "a.xls", "a.ods"])
def test_refused_rows_of_other_formats_come_back_as_xlsx(filename: str) -> None:
    rows = [HEADER, ["=1+1", ZHANG, "2020-02-30"]]
    data = {
        "a.csv": "".join(",".join(map(str, row)) + "\n" for row in rows).encode("gb18030"),
        "a.xls": files.xls(rows),
        "a.ods": files.ods(rows),
    }[filename]
    again = read(sent_back(read(data, filename), {2: ["出生日期：不存在"]}))
    (row,) = again.rows(today=TODAY)
    assert (row.cells["name"], row.cells["id_number"]) == ("=1+1", ZHANG)
    assert Kind.DATE in {column.kind for column in again.columns if column.key in again.mapping}


def test_sheet_name_that_xlsx_does_not_allow_is_shortened() -> None:
    sheet = read(files.ods([HEADER, ["张三", ZHANG]], sheet="2020/3月:" + "名" * 40), "a.ods")
    assert read(sent_back(sheet, {2: ["x"]})).name == "20203月" + "名" * 25


def test_birth_before_the_first_day_of_excel_is_written_as_text() -> None:
    (row,) = read(xlsx_of([{**ROW, "born_on": date(1899, 12, 31)}])).rows(today=TODAY)
    assert row.cells["born_on"] == date(1899, 12, 31)
