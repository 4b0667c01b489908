"""A month's run: from the facts of a month to amounts by the rules, payables, and drafted lists.

The facts are frozen into a snapshot, the rules' SQL is executed on it, and what it gives comes back by COPY; the text,
the standards, the measures and the snapshot are kept with the run, so that anyone can compute it again.

Guarantees: a month of one programme is owed once to each subject, whoever runs it and however often (unique payables, a
lock for each programme and month); a line that cannot be paid yet is owed and listed, never dropped; everything is
written or nothing. Refuses: months before an area's go-live, months after the next one, areas below a county, a unit
without a standard that the programme needs.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang import __version__
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.response.public import effective

from ..engine import duck as engine
from ..engine import lines as engine_lines
from ..engine.duck import Duck
from ..engine.lines import Totals
from ..engine.snapshot import Question, Snapshot, instant_after, take_snapshot
from ..events import MonthRun
from ..models import BenefitRun, PaymentBatch, RunFile, RunRecord
from ..policies import ensure_may_run
from ..queries.frozen import covered_already
from ..queries.history import go_live_of
from ..queries.parameters import standards_for
from ..queries.places import paying_units
from ..queries.runs import covering_run
from ..rules.benefits import compile as rules_text
from ..rules.benefits.catalogue import key_of
from ..rules.benefits.clauses import Rule
from ..rules.benefits.parameters import StandardsRow
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import Held, month_of, next_month
from ..rules.places import PayingUnit
from ..states import GRANTED, MONTHLY, Programme
from .parameters import hold_parameters
from .run_lines import write_lines, write_list_headers
from .staging import lock_months

MEASURES_READ = ("exit_paused", "gradual_exit", "review_paused", "price_doubled")
"""Kinds whose measures in force decided the amounts that a run pays; their ids are kept with the run."""

FILE_PIECE = 8 * 1024 * 1024
"""Bytes of a snapshot's file in one row."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """`is_new` false: the month had been run for the area, and this is that run. `already_payable_count`: owed before."""

    run: BenefitRun
    is_new: bool
    new_payable_count: int
    already_payable_count: int
    batches: tuple[PaymentBatch, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """What amounts rest on besides the facts: the text of law, the standards of each unit, the measures in force."""

    rule: Rule
    version: str
    sql: str
    standards: Sequence[StandardsRow]
    measures: Sequence[dict[str, Any]]
    measure_ids: Sequence[UUID]


@dataclass
class Stages:
    """Tells where a run stands, and keeps what each stage took."""

    report: Callable[[str, int, int], None] | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, label: str) -> Iterator[None]:
        started = time.monotonic()
        if self.report:
            self.report(label, 0, 1)
        yield
        self.seconds[label] = round(time.monotonic() - started, 3)
        if self.report:
            self.report(label, 1, 1)


@transaction.atomic
def run_month(
    *,
    actor: Actor,
    programme: str,
    benefit_month: date,
    area_code: int,
    report: Callable[[str, int, int], None] | None = None,
) -> RunResult:
    """Compute `benefit_month` for every grant of the area, or give the run that did."""
    ensure_may_run(actor, area_code)
    month = month_of(benefit_month)
    units = paying_units(area_code)
    _check_month(programme, month, units)
    lock_months([(programme, month.isoformat())])
    earlier = covering_run(programme=programme, month=month, area_code=area_code)
    if earlier is not None:
        return RunResult(earlier, False, 0, earlier.payable_count, ())
    hold_parameters()
    basis = basis_of(programme, month, units)
    _check_notice(basis, month)
    question = Question(programme, month, units, instant_after(clock.now()), clock.today(), _rests_on(basis.rule))
    stages = Stages(report)
    with tempfile.TemporaryDirectory(prefix="shouwang-run-") as name, Duck(Path(name)) as duck:
        folder = Path(name)
        with stages.stage(_("冻结数据")):
            take_snapshot(
                duck,
                folder,
                question,
                standards=[row.columns() for row in basis.standards],
                measures=basis.measures,
            )
        with stages.stage(_("计算金额")):
            problems = engine_lines.problems(duck)
            engine_lines.answer(duck, basis.sql, basis.rule)
            totals = engine_lines.settle(duck, basis.rule)
            elsewhere = covered_already(programme=programme, month=month, person_ids=engine_lines.covered_people(duck))
            if elsewhere:
                why = Held.COVERED_TWICE if programme in GRANTED else Held.ALREADY_PAYABLE
                totals = engine_lines.hold(duck, elsewhere, why)
        run = _record_run(actor, question, area_code, totals, problems, basis)
        with stages.stage(_("生成清册")):
            batches, places = write_list_headers(actor, duck, run, units)
        with stages.stage(_("写入应发")):
            snapshot = write_lines(duck, folder, run, totals, places)
        _keep_record(run, basis, snapshot, question, stages)
    audit.record(
        actor=actor,
        action="payment.run",
        subject=f"run:{run.id}",
        area_code=area_code,
        data={
            "programme": programme,
            "month": f"{month:%Y-%m}",
            "payables": run.payable_count,
            "amount_fen": run.amount_fen,
            "lines": totals.ready_count,
            "batches": [batch.number for batch in batches],
            "input": snapshot.input_hash,
            **run.report,
        },
    )
    events.publish(MonthRun(run.id, programme, month, run.payable_count, run.amount_fen, area_code))
    return RunResult(run, True, totals.payable_count, totals.already_payable_count, tuple(batches))


def basis_of(programme: str, month: date, units: Sequence[PayingUnit]) -> Basis:
    """What holds now for a month. Raises MissingParameter naming area, month and parameter."""
    rule = rule_of(programme)
    version = rule.text_on(month).version
    measures, measure_ids = _measures_of(units, month)
    return Basis(
        rule=rule,
        version=version,
        sql=rules_text.sql(programme, version, engine.DIALECT),
        standards=standards_for([unit.code for unit in units], month, keys=rule.uses),
        measures=measures,
        measure_ids=measure_ids,
    )


def _rests_on(rule: Rule) -> tuple[str, ...]:
    """Whose grants decide who is paid, of those that a linked programme names: the ones that this system grants."""
    return tuple(group for group in rule.groups if group in GRANTED)


def _measures_of(units: Sequence[PayingUnit], month: date) -> tuple[list[dict[str, Any]], list[UUID]]:
    """What is in force now; the doubling, which is of a month's index, as of that month."""
    rows: list[dict[str, Any]] = []
    ids: set[UUID] = set()
    for unit in units:
        found = {
            kind: effective(kind, unit.code, _within(month) if kind == "price_doubled" else clock.now())
            for kind in MEASURES_READ
        }
        ids.update(measure_id for measure in found.values() if measure for measure_id in measure.measure_ids)
        gradual = found["gradual_exit"]
        rows.append(
            {
                "unit_code": unit.code,
                "is_exit_paused": found["exit_paused"] is not None,
                "gradual_exit_months": gradual.parameters["months"] if gradual else None,
                "is_price_doubled": found["price_doubled"] is not None,
            }
        )
    return rows, sorted(ids)


def _within(month: date) -> datetime:
    """Now, or the instant of the month that is nearest to it."""
    first = clock.instant(month.year, month.month, month.day)
    after = next_month(month)
    last = clock.instant(after.year, after.month, after.day) - timedelta(microseconds=1)
    return min(max(clock.now(), first), last)


def _check_month(programme: str, month: date, units: Sequence[PayingUnit]) -> None:
    if programme not in MONTHLY:
        raise Invalid(_("只有按月发放的项目可以生成清册"), reason="run.not_monthly", programme=programme)
    latest = next_month(clock.today())
    if month > latest:
        raise Invalid(
            _("最多可以提前发放到 %(month)s") % {"month": f"{latest:%Y-%m}"}, reason="run.too_early", month=month
        )
    for unit in units:
        live_on = go_live_of(programme=programme, area_code=unit.code)
        if live_on is not None and month < month_of(live_on):
            raise Invalid(
                _("%(unit)s从 %(day)s 起在本系统发放%(programme)s，更早的月份请按历史发放录入")
                % {"unit": unit.name, "day": live_on.isoformat(), "programme": Programme(programme).label},
                reason="run.before_go_live",
                area_code=unit.code,
            )


def _check_notice(basis: Basis, month: date) -> None:
    """One-off money has no standard that goes on: without a notice for the month everybody's would be nothing."""
    if basis.rule.programme != Programme.ONE_OFF:
        return
    amounts = [key for key in basis.rule.uses if not key_of(key).is_text]
    if not any(row.number(key) for row in basis.standards for key in amounts):
        raise Invalid(
            _("%(month)s 没有一次性补助的标准，请先录入应急期间的通知") % {"month": f"{month:%Y-%m}"},
            reason="run.no_notice",
            month=month,
        )


def _record_run(
    actor: Actor, question: Question, area_code: int, totals: Totals, problems: dict[str, int], basis: Basis
) -> BenefitRun:
    return BenefitRun.objects.create(
        programme=question.programme,
        benefit_month=question.month,
        area_code=area_code,
        payable_count=totals.payable_count,
        person_count=totals.person_count,
        amount_fen=totals.amount_fen,
        measures=[str(measure_id) for measure_id in basis.measure_ids],
        report={**totals.held, **problems, "already_payable": totals.already_payable_count},
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )


def _keep_record(run: BenefitRun, basis: Basis, snapshot: Snapshot, question: Question, stages: Stages) -> None:
    RunRecord.objects.create(
        run=run,
        rules_version=basis.version,
        code_version=__version__,
        engine=f"duckdb {engine.VERSION}",
        sql=basis.sql,
        standards=[standards_kept(row) for row in basis.standards],
        measures=list(basis.measures),
        input_hash=snapshot.input_hash,
        counts=dict(snapshot.counts),
        seconds=stages.seconds,
        known_at=question.known_at,
        recorded_at=run.recorded_at,
        area_code=run.area_code,
    )
    for table, path in snapshot.files.items():
        with path.open("rb") as file:
            part = 0
            while piece := file.read(FILE_PIECE):
                RunFile.objects.create(
                    run=run,
                    table=table,
                    part=part,
                    sha256=snapshot.hashes[table],
                    content=piece,
                    area_code=run.area_code,
                )
                part += 1


def standards_kept(row: StandardsRow) -> dict[str, Any]:
    """A unit's standards as a run keeps them: each value, and the row that it comes from."""
    return {
        "unit_code": row.unit_code,
        "month": row.benefit_month.isoformat(),
        "values": dict(row.values),
        "rows": {
            key: {
                "area_code": found.area_code,
                "valid_from": found.valid_from.isoformat(),
                "text": found.text,
                "unit": found.unit,
                "source_number": found.source_number,
                "source_article": found.source_article,
                "status": str(found.status),
            }
            for key, found in row.rows.items()
        },
    }
