"""What a village's list may show, and how long a notice hangs. Pure; the days are dated data (publication.yaml).

Names are masked, and a list says no more than the law lets it: name, number of members, amount, village. Children
without care and orphans are never on one (民发〔2019〕62号: 不宜设置公示环节; domain §0.8).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from ..states import Programme

PUBLISHABLE: frozenset[str] = frozenset({Programme.DIBAO, Programme.TEKUN, Programme.PRICE_SUBSIDY})
"""Programmes whose lists may be put up. Any other is refused, and those for children above all."""

NEVER_PUBLISHED: frozenset[str] = frozenset({"orphan", "unattended_child"})
"""Categories of a person, of the register or by a grant, that keep every list silent about the household."""


@dataclass(frozen=True, slots=True)
class PublicationRule:
    """One dated version."""

    valid_from: date
    notice_days: int
    source: str

    def take_down_on(self, posted_on: date) -> date:
        """The first day without the notice: day 8 of seven calendar days counted from the day after it went up."""
        return posted_on + timedelta(days=self.notice_days + 1)


def publication_rule_on(posted_on: date) -> PublicationRule:
    """The version for a day. Raises Invalid for a day before the first."""
    for rule in reversed(publication_rules()):
        if rule.valid_from <= posted_on:
            return rule
    raise Invalid(
        _("%(day)s 还没有公示规定，请核对日期") % {"day": posted_on.isoformat()}, reason="publication.no_rule"
    )


@lru_cache(maxsize=1)
def publication_rules() -> tuple[PublicationRule, ...]:
    """Every version, the oldest first."""
    stored = yaml.safe_load((Path(__file__).parent / "publication.yaml").read_text(encoding="utf-8"))
    rules = (
        PublicationRule(one["valid_from"], one["notice_days"]["value"], one["notice_days"]["source"]) for one in stored
    )
    return tuple(sorted(rules, key=lambda rule: rule.valid_from))


def may_be_published(categories: Collection[str]) -> bool:
    """Whether a household whose persons have these categories may stand on a list."""
    return not NEVER_PUBLISHED & set(categories)
