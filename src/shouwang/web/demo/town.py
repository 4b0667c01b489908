"""What the parts of the loader share: the seeds, the ids that their keys have become, and the officers who act."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple
from uuid import UUID

from shouwang.accounts.public import Role, actor_of
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import CLOSED, Scope, change_scope

from .city import CityAreas, DemoCity
from .city.calendar import FEBRUARY
from .city.seeds import HouseholdSeed, PersonSeed

BEGIN = date(2019, 12, 2)
"""The day on which the demo's system begins: what was so before is taken over on it."""

SOURCE = "演示数据"


Post = tuple[str, int]
"""A role in an area."""


class Registered(NamedTuple):
    """The ids that seeds have become in the register, by their keys; how many lists an area has issued in a year."""

    household_ids: dict[int, UUID]
    person_ids: dict[int, UUID]
    list_numbers: Counter[tuple[int, int]]


class Town:
    """The city of the seeds on its way into the database."""

    def __init__(self, city: DemoCity, areas: CityAreas, unit_names: dict[int, str]) -> None:
        self.city = city
        self.city_code = areas.city_code
        self.units = areas.units
        self.unit_names = unit_names
        self.townships: dict[int, int] = {township.code: township.reporting_unit for township in areas.townships}
        self.household_ids: dict[int, UUID] = {}
        self.person_ids: dict[int, UUID] = {}
        self.grant_ids: dict[int, UUID] = {}
        self.case_ids: dict[int, UUID] = {}
        self.document_ids: dict[int, UUID] = {}
        self.households: dict[int, HouseholdSeed] = {household.key: household for household in city.households}
        self.persons: dict[int, PersonSeed] = {
            person.key: person for household in city.households for person in household.members
        }
        self.bereaved = {death.household_key for death in city.deaths}
        self.found_work = {
            household.key
            for household in city.households
            for income in household.incomes
            if income.valid_from > household.registered_on and income.valid_from >= FEBRUARY
        }
        self.halves = _halved(city)
        self.fund_ids: dict[tuple[int, str], UUID] = {}
        self.user_ids: dict[str, UUID] = {}
        self._usernames: defaultdict[Post, list[str]] = defaultdict(list)
        for officer in city.officers:
            self._usernames[officer.role, officer.area_code].append(officer.username)
        self._names = {officer.username: officer.name for officer in city.officers}
        self._list_numbers: Counter[tuple[int, int]] = Counter()
        self._actors: dict[str, Actor] = {}
        self._held: Scope = CLOSED

    @contextmanager
    def acting(self, role: str, area_code: int, number: int = 1) -> Iterator[Actor]:
        """The `number`-th officer of the role in the area, with the scope of the post on the connection.

        The scope stays there for whoever acts next: an officer does several things in a row.
        """
        actor = self._actor(self._usernames[role, area_code][number - 1])
        if actor.scope != self._held:
            self._held = CLOSED  # until the connection says so: a failure leaves nothing to rely on
            change_scope(actor.scope)
            self._held = actor.scope
        yield actor

    def registered(self) -> Registered:
        return Registered(self.household_ids, self.person_ids, self._list_numbers)

    def take_in(self, other: Registered) -> None:
        """What the other half of the units has become."""
        self.household_ids |= other.household_ids
        self.person_ids |= other.person_ids
        self._list_numbers += other.list_numbers

    def leave(self) -> None:
        """Nobody acts any more; the next connection begins without a scope."""
        self._held = CLOSED
        change_scope(CLOSED)

    def keeper_of(self, household_key: int) -> Post:
        """Who keeps the register where a household lives: its township's assistant, else the unit's officer."""
        household = self.households[household_key]
        if self.townships.get(household.township_code) == household.reporting_unit:
            return Role.TOWNSHIP_ASSISTANT, household.township_code
        return Role.COUNTY_OFFICER, household.reporting_unit

    def head_id(self, household_key: int) -> UUID:
        return self.person_ids[self.households[household_key].head_key]

    def investigators(self, desk: Post, unit: int) -> list[str]:
        """Two names for a visit: whoever keeps the desk, and the unit's second officer."""
        usernames = (self._usernames[desk][0], self._usernames[Role.COUNTY_OFFICER, unit][1])
        return [self._names[username] for username in usernames]

    def next_list_number(self, area_code: int, year: int) -> int:
        """Documents that the loader writes itself count from 101, apart from those of the seeds."""
        self._list_numbers[area_code, year] += 1
        return 100 + self._list_numbers[area_code, year]

    def _actor(self, username: str) -> Actor:
        actor = self._actors.get(username)
        if actor is None:
            actor = actor_of(user_id=self.user_ids[username])
            assert actor is not None, f"{username} holds no post on this day"
            self._actors[username] = actor
        return actor


def _halved(city: DemoCity) -> tuple[frozenset[int], frozenset[int]]:
    """Whole units on either side, about as many households on each: the largest unit first, to the smaller side."""
    sizes = Counter(seed.reporting_unit for seed in city.households)
    halves: tuple[list[int], list[int]] = ([], [])
    for unit, _size in sizes.most_common():
        min(halves, key=lambda half: sum(sizes[one] for one in half)).append(unit)
    return frozenset(halves[0]), frozenset(halves[1])
