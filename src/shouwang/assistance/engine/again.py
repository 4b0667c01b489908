"""A past month computed once more by the rules, for some grants, from the facts and standards that are known now.

Nothing is written: what was paid stays paid, and commands decide what follows from the difference.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from shouwang.kernel import clock

from ..rules.benefits import compile as rules_text
from ..rules.benefits.parameters import StandardsRow
from ..rules.benefits.programmes import rule_of
from ..rules.places import PayingUnit
from .duck import DIALECT, Duck
from .lines import answer
from .snapshot import Question, instant_after, take_snapshot


@dataclass(frozen=True, slots=True)
class Again:
    """What a grant should have been paid for the month. `is_known` false: the facts that the rules need were never
    recorded, and the amounts are what was decided."""

    grant_id: UUID
    amount_fen: int
    ordinary_fen: int
    reasons: int
    findings: tuple[int, ...]
    is_known: bool


def compute_again(
    *,
    programme: str,
    month: date,
    unit: PayingUnit,
    grant_ids: Sequence[UUID],
    standards: StandardsRow,
    measures: Mapping[str, Any],
) -> dict[UUID, Again]:
    """By grant; one that was not in force in the month, or has left the unit since, is left out."""
    rule = rule_of(programme)
    sql = rules_text.sql(programme, rule.text_on(month).version, DIALECT)
    question = Question(programme, month, [unit], instant_after(clock.now()), clock.today(), again=tuple(grant_ids))
    with tempfile.TemporaryDirectory(prefix="shouwang-again-") as name, Duck(Path(name)) as duck:
        take_snapshot(duck, Path(name), question, standards=[standards.columns()], measures=[measures])
        answer(duck, sql, rule)
        findings = ", ".join(f"cast(a.{column} as bigint)" for column in rule.kept)
        rows = duck.rows(
            f"""select k.id, a.amount_fen, a.ordinary_fen, a.reasons, a.is_known, [{findings}]
                  from answer a join k_grant k on k.number = a.grant_id"""
        )
    return {
        grant_id: Again(grant_id, int(amount), int(ordinary), int(reasons), tuple(found), bool(known))
        for grant_id, amount, ordinary, reasons, known, found in rows
    }
