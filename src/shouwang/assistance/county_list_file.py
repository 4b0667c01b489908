"""A county's workbook of recipients or of payments already made: its columns, and what its rows say.

Guarantees: a row is read whole or has its reasons; nothing is guessed: a month, a day or a number of persons that the
sheet does not say comes from what the officer said with the file, else it is a reason. A row without ID number names its
person by name and birth date. A sheet in which ID number, name
or amount is not found gives no row before a person has said which column it is. Refuses more rows than a request can
carry.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Limits, Sheet, read_sheet
from shouwang.kernel.spreadsheets.reading import Row, Value

from .states import Door

LIMITS: Final = Limits(file_bytes=8 << 20)
_ROWS_MAX: Final = 10_000
"""What is checked while the officer waits: the largest county of the demo has 7,300 households."""

_ID_NUMBER = Column(
    "id_number",
    "身份证号",
    (
        "身份证号码", "身份证", "公民身份号码", "公民身份证号码", "居民身份证号码", "证件号码", "证件号", "身份号码",
        "户主身份证号", "户主身份证号码", "户主身份证", "户主证件号码", "本人身份证号", "本人身份证号码",
        "申请人身份证号", "申请人身份证号码", "保障对象身份证号", "保障对象身份证号码", "领款人身份证号",
        "残疾人身份证号", "残疾人身份证号码", "儿童身份证号", "儿童身份证号码", "老年人身份证号", "老年人身份证号码",
    ),
    required=True,
    kind=Kind.ID_NUMBER,
)  # fmt: skip
_NAME = Column(
    "name",
    "姓名",
    (
        "户主姓名", "户主", "户主或本人", "户主/本人", "本人姓名", "申请人姓名", "申请人", "保障对象", "保障对象姓名",
        "对象姓名", "救助对象姓名", "领款人", "领款人姓名", "户主名称", "残疾人姓名", "儿童姓名", "老年人姓名", "老人姓名",
    ),
    required=True,
    kind=Kind.NAME,
)  # fmt: skip
_WITHOUT_NUMBER = (
    Column("birth_on", "出生日期", ("出生年月日", "生日", "出生时间", "出生年月"), kind=Kind.DATE),
    Column(
        "village",
        "村（社区）",
        (
            "村", "村社区", "村(居)", "村居", "村名", "村庄", "社区", "所在村", "所属村", "所在村居", "所属村居", "行政村",
            "所在村(社区)", "村(社区)名称", "村委会", "居委会", "居住村", "居住地",
        ),
    ),
    Column("head_name", "所在户户主", ("所在户户主姓名", "家庭户主", "家庭户主姓名", "所属户主"), kind=Kind.NAME),
)  # fmt: skip
"""What says who is meant where there is no ID number. With one they are not read: the number says it."""
_WITHOUT_NUMBER_KEYS = frozenset(column.key for column in _WITHOUT_NUMBER)

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    Door.TAKE_OVER: (
        _ID_NUMBER,
        _NAME,
        Column(
            "amount",
            "月发放金额",
            (
                "每月金额", "月保障金额", "月保障金", "月救助金额", "月救助金", "月补助金额", "月补助金", "月发放额",
                "月金额", "保障金额", "保障金", "低保金", "低保金额", "月低保金", "供养金", "月供养金", "发放金额",
                "发放合计", "金额", "月补贴金额", "月补贴", "补贴标准", "补贴金额", "月津贴", "津贴标准", "津贴金额",
                "基本生活费", "月基本生活费",
            ),
            required=True,
            kind=Kind.AMOUNT,
        ),
        Column(
            "month",
            "起始月",
            (
                "起始月份", "起始年月", "享受起始月", "享受起始年月", "享受起始时间", "享受时间", "开始月份", "开始年月",
                "起始时间", "起始日期", "保障起始时间", "执行月份", "起保时间",
            ),
        ),
        *_WITHOUT_NUMBER,
    ),
    Door.HISTORY: (
        _ID_NUMBER,
        _NAME,
        Column(
            "amount",
            "发放金额",
            (
                "金额", "实发金额", "发放合计", "补贴金额", "保障金额", "保障金", "低保金", "低保金额", "供养金",
                "月发放金额", "发放额", "津贴金额", "基本生活费",
            ),
            required=True,
            kind=Kind.AMOUNT,
        ),
        Column("month", "发放月份", ("所属月份", "发放年月", "所属年月", "月份", "年月", "补贴月份", "保障月份")),
        Column(
            "paid_on",
            "发放日期",
            ("到账日期", "支付日期", "入账日期", "发放时间", "到账时间", "打卡日期"),
            kind=Kind.DATE,
        ),
        Column(
            "person_count",
            "保障人数",
            ("人数", "享受人数", "补贴人数", "家庭人口", "保障人口", "享受人口", "发放人数"),
            kind=Kind.COUNT,
        ),
        *_WITHOUT_NUMBER,
    ),
}  # fmt: skip

_MONTH = re.compile(r"(\d{4})(?:(\d{2})(?:\d{2})?|[-./年](\d{1,2})月?(?:[-./]?\d{1,2}日?)?)")


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row as it was sent. `month` is the first of one; `person_count` None where the sheet does not say.

    `id_number` empty: `birth_on` is there, and `village` and `head_name` where the sheet says them.
    """

    number: int
    id_number: str
    name: str
    amount_fen: int
    month: date
    paid_on: date | None
    person_count: int | None
    birth_on: date | None
    village: str
    head_name: str


@dataclass(frozen=True, slots=True)
class ReadList:
    """`reasons` by row number, for the rows that cannot be read; `missing` says in words which columns are lacking."""

    sheet: Sheet
    rows: tuple[ListedRow, ...]
    reasons: dict[int, list[str]]
    skipped: tuple[str, ...]
    missing: str = ""


def read_list(
    content: bytes,
    file_name: str,
    *,
    door: str,
    month: date | None,
    paid_on: date | None,
    mapping: Mapping[str, int] | None = None,
) -> ReadList:
    """The rows of a workbook. `month` and `paid_on` stand where a row says none; `mapping` says which columns a person
    chose (position from 0). Raises Invalid for the file as a whole."""
    columns = COLUMNS[door]
    chosen = {column.key: mapping.get(column.key) for column in columns} if mapping is not None else None
    sheet = read_sheet(io.BytesIO(content), filename=file_name, columns=columns, mapping=chosen, limits=LIMITS)
    if sheet.missing:
        labels = "、".join(column.label for column in sheet.missing)
        missing = _("表中没有找到这些列：%(labels)s。请在下面指定它们是哪一列。") % {"labels": labels}
        return ReadList(sheet, (), {}, (), missing)
    if sheet.height > _ROWS_MAX:
        raise Invalid(
            _("名单有 %(rows)s 行，一次最多 %(limit)s 行，请按乡镇分开上传")
            % {"rows": sheet.height, "limit": _ROWS_MAX},
            reason="list.too_long",
        )
    rows: list[ListedRow] = []
    reasons: dict[int, list[str]] = {}
    for row in sheet.rows(today=clock.today()):
        try:
            if problems := _problems(row):
                reasons[row.number] = problems
            else:
                rows.append(_listed(row.number, row.cells, door, month, paid_on))
        except Invalid as refusal:
            reasons[row.number] = [refusal.message]
    if not rows and not reasons:
        raise Invalid(_("名单里没有一行数据"), reason="list.empty")
    skipped = tuple(_("第 %(row)s 行：%(text)s") % {"row": s.number, "text": s.text[:60]} for s in sheet.skipped_rows())
    return ReadList(sheet, tuple(rows), reasons, skipped)


def _problems(row: Row) -> list[str]:
    """Why the row cannot be read. The birth date matters only where there is no ID number, and then it must be there."""
    lacks_number = any(one.column == "id_number" and one.code == "cell.required" for one in row.problems)
    if not lacks_number:
        return [one.message for one in row.problems if one.column not in _WITHOUT_NUMBER_KEYS]
    problems = [one.message for one in row.problems if one.column != "id_number"]
    if row.cells.get("birth_on") is None and not any(one.column == "birth_on" for one in row.problems):
        problems.append(_("没有身份证号的，要填写出生日期，按姓名和出生日期在底册中核对"))
    return problems


def _listed(number: int, cells: Mapping[str, Value], door: str, month: date | None, paid_on: date | None) -> ListedRow:
    said = cells.get("month")
    month = read_month(said) if isinstance(said, str) else month
    if month is None:
        raise Invalid(_("没有写明月份，请在表中填写，或在上传时选择"), reason="list.no_month")
    day = cells.get("paid_on")
    paid_on = day if isinstance(day, date) else paid_on
    if door == Door.HISTORY and paid_on is None:
        raise Invalid(_("没有写明发放日期，请在表中填写，或在上传时选择"), reason="list.no_day")
    amount, count, birth_on = cells["amount"], cells.get("person_count"), cells.get("birth_on")
    assert isinstance(amount, int)
    return ListedRow(
        number=number,
        id_number=str(cells["id_number"] or ""),
        name=str(cells["name"]),
        amount_fen=amount,
        month=month,
        paid_on=paid_on,
        person_count=count if isinstance(count, int) else None,
        birth_on=birth_on if isinstance(birth_on, date) else None,
        village=str(cells.get("village") or ""),
        head_name=str(cells.get("head_name") or ""),
    )


def read_month(text: str) -> date:
    """The first of the month in 2020-03, 2020年3月, 202003 or a whole date. Raises Invalid."""
    match = _MONTH.fullmatch(text.replace(" ", ""))
    try:
        if match is None:
            raise ValueError(text)
        return date(int(match[1]), int(match[2] or match[3]), 1)
    except ValueError:
        message = _("“%(text)s”不是月份，请按 2020-03 的样式填写") % {"text": text[:20]}
        raise Invalid(message, reason="list.month") from None
