"""What a household keeps although the rules give it less: gradual exit 渐退, and the pause of exits 暂缓退出.

Both outcomes stand in a line: `ordinary_fen` by the rules and the standing gradual exit, `amount_fen` under the measures.
Neither protects after a death or a fraud: these still stop and reduce (民发〔2021〕57号第三十二条 and the orders of 2020).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from .arithmetic import Expression, month_number, whole
from .clauses import Record
from .inputs import Tables
from .reasons import Reason

KEPT = ("decided_fen", "is_protected", "is_exit_paused", "months_past", "gradual_exit_months")
"""What a line keeps so that both outcomes can be derived again; `months_past` is -1 where no exit waits."""


def with_measures(grants: ir.Table, t: Tables) -> ir.Table:
    """The grants with their unit's measures; a unit without a row has none.

    The end of a pause cuts nobody off: what it kept is kept until an officer has decided on that grant.
    """
    measures = t.measures.rename(measures_unit="unit_code")
    joined = grants.left_join(measures, grants.unit_code == measures.measures_unit).drop("measures_unit")
    is_paused = ibis.coalesce(joined.is_exit_paused, False)
    if "awaits_review" in joined.columns:
        is_paused = is_paused | joined.awaits_review
    return joined.mutate(
        is_exit_paused=is_paused,
        is_price_doubled=ibis.coalesce(joined.is_price_doubled, False),
        gradual_exit_months=ibis.coalesce(joined.gradual_exit_months.cast("int64"), whole(0)),
    )


def keep(lines: ir.Table, standing_months: Expression | None) -> ir.Table:
    """Adds ordinary_fen and amount_fen to lines with computed_fen, persons, decided_fen and the flags.

    `standing_months`: the gradual exit that the parameters give, None for a programme without one.
    """
    lines = lines.mutate(is_protected=(lines.persons > 0) & ~lines.has_death & ~lines.has_fraud)
    lines = lines.mutate(ordinary_fen=lines.computed_fen, graced_fen=lines.computed_fen)
    if standing_months is None:
        lines = lines.mutate(months_past=whole(-1))
    else:
        lines = lines.mutate(
            months_past=ibis.coalesce(month_number(lines.benefit_month) - month_number(lines.exit_from), whole(-1))
        )
        lines = lines.mutate(may_grace=lines.is_protected & (lines.computed_fen == 0) & (lines.months_past >= 0))
        lines = lines.mutate(ordinary_fen=_graced(lines, standing_months))
        lines = lines.mutate(graced_fen=_graced(lines, ibis.greatest(standing_months, lines.gradual_exit_months)))
    is_kept = lines.is_protected & lines.is_exit_paused & (lines.decided_fen > lines.graced_fen)
    return lines.mutate(amount_fen=is_kept.ifelse(lines.decided_fen, lines.graced_fen), is_kept=is_kept)


def _graced(lines: ir.Table, months: Expression) -> Expression:
    return (lines.may_grace & (lines.months_past < months)).ifelse(lines.decided_fen, lines.computed_fen)


def reasons_of_keeping(lines: ir.Table) -> Expression:
    """The bits that `keep` set."""
    would_keep = lines.is_exit_paused & (lines.decided_fen > lines.amount_fen) & (lines.persons > 0)
    return (
        bit(lines.graced_fen != lines.computed_fen, Reason.GRADUAL_EXIT)
        + bit(lines.is_kept, Reason.EXIT_PAUSED)
        + bit(would_keep & lines.has_death, Reason.DEATH_LIFTS_PAUSE)
        + bit(would_keep & lines.has_fraud, Reason.FRAUD_LIFTS_PAUSE)
    )


def bit(flag: Expression, reason: Reason) -> Expression:
    return flag.ifelse(whole(int(reason)), whole(0))


def derive_keeping(record: Record, computed_fen: int, standing_months: int) -> tuple[int, int]:
    """The ordinary and the paid amount, from what a line keeps."""

    def graced(months: int) -> int:
        is_graced = record["is_protected"] and computed_fen == 0 and 0 <= record["months_past"] < months
        return record["decided_fen"] if is_graced else computed_fen

    ordinary, amount = graced(standing_months), graced(max(standing_months, record["gradual_exit_months"]))
    if record["is_protected"] and record["is_exit_paused"]:
        amount = max(amount, record["decided_fen"])
    return ordinary, amount
