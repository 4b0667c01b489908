"""A list of a group as the department that pays it gives it: whom it names. Other columns are not read."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Limits, read_sheet

LIMITS: Final = Limits(file_bytes=16 << 20)
_ROWS_MAX: Final = 50_000

COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "id_number",
        "身份证号",
        (
            "身份证号码", "身份证", "公民身份号码", "公民身份证号码", "居民身份证号码", "证件号码", "证件号", "身份号码",
            "社会保障号码", "社会保障号",
        ),
        required=True,
        kind=Kind.ID_NUMBER,
    ),
    Column("name", "姓名", ("人员姓名", "对象姓名", "领取人姓名", "优抚对象姓名"), required=True, kind=Kind.NAME),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedRow:
    number: int
    id_number: str
    name: str


@dataclass(frozen=True, slots=True)
class ReadGroup:
    """`problems` by row number."""

    rows: tuple[ListedRow, ...]
    problems: dict[int, str]


def read_group(content: bytes, file_name: str) -> ReadGroup:
    """Raises Invalid for the file as a whole."""
    sheet = read_sheet(io.BytesIO(content), filename=file_name, columns=COLUMNS, limits=LIMITS)
    if sheet.missing:
        labels = "、".join(column.label for column in sheet.missing)
        raise Invalid(
            _("表中没有找到这些列：%(labels)s。请把标题改成模板的写法再上传") % {"labels": labels},
            reason="group_list.columns",
        )
    if sheet.height > _ROWS_MAX:
        raise Invalid(
            _("名单有 %(rows)s 行，一次最多 %(limit)s 行，请分开上传") % {"rows": sheet.height, "limit": _ROWS_MAX},
            reason="group_list.too_long",
        )
    rows: list[ListedRow] = []
    problems: dict[int, str] = {}
    for row in sheet.rows(today=clock.today()):
        if row.problems:
            problems[row.number] = "；".join(problem.message for problem in row.problems)
        else:
            rows.append(ListedRow(row.number, str(row.cells["id_number"]), str(row.cells["name"])))
    if not rows and not problems:
        raise Invalid(_("名单里没有一行数据"), reason="group_list.empty")
    return ReadGroup(tuple(rows), problems)
