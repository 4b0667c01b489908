"""What should have been paid for past months, by the rules on what is known now.

A month is computed again only where a run computed it: by the text and the measures of that run, with the facts and the
standards as they are known now. Where a county and then its city ran a month, a grant has a line of each: the one that
owed something counts, else the latest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel.errors import NotFound

from ..engine.again import Again, compute_again
from ..models import Payable, RunLine, RunRecord
from ..queries.parameters import standards_for
from ..queries.places import paying_units
from ..rules.benefits.parameters import MissingParameter, StandardsRow
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import Held
from ..rules.places import PayingUnit

_COMPARED = ("", Held.NO_PAYEE, Held.NO_ACCOUNT, Held.NOT_OWED)
"""Lines of a run that are compared: who had died, or is paid elsewhere, is another question."""


def unit_of(unit_code: int) -> PayingUnit:
    """The paying unit of a code, a city's own share included. Raises NotFound for one that pays no more."""
    unit = next((unit for unit in paying_units(unit_code) if unit.code == unit_code), None)
    if unit is None:
        raise NotFound(_("这个区划现在不是发放单位"), area_code=unit_code)
    return unit


def standards_now(programme: str, month: date, unit_code: int) -> StandardsRow:
    """Raises MissingParameter naming area, month and parameter."""
    (row,) = standards_for([unit_code], month, keys=rule_of(programme).uses)
    return row


def measures_then(programme: str, month: date, unit_code: int) -> dict[str, Any] | None:
    """The measures that the run of the month obeyed in the unit; None: no run computed it."""
    records = RunRecord.objects.filter(run__programme=programme, run__benefit_month=month).order_by("recorded_at")
    for record in records:
        for row in record.measures:
            if row["unit_code"] == unit_code:
                return dict(row)
    return None


def compared_lines(programme: str, month: date, unit_code: int) -> QuerySet[RunLine]:
    """What the runs of a month found of the unit's grants, one line a grant."""
    lines = RunLine.objects.filter(
        run__programme=programme,
        run__benefit_month=month,
        unit_code=unit_code,
        grant__isnull=False,
        held__in=_COMPARED,
    )
    first = lines.order_by("grant_id", F("payable_id").asc(nulls_last=True), "-run__recorded_at")
    return first.distinct("grant_id")


def computed_again(
    programme: str, month: date, unit_code: int, grant_ids: Sequence[UUID], standards: StandardsRow
) -> dict[UUID, Again]:
    """By grant; nothing for a month that no run computed in the unit."""
    if not grant_ids:
        return {}
    first = measures_then(programme, month, unit_code)
    if first is None:
        return {}
    runs: dict[UUID | None, UUID] = dict(compared_lines(programme, month, unit_code).values_list("grant_id", "run_id"))
    obeyed = {
        record.run_id: dict(row)
        for record in RunRecord.objects.filter(run_id__in=set(runs.values()))
        for row in record.measures
        if row["unit_code"] == unit_code
    }
    by_run: dict[UUID | None, list[UUID]] = defaultdict(list)
    for grant_id in grant_ids:
        by_run[runs.get(grant_id)].append(grant_id)
    found: dict[UUID, Again] = {}
    for run_id, ids in by_run.items():
        found |= compute_again(
            programme=programme,
            month=month,
            unit=unit_of(unit_code),
            grant_ids=ids,
            standards=standards,
            measures=obeyed.get(run_id, first) if run_id else first,
        )
    return found


def owed_by_the_rules(payables: Collection[Payable]) -> dict[tuple[UUID, date], int]:
    """What each grant should have been paid for the month of each payable, in fen, by grant and month.

    Left out is what the rules cannot say: a month that no run computed, facts that were never recorded, a standard that
    is not known now, a unit that pays no more. A death is recorded all the same.
    """
    grants = {payable.grant_id for payable in payables if payable.grant_id}
    months = {payable.benefit_month for payable in payables}
    asked: dict[tuple[str, date, int], set[UUID]] = defaultdict(set)
    lines = RunLine.objects.filter(grant_id__in=grants, run__benefit_month__in=months)
    wanted = {(payable.grant_id, payable.benefit_month) for payable in payables}
    for grant_id, unit, programme, month in lines.values_list(
        "grant_id", "unit_code", "run__programme", "run__benefit_month"
    ):
        if grant_id is not None and (grant_id, month) in wanted:
            asked[programme, month, unit].add(grant_id)
    owed: dict[tuple[UUID, date], int] = {}
    for (programme, month, unit), ids in asked.items():
        try:
            unit_of(unit)
            standards = standards_now(programme, month, unit)
        except (MissingParameter, NotFound):
            continue
        for grant_id, again in computed_again(programme, month, unit, sorted(ids), standards).items():
            if again.is_known:
                owed[grant_id, month] = again.amount_fen
    return owed
