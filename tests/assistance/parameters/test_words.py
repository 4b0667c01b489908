"""A value, a change and the text for publication in plain Chinese."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.rules.benefits.parameters import ParameterRow, Status
from shouwang.assistance.rules.parameter_words import Replacement, announcement, difference_words, value_words
from tests.factories import HANTING, WEIFANG

APRIL, JULY = date(2020, 4, 1), date(2020, 7, 1)


def row(key: str, text: str | None, unit: str = "元/人/月", *, on: date = APRIL, **more: object) -> ParameterRow:
    return ParameterRow(key, HANTING, on, text, unit, "寒民〔2020〕7号", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (row("dibao.standard.urban", "600"), "每人每月 600 元"),
        (row("dibao.standard.rural", "5694", "元/人/年"), "每人每年 5,694 元"),
        (row("relief.township_limit", "2000", "元"), "2,000 元"),
        (row("tekun.basic.rural", "130", "%"), "130%"),
        (row("dibao.surcharge.elderly.age_from", "70", "岁"), "70 岁"),
        (row("dibao.rounding", "ceil", "选项"), "进到元"),
        (row("dibao.standard.urban", None), "随上级"),
        (None, "无"),
    ],
)
def test_value_in_words(one: ParameterRow | None, words: str) -> None:
    assert value_words(one) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (row("dibao.standard.urban", "600"), row("dibao.standard.urban", "620"), "提高 20 元（3.3%）"),
        (row("dibao.standard.urban", "600"), row("dibao.standard.urban", "580"), "降低 20 元（3.3%）"),
        (row("dibao.standard.urban", "600"), row("dibao.standard.urban", "600"), "不变"),
        (row("dibao.standard.rural", "400"), row("dibao.standard.rural", "5694", "元/人/年"), ""),
        (row("tekun.basic.rural", "130", "%"), row("tekun.basic.rural", "132.5", "%"), "提高 2.5 个百分点"),
        (row("dibao.rounding", "ceil", "选项"), row("dibao.rounding", "floor", "选项"), ""),
        (row("dibao.surcharge.elderly", "0"), row("dibao.surcharge.elderly", "40"), "提高 40 元"),
        (None, row("dibao.standard.urban", "600"), ""),
    ],
)
def test_difference_in_words(old: ParameterRow | None, new: ParameterRow, words: str) -> None:
    assert difference_words(old, new) == words


def test_announcement_names_each_day_and_the_months_to_settle() -> None:
    changes = [
        Replacement(row("dibao.standard.urban", "600"), row("dibao.standard.urban", "620")),
        Replacement(None, row("dibao.standard.rural", "480", status=Status.PLACEHOLDER, on=JULY)),
        Replacement(
            row("tekun.care.dispersed.self", "30"),
            row("tekun.care.dispersed.self", None, on=date(2020, 1, 1)),
            [date(2020, 1, 1), date(2020, 2, 1)],
        ),
    ]
    text = announcement(
        number="寒民〔2020〕7号",
        title="关于调整标准的通知",
        issuer="寒亭区民政局",
        on=date(2020, 3, 18),
        changes=changes,
        name_of=lambda code: {HANTING: "寒亭区", WEIFANG: "潍坊市"}[code],
    )
    assert text.split("\n") == [
        "关于调整城市低保标准等 3 项标准的公告",
        "",
        "根据《关于调整标准的通知》（寒民〔2020〕7号），现将有关标准公布如下：",
        "一、寒亭区",
        "1．城市低保标准：自 2020年4月1日 起为每人每月 620 元，原为每人每月 600 元，提高 20 元（3.3%）；",
        "2．农村低保标准：自 2020年7月1日 起为每人每月 480 元（占位数额，尚待核定）；",
        "3．分散供养自理照料护理：自 2020年1月1日 起不再另定，按上级标准执行。",
        "2020年1月至2020年2月已经发放的款项按新标准核算，少发的补发差额，多发的依规处理。",
        "",
        "特此公告。",
        "",
        "寒亭区民政局",
        "2020年3月18日",
    ]
