"""Parameters: strict files, the fall-back to the area above, two axes of time, and what a bureau may change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import shouwang.web.demo.city as demo
from shouwang.assistance.rules.benefits.catalogue import catalogue, key_of
from shouwang.assistance.rules.benefits.parameters import (
    NATION,
    MissingParameter,
    ParameterRow,
    Parameters,
    ParametersRefused,
    Status,
    check_change,
    read_parameters,
    shipped,
    standards_row,
)
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.kernel.errors import Invalid

PROVINCE, CITY, UNIT = 370_000_000_000_000, 370_700_000_000_000, 370_724_000_000_000
CHAIN = (UNIT, CITY, PROVINCE)
URBAN = "dibao.standard.urban"
MARCH = date(2020, 3, 1)


def row(
    text: str | None, *, area: int = CITY, since: date = date(2019, 7, 1), key: str = URBAN, unit: str = "元/人/月",
    recorded_at: datetime | None = None, number: str = "潍民〔2019〕1号",
) -> ParameterRow:  # fmt: skip
    return ParameterRow(key, area, since, text, unit, number, recorded_at=recorded_at)


def in_force(*rows: ParameterRow, on: date = MARCH, known_at: datetime | None = None, key: str = URBAN) -> str | None:
    found = Parameters(rows).find(key, CHAIN, on, known_at)
    return None if found is None else found.text


class TestLookUp:
    def test_the_nearest_area_wins(self) -> None:
        city, county = row("580"), row("560", area=UNIT)
        assert in_force(city, county) == "560"
        assert in_force(city) == "580"
        assert in_force(row("500", area=NATION)) == "500"
        assert in_force(row("600", area=370_702_000_000_000)) is None

    def test_the_last_day_before_and_the_first_after(self) -> None:
        rows = row("580"), row("620", since=date(2020, 7, 1))
        assert in_force(*rows, on=date(2019, 6, 30)) is None
        assert in_force(*rows, on=date(2019, 7, 1)) == "580"
        assert in_force(*rows, on=date(2020, 6, 30)) == "580"
        assert in_force(*rows, on=date(2020, 7, 1)) == "620"

    def test_a_later_version_above_does_not_override_the_county(self) -> None:
        assert in_force(row("560", area=UNIT), row("620", since=date(2020, 1, 1))) == "560"

    def test_a_county_may_follow_the_city_again(self) -> None:
        rows = row("580"), row("560", area=UNIT), row(None, area=UNIT, since=date(2020, 2, 1))
        assert in_force(*rows, on=date(2020, 1, 31)) == "560"
        assert in_force(*rows, on=date(2020, 2, 1)) == "580"

    def test_what_was_known_then(self) -> None:
        first = row("580", recorded_at=datetime(2019, 6, 20, tzinfo=UTC))
        corrected = row("590", recorded_at=datetime(2020, 3, 10, tzinfo=UTC))
        assert in_force(corrected, first) == "590"
        assert in_force(corrected, first, known_at=datetime(2020, 3, 10, tzinfo=UTC)) == "590"
        assert in_force(corrected, first, known_at=datetime(2020, 3, 9, tzinfo=UTC)) == "580"
        assert in_force(corrected, first, known_at=datetime(2019, 6, 19, tzinfo=UTC)) is None

    def test_an_index_holds_for_its_own_month_only(self) -> None:
        march = row("4.3", key="price_index.cpi", unit="%", since=MARCH)
        assert in_force(march, key="price_index.cpi") == "4.3"
        assert in_force(march, key="price_index.cpi", on=date(2020, 4, 1)) is None

    def test_a_year_falls_to_its_months_to_the_fen(self) -> None:
        yearly = row("1550", unit="元/人/年", key="tekun.care.dispersed.half")
        months = [yearly.value_in(date(2020, month, 1)) for month in range(1, 13)]
        assert sum(int(month) for month in months) == 155_000
        assert set(months) == {12_916, 12_917}


class TestStandardsRow:
    def test_a_missing_standard_names_area_month_and_key(self) -> None:
        with pytest.raises(MissingParameter, match=f"{UNIT} 2020年3月 没有“城市低保标准”（{URBAN}），请先录入当地标准"):
            standards_row(shipped(), CHAIN, MARCH, keys=all_rules()["dibao"].uses)

    def test_what_nobody_needs_may_be_missing(self) -> None:
        found = standards_row(shipped(), CHAIN, MARCH, keys=())
        assert found.columns()["dibao_standard_urban"] is None
        assert found.columns()["dibao_amount_mode"] == "gap"
        assert found.columns()["unit_code"] == UNIT

    def test_placeholders_are_named(self) -> None:
        text = (Path(demo.__file__).parent / "standards.yaml").read_text(encoding="utf-8")
        rows = (*shipped(), *read_parameters(text, where="演示"))
        found = standards_row(rows, CHAIN, MARCH, keys=all_rules()["dibao"].uses)
        placeholders = {row.key for row in found.placeholders(all_rules()["dibao"].uses)}
        assert {URBAN, "dibao.rounding", "dibao.surcharge.elderly"} <= placeholders
        assert "dibao.amount.mode" not in placeholders
        assert found.number(URBAN) == 56_000


class TestShipped:
    def test_every_row_says_where_it_is_from(self) -> None:
        assert all(one.source_number for one in shipped())
        assert {one.area_code for one in shipped()} >= {NATION, 370_000_000_000_000, 420_000_000_000_000}

    @pytest.mark.parametrize(
        ("key", "on", "expected"),
        [
            ("price_subsidy.trigger.cpi", date(2022, 8, 31), 350),
            ("price_subsidy.trigger.cpi", date(2022, 9, 1), 300),
            ("price_subsidy.trigger.cpi", date(2023, 3, 31), 300),
            ("price_subsidy.trigger.cpi", date(2023, 4, 1), 350),
            ("price_subsidy.factor", date(2020, 2, 29), 10_000),
            ("price_subsidy.factor", date(2020, 3, 1), 20_000),
            ("price_subsidy.factor", date(2020, 6, 30), 20_000),
            ("price_subsidy.factor", date(2020, 7, 1), 10_000),
            ("price_index.cpi", date(2020, 1, 1), 540),
            ("price_index.food", date(2020, 2, 1), 2_190),
            ("tekun.basic.rural", MARCH, 13_000),
            ("dibao.deduction.rigid", date(2021, 6, 30), "none"),
            ("dibao.deduction.rigid", date(2021, 7, 1), "actual"),
        ],
    )
    def test_values(self, key: str, on: date, expected: int | str) -> None:
        found = Parameters(shipped()).find(key, (), on)
        assert found is not None
        assert found.value == expected

    def test_a_rules_keys_are_in_the_catalogue(self) -> None:
        for rule in all_rules().values():
            assert set(rule.uses) <= set(catalogue())
            assert {key for clause in rule.clauses for key in clause.keys} <= set(catalogue())


HEAD = "defaults: {area: 370700000000000, from: 2019-07-01, status: confirmed, source: {number: 潍民〔2019〕1号}}\nparameters:\n"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('  dibao.standard.town: {unit: 元/人/月, values: [{value: "1"}]}', "没有“dibao.standard.town”这个参数"),
        ('  dibao.standard.urban: {unit: 元/户, values: [{value: "600"}]}', "单位应为“元/人/月”，填写的是“元/户”"),
        (
            '  dibao.standard.urban: {unit: 元/人/月, values: [{value: "6"}]}',
            "不合情理，应在 100 到 5,000 元/人/月之间",
        ),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "-600"}]}', "不合情理"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "六百"}]}', "不是数字"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600.001"}]}', "超过两位小数"),
        ("  dibao.standard.urban: {unit: 元/人/月, values: [{value: 600.5}]}", "值要加引号"),
        ("  dibao.standard.urban: {unit: 元/人/月}", "没有 values"),
        ('  dibao.standard.urban: {values: [{value: "600"}]}', "缺少“unit”"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600", note: x}]}', "不认识“note”一项"),
        (
            '  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600", area: "370700"}]}',
            "区划代码应为 15 位数字",
        ),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600", from: 2020年}]}', "起始日期应写成"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600", status: sure}]}', "status 应为"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600", source: 某文}]}', "来源要写文号"),
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "600"}, {value: "620"}]}', "写了两次"),
        (
            '  dibao.standard.urban: {unit: 元/人/月, values: [{value: "620", from: 2020-07-01}, {value: "600"}]}',
            "先后颠倒",
        ),
        (
            "  dibao.amount.mode: {unit: 选项, values: [{value: 随便}]}",
            "没有“随便”这个选项，可以填 补差（gap）、分档（tiers）",
        ),
        ('  tekun.basic.urban: {unit: "%", values: [{value: "130.555"}]}', "不是 % 的数字"),
        (
            '  price_subsidy.trigger.cpi: {unit: "%", values: [{value: "4"}]}',
            "不合情理",
        ),  # localities may lower, not raise
        ('  dibao.standard.urban: {unit: 元/人/月, values: [{value: "1"}]}\n  dibao.standard.urban: {}', "写了两次"),
        ("  [", "不是有效的 YAML"),
    ],
)
def test_a_bad_file_says_what_is_wrong(body: str, why: str) -> None:
    with pytest.raises(ParametersRefused) as refused:
        read_parameters(HEAD + body, where="标准.yaml")
    assert str(refused.value).startswith("标准.yaml：")
    assert why in str(refused.value)


def test_a_bad_file_names_every_problem() -> None:
    body = '  no.such: {unit: 元, values: [{value: "1"}]}\n  dibao.standard.urban: {unit: 元/人/月, values: [{value: "6"}]}'
    with pytest.raises(ParametersRefused) as refused:
        read_parameters(HEAD + body, where="标准.yaml")
    assert len(refused.value.data["problems"]) == 2  # type: ignore[arg-type]


def test_a_file_without_parameters_is_refused() -> None:
    for text in ("", "[]", "parameters: 1", "defaults: {}"):
        with pytest.raises(ParametersRefused, match="没有 parameters 一节"):
            read_parameters(text, where="标准.yaml")


class TestChange:
    FIRST_OPEN = date(2020, 4, 1)

    def check(self, new: ParameterRow, *, is_retroactive: bool = False) -> None:
        check_change([row("580")], new, first_open_month=self.FIRST_OPEN, is_retroactive=is_retroactive)

    def test_a_new_version(self) -> None:
        self.check(row("620", since=date(2020, 4, 1)))

    @pytest.mark.parametrize(
        ("new", "reason"),
        [
            (row("620", since=date(2020, 3, 31)), "parameter.retroactive"),
            (row("6", since=date(2020, 7, 1)), "parameter.absurd"),
            (row("620", since=date(2020, 7, 1), unit="%"), "parameter.unit"),
            (row("620", since=date(2020, 7, 1), key="no.such"), "parameter.unknown"),
            (row("580"), "parameter.unchanged"),
        ],
    )
    def test_a_change_that_is_refused(self, new: ParameterRow, reason: str) -> None:
        with pytest.raises(Invalid) as refused:
            self.check(new)
        assert refused.value.reason == reason

    def test_a_version_before_one_that_stands_overlaps(self) -> None:
        rows = [row("580"), row("640", since=date(2020, 7, 1))]
        with pytest.raises(Invalid) as refused:
            check_change(rows, row("620", since=date(2020, 5, 1)), first_open_month=self.FIRST_OPEN)
        assert refused.value.reason == "parameter.overlap"

    def test_arrears_need_a_notice(self) -> None:
        self.check(row("620", since=date(2020, 1, 1)), is_retroactive=True)
        with pytest.raises(Invalid) as refused:
            self.check(row("620", since=date(2020, 1, 1), number=" "), is_retroactive=True)
        assert refused.value.reason == "parameter.source"


def test_words_of_values() -> None:
    assert key_of(URBAN).show(114_000) == "1,140"
    assert key_of("price_index.cpi").show(-50) == "-0.5"
    assert key_of("dibao.amount.mode").show("gap") == "补差"
    assert {status.value for status in Status} == {"confirmed", "placeholder"}
