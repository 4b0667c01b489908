"""All figures of the city: computed from their rows, and read again once the cut-off is settled and they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from time import perf_counter

from shouwang.accounts.public import as_system
from shouwang.kernel import clock
from shouwang.kernel.figures import all_figures
from shouwang.reporting.public import figures_for
from shouwang.web.demo.load import OPENING

from . import databases
from .results import Line

TITLE = "Figures of the demo city"
WEIFANG = 370700_000_000_000
LIMIT_MS = 150
SINCE = date(2020, 1, 1)
AS_OF = "2020-03-17T24:00"


def run(dsn: str) -> Iterator[Line]:
    with databases.city(dsn), clock.at(OPENING), as_system("测速") as system:
        as_of = clock.parse_cutoff(AS_OF)
        for figure in all_figures():
            at_another_cutoff = as_of.replace(microsecond=1)  # leaves what the whole table measures unkept
            table, spent = _timed(system, at_another_cutoff, [figure.key])
            yield Line(f"- {figure.key}", spent, "ms", note=f"{table.figures[0].rows:,} rows")
        table, cold = _timed(system, as_of)
        yield Line(f"all {len(table.figures)}, from their rows", cold, "ms", note="the first reader of a day")
        _, kept = _timed(system, as_of)
        yield Line(f"all {len(table.figures)}, kept", kept, "ms", LIMIT_MS, note="every other reader")


def _timed(actor, as_of, keys=None):  # type: ignore[no-untyped-def]
    started = perf_counter()
    table = figures_for(actor, area_code=WEIFANG, since=SINCE, as_of=as_of, keys=keys)
    return table, (perf_counter() - started) * 1000
