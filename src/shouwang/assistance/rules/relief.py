"""The rules of temporary relief 临时救助: limits, the amount and who decides it, what a step needs.

Pure: frozen data in, a result or a refusal in words out. The days are dated data (relief.yaml), chosen by the day of
acceptance; a version stays as it is when a later one is added. Caps and limits of amounts are the bureau's parameters.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel import money
from shouwang.kernel.errors import Invalid

from ..states import Channel, ReliefBasis, ReliefKind, ReliefNeed

TOWNSHIP, COUNTY = "township", "county"

_TOWNSHIP_CODES = 10**6


@dataclass(frozen=True, slots=True)
class Limit:
    """How many days a step may take, counted from the day after the step before it."""

    days: int
    is_working: bool
    source: str
    is_placeholder: bool


@dataclass(frozen=True, slots=True)
class ReliefRule:
    """One dated version. `limits` by (clock, kind of relief)."""

    version: str
    valid_from: date
    source: str
    same_cause_months: int
    limits: Mapping[tuple[str, str], Limit]

    def limit(self, clock: str, kind: str) -> Limit:
        return self.limits[clock, kind]


def rule_on(accepted_on: date) -> ReliefRule:
    """The version for cases accepted on a day. Raises Invalid for a day before the first."""
    for rule in reversed(relief_rules()):
        if rule.valid_from <= accepted_on:
            return rule
    raise Invalid(
        _("%(day)s 还没有临时救助规则，请核对受理日期") % {"day": accepted_on.isoformat()}, reason="relief.no_rule"
    )


@lru_cache(maxsize=1)
def relief_rules() -> tuple[ReliefRule, ...]:
    """Every version, the oldest first."""
    stored = yaml.safe_load((Path(__file__).parent / "relief.yaml").read_text(encoding="utf-8"))
    rules = tuple(_rule(version) for version in stored)
    return tuple(sorted(rules, key=lambda rule: rule.valid_from))


def _rule(stored: Mapping[str, object]) -> ReliefRule:
    limits = stored["limits"]
    assert isinstance(limits, dict)
    return ReliefRule(
        version=str(stored["version"]),
        valid_from=date.fromisoformat(str(stored["valid_from"])),
        source=str(stored["source"]),
        same_cause_months=_value(stored["same_cause_months"]),
        limits={
            (clock, kind): Limit(
                days=int(limit["days"]),
                is_working=limit["unit"] == "working",
                source=str(limit["source"]),
                is_placeholder=bool(limit.get("is_placeholder", False)),
            )
            for clock, by_kind in limits.items()
            for kind, limit in by_kind.items()
        },
    )


def _value(stored: object) -> int:
    assert isinstance(stored, dict)
    return int(stored["value"])


def same_cause_until(helped_on: date, months: int) -> date:
    """The first day on which the same cause may be applied for again: the same day `months` later, or that month's end."""
    index = helped_on.year * 12 + helped_on.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(helped_on.day, calendar.monthrange(year, month + 1)[1]))


def township_of(area_code: int) -> int:
    """The township that a village or a grid lies in."""
    return area_code // _TOWNSHIP_CODES * _TOWNSHIP_CODES


@dataclass(frozen=True, slots=True)
class AmountClaim:
    """An amount and how it came about. `standard_fen`: the urban dibao standard a person and month."""

    amount_fen: int
    basis: str
    person_count: int
    standard_fen: int | None = None
    months: int | None = None
    note: str = ""


def check_amount(claim: AmountClaim, *, months_max: int, small_limit_fen: int) -> str:
    """The amount's formula in words. Raises Invalid when it does not follow from its basis.

    支出型 = 城市低保标准 × 人数 × 月数 (甘肃 2021, 月数 <= 6); 小额救助 within the township's limit; above both 一事一议
    with a note (two-offices opinion 2020, items 14-17).
    """
    if claim.amount_fen <= 0:
        raise Invalid(_("救助金额必须大于零"), reason="relief.amount")
    if claim.basis == ReliefBasis.SMALL_AMOUNT:
        if claim.amount_fen > small_limit_fen:
            raise Invalid(
                _("小额救助不超过 %(limit)s 元，超过的请按低保标准计算或者一事一议")
                % {"limit": money.yuan(small_limit_fen)},
                reason="relief.above_small",
                limit_fen=small_limit_fen,
            )
        return _("小额救助 %(amount)s 元") % {"amount": money.yuan(claim.amount_fen)}
    if claim.basis == ReliefBasis.STANDARD_MONTHS:
        return _standard_months(claim, months_max)
    if claim.basis == ReliefBasis.CASE_BY_CASE:
        if not claim.note.strip():
            raise Invalid(_("一事一议要写明议定的经过和结果"), reason="relief.note_missing")
        return _("一事一议：%(note)s") % {"note": claim.note.strip()}
    raise Invalid(_("请选择金额是怎样确定的"), reason="relief.basis")


def _standard_months(claim: AmountClaim, months_max: int) -> str:
    if not claim.standard_fen or not claim.months or claim.standard_fen < 0 or claim.months < 0:
        raise Invalid(_("按低保标准计算要填写标准和月数"), reason="relief.standard_missing")
    if claim.months > months_max:
        raise Invalid(
            _("救助月数不超过 %(months)s 个月，超过的请一事一议") % {"months": months_max},
            reason="relief.months",
            months_max=months_max,
        )
    expected = claim.standard_fen * claim.person_count * claim.months
    words = {
        "standard": money.yuan(claim.standard_fen),
        "persons": claim.person_count,
        "months": claim.months,
        "amount": money.yuan(expected),
    }
    formula = _("城市低保标准 %(standard)s 元 × %(persons)s 人 × %(months)s 个月 = %(amount)s 元") % words
    if claim.amount_fen != expected:
        raise Invalid(
            _("金额与算式不符：%(formula)s，填写的是 %(claimed)s 元")
            % {"formula": formula, "claimed": money.yuan(claim.amount_fen)},
            reason="relief.amount_differs",
            expected_fen=expected,
        )
    return formula


def deciding_level(amount_fen: int, basis: str, township_limit_fen: int) -> str:
    """Who decides: the township up to its limit, above it and for 一事一议 the county."""
    if basis == ReliefBasis.CASE_BY_CASE or amount_fen > township_limit_fen:
        return COUNTY
    return TOWNSHIP


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the needs of a step are judged by."""

    kind: str
    channel: str
    is_relief_first: bool
    is_simplified: bool
    notice_until_on: date | None
    notice_ended_on: date | None
    today: date


def unmet_need(need: str, facts: CaseFacts) -> str:
    """Why the need does not hold, in words that say what to do; empty when it holds."""
    if need == ReliefNeed.ORDINARY:
        return _("这是先行救助的个案，请走先行救助的步骤") if facts.is_relief_first else ""
    if need == ReliefNeed.RELIEF_FIRST:
        return "" if facts.is_relief_first else _("这不是先行救助的个案，请按一般程序办理")
    if need == ReliefNeed.EXPENDITURE_KIND:
        return "" if facts.kind == ReliefKind.EXPENDITURE else _("急难型救助不需要公示，请直接审批")
    if need == ReliefNeed.CASH:
        return "" if facts.channel == Channel.CASH else _("这一件由银行代发，不发现金")
    if need == ReliefNeed.BANK:
        return "" if facts.channel == Channel.BANK else _("这一件发放现金，不走银行代发")
    return _unmet_notice(need, facts)


def _unmet_notice(need: str, facts: CaseFacts) -> str:
    if need == ReliefNeed.NO_NOTICE_YET:
        return _("已经公示过，请直接审批") if facts.notice_ended_on else ""
    if need == ReliefNeed.NOTICE_OVER:
        until = facts.notice_until_on
        is_over = until is not None and facts.today > until
        return "" if is_over else _("公示到 %(day)s 为止，期满以后再结束公示") % {"day": until}
    assert need == ReliefNeed.NOTICE_SETTLED, need
    is_settled = facts.kind == ReliefKind.URGENT or facts.is_simplified or facts.notice_ended_on is not None
    return "" if is_settled else _("支出型救助要先公示，期满无异议后再审批")
