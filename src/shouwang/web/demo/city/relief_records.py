"""Relief cases written down with the days of their steps, and the petty reserves that the cash came out of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Literal

from .calendar import OPENING, add_working_days, working_day_on_or_after
from .relief import Draft
from .seeds import DemoCity, PettyReserveSeed, ReliefSeed
from .setting import Setting

FORMULA_VERSION = "演示-2020-1"
RESERVE_OPENED_ON = date(2020, 1, 2)
SIMPLIFIED_FROM = date(2020, 2, 13)
"""From then on relief for expenses is decided without public notice (measure simplified_approval)."""
NOTICE_DAYS = 7
_CASH_SHARE = 0.75
_PAY_WEEKDAYS = (1, 4)
_LAST_DAY = OPENING - timedelta(days=1)

_STORIES = {
    "illness": "家庭成员患重病，自负医疗费用超出承受能力。",
    "accident": "家庭成员遭遇意外事故，基本生活暂时陷入困境。",
    "fire": "房屋失火，生活用品损毁，基本生活暂时陷入困境。",
    "education": "子女就学必要支出超出家庭承受能力。",
    "lost_income": "家庭主要劳动力失去收入来源，基本生活暂时陷入困境。",
    "epidemic": "受疫情影响不能外出务工经营，基本生活暂时陷入困境。",
    "stranded": "外来人员受疫情影响滞留本地，食宿无着。",
    "other": "遭遇其他特殊困难，基本生活暂时陷入困境。",
}
_REFUSALS = ("同一事由已获救助，无正当理由再次申请", "家庭人均收入超过规定标准", "家庭财产状况不符合规定")


def write_reliefs(setting: Setting, city: DemoCity, drafts: Sequence[Draft]) -> None:
    rng = setting.rng("relief-records")
    limit = setting.standards.number("relief.township_limit", setting.areas.city_code)
    papers_days = setting.standards.number("relief.papers_due", setting.areas.city_code)
    reserves = {township.code: township.reporting_unit for township in setting.areas.townships}
    for draft in drafts:
        household = draft.household
        has_reserve = reserves.get(household.township_code) == household.reporting_unit
        is_small = draft.kind == "urgent" and draft.basis == "small_amount"
        is_cash = is_small and has_reserve and draft.end == "paid" and rng.random() < _CASH_SHARE
        draft.is_relief_first = draft.is_relief_first and is_cash
        steps = _Steps(rng, draft, papers_days)
        city.reliefs.append(
            ReliefSeed(
                key=draft.key,
                kind=draft.kind,
                cause=draft.cause,
                story=_STORIES[draft.cause],
                household_key=household.key,
                area_code=household.area_code,
                township_code=household.township_code,
                reporting_unit=household.reporting_unit,
                home_area_name=draft.home_area_name,
                person_keys=tuple(person.key for person in household.members),
                basis=draft.basis,
                formula_version=FORMULA_VERSION,
                months=draft.months,
                amount_fen=draft.amount * 100,
                decided_by="township" if draft.amount <= limit else "county",
                channel="cash" if is_cash else "bank",
                is_relief_first=draft.is_relief_first,
                follows_key=draft.follows.key if draft.follows else None,
                occurred_on=draft.accepted_on - timedelta(days=int(rng.random() * 7)),
                accepted_on=draft.accepted_on,
                verified_on=steps.verified_on,
                noticed_on=steps.noticed_on,
                approved_on=steps.approved_on,
                paid_on=steps.paid_on if is_cash else _pay_day(steps.paid_on),
                refused_on=steps.refused_on,
                refusal=_REFUSALS[int(rng.random() * len(_REFUSALS))] if steps.refused_on else "",
                papers_due_on=steps.papers_due_on,
                papers_in_on=steps.papers_in_on,
            )
        )
    _write_reserves(setting, city, limit)


def _pay_day(ready_on: date | None) -> date | None:
    """What the bank pays, a unit hands in twice a week, on Tuesdays and Fridays; on the opening day, as it comes."""
    if ready_on is None or ready_on >= OPENING:
        return ready_on
    while ready_on.weekday() not in _PAY_WEEKDAYS:
        ready_on += timedelta(days=1)
    return working_day_on_or_after(ready_on)


class _Steps:
    """The days of a case after its acceptance; relief first is decided and paid at once, and checked by its papers.

    Relief for expenses hangs on the notice board for seven days, as long as nothing else is ordered.
    """

    def __init__(self, rng: Random, draft: Draft, papers_days: int) -> None:
        self.verified_on: date | None = None
        self.noticed_on: date | None = None
        self.approved_on: date | None = None
        self.paid_on: date | None = None
        self.refused_on: date | None = None
        self.papers_due_on: date | None = None
        self.papers_in_on: date | None = None
        if draft.is_relief_first:
            self.approved_on = self.paid_on = draft.accepted_on
            self.papers_due_on = add_working_days(self.paid_on, papers_days)
            papers_in_on = add_working_days(self.paid_on, 2 + int(rng.random() * 11))
            if papers_in_on <= _LAST_DAY and rng.random() < 0.9:
                self.papers_in_on = self.verified_on = papers_in_on
            return
        if draft.end == "accepted":
            return
        is_slow = draft.kind == "expenditure" and draft.end != "paid_on_opening"
        self.verified_on = add_working_days(draft.accepted_on, 2 if is_slow else 1)
        if draft.end == "verified":
            return
        decision_days = 1 + int(rng.random() * 3) if is_slow and draft.end == "paid" else 1
        decided_on = add_working_days(self.verified_on, decision_days)
        if draft.kind == "expenditure" and draft.end != "refused" and self.verified_on < SIMPLIFIED_FROM:
            self.noticed_on = self.verified_on
            decided_on = working_day_on_or_after(self.verified_on + timedelta(days=NOTICE_DAYS + decision_days))
        if draft.end == "refused":
            self.refused_on = decided_on
            return
        self.approved_on = decided_on
        if draft.end == "paid_on_opening":
            self.paid_on = OPENING
        elif draft.end in ("paid", "paid_december"):
            self.paid_on = add_working_days(decided_on, 1 + int(rng.random() * 2) if is_slow else 1)


_Movement = tuple[date, Literal["opening", "refill", "payment"], int, int | None]


def _write_reserves(setting: Setting, city: DemoCity, limit: int) -> None:
    """Every township opens with three or five times its limit, and is refilled before it runs short."""
    payments: defaultdict[int, list[ReliefSeed]] = defaultdict(list)
    for relief in city.reliefs:
        if relief.channel == "cash" and relief.paid_on is not None:
            payments[relief.township_code].append(relief)
    for position, township in enumerate(setting.areas.townships):
        opening = limit * (3, 5)[position % 2]
        rows: list[_Movement] = [(RESERVE_OPENED_ON, "opening", opening, None)]
        balance = opening
        for relief in sorted(payments[township.code], key=lambda row: (row.paid_on or OPENING, row.key)):
            paid_on, amount = relief.paid_on or OPENING, relief.amount_fen // 100
            if balance < 2 * limit:
                rows.append((paid_on, "refill", opening - balance, None))
                balance = opening
            rows.append((paid_on, "payment", amount, relief.key))
            balance -= amount
        city.petty_reserve.extend(
            PettyReserveSeed(township.code, township.reporting_unit, kind, on, yuan * 100, key)
            for on, kind, yuan, key in rows
        )
