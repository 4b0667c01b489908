"""Tekun recipients 特困人员: elderly, disabled or minor, without income or supporter, at home or in a home.

Guarantees: exactly the asked number of people is paid inside the published period; each amount is the basic standard
plus care by self-care score and mode; `steer` changes scores, never amounts. None of them lives in a dibao household.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Literal

from .calendar import FEBRUARY, JANUARY, MARCH
from .people import PersonMaker, Sex, surname_of
from .places import Village
from .plan import Quota
from .seeds import GrantSteps, PersonSeed
from .setting import Setting, admission_steps, earlier_admission
from .steer import reach

_STORIES = (
    (0.020, "admitted_february"),
    (0.032, "admitted_january"),
    (0.041, "death_january"),
    (0.050, "death_february"),
    (0.053, "january_reissued"),
)
_START = {"admitted_january": JANUARY, "admitted_february": FEBRUARY, "admitted_march": MARCH}
_ADMITTED_MARCH_SHARE = 0.012
_BROTHERS_SHARE = 0.04
_CONCENTRATED_SHARE = 0.32

_SCORES = (0,) * 146 + (1,) * 16 + (2,) * 12 + (3,) * 8 + (4,) * 9 + (5,) * 5 + (6,) * 4
_HALF, _FULL = 2, 5
"""The scores that steering gives."""

Mode = Literal["concentrated", "dispersed"]


class Draft:
    """One recipient whose score may still be steered. Money in yuan a month; `care` is their mode's by score 0 to 6."""

    __slots__ = ("basic", "care", "died_on", "person", "starts_on", "steps", "story")

    basic: int
    care: tuple[int, ...]
    died_on: date | None
    person: PersonSeed
    starts_on: date
    steps: GrantSteps | None
    story: str

    @property
    def score(self) -> int:
        return self.person.self_care_score or 0

    def months(self) -> tuple[date, ...]:
        """Months of the first quarter of 2020 in which the grant is in force."""
        return tuple(
            month
            for month in (JANUARY, FEBRUARY, MARCH)
            if self.starts_on <= month and (self.died_on is None or self.died_on >= month)
        )

    def counted_yuan(self) -> int:
        """Every payment of January and February arrived in time."""
        return (self.basic + self.care[self.score]) * sum(month < MARCH for month in self.months())


class Home:
    """A household of one recipient, or of two siblings."""

    __slots__ = ("drafts", "household_key", "is_urban", "registered_on", "unit", "village")

    drafts: list[Draft]
    household_key: int
    is_urban: bool
    registered_on: date
    unit: int
    village: Village


def draft_homes(setting: Setting, quotas: Sequence[Quota]) -> list[Home]:
    """Recipients that make up each quota exactly, then those who are admitted from March on."""
    rng = setting.rng("tekun")
    homes: list[Home] = []
    for quota in quotas:
        left = quota.people
        while left:
            draw = rng.random()
            story = next((story for bound, story in _STORIES if draw < bound), "ordinary")
            has_brothers = left > 1 and story == "ordinary" and rng.random() < _BROTHERS_SHARE
            home = _home(setting, rng, quota, story, 2 if has_brothers else 1)
            homes.append(home)
            left -= len(home.drafts)
        for _ in range(int(quota.people * _ADMITTED_MARCH_SHARE + rng.random())):
            homes.append(_home(setting, rng, quota, "admitted_march", 1))
    return homes


def _home(setting: Setting, rng: Random, quota: Quota, story: str, size: int) -> Home:
    home = Home()
    home.household_key = next(setting.household_keys)
    home.unit, home.is_urban, _ = quota
    home.village = setting.village(home.unit, home.is_urban, rng)
    steps = None
    if story in _START:
        starts_on = _START[story]
        steps = admission_steps(rng, starts_on)
        home.registered_on = steps.accepted_on
    else:
        home.registered_on, starts_on = earlier_admission(rng)
    home.drafts = []
    surname = None
    for position in range(size):
        draft = Draft()
        draft.story, draft.starts_on, draft.steps, draft.died_on = story, starts_on, steps, None
        mode: Mode = "concentrated" if rng.random() < _CONCENTRATED_SHARE else "dispersed"
        relation = "sibling" if position else "head"
        draft.person = _person(setting.maker, rng, relation, home.registered_on, surname, mode)
        surname = surname_of(draft.person.name)
        draft.basic = setting.standards.tekun_basic(home.unit, home.is_urban)
        draft.care = tuple(setting.standards.tekun_care(home.unit, mode, score) for score in range(7))
        if story in ("death_january", "death_february"):
            first = JANUARY if story == "death_january" else FEBRUARY
            draft.died_on = first + timedelta(days=1 + int(rng.random() * 22))
        home.drafts.append(draft)
    return home


def _person(
    maker: PersonMaker, rng: Random, relation: str, joined_on: date, surname: str | None, mode: Mode
) -> PersonSeed:
    """Mostly unmarried men of sixty and more; some disabled adults, a few children."""
    draw = rng.random()
    if draw < 0.86:
        age, sex, disabled_share = 60 + int(35 * rng.random() ** 1.4), _sex(rng, 0.80), 0.18
    elif draw < 0.99:
        age, sex, disabled_share = 22 + int(38 * rng.random()), _sex(rng, 0.70), 1.0
    else:
        age, sex, disabled_share = 4 + int(11 * rng.random()), _sex(rng, 0.55), 0.1
    return maker.person(
        sex=sex,
        birth_on=maker.birth_on(age),
        relation=relation,
        joined_on=joined_on,
        surname=surname,
        disabled_share=disabled_share,
        ill_share=0.08,
        self_care_score=_SCORES[int(rng.random() * len(_SCORES))],
        care_mode=mode,
    )


def _sex(rng: Random, male_share: float) -> Sex:
    return "male" if rng.random() < male_share else "female"


def steer(homes: Sequence[Home], target_yuan: int) -> int:
    """Re-assess the self-care of the last recipients, so that what was paid is the target.

    Returns what is left, which is 0 unless the city is too small.
    """
    drafts = [draft for home in reversed(homes) for draft in home.drafts]
    left = target_yuan - sum(draft.counted_yuan() for draft in drafts)
    ordinary = [draft for draft in drafts if draft.story == "ordinary"]
    abler = [draft for draft in ordinary if 0 < draft.score < 4]
    able = [draft for draft in ordinary if draft.score == 0]
    while left < 1_000 and abler:
        left += _assess(abler.pop(), 0)
    while left > 1_600 and able:
        left += _assess(able.pop(), _FULL if left > 50_000 else _HALF)
    return _close(left, able + [draft for draft in drafts if draft.story == "admitted_february" and draft.score == 0])


def _assess(draft: Draft, score: int) -> int:
    """Give another score; returns by how much less is paid in the period."""
    before = draft.counted_yuan()
    draft.person = draft.person._replace(self_care_score=score)
    return before - draft.counted_yuan()


def _close(left: int, able: Sequence[Draft]) -> int:
    """Find those whom a half or full score brings exactly to the target."""
    by_step: defaultdict[tuple[int, int], list[Draft]] = defaultdict(list)
    for position, draft in enumerate(able):
        score = (_HALF, _FULL)[position % 2]
        months = sum(month < MARCH for month in draft.months())
        by_step[(draft.care[score] - draft.care[0]) * months, score].append(draft)
    steps = list(by_step)
    counts = reach(left, [(size, len(by_step[size, score])) for size, score in steps])
    for (size, score), count in zip(steps, counts or (), strict=False):
        for draft in by_step[size, score][:count]:
            left += _assess(draft, score)
    return left
