"""The rules that are no tables: bands of income, who is taken in, limits by text, relief formulas (vectors 3-5, 7, 9, 12)."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.rules.benefits.eligibility import (
    Band,
    Parent,
    age_on,
    band,
    is_severe_for_parent,
    is_unattended,
    may_be_single_person,
    may_stay_in,
    without_ability,
)
from shouwang.assistance.rules.benefits.exclusions import Effect, conflicts, exclusions, others
from shouwang.assistance.rules.benefits.parameters import ParameterRow, Parameters, StandardsRow, shipped
from shouwang.assistance.rules.benefits.procedure import procedure_on, procedures, starts_on
from shouwang.assistance.rules.benefits.recovery import overpaid_after_death
from shouwang.assistance.rules.benefits.relief_amounts import (
    Formula,
    Household,
    by_months,
    by_own_cost,
    funeral_fen,
    light,
    needs_county,
)
from shouwang.assistance.rules.benefits.tekun import care_tier
from shouwang.kernel.errors import Invalid
from shouwang.web.demo.city.calendar import is_working_day

KINDS = {"视力": 1, "听力": 2, "肢体": 4, "智力": 5, "精神": 6, "多重": 7}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("599.99", Band.DIBAO),
        ("600", Band.BORDERLINE),
        ("894", Band.BORDERLINE),
        ("899.99", Band.BORDERLINE),
        ("900", Band.ABOVE),
    ],
)
def test_vector_3_bands_of_income(times: str, expected: Band) -> None:
    """0.99..., 1.00, 1.49, just below 1.50 and 1.50 times a standard of 600."""
    income = int(times.replace(".", "")) * (1 if "." in times else 100)
    assert band(income, 1, 60_000) is expected
    assert band(income * 3, 3, 60_000) is expected


def test_a_household_without_members_has_no_band() -> None:
    with pytest.raises(ValueError, match="members"):
        band(0, 0, 60_000)


@pytest.mark.parametrize(("failed", "tier"), [(0, "self"), (1, "half"), (3, "half"), (4, "full"), (6, "full")])
def test_vector_4_self_care(failed: int, tier: str) -> None:
    assert care_tier(failed) == tier


@pytest.mark.parametrize("failed", [-1, 7])
def test_there_are_six_tests(failed: int) -> None:
    with pytest.raises(ValueError, match="six"):
        care_tier(failed)


@pytest.mark.parametrize(
    ("kind", "level", "is_ill", "expected"),
    [
        ("智力", 3, False, True),
        ("精神", 3, False, True),
        ("肢体", 3, False, False),
        ("肢体", 2, False, True),
        ("听力", 1, False, True),
        ("智力", 4, False, False),
        ("多重", 3, False, False),  # its certificate does not say which kinds: an officer looks
        ("肢体", 4, True, True),
    ],
)
def test_vector_9_single_person(kind: str, level: int, is_ill: bool, expected: bool) -> None:
    assert may_be_single_person(kind=KINDS[kind], level=level, is_seriously_ill=is_ill) is expected


@pytest.mark.parametrize(
    ("version", "age", "kind", "level", "reason"),
    [
        ("2016", 60, "", 0, "elderly"),
        ("2016", 59, "", 0, ""),
        ("2016", 15, "", 0, "minor"),
        ("2016", 16, "", 0, ""),
        ("2016", 40, "智力", 2, "disabled"),
        ("2016", 40, "智力", 3, ""),
        ("2021", 40, "智力", 3, "disabled"),
        ("2016", 40, "肢体", 2, ""),
        ("2021", 40, "肢体", 2, "disabled"),
        ("2016", 40, "视力", 1, ""),
        ("2021", 40, "视力", 1, "disabled"),
        ("2021", 40, "视力", 2, ""),
        ("2021", 40, "听力", 1, ""),
    ],
)
def test_who_is_without_ability_to_work(version: str, age: int, kind: str, level: int, reason: str) -> None:
    assert without_ability(version, age=age, kind=KINDS.get(kind, 0), level=level).reason == reason


def test_a_place_may_let_in_those_of_sixteen_and_seventeen() -> None:
    assert without_ability("2021", age=17, minor_below=18)
    assert not without_ability("2021", age=17)
    assert may_stay_in(17, is_in_compulsory_or_secondary_school=False)
    assert not may_stay_in(18, is_in_compulsory_or_secondary_school=False)
    assert may_stay_in(19, is_in_compulsory_or_secondary_school=True)


def test_age_of_somebody_born_on_a_leap_day() -> None:
    assert age_on(date(2000, 2, 29), date(2021, 2, 28)) == 20
    assert age_on(date(2000, 2, 29), date(2021, 3, 1)) == 21


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Parent.DEAD, Parent.CUSTODY_SIX_MONTHS, True),
        (Parent.SEVERELY_DISABLED, Parent.SERIOUSLY_ILL, True),
        (Parent.LOST_SIX_MONTHS, Parent.NONE, False),
        (Parent.DEAD, Parent.MISSING, False),  # an orphan
    ],
)
def test_children_nobody_cares_for(first: Parent, second: Parent, expected: bool) -> None:
    assert is_unattended(first, second) is is_unattended(second, first) is expected


def test_which_parent_is_severely_disabled() -> None:
    assert is_severe_for_parent(KINDS["精神"], 4)
    assert is_severe_for_parent(KINDS["肢体"], 2)
    assert not is_severe_for_parent(KINDS["肢体"], 3)


class TestProcedure:
    def test_vector_7_public_notice_counts_every_day(self) -> None:
        notice = procedure_on("dibao", date(2020, 1, 15)).limits["notice"]
        assert notice.last_day(date(2020, 1, 20), is_working_day) == date(2020, 1, 27)

    def test_vector_7_working_days_skip_the_spring_festival_of_2020(self) -> None:
        limits = procedure_on("dibao", date(2020, 1, 15)).limits
        assert limits["decision"].last_day(date(2020, 1, 22), is_working_day) == date(2020, 2, 6)
        assert limits["means_check"].last_day(date(2020, 1, 17), is_working_day) == date(2020, 2, 7)

    def test_a_make_up_sunday_counts(self) -> None:
        limit = procedure_on("dibao", date(2020, 1, 15)).limits["decision"]
        assert limit.last_day(date(2020, 1, 17), is_working_day) == date(2020, 1, 23)

    def test_vector_12_the_text_of_the_day_of_acceptance(self) -> None:
        before, after = procedure_on("dibao", date(2021, 6, 30)), procedure_on("dibao", date(2021, 7, 1))
        assert (before.version, after.version) == ("2012", "2021")
        assert (before.limits["decision"].days, after.limits["decision"].days) == (5, 10)
        assert before.is_review_by_neighbours_required
        assert not after.is_review_by_neighbours_required
        assert "total_special" not in before.limits
        assert after.limits["total_special"].days == 45
        tekun = procedure_on("tekun", date(2021, 6, 30)), procedure_on("tekun", date(2021, 7, 1))
        assert [one.limits["means_check"].days for one in tekun] == [20, 15]

    def test_no_text_before_the_first(self) -> None:
        with pytest.raises(Invalid, match="2012-12-11 还没有这个项目的办理规定"):
            procedure_on("dibao", date(2012, 12, 11))

    def test_children_are_never_published(self) -> None:
        assert all("notice" not in one.limits for one in procedures() if one.programme == "unattended_child")

    def test_price_subsidy_is_paid_within_the_month_of_release(self) -> None:
        limit = procedure_on("price_subsidy", date(2022, 9, 9)).limits["pay"]
        assert limit.last_day(date(2022, 9, 9), is_working_day) == date(2022, 9, 30)

    def test_a_death_is_reviewed_within_three_months(self) -> None:
        limit = procedure_on("dibao", date(2021, 8, 1)).limits["death_review"]
        assert limit.last_day(date(2021, 11, 30), is_working_day) == date(2022, 2, 28)

    @pytest.mark.parametrize(
        ("decided", "first"), [(date(2020, 1, 31), date(2020, 2, 1)), (date(2020, 12, 1), date(2021, 1, 1))]
    )
    def test_paid_from_the_month_after(self, decided: date, first: date) -> None:
        assert starts_on(decided) == first


def standards(**texts: str) -> StandardsRow:
    keys = {"standard": ("dibao.standard.urban", "元/人/月"), "months_tekun": ("relief.months.tekun", "个月")}
    keys |= {"small": ("relief.small.most", "元"), "funeral": ("tekun.funeral.months", "个月")}
    keys |= {name: (f"relief.own_cost.{name}", "元") for name in ("from", "least", "percent_above", "most")}
    keys["percent"] = ("relief.own_cost.percent", "%")
    rows = [ParameterRow(keys[n][0], 1, date(2014, 1, 1), text, keys[n][1], "案例") for n, text in texts.items()]
    return Parameters((*shipped(), *rows)).standards_row((1,), date(2021, 3, 1), keys=())


class TestRelief:
    def test_vector_5_standard_by_persons_by_months(self) -> None:
        row = standards(standard="600")
        assert by_months(4, 3, Household.OTHER, row).amount_fen == 7_200_00
        capped = by_months(4, 7, Household.OTHER, row)
        assert (capped.amount_fen, capped.months, capped.is_capped) == (14_400_00, 6, True)

    def test_a_place_may_cap_some_households_lower(self) -> None:
        row = standards(standard="600", months_tekun="3")
        assert by_months(1, 6, Household.TEKUN, row).months == 3
        assert by_months(1, 6, Household.DIBAO, row).months == 6

    @pytest.mark.parametrize(("persons", "months"), [(0, 1), (1, 0), (-1, 2)])
    def test_somebody_for_some_time(self, persons: int, months: int) -> None:
        with pytest.raises(ValueError, match=r"somebody is helped|counted from 1"):
            by_months(persons, months, Household.OTHER, standards(standard="600"))

    def test_light_hardship(self) -> None:
        assert light(standards(small="800")).amount_fen == 800_00
        assert light(standards()).formula is Formula.CASE_BY_CASE

    @pytest.mark.parametrize(
        ("cost", "formula", "least", "amount"),
        [
            (49_999_99, None, 0, 0),
            (50_000_00, Formula.OWN_COST_LEAST, 10_000_00, 50_000_00),
            (100_000_00, Formula.OWN_COST_LEAST, 10_000_00, 50_000_00),
            (100_000_01, Formula.OWN_COST_SHARE, 0, 10_000_00),
            (300_000_00, Formula.OWN_COST_SHARE, 0, 30_000_00),
            (600_000_00, Formula.OWN_COST_SHARE, 0, 50_000_00),
        ],
    )
    def test_own_cost(self, cost: int, formula: Formula | None, least: int, amount: int) -> None:
        row = standards(
            **{"from": "50000", "least": "10000", "percent_above": "100000", "percent": "10", "most": "50000"}
        )
        found = by_own_cost(cost, row)
        assert (found and (found.formula, found.least_fen, found.amount_fen)) == (formula and (formula, least, amount))

    def test_who_decides(self) -> None:
        row = standards(standard="600")
        assert not needs_county(2_000_00, Formula.STANDARD_MONTHS, row)
        assert needs_county(2_000_01, Formula.STANDARD_MONTHS, row)
        assert needs_county(1, Formula.CASE_BY_CASE, row)

    def test_funeral(self) -> None:
        assert funeral_fen(474_50, standards(funeral="12")) == 5_694_00
        assert funeral_fen(474_50, standards()) == 0


class TestExclusions:
    def test_every_one_has_its_source(self) -> None:
        assert all(one.source and one.meaning for one in exclusions())
        pairs = [(one.programme, one.other, one.effect) for one in exclusions()]
        assert len(set(pairs)) == len(pairs)

    def test_who_may_not_have_both(self) -> None:
        assert [one.other for one in conflicts({"dibao", "tekun", "old_age"})] == ["tekun"]
        assert conflicts({"dibao", "disability_living"}) == []

    def test_effects(self) -> None:
        assert set(others("unattended_child", Effect.TOP_UP)) == {"dibao", "tekun", "disability_living"}
        assert "orphan" in others("disability_living", Effect.EXCLUDED)
        assert "orphan" not in others("disability_nursing", Effect.EXCLUDED)


class TestRecovery:
    """Vector 11: February was paid in January, and somebody died before it began."""

    PAID = {date(2020, 2, 1): 600_00, date(2020, 1, 1): 580_00, date(2020, 3, 1): 0}

    def test_the_last_day_before_february(self) -> None:
        assert overpaid_after_death(self.PAID, date(2020, 1, 28)) == {date(2020, 2, 1): 600_00}
        assert overpaid_after_death(self.PAID, date(2020, 1, 31)) == {date(2020, 2, 1): 600_00}

    def test_the_first_day_of_february(self) -> None:
        assert overpaid_after_death(self.PAID, date(2020, 2, 1)) == {}

    def test_every_month_after_a_death_found_late(self) -> None:
        assert list(overpaid_after_death(self.PAID, date(2019, 12, 31))) == [date(2020, 1, 1), date(2020, 2, 1)]
