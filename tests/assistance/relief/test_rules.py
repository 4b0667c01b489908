"""The rules of relief, as a clerk would check them."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.rules.capital_amount import amount_in_capitals
from shouwang.assistance.rules.relief import (
    AmountClaim,
    check_amount,
    deciding_level,
    relief_rules,
    rule_on,
    same_cause_until,
)
from shouwang.assistance.states import ReliefClock, ReliefKind
from shouwang.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("accepted_on", "version"),
    [
        (date(2014, 10, 3), "国发〔2014〕47号"),
        (date(2018, 1, 22), "国发〔2014〕47号"),
        (date(2018, 1, 23), "民发〔2018〕23号"),
        (date(2020, 3, 18), "民发〔2018〕23号"),
    ],
)
def test_version_by_day_of_acceptance(accepted_on: date, version: str) -> None:
    assert rule_on(accepted_on).version == version


def test_no_version_before_the_first() -> None:
    with pytest.raises(Invalid) as refused:
        rule_on(date(2014, 10, 2))
    assert refused.value.reason == "relief.no_rule"


def test_every_version_has_every_limit() -> None:
    wanted = {(clock, kind) for clock in ReliefClock.values for kind in ReliefKind.values if clock != "papers"}
    for rule in relief_rules():
        assert set(rule.limits) == wanted
        assert all(limit.source for limit in rule.limits.values())
        assert rule.limit("notice", "expenditure").days == 7
        assert not rule.limit("notice", "expenditure").is_working


@pytest.mark.parametrize(
    ("helped_on", "months", "until"),
    [
        (date(2020, 3, 18), 12, date(2021, 3, 18)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2019, 12, 31), 2, date(2020, 2, 29)),
        (date(2020, 12, 1), 1, date(2021, 1, 1)),
    ],
)
def test_same_cause_period(helped_on: date, months: int, until: date) -> None:
    assert same_cause_until(helped_on, months) == until


def claim(fen: int, basis: str = "small_amount", **changes) -> AmountClaim:
    return AmountClaim(**({"amount_fen": fen, "basis": basis, "person_count": 3} | changes))


@pytest.mark.parametrize(
    ("wanted", "formula"),
    [
        (claim(200_000), "小额救助 2,000.00 元"),
        (
            claim(720_000, "standard_months", standard_fen=60_000, person_count=4, months=3),
            "城市低保标准 600.00 元 × 4 人 × 3 个月 = 7,200.00 元",
        ),
        (claim(2_000_000, "case_by_case", note="联席会议议定"), "一事一议：联席会议议定"),
    ],
)
def test_amounts_that_follow(wanted: AmountClaim, formula: str) -> None:
    assert check_amount(wanted, months_max=6, small_limit_fen=200_000) == formula


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (claim(0), "relief.amount"),
        (claim(-1), "relief.amount"),
        (claim(200_001), "relief.above_small"),
        (claim(60_000 * 3 * 7, "standard_months", standard_fen=60_000, months=7), "relief.months"),
        (claim(179_999, "standard_months", standard_fen=60_000, months=1), "relief.amount_differs"),
        (claim(180_000, "standard_months", months=1), "relief.standard_missing"),
        (claim(2_000_000, "case_by_case", note="  "), "relief.note_missing"),
        (claim(1, "guess"), "relief.basis"),
    ],
)
def test_amounts_that_do_not_follow(wanted: AmountClaim, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_amount(wanted, months_max=6, small_limit_fen=200_000)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("fen", "basis", "level"),
    [
        (200_000, "small_amount", "township"),
        (200_001, "standard_months", "county"),
        (100, "case_by_case", "county"),
    ],
)
def test_who_decides(fen: int, basis: str, level: str) -> None:
    assert deciding_level(fen, basis, 200_000) == level


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (10, "壹角整"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (115, "壹元壹角伍分"),
        (80_000, "捌佰元整"),
        (120_050, "壹仟贰佰元伍角整"),
        (100_500, "壹仟零伍元整"),
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (10_100_000, "壹拾万壹仟元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (14_296_032, "壹拾肆万贰仟玖佰陆拾元叁角贰分"),
    ],
)
def test_amount_in_capitals(fen: int, words: str) -> None:
    assert amount_in_capitals(fen) == words
