"""Moving records into the custody of another area: the only update of a recorded row's area.

A person goes with every fact, account, merge and search term, and with the records merged into them; a household with
its facts. What others recorded about them in their own right (payments, cases) keeps its own area.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from ..models import PersonMerge
from ..queries.as_of import survivors_sql

_OF_PERSON = ("membership", "personfact", "bankaccount")


def move_custody(*, person_ids: Collection[UUID], household_id: UUID | None, to_area_code: int) -> list[UUID]:
    """Set the area of the persons and of the household, and of all that hangs on them; returns the persons moved.

    The caller has authorised both ends, holds both in scope and has locked the records.
    """
    moved = _with_merged(person_ids)
    with connection.cursor() as cursor:
        cursor.execute("update registry_person set area_code = %s where id = any(%s)", [to_area_code, moved])
        for table in _OF_PERSON:
            cursor.execute(
                f"update registry_{table} set area_code = %s where person_id = any(%s)", [to_area_code, moved]
            )
        objects = moved if household_id is None else [*moved, household_id]
        cursor.execute("update kernel_searchterm set area_code = %s where object_id = any(%s)", [to_area_code, objects])
        if household_id is not None:
            cursor.execute("update registry_household set area_code = %s where id = %s", [to_area_code, household_id])
            cursor.execute(
                "update registry_householdfact set area_code = %s where household_id = %s", [to_area_code, household_id]
            )
    PersonMerge.objects.filter(survivor_id__in=moved).update(area_code=to_area_code)
    return moved


def _with_merged(person_ids: Collection[UUID]) -> list[UUID]:
    """The persons and the records merged into them now."""
    survivors, values = survivors_sql(None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select duplicate_id from ({survivors}) s where survivor_id = any(%s)", [*values, list(person_ids)]
        )
        return [*person_ids, *(row[0] for row in cursor.fetchall())]
