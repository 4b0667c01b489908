"""What people type in cells, and what it must become."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Hole
from shouwang.kernel.spreadsheets.cells import (
    WAN_YUAN,
    Cell,
    read_amount,
    read_boolean,
    read_code,
    read_count,
    read_date,
    read_id_number,
    read_name,
    read_text,
)
from shouwang.kernel.spreadsheets.numerals import parse_numeral
from tests.kernel.numbers import id_number

TODAY = date(2020, 3, 18)
FIRST_OF_MARCH = date(2020, 3, 1)


def reason_of(read: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as refused:
        read()
    return refused.value.reason


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  某村 3号楼\n２单元，Ａ座 ", "某村 3号楼 2单元，A座"),
        ("\u3000张三\ufeff\u200b", "张三"),
        ("", None),
        (" \t ", None),
        (None, None),
        (12.0, "12"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        (True, "是"),
        (FIRST_OF_MARCH, "2020-03-01"),
        (datetime.fromisoformat("2020-03-01T08:30"), "2020-03-01 08:30"),
        (time(8, 30), "08:30:00"),
    ],
)
def test_text(typed: Cell, text: str | None) -> None:
    assert read_text(typed) == text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张 三", "张三"),
        ("欧阳\u3000 娜 娜", "欧阳娜娜"),
        ("阿布都 • 热合曼", "阿布都·热合曼"),
        ("古丽．米娜", "古丽·米娜"),
        ("买买提·艾力 江", "买买提·艾力 江"),
        ("Anna  Maria", "Anna Maria"),
        ("𠮷 田", "𠮷田"),
        ("龘﨑", "龘﨑"),
    ],
)
def test_name(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("6222 0202 0001 2345 678", "6222020200012345678"),
        ("'0536123456", "0536123456"),
        ('="0536123456"', "0536123456"),
        ("１３８００１３８０００", "13800138000"),
        (13800138000.0, "13800138000"),
        (999_999_999_999_999, "999999999999999"),
    ],
)
def test_code(typed: Cell, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize(
    "typed", [3.70723e17, 370703198001011486.0, 10**15, "3.70723E+17", "3.7E17", "３.７０７２３ｅ＋１７"]
)
def test_number_whose_last_digits_excel_lost_is_refused(typed: Cell) -> None:
    assert reason_of(lambda: read_code(typed)) == "cell.digits_lost"
    assert reason_of(lambda: read_id_number(typed, today=TODAY)) == "cell.digits_lost"


def test_lost_digits_are_explained_with_what_to_do() -> None:
    with pytest.raises(Invalid, match="单元格格式设为“文本”"):
        read_code(3.70723e17)


def test_id_number() -> None:
    number = id_number(date(1949, 12, 31), 2)
    assert read_id_number(f" {number[:6]} {number[6:14]} {number[14:].lower()}", today=TODAY) == number
    assert read_id_number("", today=TODAY) is None
    assert reason_of(lambda: read_id_number(370703800101148.0, today=TODAY)) == "id.old_15"


@pytest.mark.parametrize(
    "typed",
    [
        FIRST_OF_MARCH,
        datetime.fromisoformat("2020-03-01T23:59"),
        "2020-3-1",
        "2020-03-01",
        "2020/3/1",
        "2020.3.1",
        "2020．３．１",
        "2020年3月1日",
        "2020 年 3 月 1 日",
        "2020年03月01",
        "20200301",
        20200301,
        20200301.0,
        43891,
        43891.0,
        43891.5,
        "43891",
        "二〇二〇年三月一日",
        "二○二○年三月一日",
        "2020-3-1 08:30",
        "2020-03-01T08:30:00",
    ],
)
def test_date(typed: Cell) -> None:
    assert read_date(typed, today=TODAY) == FIRST_OF_MARCH


@pytest.mark.parametrize(
    ("typed", "found"),
    [("一九八〇年十二月三十一日", date(1980, 12, 31)), ("二〇〇〇年二月二十九日", date(2000, 2, 29)), ("", None)],
)
def test_other_dates(typed: str, found: date | None) -> None:
    assert read_date(typed, today=TODAY) == found


@pytest.mark.parametrize(
    "typed",
    [
        "2020-2-30", "2019年2月29日", "20201301", "2020.3", 2020.3, "2020", 2020, "20-3-1", "3/1/2020", "2020-3/1",
        "1000-1-1", "去年", "2020年三月1日", "二〇二〇年十三月一日", -5, 1.5,
    ],
)  # fmt: skip
def test_what_is_not_one_real_date_is_refused(typed: Cell) -> None:
    assert reason_of(lambda: read_date(typed, today=TODAY)) == "cell.not_date"


def test_date_after_today_is_refused_unless_it_may_be_future() -> None:
    assert read_date("2020-03-18", today=TODAY) == TODAY
    assert reason_of(lambda: read_date("2020-03-19", today=TODAY)) == "cell.date_in_future"
    assert read_date("2020-03-19", today=TODAY, may_be_future=True) == date(2020, 3, 19)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        (1200, 120_000),
        (1200.0, 120_000),
        (1200.5, 120_050),
        (0.29, 29),
        (1.1 * 3, 330),
        ("1200", 120_000),
        ("1,200元", 120_000),
        ("１，２００．５０", 120_050),
        ("￥1200.50", 120_050),
        ("¥ 1,234,567.89", 123_456_789),
        ("0.12万元", 120_000),
        ("1.234567万", 1_234_567),
        (".5", 50),
        ("1200.", 120_000),
        ("1200.500", 120_050),
        ("人民币1200元整", 120_000),
        ("壹仟贰佰元整", 120_000),
        ("人民币壹万零贰佰叁拾元伍角陆分", 1_023_056),
        ("壹佰元零伍分", 10_005),
        ("0", 0),
        ("", None),
    ],
)
def test_amount(typed: Cell, fen: int | None) -> None:
    assert read_amount(typed) == fen


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (-5, "cell.negative_amount"),
        ("-1,200.00", "cell.negative_amount"),
        ("−5", "cell.negative_amount"),
        ("(1,200)", "cell.negative_amount"),
        ("￥-5", "cell.negative_amount"),
        ("1.005", "cell.below_fen"),
        (1 / 3, "cell.below_fen"),
        ("0.0000001万元", "cell.below_fen"),
        ("99999999999999", "cell.amount_too_large"),
        ("1,20", "cell.not_amount"),
        ("1,2000", "cell.not_amount"),
        ("1.2.3", "cell.not_amount"),
        ("约1200", "cell.not_amount"),
        ("1200元/月", "cell.not_amount"),
        ("壹佰伍元", "cell.not_amount"),
        ("元", "cell.not_amount"),
        (".", "cell.not_amount"),
        ("nan", "cell.not_amount"),
        (float("inf"), "cell.digits_lost"),
        (float("nan"), "cell.not_amount"),
    ],
)
def test_amount_that_is_not_exact_or_negative_is_refused(typed: Cell, reason: str) -> None:
    assert reason_of(lambda: read_amount(typed)) == reason


def test_unit_of_the_column_counts_only_for_bare_numbers() -> None:
    assert read_amount("0.12", unit=WAN_YUAN) == 120_000
    assert read_amount(0.12, unit=WAN_YUAN) == 120_000
    assert read_amount("1200元", unit=WAN_YUAN) == 120_000


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("是", True),
        ("√", True),
        ("有", True),
        (1.0, True),
        (True, True),
        ("否", False),
        ("×", False),
        (0, False),
        ("", None),
    ],
)
def test_boolean(typed: Cell, answer: bool | None) -> None:
    assert read_boolean(typed) is answer


@pytest.mark.parametrize(("typed", "count"), [("3人", 3), (3.0, 3), ("３", 3), ("叁", 3), ("十二", 12), ("0", 0)])
def test_count(typed: Cell, count: int) -> None:
    assert read_count(typed) == count


@pytest.mark.parametrize("typed", ["-1", -1, 2.5, "两三人", "三五"])
def test_what_is_no_whole_number_is_refused(typed: Cell) -> None:
    assert reason_of(lambda: read_count(typed)) == "cell.not_count"


def test_holes_are_refused_by_every_reader() -> None:
    for read in (read_text, read_name, read_code, read_boolean, read_count, read_amount):
        assert reason_of(lambda: read(Hole.FORMULA)) == "cell.formula_without_value"  # noqa: B023
        assert reason_of(lambda: read(Hole.ERROR)) == "cell.error_value"  # noqa: B023
    assert reason_of(lambda: read_date(Hole.ERROR, today=TODAY)) == "cell.error_value"
    assert reason_of(lambda: read_id_number(Hole.ERROR, today=TODAY)) == "cell.error_value"


@given(st.integers(0, 10**12))
def test_every_amount_of_fen_survives_every_way_of_writing_it(fen: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    assert read_amount(text) == fen
    assert read_amount(f"￥{fen // 100:,}.{fen % 100:02d}元") == fen
    assert read_amount(f"{fen // 10**6}.{fen % 10**6:06d}万元") == fen
    assert read_amount(float(text)) == fen


@given(st.dates(date(1900, 3, 1), TODAY))
def test_every_date_survives_every_way_of_writing_it(day: date) -> None:
    texts = (
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    )
    assert [read_date(text, today=TODAY) for text in texts] == [day] * 4


@given(st.dates(date(1927, 5, 18), TODAY))
def test_every_day_number_of_excel_is_its_date(day: date) -> None:
    assert read_date((day - date(1899, 12, 30)).days, today=TODAY) == day


CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text("0123456789.,-+元万年月日 Ee壹拾佰仟零〇二三", max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.sampled_from(Hole),
)


@given(CELLS)
def test_no_cell_makes_a_reader_crash(typed: Cell) -> None:
    readers: list[Callable[[], object]] = [
        lambda: read_text(typed),
        lambda: read_name(typed),
        lambda: read_code(typed),
        lambda: read_boolean(typed),
        lambda: read_count(typed),
        lambda: read_amount(typed),
        lambda: read_date(typed, today=TODAY),
        lambda: read_id_number(typed, today=TODAY),
    ]
    for read in readers:
        with contextlib.suppress(Invalid):
            read()


@given(st.text())
def test_reading_twice_changes_nothing(typed: str) -> None:
    for read in (read_text, read_name):
        once = read(typed)
        assert read(once) == once


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("二十三", 23),
        ("一百零五", 105),
        ("壹仟零伍拾", 1050),
        ("贰拾万零伍佰", 200_500),
        ("一亿零三", 100_000_003),
    ],
)
def test_numeral(text: str, value: int) -> None:
    assert parse_numeral(text) == value


@pytest.mark.parametrize(
    "text", ["", "一百五", "一万五", "二三", "百", "零五", "一百零零五", "一十百", "万", "五万三亿", "abc"]
)
def test_numeral_that_is_not_how_its_value_is_written_is_refused(text: str) -> None:
    assert parse_numeral(text) is None
