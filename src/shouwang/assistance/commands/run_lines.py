"""What a run writes by the hundred thousand: payables, lines, covered persons and the lines of its lists.

While the database takes one file, the engine makes the next: each of the two is busy on a processor of its own. The rows
come in the order of their ids, which is the order of the lists, so that most indexes grow at their end.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from shouwang.kernel.actor import Actor

from ..engine import lines as engine_lines
from ..engine.duck import Duck
from ..engine.lines import PlaceSum, Totals
from ..engine.snapshot import Snapshot, write_snapshot
from ..models import BenefitRun, PaymentBatch
from ..rules.monthly import REASON_KEY
from ..rules.places import PayingUnit
from ..states import AttemptState, Channel
from .lists import ORDINARY, PartSum, write_headers

ListPlace = tuple[int, int, UUID, UUID]
"""(paying unit, part of it, its list, its part of the list)"""

_PAYABLES = """
    insert into assistance_payable (id, programme, benefit_month, household_id, person_id, subject_id, reason_key,
           amount_fen, area_code, origin, grant_id, run_id, payee_id, was_listed_at_once, recorded_at)
    select payable_id, %s, %s, household_id, person_id, subject_id, %s, amount_fen, area_code, origin, grant_id, %s,
           payee_id, account_id is not null, %s
      from staged_line where payable_id is not null
"""
_LINES = """
    insert into assistance_runline (id, run_id, number, grant_number, person_number, household_number, grant_id,
           subject_id, unit_code, payable_id, amount_fen, ordinary_fen, decided_fen, last_paid_fen, findings, reasons,
           is_computed, held, area_code)
    select line_id, %s, number, grant_number, person_number, household_number, grant_id, subject_id, unit_code,
           payable_id, amount_fen, ordinary_fen, decided_fen, last_paid_fen, findings, reasons, is_computed,
           coalesce(held, ''), area_code
      from staged_line
"""
_COVERED = """
    insert into assistance_payableperson (id, payable_id, person_id, area_code)
    select id, payable_id, person_id, area_code from staged_covered
"""
_ATTEMPTS = """
    insert into assistance_paymentattempt (id, payable_id, batch_id, line_number, part_id, channel, account_id,
           amount_fen, area_code, state, recorded_at)
    select id, payable_id, batch_id, line_number, part_id, %s, account_id, amount_fen, area_code, %s, %s
      from staged_attempt
"""
_COVERED_COLUMNS = (("id", "uuid"), ("payable_id", "uuid"), ("person_id", "uuid"), ("area_code", "bigint"))
_ATTEMPT_COLUMNS = (
    ("id", "uuid"),
    ("payable_id", "uuid"),
    ("batch_id", "uuid"),
    ("line_number", "integer"),
    ("part_id", "uuid"),
    ("account_id", "uuid"),
    ("amount_fen", "bigint"),
    ("area_code", "bigint"),
)


def write_list_headers(
    actor: Actor, duck: Duck, run: BenefitRun, units: Sequence[PayingUnit]
) -> tuple[list[PaymentBatch], list[ListPlace]]:
    """The lists of a run without their lines, and where each line goes."""
    by_unit = {unit.code: unit for unit in units}
    sums: dict[int, list[PlaceSum]] = {}
    for place in engine_lines.places(duck):
        sums.setdefault(place.unit_code, []).append(place)
    headers = write_headers(
        actor=actor,
        programme=run.programme,
        benefit_month=run.benefit_month,
        sums=[
            (by_unit[code], [PartSum(place.part_code, place.line_count, place.amount_fen) for place in places])
            for code, places in sums.items()
        ],
        kind=ORDINARY,
        run=run,
    )
    places = [
        (header.batch.area_code, part.area_code, header.batch.id, part.id)
        for header in headers
        for part in header.parts
    ]
    return [header.batch for header in headers], places


def write_lines(duck: Duck, folder: Path, run: BenefitRun, totals: Totals, places: Sequence[ListPlace]) -> Snapshot:
    """Everything of a run that has a row a line, and the snapshot's files."""
    engine_lines.number_lines(duck, folder, totals)
    with ThreadPoolExecutor(max_workers=1) as making:
        lines = making.submit(engine_lines.lines_csv, duck)
        covered = making.submit(engine_lines.covered_csv, duck, folder)
        attempts = making.submit(engine_lines.attempts_csv, duck, folder, places)
        snapshot = making.submit(write_snapshot, duck)
        _stage("staged_line", engine_lines.LINE_COLUMNS, lines)
        _execute(_PAYABLES, [run.programme, run.benefit_month, REASON_KEY, run.id, run.recorded_at])
        _execute(_LINES, [run.id])
        _stage("staged_covered", _COVERED_COLUMNS, covered)
        _execute(_COVERED, [])
        _stage("staged_attempt", _ATTEMPT_COLUMNS, attempts)
        _execute(_ATTEMPTS, [Channel.BANK, AttemptState.OPEN, run.recorded_at])
        return snapshot.result()


def _stage(table: str, columns: Sequence[tuple[str, str]], made: Future[Path]) -> None:
    """COPY a file of the engine into a table that goes with the transaction; the policies hold at the INSERT from it."""
    declared = ", ".join(f"{name} {kind}" for name, kind in columns)
    path = made.result()
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists {table}")  # of a run before this one in the same transaction
        cursor.execute(f"create temporary table {table} ({declared}) on commit drop")
        with path.open("rb") as file, cursor.copy(f"copy {table} from stdin (format csv)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
    path.unlink()


def _execute(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
