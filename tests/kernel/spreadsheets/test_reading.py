"""Sheets as townships send them."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest
import xlwt

from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Sheet, Skip, read_sheet
from tests.kernel.numbers import id_number
from tests.kernel.spreadsheets import files
from tests.kernel.spreadsheets.files import COLUMNS, HEADER

TODAY = date(2020, 3, 18)
ZHANG = id_number(date(1980, 1, 1), 148)
LI = id_number(date(1990, 2, 2), 231)
PLAIN = [
    HEADER,
    ["张三", ZHANG, "1980-01-01", 1200, "6222020200012345678", "是", "独居"],
    ["李四", LI, "1990-02-02", 800.5, "6222020200012345679", "否", None],
]
PLAIN_CELLS = [
    {
        "name": "张三",
        "id_number": ZHANG,
        "born_on": date(1980, 1, 1),
        "amount": 120_000,
        "account": "6222020200012345678",
        "is_dibao": True,
        "remark": "独居",
    },
    {
        "name": "李四",
        "id_number": LI,
        "born_on": date(1990, 2, 2),
        "amount": 80_050,
        "account": "6222020200012345679",
        "is_dibao": False,
        "remark": None,
    },
]


def read(data: bytes, filename: str = "名单.xlsx", **options: object) -> Sheet:
    columns = options.pop("columns", COLUMNS)
    return read_sheet(io.BytesIO(data), filename=filename, columns=columns, **options)  # type: ignore[arg-type]


def cells(sheet: Sheet) -> list[dict[str, object]]:
    rows = list(sheet.rows(today=TODAY))
    assert [row.problems for row in rows] == [()] * len(rows)
    return [dict(row.cells) for row in rows]


def csv_text(rows: list[list[object]], delimiter: str = ",") -> str:
    return "".join(delimiter.join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in rows)


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("名单.xlsx", files.xlsx(PLAIN)),
        ("名单.xls", files.xls(PLAIN)),
        ("名单.ods", files.ods(PLAIN)),
        ("名单.csv", csv_text(PLAIN).encode("utf-8")),
        ("名单.csv", csv_text(PLAIN).encode("utf-8-sig")),
        ("名单.csv", csv_text(PLAIN).encode("gb18030")),
        ("名单.csv", csv_text(PLAIN, ";").encode("gb18030")),
        ("名单.txt", csv_text(PLAIN, "\t").encode("utf-16")),
    ],
)
def test_same_rows_come_out_of_every_format(filename: str, data: bytes) -> None:
    sheet = read(data, filename)
    assert cells(sheet) == PLAIN_CELLS
    assert cells(sheet) == PLAIN_CELLS  # again from the start
    assert [row.number for row in sheet.rows(today=TODAY)] == [2, 3]


def test_rows_and_columns_before_the_table_keep_excels_row_numbers() -> None:
    rows = [[], [], *[[None, None, *row] for row in PLAIN]]
    sheet = read(files.xlsx(rows))
    assert cells(sheet) == PLAIN_CELLS
    assert [row.number for row in sheet.rows(today=TODAY)] == [4, 5]
    assert sheet.mapping["name"] == 2


def test_header_is_found_under_merged_titles() -> None:
    rows = [["某镇2020年3月临时救助花名册"], ["填报单位：某镇", None, None, "单位：元"], *PLAIN]
    sheet = read(files.xlsx(rows, merged=["A1:G1", "A2:C2"]))
    assert (sheet.header.top, sheet.header.bottom) == (2, 2)
    assert cells(sheet) == PLAIN_CELLS


@pytest.mark.parametrize("as_xlsx", [True, False])
def test_header_of_two_rows_is_composed(as_xlsx: bool) -> None:
    columns = (
        Column("head", "户主姓名", required=True, kind=Kind.NAME),
        Column("head_id", "户主身份证号", required=True, kind=Kind.ID_NUMBER),
        Column("wage", "家庭收入工资", ("收入工资",), kind=Kind.AMOUNT),
        Column("village", "村", kind=Kind.TEXT),
    )
    rows = [
        ["某县底册"],
        ["村", "户主", None, "家庭收入", None],
        [None, "姓名", "身份证号", "工资", "其他"],
        ["王家村", "张三", ZHANG, 1200, 5],
    ]
    if as_xlsx:
        data, name = files.xlsx(rows, merged=["A1:E1", "A2:A3", "B2:C2", "D2:E2"]), "a.xlsx"
    else:
        data, name = csv_text(rows).encode(), "a.csv"
    sheet = read(data, name, columns=columns)
    assert cells(sheet) == [{"head": "张三", "head_id": ZHANG, "wage": 120_000, "village": "王家村"}]
    assert sheet.header.labels[4] == "家庭收入其他"


def test_second_header_row_without_names_of_ours_is_not_data() -> None:
    rows = [["姓名", "身份证号", "收入", None], [None, None, "工资", "其他"], ["张三", ZHANG, 1, 2]]
    merged = files.xlsx(rows, merged=["A1:A2", "B1:B2", "C1:D1"])
    assert [row.number for row in read(merged).rows(today=TODAY)] == [3]
    plain = read(csv_text(rows).encode(), "a.csv")
    assert [row.number for row in plain.rows(today=TODAY)] == [3]


def test_labels_match_through_decoration() -> None:
    labels = ["＊姓 名", "身份证\n号码（18位）", "1.出生日期", "补助金额(元)", "一卡通账号", "是否低保", "备注："]
    assert set(read(files.xlsx([labels, *PLAIN[1:]])).mapping) == {column.key for column in COLUMNS}


def test_first_of_two_columns_with_one_name_is_taken_and_the_other_shown() -> None:
    sheet = read(files.xlsx([["姓名", "身份证号", "姓名"], ["张三", ZHANG, "李四"]]))
    assert (sheet.mapping["name"], sheet.header.unmatched) == (0, (2,))


def test_mapping_is_corrected_by_hand() -> None:
    rows = [["申请人", "身份证号", "备注"], ["张三", ZHANG, "x"]]
    sheet = read(files.xlsx(rows))
    assert [column.key for column in sheet.missing] == ["name"]
    with pytest.raises(Invalid) as refused:
        next(sheet.rows(today=TODAY))
    assert refused.value.reason == "spreadsheet.missing_columns"
    corrected = read(files.xlsx(rows), mapping={"name": 0, "remark": None})
    assert cells(corrected) == [{"name": "张三", "id_number": ZHANG}]


def test_header_is_pointed_at_by_hand() -> None:
    rows = [["名", "号"], ["张三", ZHANG]]
    with pytest.raises(Invalid) as refused:
        read(files.xlsx(rows))
    assert refused.value.reason == "spreadsheet.no_header"
    sheet = read(files.xlsx(rows), header_rows=(1, 1), mapping={"name": 0, "id_number": 1})
    assert cells(sheet) == [{"name": "张三", "id_number": ZHANG}]


def test_totals_notes_blanks_and_repeated_headers_are_listed_not_read() -> None:
    rows = [
        PLAIN[0],
        [1, 2, 3, 4, 5, 6, 7],
        PLAIN[1],
        [],
        ["小 计", None, None, 1200],
        PLAIN[0],
        PLAIN[2],
        ["合计（元）", None, None, 2000.5],
        ["备注：1.本表一式三份。"],
        ["填表人：王五", None, "审核人：赵六"],
    ]
    sheet = read(files.xlsx(rows))
    assert [row.number for row in sheet.rows(today=TODAY)] == [3, 7]
    assert [(row.number, row.why) for row in sheet.skipped_rows()] == [
        (2, Skip.COLUMN_NUMBERS),
        (5, Skip.TOTAL),
        (6, Skip.HEADER),
        (8, Skip.TOTAL),
        (9, Skip.NOTE),
        (10, Skip.NOTE),
    ]


def test_row_with_an_identity_number_is_data_whatever_it_says() -> None:
    sheet = read(files.xlsx([HEADER, ["合计", ZHANG], ["说明：", LI]]))
    assert [row.cells["name"] for row in sheet.rows(today=TODAY)] == ["合计", "说明："]


def test_unit_of_bare_amounts_is_taken_from_the_header_or_the_title() -> None:
    by_header = read(files.xlsx([["姓名", "身份证号", "金额（万元）"], ["张三", ZHANG, 0.12]]))
    by_title = read(files.xlsx([["单位：万元"], ["姓名", "身份证号", "金额"], ["张三", ZHANG, 0.12]]))
    against_title = read(files.xlsx([["单位：万元"], ["姓名", "身份证号", "金额(元)"], ["张三", ZHANG, "1200"]]))
    assert [cells(sheet)[0]["amount"] for sheet in (by_header, by_title, against_title)] == [120_000] * 3


def test_each_problem_names_its_column_and_reason() -> None:
    rows = [HEADER, ["张三", int(ZHANG.replace("X", "0")), "2020-03-19", -5, "6.22202E+18", "也许", None], [None, LI]]
    first, second = read(files.xlsx(rows)).rows(today=TODAY)
    assert [(problem.column, problem.code) for problem in first.problems] == [
        ("id_number", "cell.digits_lost"),
        ("born_on", "cell.date_in_future"),
        ("amount", "cell.negative_amount"),
        ("account", "cell.digits_lost"),
        ("is_dibao", "cell.not_boolean"),
    ]
    assert first.cells == dict.fromkeys(("id_number", "born_on", "amount", "account", "is_dibao", "remark")) | {
        "name": "张三"
    }
    assert [(problem.column, problem.code, problem.message) for problem in second.problems] == [
        ("name", "cell.required", "姓名：不能为空")
    ]


def test_date_cells_of_excel_are_read() -> None:
    rows = [
        HEADER,
        ["张三", ZHANG, datetime.fromisoformat("1980-01-01T08:30")],
        ["李四", LI, date(1990, 2, 2)],
        ["王五", LI, 43891],
    ]
    found = [row.cells["born_on"] for row in read(files.xlsx(rows)).rows(today=TODAY)]
    assert found == [date(1980, 1, 1), date(1990, 2, 2), date(2020, 3, 1)]


def test_formula_saved_without_its_result_is_a_problem_and_not_a_blank() -> None:
    rows = [HEADER, ["张三", ZHANG, None, "=600*2"], ["李四", LI, None, 800, None, None, '=A2&"家"']]
    first, second = read(files.xlsx(rows)).rows(today=TODAY)
    assert [(problem.column, problem.code) for problem in first.problems] == [("amount", "cell.formula_without_value")]
    assert [(problem.column, problem.code) for problem in second.problems] == [("remark", "cell.formula_without_value")]


def test_formula_with_its_result_is_read() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>金额</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"张"&amp;"三"</f><v>张三</v></c><c r="B2"><f>600*2</f><v>1200</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>"李四"</f><v>李四</v></c><c r="B3" t="str"><f>""</f><v></v></c></row>'
    )
    data = files.with_member(files.xlsx([[]]), "xl/worksheets/sheet1.xml", files.worksheet(rows))
    columns = (COLUMNS[0], COLUMNS[3])
    assert cells(read(data, columns=columns)) == [{"name": "张三", "amount": 120_000}, {"name": "李四", "amount": None}]


def test_error_value_is_a_problem_and_not_a_blank() -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx([HEADER, ["张三", ZHANG, None, "#N/A"]])))
    book.active["D2"].data_type = "e"
    (row,) = read(files.saved(book)).rows(today=TODAY)
    assert [(problem.column, problem.code) for problem in row.problems] == [("amount", "cell.error_value")]


def test_formula_of_ods_without_its_result_is_a_problem() -> None:
    tail = (
        "<table:table-row><table:table-cell office:value-type='string'><text:p>张三</text:p></table:table-cell>"
        f"<table:table-cell office:value-type='string'><text:p>{ZHANG}</text:p></table:table-cell><table:table-cell/>"
        "<table:table-cell table:formula='of:=600*2'/></table:table-row>"
    )
    (row,) = read(files.ods([HEADER], tail=tail), "a.ods").rows(today=TODAY)
    assert [(problem.column, problem.code) for problem in row.problems] == [("amount", "cell.formula_without_value")]


def test_sheet_that_names_the_columns_is_chosen_and_hidden_ones_are_not() -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx(PLAIN, sheet="名单")))
    cover = book.create_sheet("封面", 0)
    cover["A1"] = "某镇"
    hidden = book.create_sheet("旧名单")
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    sheet = read(files.saved(book))
    assert (sheet.name, sheet.sheet_names) == ("名单", ("封面", "名单"))
    with pytest.raises(Invalid) as refused:
        read(files.saved(book), sheet="没有")
    assert refused.value.reason == "spreadsheet.no_such_sheet"


def test_two_columns_that_answer_to_one_name_are_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="names both"):
        read(files.xlsx(PLAIN), columns=(Column("a", "姓名"), Column("b", "户主", ("姓 名",))))


def test_prefixed_worksheet_is_read_with_its_holes() -> None:
    """Some libraries write every element with a prefix."""
    rows = (
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c>'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>金额</x:t></x:is></x:c></x:row>'
        '<x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>张三</x:t></x:is></x:c>'
        '<x:c r="B2"><x:f>600*2</x:f></x:c></x:row>'
        '<x:row r="3"><x:c r="A3" t="inlineStr"><x:is><x:t>李四</x:t></x:is></x:c>'
        '<x:c t="e" r="B3"><x:v>#N/A</x:v></x:c></x:row>'
    )
    part = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<x:sheetData>{rows}</x:sheetData></x:worksheet>"
    )
    data = files.with_member(files.xlsx([[]]), "xl/worksheets/sheet1.xml", part.encode())
    found = read(data, columns=(COLUMNS[0], COLUMNS[3])).rows(today=TODAY)
    assert [(row.cells["name"], [problem.code for problem in row.problems]) for row in found] == [
        ("张三", ["cell.formula_without_value"]),
        ("李四", ["cell.error_value"]),
    ]


def test_error_value_of_xls_is_a_problem_and_not_a_blank() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("名单")
    for position, label in enumerate(HEADER):
        page.write(0, position, label)
    page.row(1).set_cell_text(0, "张三")
    page.row(1).set_cell_text(1, ZHANG)
    page.row(1).set_cell_error(3, "#REF!")
    buffer = io.BytesIO()
    book.save(buffer)
    (row,) = read(buffer.getvalue(), "a.xls").rows(today=TODAY)
    assert [(problem.column, problem.code) for problem in row.problems] == [("amount", "cell.error_value")]
