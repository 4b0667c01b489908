"""Amounts of temporary relief 临时救助 that follow from a formula; what does not is 一事一议, a decision with a note.

Law: 国发〔2014〕47号; 民发〔2018〕23号; the formulas are the provinces' and counties' (parameters `relief.*`). Pure, in fen.
`rules.relief.check_amount` holds an officer's claim against its basis; this says what the formula gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .parameters import StandardsRow
from .rounding import share


class Formula(StrEnum):
    SMALL = "small"
    STANDARD_MONTHS = "standard_months"
    OWN_COST_LEAST = "own_cost_least"
    OWN_COST_SHARE = "own_cost_share"
    CASE_BY_CASE = "case_by_case"


class Household(StrEnum):
    """Whose months are capped apart."""

    TEKUN = "tekun"
    DIBAO = "dibao"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReliefAmount:
    """`amount_fen` is the most the formula allows, 0 for 一事一议; `months` after the cap, `is_capped` when one applied."""

    formula: Formula
    amount_fen: int
    months: int = 0
    is_capped: bool = False
    least_fen: int = 0


def months_allowed(months: int, household: Household, standards: StandardsRow) -> int:
    """The months asked for, capped by the place's own cap for such households and by the general one."""
    if months <= 0:
        raise ValueError("months are counted from 1")
    own = standards.number(f"relief.months.{household.value}")
    most = standards.number("relief.months_max")
    return min(months, own or most, most)


def by_months(persons: int, months: int, household: Household, standards: StandardsRow) -> ReliefAmount:
    """支出型, and 急难型 that is not light: urban dibao standard x persons x months (Gansu 2021: months <= 6)."""
    if persons <= 0:
        raise ValueError("somebody is helped")
    allowed = months_allowed(months, household, standards)
    amount = standards.number("dibao.standard.urban") * persons * allowed
    return ReliefAmount(Formula.STANDARD_MONTHS, amount, allowed, is_capped=allowed < months)


def light(standards: StandardsRow) -> ReliefAmount:
    """急难型, 情形较轻: a small amount up to the place's most (Gansu: 800 yuan); 一事一议 where it has none."""
    most = standards.number("relief.small.most")
    return ReliefAmount(Formula.SMALL, most) if most else ReliefAmount(Formula.CASE_BY_CASE, 0)


def by_own_cost(own_cost_fen: int, standards: StandardsRow) -> ReliefAmount | None:
    """重大支出: from one own cost a least amount, above another a share of it, both capped; None below the first.

    An own cost of 50,000 to 100,000 yuan gives at least 10,000, above that 10 %, at most 50,000 (an answer of 2020).
    """
    if own_cost_fen < 0:
        raise ValueError("a cost is not negative")
    least_from, share_above = (
        standards.number("relief.own_cost.from"),
        standards.number("relief.own_cost.percent_above"),
    )
    most = standards.number("relief.own_cost.most")
    if share_above and own_cost_fen > share_above:
        amount = share(own_cost_fen, standards.number("relief.own_cost.percent"))
        capped = min(amount, most) if most else amount
        return ReliefAmount(Formula.OWN_COST_SHARE, capped, is_capped=capped < amount)
    if least_from and own_cost_fen >= least_from:
        least = standards.number("relief.own_cost.least")
        return ReliefAmount(Formula.OWN_COST_LEAST, most or least, least_fen=least)
    return None


def needs_county(amount_fen: int, formula: Formula, standards: StandardsRow) -> bool:
    """社会救助暂行办法第四十八条: the township decides up to its limit; 一事一议 is the county's."""
    return formula is Formula.CASE_BY_CASE or amount_fen > standards.number("relief.township_limit")


def funeral_fen(basic_fen: int, standards: StandardsRow) -> int:
    """特困人员丧葬费: so many months of the basic standard, once; 0 where the place has none."""
    return basic_fen * standards.number("tekun.funeral.months")
