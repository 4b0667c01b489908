"""A list of residents as a property company or a committee keeps it: its columns, and the households its rows make.

Guarantees: a household comes whole or not at all; a row that cannot be read, or whose family has such a row, has its
reason. Nothing is guessed: a word for a missing ID number that is in no list is refused.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Limits, Row, Sheet, read_sheet
from shouwang.registry.public import NoIdReason

from .rules.addresses import tidy_building, tidy_room

LIMITS: Final = Limits(file_bytes=8 << 20)
ROWS_MAX: Final = 5_000
"""A large estate; a larger one sends its buildings one after another."""

COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "building",
        "楼号",
        ("楼", "楼栋", "栋", "栋号", "幢", "幢号", "座", "楼座", "楼宇", "楼栋号"),
        required=True,
        kind=Kind.CODE,
    ),
    Column("unit", "单元", ("单元号", "门洞"), kind=Kind.CODE),
    Column(
        "room",
        "房号",
        ("房间号", "室", "室号", "门牌号", "户号", "房屋号", "住房号", "房间", "门号"),
        required=True,
        kind=Kind.CODE,
    ),
    Column(
        "name",
        "姓名",
        ("住户姓名", "居民姓名", "业主姓名", "业主", "成员姓名", "家庭成员", "人员姓名", "名字"),
        required=True,
        kind=Kind.NAME,
    ),
    Column(
        "id_number",
        "身份证号",
        ("身份证号码", "身份证", "公民身份号码", "证件号码", "证件号", "居民身份证号码", "业主身份证号"),
        kind=Kind.ID_NUMBER,
    ),
    Column("no_id_reason", "无证原因", ("没有身份证号的原因", "无身份证原因", "无证件原因")),
    Column("phone", "联系电话", ("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"), kind=Kind.CODE),
)  # fmt: skip

_REASONS: Final = {str(label): value for value, label in NoIdReason.choices}


@dataclass(frozen=True, slots=True)
class SheetPerson:
    row: int
    name: str
    id_number: str
    no_id_reason: str


@dataclass(frozen=True, slots=True)
class SheetHousehold:
    building: str
    room: str
    phone: str
    persons: tuple[SheetPerson, ...]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """`reasons` by row number; the rows of a household that cannot come are all there."""

    sheet: Sheet
    households: tuple[SheetHousehold, ...]
    reasons: dict[int, str]
    row_count: int


@dataclass(frozen=True, slots=True)
class _Read:
    number: int
    door: tuple[str, str]
    phone: str
    person: SheetPerson


def read_registration_sheet(content: bytes, file_name: str) -> ReadSheet:
    """Raises Invalid for the file as a whole."""
    sheet = read_sheet(io.BytesIO(content), filename=file_name, columns=COLUMNS, limits=LIMITS)
    # A cell may be empty where a reason stands beside it; the column must be there.
    missing = [*sheet.missing, *(one for one in COLUMNS if one.key == "id_number" and one.key not in sheet.mapping)]
    if missing:
        labels = "、".join(column.label for column in missing)
        message = _("表中没有找到这些列：%(labels)s。请把标题改成模板的写法再上传") % {"labels": labels}
        raise Invalid(message, reason="registration_sheet.columns")
    if sheet.height > ROWS_MAX:
        values = {"rows": sheet.height, "limit": ROWS_MAX}
        message = _("表格有 %(rows)s 行，一次最多 %(limit)s 行，请按楼分开上传") % values
        raise Invalid(message, reason="registration_sheet.too_long")
    doors: defaultdict[tuple[str, str], list[_Read]] = defaultdict(list)
    reasons: dict[int, str] = {}
    spoilt: dict[tuple[str, str], int] = {}
    row_count = 0
    for row in sheet.rows(today=clock.today()):
        row_count += 1
        door, reason = _door(row)
        read = None
        if not reason:
            read, reason = _read(row, door)
        if read is None:
            reasons[row.number] = reason
            spoilt.setdefault(door, row.number)
        else:
            doors[door].append(read)
    if not row_count:
        raise Invalid(_("表里没有一行数据"), reason="registration_sheet.empty")
    for door, at in spoilt.items():
        for read in doors.pop(door, []) if door != ("", "") else []:
            reasons[read.number] = _("同一户第 %(row)s 行有问题，这一户没有登记") % {"row": at}
    return ReadSheet(sheet, tuple(_households(doors.values())), reasons, row_count)


def _door(row: Row) -> tuple[tuple[str, str], str]:
    unit, room = row.cells.get("unit"), str(row.cells.get("room") or "")
    whole = f"{str(unit).removesuffix('单元')}单元{room}" if unit and room else room
    try:
        return (tidy_building(str(row.cells.get("building") or "")), tidy_room(whole)), ""
    except Invalid as refusal:
        return ("", ""), refusal.message


def _read(row: Row, door: tuple[str, str]) -> tuple[_Read | None, str]:
    if row.problems:
        return None, "；".join(problem.message for problem in row.problems)
    number, word = str(row.cells.get("id_number") or ""), str(row.cells.get("no_id_reason") or "")
    if not row.cells.get("name"):
        return None, _("请填写姓名")
    if not number and word not in _REASONS:
        return None, _("没有身份证号的，请在“无证原因”列填写：%(words)s") % {"words": "、".join(_REASONS)}
    person = SheetPerson(row.number, str(row.cells["name"]), number, "" if number else _REASONS[word])
    return _Read(row.number, door, str(row.cells.get("phone") or ""), person), ""


def _households(doors: Iterable[list[_Read]]) -> Iterable[SheetHousehold]:
    for rows in doors:
        building, room = rows[0].door
        phone = next((row.phone for row in rows if row.phone), "")
        yield SheetHousehold(building, room, phone, tuple(row.person for row in rows))
