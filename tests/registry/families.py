"""Small true families for the register's tests."""

from __future__ import annotations

import itertools
from datetime import date

from shouwang.kernel.actor import Actor
from shouwang.registry.public import (
    CheckedPerson,
    Household,
    HouseholdRow,
    MemberRow,
    NewMember,
    Person,
    PersonDetails,
    Relation,
    register_household,
    register_person,
)
from tests.factories import GUDI_VILLAGE, id_number

SINCE = date(2020, 1, 1)
FANGZI_VILLAGE = 370704003009000

_sequence = itertools.count(100)


def fresh_number(birth_on: date = date(1960, 5, 1)) -> str:
    """A number nobody in the test has."""
    return id_number(birth_on, next(_sequence))


def details(name: str = "张永福", **values: object) -> PersonDetails:
    said: dict[str, object] = {"id_number": fresh_number(), **values}
    return PersonDetails(name=name, **said)  # type: ignore[arg-type]


def person_of(actor: Actor, name: str = "张永福", area_code: int = GUDI_VILLAGE, **values: object) -> Person:
    return register_person(actor=actor, details=details(name, **values), area_code=area_code, since=SINCE)


def household_of(actor: Actor, *names: str, area_code: int = GUDI_VILLAGE) -> Household:
    """A household whose first name is the head's, the rest are children."""
    members = [
        NewMember(relation=Relation.CHILD if position else Relation.HEAD, details=details(name))
        for position, name in enumerate(names or ("张永福",))
    ]
    return register_household(actor=actor, area_code=area_code, registered_on=SINCE, members=members, source="测试")


def checked(name: str, number: str | None = None, **values: object) -> CheckedPerson:
    """A person as a sheet's row, after its checks."""
    said: dict[str, object] = {
        "name": name,
        "sex": "male",
        "birth_on": date(1960, 5, 1),
        "id_number": number,
        "no_id_reason": "" if number else "unregistered",
        "phone": None,
        "disability_certificate": None,
        "disability": None,
        **values,
    }
    return CheckedPerson(**said)  # type: ignore[arg-type]


def row(*members: MemberRow, area_code: int = GUDI_VILLAGE, since: date = SINCE, **values: object) -> HouseholdRow:
    return HouseholdRow(area_code, since, members, **values)  # type: ignore[arg-type]


def head(person: CheckedPerson, **values: object) -> MemberRow:
    return MemberRow("head", person, **values)  # type: ignore[arg-type]
