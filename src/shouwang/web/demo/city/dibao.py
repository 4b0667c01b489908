"""Dibao households before their money is written down: who lives in them, what happened to them, what they earn.

Guarantees: exactly the asked number of people is covered by a payment inside the published period, unit by unit; every
gap in a paid month is positive; `steer` changes incomes, never amounts, so each amount follows from its household.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from .calendar import DECEMBER, FEBRUARY, JANUARY, MARCH, MONTHS
from .families import draw_size, make_family
from .people import surname_of
from .places import Village
from .plan import Quota
from .seeds import GrantSteps, PersonSeed
from .setting import Setting, admission_steps, earlier_admission
from .standards import Surcharges

_STORIES = (
    (0.030, "admitted_february"),
    (0.050, "admitted_january"),
    (0.053, "death_january"),
    (0.056, "death_february"),
    (0.058, "birth_january"),
    (0.060, "birth_february"),
    (0.072, "income_rise"),
    (0.074, "move"),
    (0.078, "january_reissued"),
    (0.081, "february_open"),
    (0.083, "february_late"),
)
"""Cumulated shares of the households to which something happened; to the others nothing did."""

ADMITTED_MARCH_SHARE = 0.015
FAILED_ADMISSION_SHARE = 0.0003

_START = {"admitted_january": JANUARY, "admitted_february": FEBRUARY, "admitted_march": MARCH, "failed": FEBRUARY}

_NO_INCOME_SHARE = 0.06
_INCOME_FROM, _INCOME_TO = 0.10, 0.73
_LEAST_GAP = 10
_STEER_STEP = 30


class Draft:
    """A household whose income may still be steered. Money in yuan a month.

    `leaver` dies on `left_on`, `newborn` is born, all move to `destination`: to most households nothing of the kind.
    """

    __slots__ = (
        "destination",
        "household_key",
        "income",
        "is_urban",
        "leaver",
        "left_on",
        "members",
        "newborn",
        "registered_on",
        "standard",
        "starts_on",
        "steps",
        "story",
        "surcharges",
        "unit",
        "village",
    )

    household_key: int
    unit: int
    is_urban: bool
    village: Village
    story: str
    members: tuple[PersonSeed, ...]
    registered_on: date
    starts_on: date
    steps: GrantSteps | None
    standard: int
    surcharges: dict[date, Surcharges]
    income: int
    leaver: PersonSeed | None
    left_on: date | None
    newborn: PersonSeed | None
    destination: Village | None

    def covered(self, month: date) -> tuple[PersonSeed, ...]:
        """Who belongs to the household on the first day of the month; no one before the grant starts."""
        if month < self.starts_on:
            return ()
        members = self.members
        if self.newborn is not None and self.newborn.joined_on > month:
            members = tuple(person for person in members if person is not self.newborn)
        if self.left_on is not None and self.left_on < month:
            members = tuple(person for person in members if person is not self.leaver)
        return members

    def base(self, people: int) -> int:
        return max(self.standard * people - self.income, 0)

    def supplement(self, month: date, people: Sequence[PersonSeed]) -> int:
        bounds = self.surcharges[month]
        return sum(
            bounds.of(person.birth_on, person.disability.level if person.disability else None, person.is_seriously_ill)
            for person in people
        )

    def counted_months(self) -> tuple[date, ...]:
        """The months whose payment arrived inside the published period."""
        if self.story == "admitted_february":
            return (FEBRUARY,)
        if self.story in ("february_open", "february_late"):
            return (JANUARY,)
        if self.story in ("admitted_march", "failed"):
            return ()
        return (JANUARY, FEBRUARY)

    def counted_yuan(self) -> int:
        total = 0
        for month in self.counted_months():
            people = self.covered(month)
            if people:
                total += self.base(len(people)) + self.supplement(month, people)
        return total


def draft_households(setting: Setting, quotas: Sequence[Quota]) -> list[Draft]:
    """Households that cover each quota's people exactly, then those whose money lies outside the period."""
    rng = setting.rng("dibao")
    surcharges = {
        unit: {month: setting.standards.surcharges(unit, month) for month in (DECEMBER, *MONTHS)}
        for unit in setting.areas.units
    }
    drafts: list[Draft] = []

    def draft(quota: Quota, story: str, size_max: int) -> Draft:
        household = _draft(setting, rng, quota, story, size_max)
        household.surcharges = surcharges[quota.reporting_unit]
        drafts.append(household)
        return household

    for quota in quotas:
        left, first = quota.people, len(drafts)
        while left:
            household = draft(quota, _draw_story(rng), left)
            left -= len(household.members) - (household.story == "birth_february")
        count = len(drafts) - first
        for story, share in (("admitted_march", ADMITTED_MARCH_SHARE), ("failed", FAILED_ADMISSION_SHARE)):
            for _ in range(int(count * share + rng.random())):
                draft(quota, story, 6)
    return drafts


def _draw_story(rng: Random) -> str:
    draw = rng.random()
    return next((story for bound, story in _STORIES if draw < bound), "ordinary")


def _draft(setting: Setting, rng: Random, quota: Quota, story: str, size_max: int) -> Draft:
    household = Draft()
    household.household_key = next(setting.household_keys)
    household.unit, household.is_urban, _ = quota
    household.village = setting.village(household.unit, household.is_urban, rng)
    household.standard = setting.standards.dibao(household.unit, household.is_urban)
    if story in _START:
        household.starts_on = _START[story]
        household.steps = admission_steps(rng, household.starts_on)
        household.registered_on = household.steps.accepted_on
    else:
        household.steps = None
        household.registered_on, household.starts_on = earlier_admission(rng)
    size = min(draw_size(household.is_urban, rng.random()), size_max)
    household.members = make_family(setting.maker, rng, size, household.registered_on)
    household.leaver = household.left_on = household.newborn = household.destination = None
    household.story = _tell(setting, rng, household, story, size_max)
    earners = len(household.members) - (household.newborn is not None)
    if household.leaver is not None and earners > 1:
        earners -= 1
    household.income = _income(rng, household.standard * earners)
    return household


def _tell(setting: Setting, rng: Random, household: Draft, story: str, size_max: int) -> str:
    """Let the story happen to the household; one that cannot have it stays ordinary."""
    members = household.members
    if story in ("death_january", "death_february"):
        household.leaver = min(members[1:] or members, key=lambda person: person.birth_on)
        if household.leaver.birth_on > date(1960, 1, 1) and len(members) > 1:
            household.leaver = None
            return "ordinary"
        first = JANUARY if story == "death_january" else FEBRUARY
        household.left_on = first + timedelta(days=1 + int(rng.random() * 22))
    elif story in ("birth_january", "birth_february"):
        is_young_couple = len(members) > 2 and members[1].relation == "spouse" and _age_class(members[0]) == "adult"
        has_room = len(members) < (min(size_max, 6) if story == "birth_january" else 6)
        if not (is_young_couple and has_room):
            return "ordinary"
        first = JANUARY if story == "birth_january" else FEBRUARY
        born_on = first + timedelta(days=2 + int(rng.random() * 22))
        household.newborn = setting.maker.person(
            sex="female" if rng.random() < 0.5 else "male",
            birth_on=born_on,
            relation="child",
            joined_on=born_on,
            surname=surname_of(members[0].name),
            no_id_reason="newborn",
        )
        household.members = (*members, household.newborn)
    elif story == "move":
        units = setting.areas.units
        unit = household.unit if rng.random() < 0.5 else units[int(rng.random() * len(units))]
        household.destination = setting.village(unit, household.is_urban, rng)
    elif story == "income_rise" and earner(members) is None:
        return "ordinary"
    return story


def _age_class(person: PersonSeed) -> str:
    if person.birth_on > date(2002, 1, 1):
        return "minor"
    return "adult" if person.birth_on > date(1960, 3, 1) else "old"


def earner(members: Sequence[PersonSeed]) -> PersonSeed | None:
    """Who could work: 18 to 59 and not severely disabled."""
    for person in members:
        if _age_class(person) == "adult" and (person.disability is None or person.disability.level > 2):
            return person
    return None


def _income(rng: Random, standard: int) -> int:
    """A monthly income below the household's standard, in tens of yuan."""
    if rng.random() < _NO_INCOME_SHARE:
        return 0
    return int(standard * (_INCOME_FROM + (_INCOME_TO - _INCOME_FROM) * rng.random())) // 10 * 10


def steer(drafts: Sequence[Draft], target_yuan: int) -> int:
    """Change incomes of the last ordinary households by up to 30 yuan each, so that what was paid is the target.

    Returns what is left, which is 0 unless the city is too small to move so much.
    """
    left = target_yuan - sum(draft.counted_yuan() for draft in drafts)
    for draft in reversed(drafts):
        months = len(draft.counted_months())
        is_odd = left % 2 == 1
        if draft.story != ("admitted_february" if is_odd else "ordinary"):
            continue
        step = 1 if is_odd else min(abs(left) // months, _STEER_STEP)
        room = draft.income if left > 0 else draft.standard * len(draft.members) - _LEAST_GAP - draft.income
        step = min(step, max(room, 0))
        draft.income -= step if left > 0 else -step
        left -= months * step if left > 0 else -months * step
        if not left:
            break
    return left
