"""Figures 指标: a figure is a set of rows and an aggregate over them, as of a cut-off.

An app declares a figure by the SQL of its rows; the value, its parts by area and the list behind it are all taken from
that one text, so the number and the rows cannot disagree. Values are added up from leaves (the areas of the rows):
totals are computed from parts, and a distinct count gives each person or household to one leaf only.

The rows of a figure have these columns:
    row_id uuid, area_code bigint, occurred_on date, person_id uuid, household_id uuid, amount_fen bigint,
    source_kind text, source_id uuid
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise

from . import clock
from .errors import Invalid, NotFound
from .scope import Span

Sql = tuple[str, list[Any]]
"""Text with placeholders, and its values."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a figure is asked for: an area's spans, a period (half-open dates of what happened), and the cut-off.

    Rows recorded at or after `as_of` are not known yet and do not count.
    """

    spans: tuple[Span, ...]
    since: date
    until: date
    as_of: datetime


def make_cut(spans: Sequence[Span], *, since: date, as_of: datetime) -> Cut:
    """From a day to a cut-off; the period ends with the day the cut-off lies in. Raises Invalid for the future."""
    if as_of > clock.now() + timedelta(days=1):
        raise Invalid("截止时间不能晚于今天", reason="figures.future", as_of=as_of)
    last_day = (as_of.astimezone(clock.TZ) - timedelta(microseconds=1)).date()
    if since > last_day:
        raise Invalid("起始日期晚于截止时间", reason="figures.period", since=since, as_of=as_of)
    return Cut(spans=tuple(spans), since=since, until=last_day + timedelta(days=1), as_of=as_of)


class Measure(StrEnum):
    """How rows become a number."""

    SUM = "sum"
    """Sum of amount_fen."""
    ROWS = "rows"
    """One per row: 人次."""
    PERSONS = "persons"
    """Distinct persons, each in the area of the latest row: 人."""
    HOUSEHOLDS = "households"
    """Distinct households, each in the area of the latest row: 户."""


_DISTINCT = {Measure.PERSONS: "person_id", Measure.HOUSEHOLDS: "household_id"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure. `rows(cut)` gives the SQL of its rows; see the module for their columns."""

    key: str
    label: str | Promise
    unit: str
    measure: Measure
    rows: Callable[[Cut], Sql]
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A figure's part in one area: the value and the number of rows behind it."""

    area_code: int
    value: int
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure."""

    row_id: UUID
    area_code: int
    occurred_on: date
    person_id: UUID | None
    household_id: UUID | None
    amount_fen: int | None
    source_kind: str
    source_id: UUID


_registry: dict[str, Figure] = {}


def register_figures(*figures: Figure) -> None:
    """Declare figures, in the order in which bulletins print them."""
    for figure in figures:
        if figure.key in _registry:
            raise ValueError(f"figure {figure.key} is declared twice")
        _registry[figure.key] = figure


def all_figures() -> tuple[Figure, ...]:
    return tuple(_registry.values())


def get_figure(key: str) -> Figure:
    """Raises NotFound."""
    if key not in _registry:
        raise NotFound(f"没有指标 {key}", reason="figures.unknown", key=key)
    return _registry[key]


def leaves(figure: Figure, cut: Cut) -> list[Leaf]:
    """The figure by area, one query; its value is the sum of the leaves' values."""
    text, values = figure.rows(cut)
    distinct = _DISTINCT.get(figure.measure)
    if distinct:
        parts = f"""
            select area_code, 1 as value, 0 as rows from (
                select distinct on ({distinct}) area_code from counted
                 order by {distinct}, occurred_on desc, row_id desc) latest
            union all select area_code, 0, 1 from counted"""
    else:
        amount = "amount_fen" if figure.measure == Measure.SUM else "1"
        parts = f"select area_code, {amount} as value, 1 as rows from counted"
    with connection.cursor() as cursor:
        cursor.execute(
            f"with counted as materialized ({text})"
            f" select area_code, sum(value)::bigint, sum(rows)::bigint from ({parts}) part group by area_code",
            values,
        )
        return [Leaf(*row) for row in cursor.fetchall()]


def row_page(figure: Figure, cut: Cut, *, offset: int, limit: int) -> list[Row]:
    """A page of the rows behind the figure, the latest first."""
    text, values = figure.rows(cut)
    with connection.cursor() as cursor:
        cursor.execute(
            "select row_id, area_code, occurred_on, person_id, household_id, amount_fen, source_kind, source_id"
            f" from ({text}) counted order by occurred_on desc, row_id desc offset %s limit %s",
            [*values, offset, limit],
        )
        return [Row(*row) for row in cursor.fetchall()]
