"""Reading figures: an area's figures as of a cut-off, by reporting unit, and the rows behind one.

A settled cut-off (past, and no transaction that could still write before it is open) is computed once and kept; it prints the
same for ever. An unsettled one is computed each time and says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from shouwang.areas.public import Area, full_names, get_area, reporting_units
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.figures import Figure, Leaf, Row, all_figures, get_figure, leaves, make_cut, row_page
from shouwang.kernel.scope import Span, intersect
from shouwang.registry.public import Household, Person

from .models import Bulletin, FigureSnapshot, UnitSnapshot

Unit = tuple[int, str, tuple[Span, ...]]
"""A reporting unit: code, name, spans."""


@dataclass(frozen=True, slots=True)
class UnitValue:
    """A figure's part in one reporting unit."""

    code: int
    name: str
    value: int
    rows: int


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A figure of an area: the sum of its units."""

    figure: Figure
    value: int
    rows: int
    units: tuple[UnitValue, ...]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """All figures of an area for a period and a cut-off; `is_settled` means it will print the same for ever."""

    area_code: int
    area_name: str
    since: date
    as_of: datetime
    is_settled: bool
    figures: tuple[FigureValue, ...]

    @property
    def unit_names(self) -> list[tuple[int, str]]:
        return [(unit.code, unit.name) for unit in self.figures[0].units] if self.figures else []


def figures_for(
    actor: Actor, *, area_code: int, since: date, as_of: datetime, keys: Sequence[str] | None = None
) -> FigureTable:
    """The figures of an area that lies wholly in the actor's scope. Raises NotFound otherwise."""
    area = area_in_scope(actor, area_code)
    is_settled = settled(as_of)
    units = _units(area_code, as_of, keep=is_settled)
    cut = make_cut(_spans_of(units), since=since, as_of=as_of)
    wanted = [get_figure(key) for key in keys] if keys else all_figures()
    kept = _kept(area_code, since, as_of) if is_settled else {}
    values = []
    for figure in wanted:
        parts = kept.get(figure.key)
        if parts is None:
            parts = _by_unit(leaves(figure, cut), units)
            if is_settled:
                _keep(figure, area_code, since, as_of, parts)
        values.append(_value(figure, units, parts))
    return FigureTable(area_code, area.name, since, as_of, is_settled, tuple(values))


class PrintedUnit(TypedDict):
    code: int
    name: str
    value: int
    rows: int


class PrintedFigure(TypedDict):
    """A figure as a bulletin keeps it."""

    key: str
    label: str
    unit: str
    value: int
    rows: int
    units: list[PrintedUnit]


def printed(table: FigureTable) -> list[PrintedFigure]:
    """The table as plain data: what a page prints and an issued bulletin keeps."""
    return [
        {
            "key": value.figure.key,
            "label": str(value.figure.label),
            "unit": value.figure.unit,
            "value": value.value,
            "rows": value.rows,
            "units": [{"code": u.code, "name": u.name, "value": u.value, "rows": u.rows} for u in value.units],
        }
        for value in table.figures
    ]


def matrix_of(figures: list[PrintedFigure]) -> dict[str, list[Any]]:
    """Turned for printing: a line per unit with a cell per figure. A unit that has nothing at all is left out when it
    is the area's own line (本级); the others always stand, with their zeros."""
    lines = []
    for position, unit in enumerate(figures[0]["units"] if figures else []):
        cells = [{**figure["units"][position], "key": figure["key"], "unit": figure["unit"]} for figure in figures]
        if position or any(cell["rows"] for cell in cells):
            lines.append({"code": unit["code"], "name": unit["name"], "cells": cells})
    return {"values": list(figures), "lines": lines}


def rows_for(
    actor: Actor,
    *,
    key: str,
    area_code: int,
    unit_code: int | None,
    since: date,
    as_of: datetime,
    offset: int,
    limit: int,
) -> list[Row]:
    """A page of the rows behind a figure, of the whole area or one of its reporting units, as they were at the cut-off.

    Rows of a township that has left the area since are counted still, and shown by who runs it now.
    """
    area_in_scope(actor, area_code)
    units = _units(area_code, as_of, keep=False)
    if unit_code is not None:
        units = [unit for unit in units if unit[0] == unit_code]
    spans = intersect(_spans_of(units), actor.scope.spans)
    return row_page(get_figure(key), make_cut(spans, since=since, as_of=as_of), offset=offset, limit=limit)


def handed_over(actor: Actor, *, area_code: int, unit_code: int | None, as_of: datetime) -> bool:
    """Whether a part of what was counted at the cut-off has left the actor's scope since, so that its rows do not show."""
    units = [unit for unit in _units(area_code, as_of, keep=False) if unit_code in (None, unit[0])]
    return not actor.scope.covers(_spans_of(units))


@dataclass(frozen=True, slots=True)
class RowLabels:
    """What rows show besides their ids."""

    persons: dict[UUID, tuple[str, str]]
    households: dict[UUID, str]
    areas: dict[int, str]


def label_rows(rows: Iterable[Row]) -> RowLabels:
    """Names, the last four of the ID, household numbers and places, in three queries."""
    rows = list(rows)
    persons = Person.objects.filter(id__in={row.person_id for row in rows if row.person_id})
    households = Household.objects.filter(id__in={row.household_id for row in rows if row.household_id})
    return RowLabels(
        persons={key: (name, tail) for key, name, tail in persons.values_list("id", "name", "id_tail")},
        households=dict(households.values_list("id", "number")),
        areas=full_names([row.area_code for row in rows]),
    )


def bulletins_for(actor: Actor) -> QuerySet[Bulletin]:
    return Bulletin.objects.filter(actor.scope.q()).order_by("-as_of", "-number")


def get_bulletin_for(actor: Actor, bulletin_id: UUID) -> Bulletin:
    bulletin = bulletins_for(actor).filter(id=bulletin_id).first()
    if bulletin is None:
        raise NotFound("没有这期快报", bulletin_id=bulletin_id)
    return bulletin


def area_in_scope(actor: Actor, area_code: int) -> Area:
    area = get_area(area_code)
    if not actor.scope.covers(area.span):
        raise NotFound(f"没有区划代码 {area_code}", code=area_code)
    return area


def settled(as_of: datetime) -> bool:
    """Whether nothing recorded before `as_of` can still appear: it is past by more than hosts' clocks may differ, and no
    transaction is open that began before then.

    A row is stamped when its transaction has begun and seen once it commits; so one that began later than `as_of` and
    the margin stamps later than `as_of`, on whichever host.
    """
    age = clock.now() - as_of
    if age < clock.SKEW_MAX:
        return False
    with connection.cursor() as cursor:
        seconds = (age - clock.SKEW_MAX).total_seconds()
        cursor.execute("select shouwang_transactions_older_than(make_interval(secs => %s))", [seconds])
        return cursor.fetchone()[0] == 0


def _units(area_code: int, as_of: datetime, *, keep: bool) -> Sequence[Unit]:
    """The reporting units of an area for a cut-off: those that were kept for it, else today's.

    `keep` keeps today's for ever. The first to ask decides: whoever computes a figure of the cut-off reads what stands.
    """
    kept = _kept_units(area_code, as_of)
    if kept is not None:
        return kept
    units = reporting_units(area_code)
    if not keep:
        return units
    told = [{"code": code, "name": name, "spans": spans} for code, name, spans in units]
    UnitSnapshot.objects.bulk_create(
        [UnitSnapshot(area_code=area_code, as_of=as_of, units=told)], ignore_conflicts=True
    )
    return _kept_units(area_code, as_of) or units


def _kept_units(area_code: int, as_of: datetime) -> Sequence[Unit] | None:
    snapshot = UnitSnapshot.objects.filter(area_code=area_code, as_of=as_of).first()
    if snapshot is None:
        return None
    return [(unit["code"], unit["name"], tuple((low, high) for low, high in unit["spans"])) for unit in snapshot.units]


def _spans_of(units: Sequence[Unit]) -> tuple[Span, ...]:
    return tuple(sorted(span for _code, _name, spans in units for span in spans))


def _kept(area_code: int, since: date, as_of: datetime) -> dict[str, dict[int, tuple[int, int]]]:
    rows = FigureSnapshot.objects.filter(area_code=area_code, since_on=since, as_of=as_of)
    return {row.key: {int(code): (value, row.rows[code]) for code, value in row.values.items()} for row in rows}


def _keep(figure: Figure, area_code: int, since: date, as_of: datetime, parts: dict[int, tuple[int, int]]) -> None:
    FigureSnapshot.objects.bulk_create(
        [
            FigureSnapshot(
                key=figure.key,
                since_on=since,
                as_of=as_of,
                area_code=area_code,
                values={str(code): value for code, (value, _) in parts.items()},
                rows={str(code): rows for code, (_, rows) in parts.items()},
            )
        ],
        ignore_conflicts=True,
    )


def _by_unit(found: Iterable[Leaf], units: Sequence[Unit]) -> dict[int, tuple[int, int]]:
    """Add the leaves up into the reporting units, which partition the area."""
    bounds = sorted((low, high, code) for code, _, spans in units for low, high in spans)
    lows = [low for low, _, _ in bounds]
    parts: dict[int, tuple[int, int]] = {}
    for leaf in found:
        _, high, code = bounds[bisect_right(lows, leaf.area_code) - 1]
        if leaf.area_code >= high:
            raise ValueError(f"area {leaf.area_code} lies in no reporting unit")
        value, rows = parts.get(code, (0, 0))
        parts[code] = (value + leaf.value, rows + leaf.rows)
    return parts


def _value(figure: Figure, units: Sequence[Unit], parts: dict[int, tuple[int, int]]) -> FigureValue:
    by_unit = tuple(UnitValue(code, name, *parts.get(code, (0, 0))) for code, name, _ in units)
    return FigureValue(figure, sum(unit.value for unit in by_unit), sum(unit.rows for unit in by_unit), by_unit)
