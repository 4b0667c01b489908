"""Files that are broken, huge, hostile or no spreadsheets at all."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile

import pytest

from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Limits, Sheet, read_sheet
from tests.kernel.spreadsheets import files
from tests.kernel.spreadsheets.files import COLUMNS, HEADER

GOOD = files.xlsx([HEADER, ["张三"]])
GOOD_ODS = files.ods([HEADER, ["张三"]])
GOOD_XLS = files.xls([HEADER, ["张三"]])


def read(data: bytes, filename: str = "名单.xlsx", limits: Limits | None = None) -> Sheet:
    return read_sheet(io.BytesIO(data), filename=filename, columns=COLUMNS, limits=limits or Limits())


def reason_of(data: bytes, filename: str = "名单.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(Invalid) as refused:
        read(data, filename, limits)
    return refused.value.reason


def test_good_files_of_these_tests_are_read() -> None:
    for data, name in ((GOOD, "a.xlsx"), (GOOD_ODS, "a.ods"), (GOOD_XLS, "a.xls")):
        assert read(data, name).mapping["name"] == 0


@pytest.mark.parametrize(
    ("data", "filename", "reason"),
    [
        (b"", "a.xlsx", "spreadsheet.empty_file"),
        (b"%PDF-1.7 ...", "a.xlsx", "spreadsheet.wrong_type"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "spreadsheet.wrong_type"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "a.xls", "spreadsheet.wrong_type"),
        (b"\xef\xbb\xbf<html></html>", "a.csv", "spreadsheet.wrong_type"),
        (files.zipped({"word/document.xml": b"<x/>"}), "a.xlsx", "spreadsheet.wrong_type"),
        (GOOD[: len(GOOD) // 2], "a.xlsx", "spreadsheet.broken"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "spreadsheet.broken"),
        (GOOD_XLS[:2048], "a.xls", "spreadsheet.broken"),
        (GOOD_XLS[:512] + b"\xff" * 4096, "a.xls", "spreadsheet.broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "spreadsheet.broken"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "spreadsheet.encrypted",
        ),
        (b"a,b\n\xff\xff\xff\xff", "a.csv", "spreadsheet.unknown_encoding"),
        (b"a,b\n\0\0\0", "a.csv", "spreadsheet.broken"),
        (files.with_member(GOOD, "xl/worksheets/sheet1.xml", b"<worksheet><sheet"), "a.xlsx", "spreadsheet.broken"),
        (files.with_member(GOOD, "xl/workbook.xml", b"<workbook"), "a.xlsx", "spreadsheet.broken"),
        (
            files.with_member(GOOD, "xl/worksheets/sheet1.xml", files.worksheet("").decode().encode("utf-16")),
            "a.xlsx",
            "spreadsheet.broken",
        ),
        (files.with_member(GOOD_ODS, "content.xml", b"<office:"), "a.ods", "spreadsheet.broken"),
        (
            files.with_member(GOOD_ODS, "content.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'),
            "a.ods",
            "spreadsheet.broken",
        ),
    ],
)
def test_unreadable_file_is_refused_with_its_reason(data: bytes, filename: str, reason: str) -> None:
    assert reason_of(data, filename) == reason


def test_every_cut_of_a_good_file_is_refused() -> None:
    for data, name in ((GOOD, "a.xlsx"), (GOOD_ODS, "a.ods")):
        for length in range(4, len(data), 97):
            assert reason_of(data[:length], name) == "spreadsheet.broken"


def test_file_larger_than_the_limit_is_refused() -> None:
    assert read(GOOD, limits=Limits(file_bytes=len(GOOD))).mapping["name"] == 0
    assert reason_of(GOOD, limits=Limits(file_bytes=len(GOOD) - 1)) == "spreadsheet.file_too_large"


def test_zip_bomb_is_refused_by_what_it_really_inflates_to() -> None:
    bomb = files.with_member(GOOD, "xl/media/image1.png", b"\0" * (20 << 20))
    assert len(bomb) < 100_000
    assert reason_of(bomb, limits=Limits(inflated_bytes=10 << 20)) == "spreadsheet.inflated_too_large"


def test_zip_bomb_that_declares_a_small_size_is_refused() -> None:
    """Readers that trust the directory stop at the declared size; the parser would not."""
    bomb = bytearray(files.with_member(GOOD, "xl/media/image1.png", b"\0" * (20 << 20)))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo("xl/media/image1.png").file_size
    lying = bytes(bomb).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != bytes(bomb)
    assert reason_of(lying, limits=Limits(inflated_bytes=10 << 20)) == "spreadsheet.inflated_too_large"
    assert reason_of(lying) == "spreadsheet.broken"


def test_sum_of_many_members_is_what_counts() -> None:
    data = GOOD
    for count in range(5):
        data = files.with_member(data, f"xl/media/{count}.png", b"\0" * (3 << 20))
    assert reason_of(data, limits=Limits(inflated_bytes=10 << 20)) == "spreadsheet.inflated_too_large"


HEAD_ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<row r="600000"><c r="A600000"><v>1</v></c></row>', "spreadsheet.too_many_rows"),
        ('<row r="2"><c r="XFD2"><v>1</v></c></row>', "spreadsheet.too_many_columns"),
        ('<row r="2"><c s="1" r = \'XFD2\'><v>1</v></c></row>', "spreadsheet.too_many_columns"),
        ('<row r="199999"><c r="CV199999"><v>1</v></c></row>', "spreadsheet.too_many_cells"),
        ("<row><c><v>1</v></c></row>", "spreadsheet.broken"),
    ],
)
def test_far_cell_that_would_make_the_parser_build_a_huge_table_is_refused(rows: str, reason: str) -> None:
    data = files.with_member(GOOD, "xl/worksheets/sheet1.xml", files.worksheet(HEAD_ROW + rows))
    assert reason_of(data) == reason


def test_far_cells_that_only_have_a_format_do_no_harm() -> None:
    rows = '<row r="2"><c r="XFD2" s="0"/></row><row r="1048576"><c r="A1048576" s="0"></c></row>'
    data = files.with_member(GOOD, "xl/worksheets/sheet1.xml", files.worksheet(HEAD_ROW + rows))
    assert read(data).height == 0


def test_text_that_every_cell_repeats_is_refused() -> None:
    long_text = "长" * 10_000
    strings = f'<sst xmlns="x"><si><t>姓名</t></si><si><t>{long_text}</t></si></sst>'.encode()
    rows = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>1</v></c></row>' for at in range(2, 200))
    data = files.with_member(GOOD, "xl/worksheets/sheet1.xml", files.worksheet(HEAD_ROW + rows))
    data = files.with_member(data, "xl/sharedStrings.xml", strings)
    assert reason_of(data, limits=Limits(text_characters=1_500_000)) == "spreadsheet.inflated_too_large"


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (
            "<table:table-row table:number-rows-repeated='1000000'><table:table-cell office:value-type='float' "
            "office:value='1'/></table:table-row>",
            "spreadsheet.too_many_rows",
        ),
        (
            "<table:table-row><table:table-cell table:number-columns-repeated='16384' office:value-type='float' "
            "office:value='1'/></table:table-row>",
            "spreadsheet.too_many_columns",
        ),
    ],
)
def test_repeated_cells_of_ods_are_counted(tail: str, reason: str) -> None:
    assert reason_of(files.ods([HEADER], tail=tail), "a.ods") == reason


def test_repeated_blanks_at_the_end_of_ods_do_no_harm() -> None:
    tail = (
        "<table:table-row table:number-rows-repeated='1048570'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
    )
    assert read(files.ods([HEADER], tail=tail), "a.ods").mapping["name"] == 0


def test_fault_deep_in_a_csv_file_is_found_before_any_row_is_given() -> None:
    data = ("姓名\n" + "张三\n" * 50).encode()
    assert reason_of(data, "a.csv", Limits(rows=50)) == "spreadsheet.too_many_rows"
    assert read(data, "a.csv", Limits(rows=51)).height == 50
    assert reason_of(data + b"x" * 200_000, "a.csv") == "spreadsheet.broken"


@pytest.mark.parametrize(
    ("record", "byte", "value"),
    [
        (b"\x85\x00", 3, 2),  # BOUNDSHEET: where the sheet begins; the parser panics
        (b"\x00\x02\x0e\x00", 3, 1),  # DIMENSION: the first row; the parser asks for a terabyte, which ends its process
    ],
)
def test_damaged_xls_that_ends_the_parsers_process_is_refused(record: bytes, byte: int, value: int) -> None:
    damaged = bytearray(GOOD_XLS)
    damaged[damaged.index(record) + 4 + byte] = value
    assert reason_of(bytes(damaged), "a.xls") == "spreadsheet.broken"


@pytest.mark.parametrize("seed", range(60))
def test_damaged_file_is_read_or_refused_and_never_a_crash(seed: int) -> None:
    chance = random.Random(seed)
    data, name = chance.choice([(GOOD, "a.xlsx"), (GOOD_ODS, "a.ods"), (GOOD_XLS, "a.xls")])
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    with contextlib.suppress(Invalid):
        list(read(bytes(damaged), name).grid.rows())


@pytest.mark.parametrize("seed", range(60))
def test_damaged_part_of_a_sound_zip_is_read_or_refused_and_never_a_crash(seed: int) -> None:
    chance = random.Random(seed)
    data, name, member = chance.choice(
        [
            (GOOD, "a.xlsx", "xl/worksheets/sheet1.xml"),
            (GOOD, "a.xlsx", "xl/workbook.xml"),
            (GOOD_ODS, "a.ods", "content.xml"),
        ]
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = bytearray(archive.read(member))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(part))
        part[at : at + chance.randint(0, 3)] = chance.choice([b"<", b">", b'"', b"", b"A", b"999999", b"</c>"])
    with contextlib.suppress(Invalid):
        list(read(files.with_member(data, member, bytes(part)), name).grid.rows())
