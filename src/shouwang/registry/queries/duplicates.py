"""Records that may be one person. The system proposes, a person decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import spans_sql

from ..models import Person, PersonMerge
from .as_of import survivors_sql

_TOWNSHIP = 1_000_000


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two unmerged records with one name, birth date and township; the one with an ID number is proposed to stay."""

    survivor: Person
    duplicate: Person


def merged_into(person_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The records merged into each person now."""
    survivors, values = survivors_sql(None)
    merged: dict[UUID, list[UUID]] = {person_id: [] for person_id in person_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"select survivor_id, duplicate_id from ({survivors}) s where survivor_id = any(%s) order by duplicate_id",
            [*values, list(person_ids)],
        )
        for survivor_id, duplicate_id in cursor.fetchall():
            merged[survivor_id].append(duplicate_id)
    return merged


def merges_of(actor: Actor, person_id: UUID) -> QuerySet[PersonMerge]:
    """Every merge and un-merge that names the person, the newest first."""
    named = PersonMerge.objects.filter(duplicate_id=person_id) | PersonMerge.objects.filter(survivor_id=person_id)
    return named.filter(actor.scope.q()).select_related("duplicate", "survivor").order_by("-recorded_at", "-id")


def look_alikes(
    actor: Actor, *, name: str, birth_on: date | None, area_code: int, but: UUID | None = None
) -> QuerySet[Person]:
    """Records of the township with the same name and birth date."""
    low = area_code // _TOWNSHIP * _TOWNSHIP
    found = Person.objects.filter(
        actor.scope.q(), name=name, birth_on=birth_on, area_code__gte=low, area_code__lt=low + _TOWNSHIP
    )
    return (found.exclude(id=but) if but else found).order_by("id")[:20]


Key = tuple[str, str, int]
"""Name, birth date as ISO text, village."""


def look_alikes_in_villages(keys: Collection[Key]) -> dict[Key, list[UUID]]:
    """The records with exactly this name, birth date and village, for many at once."""
    if not keys:
        return {}
    names, births, areas = (list(column) for column in zip(*keys, strict=True))
    found: dict[Key, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct asked.name, asked.birth_on::text, asked.area_code, p.id
                 from unnest(%s::text[], %s::date[], %s::bigint[]) asked (name, birth_on, area_code)
                 join registry_person p on p.name = asked.name and p.birth_on = asked.birth_on
                  and p.area_code = asked.area_code order by p.id""",
            [names, births, areas],
        )
        for name, birth_on, area_code, person_id in cursor.fetchall():
            found.setdefault((name, birth_on, area_code), []).append(person_id)
    return found


def namesakes_for(actor: Actor, asked: Collection[tuple[str, date]]) -> dict[tuple[str, date], list[UUID]]:
    """The persons in the actor's scope with exactly this name and birth date, for many at once; a merged record is its
    survivor."""
    if not asked:
        return {}
    names, births = (list(column) for column in zip(*asked, strict=True))
    inside, bounds = spans_sql(actor.scope.spans, "kept.area_code")
    survivors, values = survivors_sql(None)
    found: dict[tuple[str, date], list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select distinct asked.name, asked.birth_on, kept.id
                  from unnest(%s::text[], %s::date[]) asked (name, birth_on)
                  join registry_person p on p.name = asked.name and p.birth_on = asked.birth_on
                  left join ({survivors}) merged on merged.duplicate_id = p.id
                  join registry_person kept on kept.id = coalesce(merged.survivor_id, p.id) and {inside}
                 order by kept.id""",
            [names, births, *values, *bounds],
        )
        for name, birth_on, person_id in cursor.fetchall():
            found.setdefault((name, birth_on), []).append(person_id)
    return found


def possible_duplicates(actor: Actor, *, limit: int = 200) -> list[DuplicatePair]:
    """Pairs in the actor's scope that nobody has decided on yet: never merged nor un-merged, not both with an ID.

    Two records with an ID number each are two persons.
    """
    inside, bounds = spans_sql(actor.scope.spans, "first.area_code")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select first.id, second.id from registry_person first
                  join registry_person second
                    on second.name = first.name and second.birth_on = first.birth_on
                   and second.area_code / {_TOWNSHIP} = first.area_code / {_TOWNSHIP} and second.id <> first.id
                 where {inside} and first.id_index is null
                   and (second.id_index is not null or second.id < first.id)
                   and not exists (select 1 from registry_personmerge m
                                    where m.duplicate_id = first.id and m.survivor_id = second.id)
                 order by first.name, first.id, second.id limit %s""",
            [*bounds, limit],
        )
        pairs: list[tuple[UUID, UUID]] = cursor.fetchall()
    persons = Person.objects.in_bulk({person_id for pair in pairs for person_id in pair})
    return [DuplicatePair(survivor=persons[stays], duplicate=persons[goes]) for goes, stays in pairs]
