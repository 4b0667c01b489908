"""What a gate is told of each resident's declaration, and what was declared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from shouwang.kernel import clock
from shouwang.response.public import effective

from ..measures import HEALTH_DECLARATION
from ..models import HealthDeclaration
from ..rules.declarations import DeclaredHealth, declaration_state, declared_from


@dataclass(frozen=True, slots=True)
class ShownDeclaration:
    """A declaration as its own household reads it."""

    resident_id: UUID
    declared_on: date
    source: str
    said: DeclaredHealth


def every_days(area_code: int, on: date) -> int | None:
    """How often the measures in force there ask for a declaration; None when none does."""
    asked = effective(HEALTH_DECLARATION, area_code, clock.now() if on == clock.today() else on)
    return asked.parameters["every_days"] if asked else None


def declaration_states(resident_ids: Collection[UUID], on: date) -> dict[UUID, str]:
    """By resident: none, declared, due or symptoms. Rows outside the connection's scope are not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select r.id, r.area_code, d.declared_on, coalesce(d.reports_symptoms, false)
                 from gates_resident r
                 left join lateral (
                      select declared_on, reports_symptoms from gates_healthdeclaration h
                       where h.resident_id = r.id and h.declared_on <= %s
                       order by h.declared_on desc, h.recorded_at desc limit 1) d on true
                where r.id = any(%s)""",
            [on, list(resident_ids)],
        )
        rows = cursor.fetchall()
    asked = {area_code: every_days(area_code, on) for area_code in {row[1] for row in rows}}
    return {
        resident_id: str(
            declaration_state(
                declared_on=declared_on, reports_symptoms=reports_symptoms, on=on, every_days=asked[area_code]
            )
        )
        for resident_id, area_code, declared_on, reports_symptoms in rows
    }


def declarations_of(resident_ids: Collection[UUID], limit: int = 20) -> list[ShownDeclaration]:
    """The latest first."""
    rows = HealthDeclaration.objects.filter(resident_id__in=resident_ids).order_by("-declared_on", "-recorded_at")
    return [
        ShownDeclaration(row.resident_id, row.declared_on, row.get_source_display(), declared_from(row.answers))
        for row in rows[:limit]
    ]
