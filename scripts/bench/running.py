"""The command line of the benches."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from types import ModuleType

from scripts import bench as package

from shouwang.kernel import clock
from shouwang.kernel.terminal import print_json

from . import databases, demo, figures, gate_app, gates, imports, ledger, machine, page, pages, rules, runs
from .results import Result, as_data, as_table

BENCHES: dict[str, ModuleType] = {
    "demo": demo,
    "pages": pages,
    "figures": figures,
    "imports": imports,
    "ledger": ledger,
    "rules": rules,
    "runs": runs,
    "gate-app": gate_app,
    "gates": gates,
}
"""In this order: the first leaves the city that the next two copy."""


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when a limit or a target was missed."""
    options = _options(arguments)
    today = clock.today().isoformat()  # asked before a demo database shifts the clock
    dsn = databases.server()
    results = []
    for name in options.benches or BENCHES:
        result = _measure(name, dsn, today, is_full=options.full)
        results.append(result)
        if not options.json:
            print(as_table(result), end="\n\n", flush=True)
        if options.write:
            page.write(result)
    if options.json:
        print_json([as_data(result) for result in results])
    return 0 if all(result.is_kept for result in results) else 1


def _measure(name: str, dsn: str, today: str, *, is_full: bool) -> Result:
    before = machine.load()
    sizes = (BENCHES[name].FULL,) if is_full and hasattr(BENCHES[name], "FULL") else ()
    lines = tuple(BENCHES[name].run(dsn, *sizes))
    return Result(name, BENCHES[name].TITLE, machine.describe(dsn), today, (before, machine.load()), lines)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=package.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"{', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--write", action="store_true", help="put the results into docs/benchmarks.md")
    parser.add_argument("--full", action="store_true", help="at full size, where a bench has a smaller one (gates)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.benches if name not in BENCHES]
    if unknown:
        parser.error(f"no bench is called {unknown[0]}; there are {', '.join(BENCHES)}")
    return options
