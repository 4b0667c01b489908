"""A county as the neighbour walk knows it: its codes, its officers, a sample for every argument of an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from tests.factories import make_actor

Key = UUID | str | int


@dataclass(frozen=True, slots=True)
class Place:
    """A county to people: its codes, and the family name that nobody else has."""

    county: int
    township: int
    village: int
    other_village: int
    surname: str
    number: int
    """Distinct by county: ID numbers and accounts are made from it."""

    def name(self, given: str) -> str:
        return self.surname + given


HANTING = Place(370_703_000_000_000, 370_703_003_000_000, 370_703_003_200_000, 370_703_003_201_000, "甄", 1)
FANGZI = Place(370_704_000_000_000, 370_704_003_000_000, 370_704_003_009_000, 370_704_003_017_000, "阙", 2)
GIVER = Place(370_702_000_000_000, 370_702_001_000_000, 370_702_001_001_000, 370_702_001_002_000, "麴", 3)
"""潍城区, where a person is registered whom each county asks for."""

SEATS = {
    Role.GRID_WORKER: "village",
    Role.TOWNSHIP_ASSISTANT: "township",
    Role.TOWNSHIP_HEAD: "township",
    Role.COUNTY_OFFICER: "county",
    Role.COUNTY_LEADER: "county",
    Role.FINANCE: "county",
    Role.AUDITOR: "county",
    Role.SYSADMIN: "county",
}


@dataclass
class Samples:
    """What there is in one county: an object for every argument of an address, and what it is known by on a page."""

    place: Place
    officers: Mapping[str, Actor]
    arguments: dict[str, Key] = field(default_factory=dict)
    """By the name of the argument, or `address.argument` where an address needs another one."""
    shown: dict[str, str] = field(default_factory=dict)
    """What a page about the object shows."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Whole ID numbers, for look-ups and searches."""

    @property
    def markers(self) -> frozenset[str]:
        """What must not be seen elsewhere: names, numbers, ids of located records."""
        ids = (str(value) for key, value in self.arguments.items() if isinstance(value, UUID) and key not in PUBLIC)
        return frozenset((*self.shown.values(), *self.numbers.values(), *ids))

    @property
    def personal_markers(self) -> frozenset[str]:
        """What a system administrator must not see: all of it but users and posts."""
        staff = {self.shown["user"], str(self.arguments["user_id"]), str(self.arguments["post_id"])}
        return self.markers - staff


IMPORT_STEPS = ("detail", "progress", "check", "load", "decide", "refused", "undo")

PUBLIC = frozenset({"document_id", "measure_id"})
"""What is in force, and the document it rests on, is for everyone to read."""


def officers_of(place: Place) -> dict[str, Actor]:
    officers = {
        role: make_actor(role, getattr(place, seat), name=place.name(f"官{position}"))
        for position, (role, seat) in enumerate(SEATS.items())
    }
    officers["second_officer"] = make_actor(Role.COUNTY_OFFICER, place.county, name=place.name("官九"))
    officers["second_finance"] = make_actor(Role.FINANCE, place.county, name=place.name("官十"))
    return officers


def arguments_for(samples: Samples, address: str, names: list[str]) -> dict[str, Any]:
    """A sample for each argument of the address. Raises KeyError for one that has none."""
    arguments = samples.arguments
    return {
        name: arguments[f"{address}.{name}"] if f"{address}.{name}" in arguments else arguments[name] for name in names
    }
