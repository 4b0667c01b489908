"""Township lists as tests need them: rows for `tests.kernel.spreadsheets.files`, and a large file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import xlsxwriter

from tests.factories import id_number

HEADER = (
    "序号", "户号", "村（社区）", "姓名", "身份证号码", "与户主关系", "性别", "联系电话", "健康状况", "月收入", "开户行",
    "一卡通账号", "备注",
)  # fmt: skip
VILLAGE = "解家沿村委会"
"""The village GUDI_VILLAGE, as the area tree names it."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
_GIVEN = "建国秀英桂兰永福玉珍德海春生淑芬志强宝珠"


def person_row(
    household: str,
    name: str,
    number: str,
    relation: str = "户主",
    *,
    village: str = VILLAGE,
    phone: object = "13800001111",
    health: str = "健康",
    income: object = "1,200元",
    bank: str = "农村商业银行",
    account: object = "6217001234567890123",
) -> list[object]:
    """A row under HEADER."""
    sex = "" if len(number) < 18 else "男" if int(number[16]) % 2 else "女"
    return ["", household, village, name, number, relation, sex, phone, health, income, bank, account, ""]


def numbered(position: int) -> str:
    """A valid ID number for each position, all different."""
    return id_number(date(1940, 1, 1) + timedelta(days=position // 900), position % 900 + 10)


def large_rows(count: int) -> Iterator[list[object]]:
    """`count` person rows, two or three a household."""
    household = 0
    left = 0
    for position in range(count):
        if left == 0:
            household += 1
            left = 2 + household % 2
            relation = "户主"
        else:
            relation = "配偶" if relation == "户主" else "子女"
        left -= 1
        name = _SURNAMES[position % 20] + _GIVEN[position // 20 % 20] + _GIVEN[position // 400 % 20]
        yield person_row(
            str(household),
            name,
            numbered(position),
            relation,
            phone=f"138{position:08d}",
            income=800 + position % 700,
            account=f"62170012345{position:08d}",
        )


def large_xlsx(count: int) -> bytes:
    """A workbook of `count` person rows, written in a stream."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("家庭")
        sheet.write_row(0, 0, HEADER)
        for position, row in enumerate(large_rows(count), 1):
            sheet.write_row(position, 0, row)
    return buffer.getvalue()
