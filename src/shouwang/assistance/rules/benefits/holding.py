"""Lines of grants to persons, with the person's own facts and with what else that person holds in the month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import ibis
import ibis.expr.types as ir

from .arithmetic import Expression, count_where, sum_fen, whole
from .clauses import LINE
from .exclusions import Effect, excluding_of, others
from .inputs import Tables

_FACTS = (
    "birth_on",
    "is_living",
    "disability_kind",
    "disability_level",
    "needs_care",
    "care_mode",
)


def personal_lines(t: Tables, programme: str, uses: Iterable[str], scope: Collection[str] = ()) -> ir.Table:
    """One line a grant of the programme, with the standards of `uses` and the columns

    persons         1 for somebody living on the first of the month, else 0
    excluded_by     which of `exclusions.excluding` the person holds, a bit each; `is_excluded` any of them
    taken_off_fen   received from what the programme tops up
    similar_fen     received from what it is chosen against
    scope_count     how many programmes of `scope` the person holds
    """
    grants = t.grants.filter(t.grants.programme == programme).join(t.standards_of(uses), "unit_code")
    persons = t.persons.select("person_id", *_FACTS).rename(subject_id="person_id")
    lines = grants.left_join(persons, grants.person_id == persons.subject_id)
    held = _held(t, programme, scope)
    lines = lines.left_join(held, lines.person_id == held.holder_id)
    lines = lines.mutate(persons=ibis.coalesce(lines.is_living, False).ifelse(whole(1), whole(0)))
    filled: dict[str, Expression] = {
        column: ibis.coalesce(lines[column], whole(0))
        for column in ("excluded_by", "taken_off_fen", "similar_fen", "scope_count")
    }
    filled["needs_care"] = ibis.coalesce(lines.needs_care, False)
    for column in ("disability_kind", "disability_level"):
        filled[column] = ibis.coalesce(lines[column].cast("int64"), whole(0))
    lines = lines.mutate(**filled)
    return lines.mutate(is_excluded=lines.excluded_by > 0)


def _held(t: Tables, programme: str, scope: Collection[str]) -> ir.Table:
    excluding, topping = excluding_of(programme), others(programme, Effect.TOP_UP)
    choosing = others(programme, Effect.CHOOSE_HIGHER)
    wanted = {*(one.other for one in excluding), *topping, *choosing, *scope}
    holds = t.holds.filter(_is_in(t.holds, wanted))
    return (
        holds.group_by("person_id")
        .aggregate(
            excluded_by=_bits(holds, [one.other for one in excluding]),
            taken_off_fen=sum_fen(_is_in(holds, topping).ifelse(holds.received_fen, whole(0))),
            similar_fen=sum_fen(_is_in(holds, choosing).ifelse(holds.received_fen, whole(0))),
            scope_count=count_where(holds, _is_in(holds, scope)),
        )
        .rename(holder_id="person_id")
    )


def _bits(holds: ir.Table, programmes: Sequence[str]) -> Expression:
    """One bit a programme that is held, however often."""
    bits = whole(0)
    for position, programme in enumerate(programmes):
        bits = bits + (count_where(holds, holds.programme == programme) > 0).ifelse(whole(1 << position), whole(0))
    return bits


def _is_in(holds: ir.Table, programmes: Collection[str]) -> Expression:
    """No programme has an empty name, so that the flag of none is a column too."""
    return holds.programme.isin(sorted(programmes) or [""])


def as_lines(lines: ir.Table, kept: Iterable[str]) -> ir.Table:
    """Lines with `computed_fen` and `reasons`, which no measure changes."""
    lines = lines.mutate(ordinary_fen=lines.computed_fen, amount_fen=lines.computed_fen)
    return lines.select(*LINE, *(column for column in kept if column not in LINE))
