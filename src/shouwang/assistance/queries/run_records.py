"""What was kept of a run: its record, and how each line's amount came about, in steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotFound

from ..models import BenefitRun, RunLine, RunRecord
from ..policies import ensure_may_read_payments
from ..rules.benefits.explain import Explanation, explain
from ..rules.benefits.parameters import ParameterRow, StandardsRow, Status
from ..rules.benefits.programmes import rule_of


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of a run with its chain of steps; `explanation` is None where what was decided was paid as it was."""

    line: RunLine
    explanation: Explanation | None
    placeholders: tuple[ParameterRow, ...]


def find_record(run: BenefitRun) -> RunRecord | None:
    """None for a run from before records were kept."""
    return RunRecord.objects.filter(run=run).first()


def record_of(run: BenefitRun) -> RunRecord:
    """As `find_record`; raises Conflict where there is none."""
    record = find_record(run)
    if record is None:
        raise Conflict(_("这次发放没有保存计算记录"), reason="run.no_record", run_id=run.id)
    return record


def standards_of(record: RunRecord) -> dict[int, StandardsRow]:
    """The standards that a run rested on, by paying unit."""
    return {kept["unit_code"]: standards_row(kept) for kept in record.standards}


def get_line_for(actor: Actor, line_id: UUID) -> Explained:
    """One line explained. Raises NotFound outside the scope."""
    ensure_may_read_payments(actor)
    line = RunLine.objects.filter(actor.scope.q(), id=line_id).select_related("run__record").first()
    if line is None:
        raise NotFound(_("没有这笔计算，可能不在您的辖区"), line_id=line_id)
    return explained(line)


def latest_lines_for(actor: Actor, subject_ids: Collection[UUID]) -> list[Explained]:
    """What the subjects get and why: of each subject and programme the line of the latest month."""
    ensure_may_read_payments(actor)
    lines = (
        RunLine.objects.filter(actor.scope.q(), subject_id__in=subject_ids)
        .order_by("subject_id", "run__programme", "-run__benefit_month", "-run__recorded_at")
        .distinct("subject_id", "run__programme")
        .select_related("run__record")
    )
    return [explained(line) for line in lines]


def explained(line: RunLine) -> Explained:
    """The chain of a line, re-derived from its findings and the run's standards."""
    if not line.is_computed:
        return Explained(line, None, ())
    record: RunRecord = line.run.record
    standards = standards_row(next(kept for kept in record.standards if kept["unit_code"] == line.unit_code))
    rule = rule_of(line.run.programme)
    explanation = explain(rule.programme, record.rules_version, findings_of(line), standards)
    return Explained(line, explanation, tuple(standards.placeholders(rule.uses)))


def findings_of(line: RunLine) -> dict[str, int]:
    """The record that the rules derive every step from."""
    kept = dict(zip(rule_of(line.run.programme).kept, line.findings, strict=True))
    return {**kept, "amount_fen": line.amount_fen, "ordinary_fen": line.ordinary_fen, "reasons": line.reasons}


def standards_row(kept: Mapping[str, Any]) -> StandardsRow:
    rows = {
        key: ParameterRow(
            key=key,
            area_code=row["area_code"],
            valid_from=date.fromisoformat(row["valid_from"]),
            text=row["text"],
            unit=row["unit"],
            source_number=row["source_number"],
            source_article=row["source_article"],
            status=Status(row["status"]),
        )
        for key, row in kept["rows"].items()
    }
    return StandardsRow(kept["unit_code"], date.fromisoformat(kept["month"]), kept["values"], rows)
