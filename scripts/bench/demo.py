"""The demo city from nothing, as `make demo` loads it: through the commands that officers use.

Its stages are called as the progress bar calls them; some run side by side, so they add up to more than the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from time import perf_counter

from django.db import connections
from tests import databases as tested

from shouwang.kernel.terminal import progress_bars
from shouwang.web.demo.load import load_demo

from . import databases
from .results import Line

TITLE = "Loading the demo city"
LIMIT_SECONDS = 60
SET_UP_STAGES = ("区划", "岗位")
"""What tells its progress and nothing else: the areas, which another process loads, and the officers."""


def run(dsn: str) -> Iterator[Line]:
    city = databases.city_name()  # of the sources as they are now, whoever edits them meanwhile
    seconds: defaultdict[str, float] = defaultdict(float)
    with databases.empty(dsn) as name, progress_bars() as show:
        started = perf_counter()
        tested.migrate()
        migrated = last = perf_counter()

        def report(label: str, done: int, total: int) -> None:
            nonlocal last
            if label in SET_UP_STAGES:
                seconds[label] += perf_counter() - last
            last = perf_counter()
            show(label, done, total)

        def measure(stage: str, spent: float) -> None:
            seconds[stage] += spent

        load_demo(report, measure=measure)
        total = perf_counter() - migrated
        yield Line("whole load", total, "s", LIMIT_SECONDS)
        for stage, spent in seconds.items():
            yield Line(f"- {stage}", spent, "s")
        yield Line("before it: creating the tables", migrated - started, "s")
        for alias in tested.ALIASES:
            connections[alias].close()
        databases.keep_as_city(dsn, name, city)
