"""The placeholders that a run rested on, as they were when it was computed."""

from __future__ import annotations

from shouwang.kernel.actor import Actor

from ..models import BenefitRun, RunRecord
from ..rules.benefits.parameters import ParameterRow
from ..rules.parameter_groups import amounts_rest_on
from .parameter_pages import words_of
from .run_records import standards_of


def run_placeholder_words(actor: Actor, run: BenefitRun) -> list[str]:
    """What no bureau stood by, in words, of the standards that a run rested on in the actor's units."""
    record = RunRecord.objects.filter(run=run).first()
    if record is None:
        return []
    units = [row for code, row in standards_of(record).items() if actor.scope.contains(code)]
    found: dict[tuple[str, int], ParameterRow] = {}
    for unit in units:
        keys = amounts_rest_on(run.programme, lambda key, unit=unit: str(unit.values.get(key)))  # type: ignore[misc]
        found |= {(row.key, row.area_code): row for row in unit.placeholders(keys)}
    return words_of(list(found.values()))
