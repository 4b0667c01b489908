"""Who is eligible, as the texts say it: bands of income, single-person inclusion, who has no ability to work.

Pure functions over plain values, by the version of the text. They judge nobody: an officer does, after the means check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .catalogue import BASIS_POINTS

VISUAL, PHYSICAL, INTELLECTUAL, MENTAL = 1, 4, 5, 6
"""Kinds of disability on the certificate 残疾人证."""


class Band(StrEnum):
    """Where a household's income stands against the standard of dibao."""

    DIBAO = "dibao"
    BORDERLINE = "borderline"
    ABOVE = "above"


def band(income_fen: int, persons: int, standard_fen: int, borderline_below: int = 15_000) -> Band:
    """民发〔2021〕57号第八条: below the standard is dibao, from it to below 1.5 times is borderline.

    Compared over the whole household, so that no income a head is rounded. `borderline_below` is in hundredths of a percent.
    """
    if persons <= 0:
        raise ValueError("a household has members")
    full = standard_fen * persons
    if income_fen < full:
        return Band.DIBAO
    return Band.BORDERLINE if income_fen * BASIS_POINTS < full * borderline_below else Band.ABOVE


def may_be_single_person(
    *,
    kind: int,
    level: int,
    is_seriously_ill: bool,
    is_clergy_three_years: bool = False,
    is_locally_named: bool = False,
) -> bool:
    """民发〔2021〕57号第八条: which member of a borderline family may be taken in alone 单人户保.

    Level 1-2 of any kind, level 3 of 智力 or 精神 only, the seriously ill, clergy of three years, who a place names.
    """
    is_severe = level in (1, 2) or (level == 3 and kind in (INTELLECTUAL, MENTAL))
    return is_severe or is_seriously_ill or is_clergy_three_years or is_locally_named


def age_on(birth_on: date, on: date) -> int:
    """Whole years lived on a day; somebody born on 29 February turns a year older on 1 March of a common year."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


@dataclass(frozen=True, slots=True)
class WithoutAbility:
    """Why somebody counts as without ability to work 无劳动能力; empty `reason` when not."""

    reason: str

    def __bool__(self) -> bool:
        return bool(self.reason)


_SEVERE_2016 = {INTELLECTUAL: 2, MENTAL: 2, PHYSICAL: 1}
_SEVERE_2021 = {INTELLECTUAL: 3, MENTAL: 3, PHYSICAL: 2, VISUAL: 1}


def without_ability(
    version: str, *, age: int, kind: int = 0, level: int = 0, minor_below: int = 16, elderly_from: int = 60
) -> WithoutAbility:
    """民发〔2021〕43号第五条: from 60, below 16, 智力 or 精神 1-3, 肢体 1-2, 视力 1; the text of 2016: 智力 or 精神 1-2, 肢体 1.

    `minor_below` is a place's parameter: the opinion of 2020 lets in those of 16 and 17. Raises KeyError for a version.
    """
    severe = {"2016": _SEVERE_2016, "2021": _SEVERE_2021}[version]
    if age >= elderly_from:
        return WithoutAbility("elderly")
    if age < minor_below:
        return WithoutAbility("minor")
    return WithoutAbility("disabled" if 1 <= level <= severe.get(kind, 0) else "")


def may_stay_in(age: int, *, is_in_compulsory_or_secondary_school: bool) -> bool:
    """民发〔2021〕43号第二十四条: a minor once taken in stays to 18, at school also after."""
    return age < 18 or is_in_compulsory_or_secondary_school


class Parent(StrEnum):
    """What keeps a parent from caring: 民发〔2019〕62号."""

    NONE = "none"
    SEVERELY_DISABLED = "severely_disabled"
    SERIOUSLY_ILL = "seriously_ill"
    CUSTODY_SIX_MONTHS = "custody_six_months"
    LOST_SIX_MONTHS = "lost_six_months"
    DEAD = "dead"
    MISSING = "missing"


def is_severe_for_parent(kind: int, level: int) -> bool:
    """民发〔2019〕62号: level 1-2 of any kind, 3-4 of 智力 or 精神."""
    return level in (1, 2) or (level in (3, 4) and kind in (INTELLECTUAL, MENTAL))


def is_unattended(first: Parent, second: Parent) -> bool:
    """民发〔2019〕62号: each parent is kept from caring, and not both are dead or missing (that child is an orphan)."""
    gone = {Parent.DEAD, Parent.MISSING}
    if Parent.NONE in (first, second):
        return False
    return not (first in gone and second in gone)
