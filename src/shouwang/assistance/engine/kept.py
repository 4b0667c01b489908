"""A run once more from what was kept of it: replayed to the fen, or asked what would be with other standards.

Reads the run's snapshot from the database, checks its digest, and computes in a folder of its own. Nothing is written.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Conflict

from ..models import BenefitRun, RunFile
from ..queries.run_records import record_of
from ..rules.benefits import inputs
from ..rules.benefits.clauses import Rule
from ..rules.benefits.programmes import rule_of
from .duck import Duck
from .lines import answer
from .snapshot import TABLES, fill_wide


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that does not come out as it was kept; None: it is missing on that side."""

    grant_number: int | None
    person_number: int | None
    kept_fen: int | None
    computed_fen: int | None


@dataclass(frozen=True, slots=True)
class Replay:
    """`line_count` lines were compared in amount, ordinary amount, reasons and findings; `differences`: the first hundred."""

    run: BenefitRun
    line_count: int
    amount_fen: int
    difference_count: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """One paying unit before and after a change: subjects that are paid, and fen a month."""

    unit_code: int
    before_count: int
    after_count: int
    gained_count: int
    lost_count: int
    raised_count: int
    lowered_count: int
    before_fen: int
    after_fen: int

    @property
    def change_fen(self) -> int:
        return self.after_fen - self.before_fen


def replay(run: BenefitRun) -> Replay:
    """Compute the run again from its own snapshot by its own text. Raises Conflict when the snapshot is not as it was."""
    record = record_of(run)
    rule = rule_of(run.programme)
    with opened(run) as (duck, folder):
        answer(duck, record.sql, rule)
        _lines_as_kept(duck, folder, run)
        duck.make(
            "compared",
            f"""select k.grant_number, k.person_number, k.amount_fen as kept_fen, a.amount_fen as computed_fen,
                       coalesce(k.amount_fen = a.amount_fen and k.ordinary_fen = a.ordinary_fen
                                and k.reasons = a.reasons and k.findings = {_findings(rule)}, false) as is_same
                  from kept k full join answer a
                    on coalesce(k.grant_number, 0) = coalesce(a.grant_id, 0)
                   and coalesce(k.person_number, 0) = coalesce(a.person_id, 0)
                   and coalesce(k.household_number, 0) = case when a.person_id is null then a.household_id else 0 end""",
        )
        ((count, amount, wrong),) = duck.rows(
            """select count(*), cast(coalesce(sum(computed_fen), 0) as bigint), count(*) filter (where not is_same)
                 from compared"""
        )
        rows = duck.rows(
            """select grant_number, person_number, kept_fen, computed_fen from compared where not is_same
                order by 1, 2 limit 100"""
        )
    return Replay(run, count, amount, wrong, tuple(Difference(*row) for row in rows))


def effects(
    run: BenefitRun,
    *,
    sql: str,
    standards: Sequence[Mapping[str, Any]],
    measures: Sequence[Mapping[str, Any]],
) -> list[UnitEffect]:
    """What other standards, measures or texts would have made of the run's month, by paying unit in their order.

    Counts the subjects that were in force in the run: who has never applied is in no snapshot.
    """
    rule = rule_of(run.programme)
    with opened(run) as (duck, _folder):
        answer(duck, record_of(run).sql, rule)
        duck.make("before", "select grant_id, household_id, person_id, unit_code, amount_fen from answer")
        fill_wide(duck, "standards_then", inputs.standards_schema(), standards)
        fill_wide(duck, "measures_then", inputs.MEASURES, measures)
        duck.execute("create or replace view standards as select * from standards_then")
        duck.execute("create or replace view measures as select * from measures_then")
        answer(duck, sql, rule)
        rows = duck.rows(
            """select b.unit_code, count(*) filter (where b.amount_fen > 0), count(*) filter (where a.amount_fen > 0),
                      count(*) filter (where b.amount_fen = 0 and a.amount_fen > 0),
                      count(*) filter (where b.amount_fen > 0 and a.amount_fen = 0),
                      count(*) filter (where b.amount_fen > 0 and a.amount_fen > b.amount_fen),
                      count(*) filter (where a.amount_fen > 0 and a.amount_fen < b.amount_fen),
                      cast(sum(b.amount_fen) as bigint), cast(sum(a.amount_fen) as bigint)
                 from before b join answer a
                   on coalesce(a.grant_id, 0) = coalesce(b.grant_id, 0)
                  and coalesce(a.person_id, 0) = coalesce(b.person_id, 0)
                  and coalesce(a.household_id, 0) = coalesce(b.household_id, 0)
                group by b.unit_code order by b.unit_code"""
        )
    return [UnitEffect(*row) for row in rows]


@contextmanager
def opened(run: BenefitRun) -> Iterator[tuple[Duck, Path]]:
    """An engine over the run's snapshot. Raises Conflict when a file is missing or is not what was kept."""
    with tempfile.TemporaryDirectory(prefix="shouwang-replay-") as name, Duck(Path(name)) as duck:
        for table in TABLES:
            pieces = RunFile.objects.filter(run=run, table=table).order_by("part")
            digest, expected = hashlib.sha256(), ""
            with (Path(name) / f"{table}.parquet").open("wb") as file:
                for piece in pieces.iterator(chunk_size=4):
                    content, expected = bytes(piece.content), piece.sha256
                    digest.update(content)
                    file.write(content)
            if digest.hexdigest() != expected:
                raise Conflict(
                    _("这次发放保存的数据（%(table)s）与当时的校验值不符，不能复算") % {"table": table},
                    reason="run.snapshot_changed",
                    run_id=run.id,
                    table=table,
                )
            duck.read_parquet(table, f"{table}.parquet")
        yield duck, Path(name)


def _findings(rule: Rule) -> str:
    return "concat_ws(',', " + ", ".join(f"cast(a.{column} as bigint)" for column in rule.kept) + ")"


def _lines_as_kept(duck: Duck, folder: Path, run: BenefitRun) -> None:
    with (
        connection.cursor() as cursor,
        (folder / "kept.csv").open("wb") as file,
        cursor.copy(
            """copy (select grant_number, person_number, household_number, amount_fen, ordinary_fen, reasons,
                            findings from assistance_runline where run_id = %s)
               to stdout (format csv)""",
            [run.id],
        ) as copy,
    ):
        for block in copy:
            file.write(block)
    duck.read_csv(
        "kept",
        "kept.csv",
        {
            "grant_number": "BIGINT",
            "person_number": "BIGINT",
            "household_number": "BIGINT",
            "amount_fen": "BIGINT",
            "ordinary_fen": "BIGINT",
            "reasons": "BIGINT",
            "findings": "VARCHAR",
        },
    )
