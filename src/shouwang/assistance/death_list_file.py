"""A list of deaths as the registry or the funeral home gives it: its columns, and what its rows say.

Guarantees: a row is read whole or has its reason; a day is never guessed. A day of cremation is no day of death.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Limits, read_sheet

LIMITS: Final = Limits(file_bytes=8 << 20)
_ROWS_MAX: Final = 20_000

COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "id_number",
        "身份证号",
        (
            "身份证号码", "身份证", "公民身份号码", "公民身份证号码", "居民身份证号码", "证件号码", "证件号", "身份号码",
            "死者身份证号", "死者身份证号码", "逝者身份证号", "逝者身份证号码", "死亡人员身份证号",
        ),
        required=True,
        kind=Kind.ID_NUMBER,
    ),
    Column(
        "name",
        "姓名",
        ("死者姓名", "逝者姓名", "死亡人员", "死亡人员姓名", "死者", "逝者", "亡者姓名"),
        required=True,
        kind=Kind.NAME,
    ),
    Column(
        "died_on",
        "死亡日期",
        ("死亡时间", "死亡年月日", "去世日期", "去世时间", "逝世日期", "逝世时间", "死亡登记日期"),
        required=True,
        kind=Kind.DATE,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeadRow:
    number: int
    id_number: str
    name: str
    died_on: date


@dataclass(frozen=True, slots=True)
class ReadDeaths:
    """`problems` by row number."""

    rows: tuple[DeadRow, ...]
    problems: dict[int, str]


def read_deaths(content: bytes, file_name: str) -> ReadDeaths:
    """Raises Invalid for the file as a whole."""
    sheet = read_sheet(io.BytesIO(content), filename=file_name, columns=COLUMNS, limits=LIMITS)
    if sheet.missing:
        labels = "、".join(column.label for column in sheet.missing)
        raise Invalid(
            _("表中没有找到这些列：%(labels)s。请把标题改成模板的写法再上传") % {"labels": labels},
            reason="death_list.columns",
        )
    if sheet.height > _ROWS_MAX:
        raise Invalid(
            _("名单有 %(rows)s 行，一次最多 %(limit)s 行，请分开上传") % {"rows": sheet.height, "limit": _ROWS_MAX},
            reason="death_list.too_long",
        )
    rows: list[DeadRow] = []
    problems: dict[int, str] = {}
    for row in sheet.rows(today=clock.today()):
        died_on = row.cells.get("died_on")
        if row.problems:
            problems[row.number] = "；".join(problem.message for problem in row.problems)
        elif isinstance(died_on, date) and died_on > clock.today():
            problems[row.number] = _("死亡日期还没有到，请核对")
        elif isinstance(died_on, date):
            rows.append(DeadRow(row.number, str(row.cells["id_number"]), str(row.cells["name"]), died_on))
    if not rows and not problems:
        raise Invalid(_("名单里没有一行数据"), reason="death_list.empty")
    return ReadDeaths(tuple(rows), problems)
