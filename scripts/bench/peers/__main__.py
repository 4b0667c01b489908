"""`make bench-peers`: the same random households by our rules and by OpenFisca; the same fen, and what each costs.

    --households 1000000    how many are timed (the fen are compared on 100,000 of their own)
    --json                  print the result as JSON

OpenFisca lives in .var/bench-peers, made from requirements.txt (pinned, hashed) when that has changed. It never enters
the product's environment or its lock files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import django
import duckdb

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
HOME = ROOT / ".var" / "bench-peers"
PYTHON = HOME / "venv" / "bin" / "python"
COMPARED = 100_000
TIMED = 1_000_000
REPEATS = 3
FASTER_TARGET = 2.0


def prepare() -> None:
    """The peer's own environment; nothing is done while the requirements are the same."""
    requirements = HERE / "requirements.txt"
    stamp, wanted = HOME / "installed", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    HOME.mkdir(parents=True, exist_ok=True)
    venv.create(HOME / "venv", with_pip=True, clear=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements]
    subprocess.run(command, check=True)
    stamp.write_text(wanted)


def by_openfisca(folder: Path) -> dict[str, float]:
    """Seconds of CPU by part; leaves openfisca.parquet in the folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [PYTHON, HERE / "openfisca_dibao.py", folder], check=True, capture_output=True, text=True, env=environment
    )
    return {part: float(seconds) for part, seconds in json.loads(done.stdout.splitlines()[-1]).items()}


def by_our_rules(folder: Path, query: str) -> float:
    """Seconds of CPU of all threads, Parquet to Parquet, with every explanation column."""
    from scripts.bench import rule_data

    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        rule_data.view(connection, folder)
        began = process_time()
        connection.execute(f"copy ({query}) to '{folder / 'ours.parquet'}' (format parquet)")
        return process_time() - began


def differences(folder: Path) -> tuple[int, int]:
    """Households whose amount or explanation is not the same, and how many there are."""
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            f"""
            select count(*) filter (o.amount_fen is distinct from p.amount_fen or o.persons <> p.persons
                       or o.severely_disabled_count <> p.severely_disabled_count or o.elderly_count <> p.elderly_count
                       or o.seriously_ill_count <> p.seriously_ill_count or o.minor_count <> p.minor_count),
                   count(*)
              from '{folder}/ours.parquet' o full join '{folder}/openfisca.parquet' p using (household_id)
            """
        ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def measure(households: int) -> Iterator[object]:
    from scripts.bench import rule_data
    from scripts.bench.results import Bar, Line

    from shouwang.assistance.rules.benefits import compile as compiling

    query = compiling.sql("dibao", "2012")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rule_data.write(folder, COMPARED, with_measures=False)
        by_our_rules(folder, query)
        by_openfisca(folder)
        wrong, compared = differences(folder)
        assert compared == COMPARED
        yield Line("households with another fen or fact", wrong, "households", 0.5, Bar.LIMIT, f"of {compared:,}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rule_data.write(folder, households, with_measures=False)
        ours, theirs, parts = float("inf"), float("inf"), {}
        for _turn in range(REPEATS):
            ours = min(ours, by_our_rules(folder, query))
            found = by_openfisca(folder)
            total = found["build"] + found["rules"]
            if total < theirs:
                theirs, parts = total, found
        note = f"{households:,} households, CPU; ours from and to Parquet, theirs from and to arrays in memory"
        yield Line("our rules, times faster than OpenFisca", theirs / ours, "x", FASTER_TARGET, Bar.TARGET, note)
        yield Line("- our rules", ours, "s")
        yield Line("- OpenFisca: build and inputs", parts["build"], "s")
        yield Line("- OpenFisca: rules and explanation columns", parts["rules"], "s")


def main() -> int:
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.config.settings")
    django.setup()
    from scripts.bench import machine
    from scripts.bench.results import Result, as_data, as_table

    from shouwang.kernel import clock

    prepare()
    before = machine.load()
    lines = tuple(measure(options.households))
    result = Result(
        "peers", "The rules of dibao beside OpenFisca", machine.cores_and_memory(), clock.today().isoformat(),
        (before, machine.load()), lines,
    )  # fmt: skip
    print(json.dumps(as_data(result), ensure_ascii=False) if options.json else as_table(result))
    return 0 if result.is_kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--households", type=int, default=TIMED)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
