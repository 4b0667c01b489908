"""Where the households and persons of a list live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from shouwang.kernel import clock
from shouwang.registry.public import Household, Person, members_as_of

SUBJECTS_AT_ONCE = 5_000
T = TypeVar("T")


def subject_areas(*, household_ids: Iterable[UUID], person_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The area of each subject that the scope shows."""
    areas: dict[UUID, int] = {}
    for chunk in chunks(list(set(household_ids))):
        areas.update(Household.objects.filter(id__in=chunk).values_list("id", "area_code"))
    for chunk in chunks(list(set(person_ids))):
        areas.update(Person.objects.filter(id__in=chunk).values_list("id", "area_code"))
    return areas


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Pieces short enough for one statement."""
    return (items[start : start + SUBJECTS_AT_ONCE] for start in range(0, len(items), SUBJECTS_AT_ONCE))


def subject_names(subject_ids: Collection[UUID]) -> dict[UUID, str]:
    """A person's name, or that of the head of a household today; who has none is left out."""
    persons = dict(Person.objects.filter(id__in=subject_ids).values_list("id", "name"))
    families = members_as_of([one for one in subject_ids if one not in persons], on=clock.today())
    heads = {household_id: members[0].name for household_id, members in families.items() if members}
    return {**persons, **heads}
