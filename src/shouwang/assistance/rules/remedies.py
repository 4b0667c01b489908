"""What a decision's letter says of the remedy: reconsideration 行政复议 and suit 行政诉讼, each with its limit.

Pure; the limits are dated data (remedies.yaml) with their articles, chosen by the day of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Remedy:
    """One dated version. Both limits run from the day on which the letter is received."""

    valid_from: date
    reconsideration_days: int
    reconsideration_source: str
    suit_months: int
    suit_source: str
    right: str
    reconsider_at: Mapping[str, str]

    def sentence(self, decided_by: str) -> str:
        """The paragraph of the letter; `decided_by` is township or county."""
        return _(
            "如不服本决定，可以依照%(right)s，自收到本决定书之日起%(days)s日内向%(organ)s申请行政复议（%(review)s）；"
            "也可以自收到本决定书之日起%(months)s个月内直接向人民法院提起行政诉讼（%(suit)s）。"
        ) % {
            "right": self.right,
            "days": self.reconsideration_days,
            "organ": self.reconsider_at[decided_by],
            "review": self.reconsideration_source,
            "months": self.suit_months,
            "suit": self.suit_source,
        }


def remedy_on(decided_on: date) -> Remedy:
    """The version for decisions of a day. Raises Invalid for a day before the first."""
    for remedy in reversed(remedies()):
        if remedy.valid_from <= decided_on:
            return remedy
    raise Invalid(
        _("%(day)s 还没有救济期限的规定，请核对决定日期") % {"day": decided_on.isoformat()}, reason="remedy.none"
    )


@lru_cache(maxsize=1)
def remedies() -> tuple[Remedy, ...]:
    """Every version, the oldest first."""
    stored = yaml.safe_load((Path(__file__).parent / "remedies.yaml").read_text(encoding="utf-8"))
    versions = (
        Remedy(
            valid_from=one["valid_from"],
            reconsideration_days=one["reconsideration"]["days"],
            reconsideration_source=one["reconsideration"]["source"],
            suit_months=one["suit"]["months"],
            suit_source=one["suit"]["source"],
            right=one["right"],
            reconsider_at=one["reconsider_at"],
        )
        for one in stored
    )
    return tuple(sorted(versions, key=lambda remedy: remedy.valid_from))
