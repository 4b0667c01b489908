"""Temporary relief 临时救助 before its money is written down: who was met by what, when, and by which formula.

Guarantees: the paid cases of each unit cover exactly its quota of person-times; `steer` changes months, and small
amounts within the township's limit, so that each amount still follows from its basis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from .calendar import working_day_on_or_after
from .dibao import earner
from .families import make_family
from .people import account_of
from .plan import Quota
from .seeds import DemoCity, HouseholdSeed, IncomeSeed
from .setting import Setting

Basis = Literal["small_amount", "standard_months", "case_by_case"]
Kind = Literal["urgent", "expenditure"]

OUTBREAK_FROM = date(2020, 1, 27)
RELIEF_FIRST_FROM = date(2020, 1, 28)
FOLLOW_UP_AFTER_DAYS = 33
"""By then the first relief has been paid, whatever its papers took."""
MONTHS_MAX = 6
_POOR_SHARE, _ELSEWHERE_SHARE, _FOLLOW_UP_SHARE, _EXPENDITURE_SHARE = 0.38, 0.14, 0.015, 0.58

_SMALL_AMOUNTS = (500, 600, 800, 1000, 1000, 1200, 1500, 1500, 1800, 2000)
_ACCIDENTS = ("accident",) * 4 + ("illness",) * 4 + ("fire",) * 2
_URGENT_CAUSES = ("epidemic",) * 6 + ("lost_income",) * 4 + _ACCIDENTS + ("other",)
_EXPENDITURE_CAUSES = ("illness",) * 4 + ("education",)
_LARGE_CAUSES = frozenset(_ACCIDENTS)
_ROUND_OFF = 200
"""No small amount is changed by more."""

_FAMILY_SIZES = (1,) * 4 + (2,) * 6 + (3,) * 5 + (4,) * 3 + (5,)

_ELSEWHERE = (
    (230100000000000, "黑龙江省哈尔滨市"),
    (341200000000000, "安徽省阜阳市"),
    (371300000000000, "山东省临沂市"),
    (411600000000000, "河南省周口市"),
    (421000000000000, "湖北省荆州市"),
    (620500000000000, "甘肃省天水市"),
)

_OTHER_ENDS = (
    ("paid_december", 8),
    ("paid_on_opening", 6),
    ("approved", 14),
    ("verified", 9),
    ("accepted", 12),
    ("refused", 22),
)
"""Cases that no figure of the period may count, at full scale."""


class Draft:
    """A case whose amount may still be steered. Money in yuan."""

    __slots__ = (
        "accepted_on",
        "amount",
        "basis",
        "cause",
        "end",
        "follows",
        "home_area_name",
        "household",
        "is_relief_first",
        "key",
        "kind",
        "months",
        "standard",
    )

    key: int
    end: str
    kind: Kind
    cause: str
    basis: Basis
    household: HouseholdSeed
    home_area_name: str
    follows: Draft | None
    accepted_on: date
    is_relief_first: bool
    standard: int
    months: int | None
    amount: int

    def give_months(self, months: int) -> int:
        """Returns by how much less is paid."""
        before = self.amount
        self.months = months
        self.amount = self.standard * len(self.household.members) * months
        return before - self.amount


class Hardships:
    """Draws cases one after the other; a poor household is met once, unless its relief is followed up."""

    def __init__(self, setting: Setting, city: DemoCity) -> None:
        self._setting = setting
        self._city = city
        self._rng = setting.rng("relief")
        touched = {row.household_key for rows in (city.deaths, city.births, city.moves) for row in rows}
        self._poor: defaultdict[int, list[HouseholdSeed]] = defaultdict(list)
        for household in city.households:
            if household.key not in touched and household.registered_on < date(2019, 12, 1):
                self._poor[household.reporting_unit].append(household)
        self._followed: set[int] = set()
        self.drafts: list[Draft] = []

    def draw(self, unit: int, is_urban: bool, people_max: int, end: str) -> Draft:
        """A case of at most `people_max` persons; appended to `drafts`."""
        rng = self._rng
        draft = Draft()
        draft.key, draft.end = len(self.drafts) + 1, end
        draft.standard = self._setting.standards.dibao(unit, True)
        draft.home_area_name, draft.follows = "", None
        earlier = self._to_follow_up(unit, people_max) if end == "paid" and rng.random() < _FOLLOW_UP_SHARE else None
        if earlier is not None:
            self._follow_up(draft, earlier)
        else:
            self._meet(draft, unit, is_urban, people_max)
        self._set_amount(draft)
        is_small_and_urgent = draft.kind == "urgent" and draft.basis == "small_amount"
        may_be_first = is_small_and_urgent and draft.accepted_on >= RELIEF_FIRST_FROM and end == "paid"
        draft.is_relief_first = may_be_first and rng.random() < 0.6
        self.drafts.append(draft)
        return draft

    def _to_follow_up(self, unit: int, people_max: int) -> Draft | None:
        for draft in reversed(self.drafts):
            if draft.household.reporting_unit != unit:
                return None
            is_early = draft.end == "paid" and draft.follows is None and draft.accepted_on < date(2020, 1, 31)
            is_early = is_early and draft.key not in self._followed
            if is_early and len(draft.household.members) <= people_max:
                return draft
        return None

    def _follow_up(self, draft: Draft, earlier: Draft) -> None:
        self._followed.add(earlier.key)
        draft.follows, draft.household, draft.home_area_name = earlier, earlier.household, earlier.home_area_name
        draft.kind, draft.cause = earlier.kind, earlier.cause
        draft.accepted_on = working_day_on_or_after(earlier.accepted_on + timedelta(days=FOLLOW_UP_AFTER_DAYS))

    def _meet(self, draft: Draft, unit: int, is_urban: bool, people_max: int) -> None:
        rng = self._rng
        draw = rng.random()
        draft.kind = "expenditure" if rng.random() < _EXPENDITURE_SHARE else "urgent"
        draft.accepted_on = self._accepted_on(draft)
        causes = _EXPENDITURE_CAUSES if draft.kind == "expenditure" else _URGENT_CAUSES
        draft.cause = causes[int(rng.random() * len(causes))]
        is_outbreak = draft.accepted_on >= OUTBREAK_FROM
        if draft.cause == "epidemic" and not is_outbreak:
            draft.cause = "lost_income"
        household = self._poor_household(unit, people_max) if draw < _POOR_SHARE else None
        is_elsewhere = is_outbreak and draft.kind == "urgent" and draw > 1 - _ELSEWHERE_SHARE
        if household is None and is_elsewhere:
            hukou_code, draft.home_area_name = _ELSEWHERE[int(rng.random() * len(_ELSEWHERE))]
            draft.cause = "stranded"
            household = self._family(draft, unit, is_urban, min(1 + (rng.random() < 0.3), people_max), hukou_code)
        if household is None:
            size = min(_FAMILY_SIZES[int(rng.random() * len(_FAMILY_SIZES))], people_max)
            household = self._family(draft, unit, is_urban, size, None)
        draft.household = household

    def _accepted_on(self, draft: Draft) -> date:
        """Papers take time: what is to be paid by 2020-03-17 was accepted early enough."""
        draw = self._rng.random()
        if draft.end == "paid":
            first, days = date(2020, 1, 2), (65 if draft.kind == "expenditure" else 71)
        elif draft.end == "paid_december":
            first, days = date(2019, 12, 3), 8
        elif draft.end == "paid_on_opening":
            first, days = date(2020, 3, 11), 2
        elif draft.end == "refused":
            first, days = date(2020, 1, 6), 50
        else:
            first, days = date(2020, 3, 9), 4
        return working_day_on_or_after(first + timedelta(days=int(draw * days)))

    def _poor_household(self, unit: int, people_max: int) -> HouseholdSeed | None:
        poor = self._poor[unit]
        for _ in range(min(5, len(poor))):
            position = int(self._rng.random() * len(poor))
            if len(poor[position].members) <= people_max:
                poor[position], poor[-1] = poor[-1], poor[position]
                return poor.pop()
        return None

    def _family(self, draft: Draft, unit: int, is_urban: bool, size: int, hukou_code: int | None) -> HouseholdSeed:
        """A household that stood in no register until its hardship was accepted."""
        rng, on = self._rng, draft.accepted_on
        members = make_family(self._setting.maker, rng, size, on, is_poor=False)
        village = self._setting.village(unit, is_urban, rng)
        worker = earner(members)
        incomes: tuple[IncomeSeed, ...] = ()
        if worker is not None:
            incomes = (IncomeSeed(worker.key, "wage", 10_000 * int(12 + 22 * rng.random()), on, on),)
        household = HouseholdSeed(
            next(self._setting.household_keys),
            village.code,
            village.township,
            unit,
            hukou_code or village.code,
            is_urban,
            on,
            members[0].key,
            members,
            incomes,
            (account_of(members[0], valid_from=on),),
        )
        self._city.households.append(household)
        return household

    def _set_amount(self, draft: Draft) -> None:
        rng = self._rng
        draw = rng.random()
        draft.months, draft.amount = None, 0
        if draft.kind == "expenditure":
            draft.basis = "standard_months"
            draft.give_months(3 + int(rng.random() * 4))
        elif draw < 0.72:
            draft.basis, draft.amount = "small_amount", _SMALL_AMOUNTS[int(rng.random() * len(_SMALL_AMOUNTS))]
        elif draw > 0.95 and draft.cause in _LARGE_CAUSES:
            draft.basis, draft.amount = "case_by_case", 1_000 * int(15 + 20 * rng.random())
        else:
            draft.basis = "standard_months"
            draft.give_months(1 + int(rng.random() * 3))


def draft_cases(setting: Setting, city: DemoCity, quotas: Sequence[Quota], scale: float) -> list[Draft]:
    """Paid cases that make up each quota exactly, then those that ended otherwise, spread over the units."""
    hardships = Hardships(setting, city)
    for quota in quotas:
        left = quota.people
        while left:
            left -= len(hardships.draw(quota.reporting_unit, quota.is_urban, left, "paid").household.members)
    cells = [quota for quota in quotas if quota.people]
    position = 0
    for end, count in _OTHER_ENDS:
        for _ in range(max(1, int(count * scale))):
            position += 7
            quota = cells[position % len(cells)]
            hardships.draw(quota.reporting_unit, quota.is_urban, 4, end)
    return hardships.drafts


def steer(drafts: Sequence[Draft], target_yuan: int, small_limit: int) -> int:
    """Lengthen or shorten the last relief by months, then round off with small amounts, until the target is paid.

    Returns what is left, which is 0 unless there are too few cases.
    """
    paid = [draft for draft in reversed(drafts) if draft.end == "paid"]
    left = target_yuan - sum(draft.amount for draft in paid)
    by_months = [draft for draft in paid if draft.months is not None]
    for draft in by_months:
        months, step = draft.months or 0, draft.standard * len(draft.household.members)
        if left >= step and months < MONTHS_MAX:
            left += draft.give_months(months + 1)
        elif left < 0 and months > 1:
            left += draft.give_months(months - 1)
    for draft in paid:
        if draft.basis == "small_amount" and left > 0:
            step = min(left, small_limit - draft.amount, _ROUND_OFF)
            draft.amount += step
            left -= step
    return left
