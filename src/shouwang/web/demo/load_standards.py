"""Standards of the demo: the city's notice and each county's, proposed by one officer and confirmed by another.

The national price indices of January and February became known in the month after; March's is not known when the demo
opens. Every value is a placeholder, and says so wherever an amount rests on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from shouwang.accounts.public import Role
from shouwang.assistance.public import (
    NoticeVerdict,
    ParameterRow,
    ProposedNotice,
    decide_parameters,
    propose_parameters,
    read_parameters,
    values_of,
)
from shouwang.kernel.ids import new_id

from .city.calendar import FEBRUARY, JANUARY
from .city.standards import STANDARDS_FILE
from .diary import Diary, moment
from .town import BEGIN, Town

STAGE = "标准与参数"
_PUBLISHED_ON = {JANUARY: date(2020, 2, 10), FEBRUARY: date(2020, 3, 10)}
"""By month: when the index of the month came out."""


def write_standards(town: Town, diary: Diary) -> None:
    """Before the first list: a payment of January rests on them."""
    by_area: defaultdict[int, list[ParameterRow]] = defaultdict(list)
    indices: defaultdict[date, list[ParameterRow]] = defaultdict(list)
    for row in read_parameters(STANDARDS_FILE.read_text(encoding="utf-8"), where=STANDARDS_FILE.name):
        if row.key.startswith("price_index."):
            indices[row.valid_from].append(row)
        else:
            by_area[row.area_code].append(row)
    for serial, (area_code, rows) in enumerate(sorted(by_area.items()), 1):
        _write(
            town, diary, area_code, rows, BEGIN, f"演示〔2019〕{serial + 80}号", "关于公布社会救助标准的通知（演示）"
        )
    for month, on in _PUBLISHED_ON.items():
        title = f"关于{month.year}年{month.month}月价格指数的通知（演示）"
        _write(town, diary, town.city_code, indices[month], on, f"演示〔2020〕{month.month + 80}号", title)


def _write(
    town: Town, diary: Diary, area_code: int, rows: Sequence[ParameterRow], on: date, number: str, title: str
) -> None:
    notice_id = new_id()
    proposed = ProposedNotice(
        number=number,
        title=title,
        area_code=area_code,
        effective_on=min(row.valid_from for row in rows),
        values=values_of(rows),
    )
    is_city = area_code == town.city_code
    proposer = (Role.CITY_OFFICER, area_code) if is_city else (Role.COUNTY_OFFICER, area_code)
    decider = (Role.CITY_OFFICER, area_code, 2) if is_city else (Role.COUNTY_LEADER, area_code, 1)

    def propose() -> None:
        with town.acting(*proposer) as actor:
            propose_parameters(actor=actor, notice_id=notice_id, proposed=proposed)

    def decide() -> None:
        with town.acting(*decider) as actor:
            decide_parameters(actor=actor, notice_id=notice_id, verdict=NoticeVerdict.CONFIRMED)

    diary.write(moment(on, 8), STAGE, propose)
    diary.write(moment(on, 8, 30), STAGE, decide)
