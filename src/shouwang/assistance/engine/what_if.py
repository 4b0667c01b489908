"""What would be: other standards or measures on the months that were run, before anyone signs.

Answers from the frozen snapshots of the runs inside an area, so it touches no register and writes nothing. Counts those in
force in the month; who never applied, or was refused, is in no snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from shouwang.areas.public import area_chains, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotFound
from shouwang.kernel.scope import lies_within

from ..models import BenefitRun
from ..policies import ensure_may_read_payments
from ..queries.parameters import rows_known
from ..queries.run_records import record_of
from ..rules.benefits import compile as rules_text
from ..rules.benefits.parameters import ParameterRow, Parameters
from ..rules.benefits.programmes import rule_of
from .duck import DIALECT
from .kept import UnitEffect, effects

MEASURE_COLUMNS = ("is_exit_paused", "gradual_exit_months", "is_price_doubled")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed: rows as if they were known, and measures as if they were (not) in force; None: as they were."""

    rows: Sequence[ParameterRow] = ()
    measures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """By paying unit; `runs` are those whose snapshots answered."""

    programme: str
    month: date
    units: tuple[UnitEffect, ...]
    runs: tuple[BenefitRun, ...]

    def total(self, name: str) -> int:
        """The sum of a column over the units."""
        return sum(getattr(unit, name) for unit in self.units)


def what_if(actor: Actor, *, programme: str, month: date, area_code: int, supposed: Supposed) -> WhatIf:
    """Raises NotFound outside the scope, Conflict when the month was not run, MissingParameter as a run would."""
    ensure_may_read_payments(actor)
    area = get_area(area_code)
    if not actor.scope.covers(area.span):
        raise NotFound(_("没有区划代码 %(code)s") % {"code": area_code}, code=area_code)
    # Runs inside the area, and the city's run that made a county's lists: their policy shows just those.
    runs = [
        run
        for run in BenefitRun.objects.filter(programme=programme, benefit_month=month).order_by("area_code")
        if lies_within(run.area_code, area.span) or lies_within(area.code, get_area(run.area_code).span)
    ]
    if not runs:
        raise Conflict(
            _("%(month)s 还没有生成清册，没有可以测算的数据") % {"month": f"{month:%Y年%-m月}"}, reason="what_if.no_run"
        )
    now = clock.now()
    parameters = Parameters([*rows_known(), *(replace(row, recorded_at=now) for row in supposed.rows)])
    found = [unit for run in runs for unit in _of_run(run, month, parameters, supposed)]
    units = [unit for unit in found if lies_within(unit.unit_code, area.span)]
    return WhatIf(programme, month, tuple(units), tuple(runs))


def _of_run(run: BenefitRun, month: date, parameters: Parameters, supposed: Supposed) -> list[UnitEffect]:
    rule, record = rule_of(run.programme), record_of(run)
    codes = [row["unit_code"] for row in record.measures]
    chains = area_chains(codes)
    standards = [parameters.standards_row(chains[code], month, keys=rule.uses).columns() for code in codes]
    changed = {name: value for name, value in (supposed.measures or {}).items() if name in MEASURE_COLUMNS}
    return effects(
        run,
        sql=rules_text.sql(run.programme, rule.text_on(month).version, DIALECT),
        standards=standards,
        measures=[{**row, **changed} for row in record.measures],
    )
