"""The demo city, loaded: the seeds' history replayed through the ordinary commands, each under the clock of its moment.

Guarantees: no row of money is written by anything else than the commands that officers use; every row is recorded at
its moment, after what it rests on; the database opens on the morning of 2020-03-18 with a sealed audit. What needs
nothing of one another goes side by side: the seeds and the area tree, the halves of the register with the grants taken
over, then the monthly lists and the relief cases. Refuses a database that is not marked as a demo, before anything is written.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial

from django.apps import apps
from django.db import connections

from shouwang.areas.public import read_national, read_weifang_villages, read_zones, reporting_units_in
from shouwang.kernel import audit, clock, deployment
from shouwang.kernel.terminal import ReportProgress

from . import (
    load_command,
    load_gates,
    load_grants,
    load_money,
    load_places,
    load_register,
    load_relief,
    load_runs,
    load_standards,
)
from .city import city_areas, generate
from .diary import Diary, moment
from .side_by_side import live_side_by_side, plans_kept
from .town import BEGIN, Town

OPENING = clock.instant(2020, 3, 18, 8)
"""The morning on which the demo opens."""

_PAYMENT_TABLES = [
    model._meta.db_table for app in ("assistance", "ledger") for model in apps.get_app_config(app).get_models()
]
_REGISTER_TABLES = [model._meta.db_table for model in apps.get_app_config("registry").get_models()]
_ANALYZED_AT = (moment(date(2020, 1, 2), 12), moment(date(2020, 1, 10), 20))
"""After the first month's lists, and their first payments."""


def load_demo(
    report: ReportProgress, *, scale: float = 1.0, measure: Callable[[str, float], None] | None = None
) -> None:
    """Loads the city whole, or a small one of the same shape at a `scale` below 1. `measure` takes seconds by stage."""
    if not deployment.is_demo():
        raise RuntimeError("only a database marked as demo can take the demo city")
    with _collector_at_rest(), plans_kept():
        town = _found(report, scale, measure)
        load_places.load_officers(town, report)
        first, beside, lists, cases = Diary(), Diary(), Diary(), Diary()
        load_places.write_orders(town, first)
        load_command.write_command(town, first)
        load_standards.write_standards(town, first)
        load_money.write_funds(town, first, lists)
        load_register.write_register(town, (first, beside), lists, cases)
        load_grants.write_grants(town, (first, beside), lists)
        load_runs.write_runs(town, lists)
        load_money.write_history(town, lists)
        load_relief.write_relief(town, cases)
        load_gates.write_gates(town, cases)
        for half in (first, beside):
            half.write(moment(load_grants.TAKEN_OVER_ON, 12), "统计信息", partial(_analyze, _REGISTER_TABLES))
        for at in _ANALYZED_AT:
            lists.write(at, "统计信息", partial(_analyze, _PAYMENT_TABLES))
        town.take_in(live_side_by_side(first, beside, report, learned=town.registered, measure=measure))
        town.leave()
        _analyze()
        live_side_by_side(lists, cases, report, learned=lambda: None, measure=measure)
        town.leave()
    _open()


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """The seeds and their ids, millions of objects, live to the end: looking through them again and again took a tenth
    of a load and freed nothing, and wrote to pages that two processes share."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _found(report: ReportProgress, scale: float, measure: Callable[[str, float], None] | None) -> Town:
    """The seeds are drawn while the area tree goes into the database: both come from the same files."""
    towns: list[Town] = []
    seeds, places = Diary(), Diary()
    seeds.write(load_places.FOUNDED_AT, "演示数据", lambda: towns.append(_draw(scale)))
    load_places.write_area_tree(places)
    live_side_by_side(seeds, places, report, learned=lambda: None, measure=measure)
    return towns[0]


def _draw(scale: float) -> Town:
    """The people of every reporting unit but the city's own rest, which holds no village."""
    counties = [row for row in read_national() if row.parent == load_places.WEIFANG]
    units = reporting_units_in(load_places.WEIFANG, counties, read_zones(), BEGIN)
    villages = (village.code for village in read_weifang_villages())
    areas = city_areas(load_places.WEIFANG, villages, ((unit.code, unit.spans) for unit in units))
    return Town(generate(areas, scale=scale), areas, {unit.code: unit.name for unit in units})


def _analyze(tables: Sequence[str] = ()) -> None:
    """The planner has seen the tables empty; only their owner may let it look again. None named: at all."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"analyze {', '.join(tables)}")


def _open() -> None:
    """Statistics for the planner, the audit sealed, the clock on the opening morning."""
    _analyze()
    deployment.open_demo_at(OPENING)
    with clock.at(OPENING):
        audit.seal()
