"""Whom a month computed again leaves out: written beside its lines, so that nobody is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from ..engine.again import Again
from ..models import Recalculation, RecalculationOmission, RunLine
from ..queries.recalculations import PaidMonth, paid_months_of
from ..states_follows import LeftOut
from .staging import insert_rows, with_ids

Compared = tuple[UUID | None, UUID, int]
"""(grant, subject, area) of a line of a run."""


def write_omissions(
    told: Recalculation, grants: Sequence[Compared], again: Mapping[UUID, Again], paid: Mapping[UUID, PaidMonth]
) -> None:
    """Of the grants compared who could not be computed, and who was never compared; made anew each time."""
    told.omissions.all().delete()
    rows = [*_not_computed(told, grants, again, paid), *_not_compared(told, {grant_id for grant_id, _s, _a in grants})]
    columns = ("id", "recalculation_id", "grant_id", "subject_id", "why", "paid_fen", "area_code")
    insert_rows(RecalculationOmission, columns, with_ids(rows))


def _not_computed(
    told: Recalculation, grants: Sequence[Compared], again: Mapping[UUID, Again], paid: Mapping[UUID, PaidMonth]
) -> Iterator[Sequence[object]]:
    for grant_id, subject_id, area_code in grants:
        if grant_id is None:
            continue
        found, was = again.get(grant_id), paid[grant_id]
        if was.is_settled_by_hand:
            why = LeftOut.BY_HAND
        elif found is None:
            why = LeftOut.NOT_IN_FORCE
        elif not found.is_known:
            why = LeftOut.UNKNOWN_FACTS
        else:
            continue
        yield told.id, grant_id, subject_id, why.value, was.net_fen, area_code


def _not_compared(told: Recalculation, compared: set[UUID | None]) -> Iterator[Sequence[object]]:
    """The lines that the month's runs held back for another reason than the amount."""
    lines = RunLine.objects.filter(
        run__programme=told.programme,
        run__benefit_month=told.benefit_month,
        unit_code=told.area_code,
        grant__isnull=False,
    )
    held = {
        grant_id: (subject_id, area_code)
        for grant_id, subject_id, area_code in lines.values_list("grant_id", "subject_id", "area_code")
        if grant_id not in compared
    }
    paid = paid_months_of([one for one in held if one], programme=told.programme, month=told.benefit_month)
    for grant_id, (subject_id, area_code) in held.items():
        if grant_id is not None:
            yield told.id, grant_id, subject_id, LeftOut.HELD.value, paid[grant_id].net_fen, area_code
