"""The rules once more, in plain Python over Decimal yuan, from the words of the articles; shares no code with the rules.

It guards the meaning: slow, one household at a time, each function a sentence of the law.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from .snapshots import Snapshot

Row = Mapping[str, Any]
Amounts = tuple[Decimal, Decimal]
"""Paid, and what would be paid without measures."""

ZERO, HUNDRED = Decimal(0), Decimal(100)
_WAYS = {"half_up": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}


def yuan(fen: Any) -> Decimal:
    return Decimal(fen) / 100


def to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def rounded(amount: Decimal, way: str) -> Decimal:
    return to_fen(amount) if way == "exact" else amount.quantize(Decimal(1), _WAYS[way])


def age(born: date, on: date) -> int:
    """Years lived: counted birthday by birthday."""
    years = 0
    while True:
        try:
            birthday = born.replace(year=born.year + years + 1)
        except ValueError:  # 29 February in a common year: on 1 March
            birthday = date(born.year + years + 1, 3, 1)
        if birthday > on:
            return years
        years += 1


@dataclass
class Oracle:
    snapshot: Snapshot
    version: str

    def __post_init__(self) -> None:
        self.persons = {row["person_id"]: row for row in self.snapshot.persons}
        self.members: dict[int, list[Row]] = defaultdict(list)
        for row in self.snapshot.persons:
            self.members[row["household_id"]].append(row)
        self.holds: dict[int, list[Row]] = defaultdict(list)
        for row in self.snapshot.holds:
            self.holds[row["person_id"]].append(row)
        self.measures = {row["unit_code"]: row for row in self.snapshot.measures}
        self.rows = {row.unit_code: row for row in self.snapshot.standards}

    # -- parameters -------------------------------------------------------------------------------------------------
    def text(self, unit: int, key: str) -> str:
        return str(self.rows[unit].values[key])

    def money(self, unit: int, key: str) -> Decimal:
        return yuan(self.rows[unit].values[key])

    def percent(self, unit: int, key: str) -> Decimal:
        """A fraction: 130 % is 1.3."""
        return Decimal(self.rows[unit].values[key]) / 10_000

    def count(self, unit: int, key: str) -> int:
        return int(self.rows[unit].values[key])

    def month(self, unit: int) -> date:
        return self.rows[unit].benefit_month

    def standard(self, unit: int, is_urban: bool) -> Decimal:
        return self.money(unit, "dibao.standard.urban" if is_urban else "dibao.standard.rural")

    def has(self, person_id: int, *programmes: str) -> bool:
        return any(row["programme"] in programmes for row in self.holds[person_id])

    def received(self, person_id: int, *programmes: str) -> Decimal:
        return sum((yuan(row["received_fen"]) for row in self.holds[person_id] if row["programme"] in programmes), ZERO)

    # -- 低保 -------------------------------------------------------------------------------------------------------
    def dibao(self, grant: Row) -> Amounts:
        unit = grant["unit_code"]
        people = [
            person
            for person in self.members[grant["household_id"]]
            if person["is_living"] and grant["person_id"] in (None, person["person_id"])
        ]
        if not people:
            return ZERO, ZERO
        base = self._dibao_base(grant, people)
        surcharge = sum((self._surcharge(grant, person) for person in people), ZERO) if base else ZERO
        computed = base + surcharge
        standing = self.count(unit, "dibao.gradual_exit.months")
        return self._kept(grant, computed, standing)

    def _dibao_base(self, grant: Row, people: list[Row]) -> Decimal:
        unit, heads = grant["unit_code"], len(people)
        standard = self.standard(unit, grant["is_urban"])
        income = self._income(unit, people)
        if grant["person_id"] is not None:
            mode = self.text(unit, "dibao.single_person.mode")
            due = {
                "none": ZERO,
                "fixed": self.money(unit, "dibao.single_person.amount"),
                "full": standard,
                "gap": max(standard - income, ZERO),
            }[mode]
        elif income >= standard * heads:
            due = ZERO
        elif self.text(unit, "dibao.amount.mode") == "tiers":
            due = self.money(unit, f"dibao.tier.{grant['tier']}") * heads if grant["tier"] else ZERO
        else:
            due = standard * heads - income
        if not due:
            return ZERO
        return max(rounded(due, self.text(unit, "dibao.rounding")), self.money(unit, "dibao.payment.minimum"))

    def _income(self, unit: int, people: list[Row]) -> Decimal:
        total = ZERO
        for person in people:
            wage = yuan(person["income_wage_fen"])
            if self.version != "2012" and self.text(unit, "dibao.deduction.work_cost") == "actual":
                wage = max(wage - yuan(person["work_cost_fen"]), ZERO)
            total += wage + sum(yuan(person[f"income_{kind}_fen"]) for kind in ("business", "property", "transfer"))
        if self.version != "2012" and self.text(unit, "dibao.deduction.rigid") == "actual":
            total = max(total - sum(yuan(person["rigid_spending_fen"]) for person in people), ZERO)
        return total

    def _surcharge(self, grant: Row, person: Row) -> Decimal:
        """Once a person, the highest that applies."""
        unit = grant["unit_code"]
        years = age(person["birth_on"], self.month(unit))
        reasons = []
        if years >= self.count(unit, "dibao.surcharge.elderly.age_from"):
            reasons.append("elderly")
        if years < self.count(unit, "dibao.surcharge.minor.age_below"):
            reasons.append("minor")
        if 0 < person["disability_level"] <= self.count(unit, "dibao.surcharge.severely_disabled.level_to"):
            reasons.append("severely_disabled")
        if person["is_seriously_ill"]:
            reasons.append("seriously_ill")
        if self.text(unit, "dibao.surcharge.basis") == "amount":
            rates = [self.money(unit, f"dibao.surcharge.{reason}") for reason in reasons]
        else:
            standard = self.standard(unit, grant["is_urban"])
            rates = [to_fen(standard * self.percent(unit, f"dibao.surcharge.{reason}.percent")) for reason in reasons]
        return max(rates, default=ZERO)

    def _kept(self, grant: Row, computed: Decimal, standing: int) -> Amounts:
        """Gradual exit by parameter is ordinary; by measure, and the pause, are not. Death and fraud lift both."""
        if grant["has_death"] or grant["has_fraud"]:
            return computed, computed
        decided = yuan(grant["decided_fen"])
        measure = self.measures.get(grant["unit_code"], {})
        ordinary = paid = computed
        if computed == 0 and grant["exit_from"] is not None:
            month = self.month(grant["unit_code"])
            past = (month.year - grant["exit_from"].year) * 12 + month.month - grant["exit_from"].month
            if 0 <= past < standing:
                ordinary = paid = decided
            if 0 <= past < (measure.get("gradual_exit_months") or 0):
                paid = decided
        if (measure.get("is_exit_paused") or grant["awaits_review"]) and decided > paid:
            paid = decided
        return paid, ordinary

    # -- 特困 -------------------------------------------------------------------------------------------------------
    def tekun(self, grant: Row) -> Amounts:
        unit, person = grant["unit_code"], self.persons[grant["person_id"]]
        if not person["is_living"]:
            return ZERO, ZERO
        town = "urban" if grant["is_urban"] else "rural"
        basic = self.money(unit, f"tekun.basic.{town}.amount")
        if not basic:
            exact = to_fen(self.standard(unit, grant["is_urban"]) * self.percent(unit, f"tekun.basic.{town}"))
            basic = rounded(exact, self.text(unit, "tekun.rounding"))
        computed = basic + self._care(unit, person)
        return self._kept({**grant, "exit_from": None}, computed, 0)

    def _care(self, unit: int, person: Row) -> Decimal:
        failed, mode = person["self_care_failed"], person["care_mode"]
        if failed is None or mode is None:
            return ZERO
        tier = "self"
        if failed >= self.count(unit, "tekun.care.half.failed_from"):
            tier = "half"
        if failed >= self.count(unit, "tekun.care.full.failed_from"):
            tier = "full"
        key = f"tekun.care.{mode}.{tier}"
        if self.text(unit, "tekun.care.base") == "minimum_wage":
            return to_fen(self.money(unit, "minimum_wage") * self.percent(unit, f"{key}.percent"))
        return self.money(unit, key)

    # -- 价格临时补贴 -----------------------------------------------------------------------------------------------
    def price_subsidy(self, hold: Row) -> Amounts:
        unit = hold["unit_code"]
        rises = {index: self.percent(unit, f"price_index.{index}") for index in ("cpi", "food", "scpi")}
        reached = {
            index: rise
            for index, rise in rises.items()
            if rise >= self.percent(unit, f"price_subsidy.trigger.{index}")
            and (index != "scpi" or self.percent(unit, "price_subsidy.trigger.scpi"))
        }
        which = self.text(unit, f"price_subsidy.standard.{hold['programme']}")
        if not reached or which == "none":
            return ZERO, ZERO
        standard = self.standard(unit, hold["is_urban"] if which == "own" else which == "urban")
        used = self.text(unit, "price_subsidy.index_used")
        rise = max(*reached.values(), ZERO) if used == "triggered" else max(rises[used], ZERO)
        way, least = self.text(unit, "price_subsidy.rounding"), self.money(unit, "price_subsidy.minimum")
        single = max(rounded(standard * rise, way), least)
        factor = self.percent(unit, "price_subsidy.factor")
        if self.measures.get(unit, {}).get("is_price_doubled"):
            factor = max(factor, Decimal(2))
        if self.text(unit, "price_subsidy.factor_applies") == "after_rounding":
            return to_fen(single * factor), single
        return max(rounded(standard * rise * factor, way), least), single

    # -- 残疾人两项补贴 ---------------------------------------------------------------------------------------------
    def disability_living(self, grant: Row) -> Amounts:
        unit, person = grant["unit_code"], self.persons[grant["person_id"]]
        who = person["person_id"]
        is_wide = self.text(unit, "disability.living.scope") == "low_income"
        is_in_scope = self.has(who, "dibao") or (is_wide and self.has(who, "borderline"))
        if not person["is_living"] or not person["disability_level"] or not is_in_scope:
            return ZERO, ZERO
        if self.has(who, "tekun", "work_injury_care", "orphan", "unattended_child"):
            return ZERO, ZERO
        return self._unless_higher(self.money(unit, "disability.living.amount"), who, "elderly_care_allowance")

    def disability_nursing(self, grant: Row) -> Amounts:
        unit, person = grant["unit_code"], self.persons[grant["person_id"]]
        who, level = person["person_id"], person["disability_level"]
        is_severe = level in (1, 2) or (level == 3 and person["disability_kind"] in (5, 6))
        if not person["is_living"] or not is_severe or not person["needs_care"]:
            return ZERO, ZERO
        if self.has(who, "tekun", "work_injury_care"):
            return ZERO, ZERO
        rate = self.money(unit, f"disability.nursing.level_{level}")
        return self._unless_higher(rate, who, "retired_cadre_care", "elderly_care_allowance")

    def _unless_higher(self, rate: Decimal, who: int, *similar: str) -> Amounts:
        amount = ZERO if self.received(who, *similar) >= rate else rate
        return amount, amount

    # -- 儿童 -------------------------------------------------------------------------------------------------------
    def _is_child(self, grant: Row, person: Row) -> bool:
        years = age(person["birth_on"], self.month(grant["unit_code"]))
        return bool(person["is_living"]) and years < self.count(grant["unit_code"], "child.age_below")

    def orphan(self, grant: Row) -> Amounts:
        person = self.persons[grant["person_id"]]
        if not self._is_child(grant, person) or self.has(person["person_id"], "tekun"):
            return ZERO, ZERO
        mode = "concentrated" if person["care_mode"] == "concentrated" else "dispersed"
        amount = self.money(grant["unit_code"], f"child.orphan.{mode}")
        return amount, amount

    def unattended_child(self, grant: Row) -> Amounts:
        unit, person = grant["unit_code"], self.persons[grant["person_id"]]
        if not self._is_child(grant, person):
            return ZERO, ZERO
        rate = to_fen(self.money(unit, "child.orphan.dispersed") * self.percent(unit, "child.unattended.percent"))
        amount = max(rate - self.received(person["person_id"], "dibao", "tekun", "disability_living"), ZERO)
        return amount, amount

    # -- 高龄津贴 ---------------------------------------------------------------------------------------------------
    def old_age(self, grant: Row) -> Amounts:
        unit, person = grant["unit_code"], self.persons[grant["person_id"]]
        is_in_scope = self.text(unit, "old_age.scope") == "all" or self.has(
            person["person_id"], "dibao", "tekun", "borderline"
        )
        if not person["is_living"] or not is_in_scope:
            return ZERO, ZERO
        on = self.month(unit)
        if self.text(unit, "old_age.counted_on") == "last_day":
            on = (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        years = age(person["birth_on"], on)
        amount = ZERO
        for tier in (1, 2, 3):
            if years >= self.count(unit, f"old_age.age_{tier}"):
                amount = self.money(unit, f"old_age.amount_{tier}")
        return amount, amount

    # -- 一次性补助 -------------------------------------------------------------------------------------------------
    def one_off(self, hold: Row) -> Amounts:
        town = "urban" if hold["is_urban"] else "rural"
        return self.money(hold["unit_code"], f"one_off.{hold['programme']}.{town}"), ZERO

    # -- whole programmes -------------------------------------------------------------------------------------------
    def by_grant(self, programme: str) -> dict[Any, Amounts]:
        rule: Callable[[Row], Amounts] = getattr(self, programme)
        return {grant["grant_id"]: rule(grant) for grant in self.snapshot.grants if grant["programme"] == programme}

    def by_person(self, programme: str, groups: tuple[str, ...]) -> dict[Any, Amounts]:
        """The best-paid group of each person, or of each household where the money is a household's."""
        rule: Callable[[Row], Amounts] = getattr(self, programme)
        best: dict[Any, Amounts] = {}
        for hold in self.snapshot.holds:
            if hold["programme"] in groups:
                subject: Any = hold["person_id"]
                if programme == "one_off" and self.text(hold["unit_code"], "one_off.per") == "household":
                    subject = ("household", hold["household_id"])
                best[subject] = max(best.get(subject, (ZERO, ZERO)), rule(hold))
        return best
