"""By when a month's payment should have arrived. Pure; the day is dated data (payment.yaml), chosen by the month paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from ..states import Programme

DUE_BY_DAY: frozenset[str] = frozenset({Programme.DIBAO, Programme.TEKUN})
"""What payment.yaml gives a day for: the text names dibao, tekun follows it. No text gives one for the others."""


@dataclass(frozen=True, slots=True)
class PaymentRule:
    """One dated version. `is_placeholder`: the text gives no day, and the bureau's own notice should."""

    version: str
    valid_from: date
    source: str
    pay_by_day: int
    is_placeholder: bool

    def due_on(self, benefit_month: date) -> date:
        """The last day on which the money should have arrived."""
        return benefit_month.replace(day=self.pay_by_day)


def payment_rule_on(benefit_month: date) -> PaymentRule:
    """The version that holds for a month. Raises Invalid for a month before the first."""
    for rule in reversed(payment_rules()):
        if rule.valid_from <= benefit_month:
            return rule
    raise Invalid(
        _("%(month)s 还没有发放规则，请核对月份") % {"month": f"{benefit_month:%Y-%m}"}, reason="payment.no_rule"
    )


@lru_cache(maxsize=1)
def payment_rules() -> tuple[PaymentRule, ...]:
    """Every version, the oldest first."""
    stored = yaml.safe_load((Path(__file__).parent / "payment.yaml").read_text(encoding="utf-8"))
    rules = (
        PaymentRule(
            version=one["version"],
            valid_from=one["valid_from"],
            source=one["source"],
            pay_by_day=one["pay_by_day"]["value"],
            is_placeholder=one["pay_by_day"].get("is_placeholder", False),
        )
        for one in stored
    )
    return tuple(sorted(rules, key=lambda rule: rule.valid_from))
