"""The documents and the measures that were in force in the demo city by 2020-03-01.

The contents follow what the city is reported to have ordered (走向世界 2020年14期: petty reserves, help first and
papers later, 3 to 6 months of gradual exit, reviews and exits paused). Numbers and dates are placeholders, marked 演示.
"""

from __future__ import annotations

from datetime import date

from .seeds import DocumentSeed, MeasureSeed

_BUREAU = "潍坊市民政局"
_COMMAND = "潍坊市疫情防控指挥部"

_GATE_RULE = (
    *(("residents", 2), ("staff", 2), ("helpers", 2), ("visitors", 1), ("others", 1), ("temperature", 1), ("mask", 1)),
    *(("credentials", 0), ("fever_from_tenths", 373), ("leave_from_hour", 0), ("leave_until_hour", 24)),
    *(("exits", 99), ("exit_days", 1), ("single_entrance", 1)),
)
"""As after the response was lowered in March: nobody of the estate is counted, whoever else comes is written down."""

DOCUMENTS = (
    DocumentSeed(
        1, "演示〔2019〕1号", "关于建立镇（街）临时救助小额备用金制度的通知（演示）", _BUREAU, date(2019, 12, 26)
    ),
    DocumentSeed(
        2, "演示〔2020〕1号", "关于疫情防控期间实行先行救助后补手续的通知（演示）", _BUREAU, date(2020, 1, 27)
    ),
    DocumentSeed(
        3, "演示〔2020〕2号", "关于疫情期间暂缓低保对象家庭复核及退出工作的通知（演示）", _BUREAU, date(2020, 2, 9)
    ),
    DocumentSeed(4, "演示〔2020〕3号", "关于简化社会救助审核审批程序的通知（演示）", _BUREAU, date(2020, 2, 12)),
    DocumentSeed(5, "演示〔2020〕4号", "关于全面落实低保渐退制度的通知（演示）", _BUREAU, date(2020, 2, 20)),
    DocumentSeed(6, "演示〔2020〕5号", "关于加强居民小区卡口管理和健康登记的通知（演示）", _COMMAND, date(2020, 2, 9)),
)


def measures(city_code: int, *, papers_due_working_days: int, township_limit_fen: int) -> list[MeasureSeed]:
    """Measures over the whole city; those without an end last until they are lifted."""
    return [
        MeasureSeed(1, "petty_reserve", (("limit_fen", township_limit_fen),), city_code, date(2020, 1, 1), None),
        MeasureSeed(
            2,
            "relief_first",
            (("papers_due_working_days", papers_due_working_days),),
            city_code,
            date(2020, 1, 28),
            None,
        ),
        MeasureSeed(3, "review_paused", (), city_code, date(2020, 2, 10), None),
        MeasureSeed(3, "exit_paused", (), city_code, date(2020, 2, 10), None),
        MeasureSeed(4, "simplified_approval", (), city_code, date(2020, 2, 13), None),
        MeasureSeed(6, "gate_control", _GATE_RULE, city_code, date(2020, 2, 10), None),
        MeasureSeed(6, "health_declaration", (("every_days", 7),), city_code, date(2020, 2, 10), None),
        MeasureSeed(5, "gradual_exit", (("months", 6),), city_code, date(2020, 2, 21), date(2021, 1, 1)),
    ]
