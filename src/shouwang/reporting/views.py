"""Pages of figures and bulletins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.kernel import audit, clock, money
from shouwang.kernel.actor import Actor, ActorRequest
from shouwang.kernel.errors import Invalid
from shouwang.kernel.figures import Measure, Row, get_figure
from shouwang.ledger.public import may_read_the_book

from .commands import issue_bulletin
from .exports import bulletin_list_file, figure_rows_file, figure_table_file
from .forms import FiguresForm, IssueForm
from .policies import may_issue
from .queries import (
    FigureTable,
    FigureValue,
    area_in_scope,
    bulletins_for,
    figures_for,
    get_bulletin_for,
    handed_over,
    label_rows,
    matrix_of,
    printed,
    rows_for,
)

ROWS_PER_PAGE = 50

SOURCE_PAGES = {"payment": "payment_line", "grant": "grant_page", "entry": "ledger_entry"}
"""The page of the record behind a row, by the row's source kind."""


@require_GET
def bulletin(request: ActorRequest) -> HttpResponseBase:
    """The figures of an area as of a cut-off: tonight's bulletin before it is signed."""
    table, form = _table(request)
    if export := request.GET.get("format"):
        return figure_table_file(_("快报"), printed(table), export)
    return render(
        request,
        "reporting/bulletin.html",
        {
            "table": table,
            "form": form,
            "query": _query(table.area_code, table.since, table.as_of),
            "form_query": _without_format(request),
            "matrix": matrix_of(printed(table)),
            "may_issue": may_issue(request.actor) and table.is_settled,
            "issue_form": IssueForm(initial={"title": _default_title(table)}),
            "seal": audit.last_anchor(),
            "issued": bulletins_for(request.actor).filter(area_code=table.area_code)[:5],
        },
    )


@require_POST
def bulletin_issue(request: ActorRequest) -> HttpResponseBase:
    form = IssueForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("标题不能为空，且不超过 100 字"), reason="bulletin.title")
    area_code, since, as_of = _cut_of(request.POST)
    issued = issue_bulletin(
        actor=request.actor,
        bulletin_id=form.cleaned_data["request_id"],
        area_code=area_code,
        since=since,
        as_of=as_of,
        title=form.cleaned_data["title"],
    )
    messages.success(request, _("已签发第 %(number)s 期快报") % {"number": issued.number})
    return redirect("bulletin_detail", bulletin_id=issued.id)


@require_GET
def bulletin_list(request: ActorRequest) -> HttpResponseBase:
    issued = bulletins_for(request.actor).defer("values")
    if export := request.GET.get("format"):
        return bulletin_list_file(issued, export)
    page = Paginator(issued, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reporting/bulletin_list.html", {"page": page})


@require_GET
def bulletin_detail(request: ActorRequest, bulletin_id: UUID) -> HttpResponseBase:
    """An issued bulletin, exactly as it was printed."""
    issued = get_bulletin_for(request.actor, bulletin_id)
    if export := request.GET.get("format"):
        return figure_table_file(issued.title, issued.values, export)
    area = area_in_scope(request.actor, issued.area_code)
    return render(
        request,
        "reporting/bulletin_detail.html",
        {
            "bulletin": issued,
            "area": area,
            "matrix": matrix_of(issued.values),
            "query": _query(issued.area_code, issued.since_on, issued.as_of),
        },
    )


@require_GET
def figure_rows(request: ActorRequest, key: str) -> HttpResponseBase:
    """The rows behind a figure, of an area or of one of its units."""
    figure = get_figure(key)
    area_code, since, as_of = _cut_of(request.GET)
    unit_code = _whole_number(request.GET.get("unit"))
    value = figures_for(request.actor, area_code=area_code, since=since, as_of=as_of, keys=[key]).figures[0]
    unit = next((unit for unit in value.units if unit.code == unit_code), None)

    def page_of_rows(offset: int, limit: int) -> list[Row]:
        return rows_for(
            request.actor,
            key=key,
            area_code=area_code,
            unit_code=unit_code,
            since=since,
            as_of=as_of,
            offset=offset,
            limit=limit,
        )

    if export := request.GET.get("format"):
        return figure_rows_file(figure, page_of_rows, export)
    area = area_in_scope(request.actor, area_code)
    total = unit.rows if unit else value.rows
    page = Paginator(range(total), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows = page_of_rows(max(page.start_index() - 1, 0), ROWS_PER_PAGE)
    return render(
        request,
        "reporting/figure_rows.html",
        {
            "figure": figure,
            "value": unit or value,
            "unit": unit,
            "page": page,
            "lines": list(_lines(request.actor, rows, area.full_name)),
            "as_of": as_of,
            "since": since,
            "area": area,
            "query": _query(area_code, since, as_of),
            "tiles": [] if unit else _tiles(value, _query(area_code, since, as_of)),
            "handed_over": handed_over(request.actor, area_code=area_code, unit_code=unit_code, as_of=as_of),
            "is_distinct": figure.measure in (Measure.PERSONS, Measure.HOUSEHOLDS),
        },
    )


def _tiles(value: FigureValue, query: str) -> list[dict[str, object]]:
    """A figure by reporting unit, for the tile-grid map; a tile opens the unit's rows. Empty for an area without units.

    The area's own line (本级) is left out when it has nothing, as in the table of a bulletin.
    """
    if len(value.units) == 1:
        return []
    address = reverse("figure_rows", args=[value.figure.key])
    return [
        {
            "code": unit.code,
            "name": unit.name,
            "value": unit.value,
            "shown": money.wan_yuan(unit.value) if value.figure.unit == "fen" else f"{unit.value:,}",
            "url": f"{address}?{query}&unit={unit.code}" if unit.rows else "",
        }
        for position, unit in enumerate(value.units)
        if position or unit.rows
    ]


def _table(request: ActorRequest) -> tuple[FigureTable, FiguresForm]:
    form = FiguresForm(request.GET)
    if not form.is_valid():
        raise Invalid(_("区划、日期或时刻填写有误，请重新选择"), reason="figures.form")
    table = figures_for(
        request.actor,
        area_code=form.cleaned_data.get("area") or request.actor.area_code,
        since=form.since_or_default(),
        as_of=form.as_of_or_default(),
    )
    shown_until = table.as_of if table.as_of.hour else table.as_of - timedelta(days=1)
    return table, FiguresForm(
        initial={
            "area": table.area_code,
            "since": table.since,
            "until": shown_until.date(),
            "hour": table.as_of.hour or 24,
        }
    )


def _lines(actor: Actor, rows: list[Row], within: str) -> Iterator[dict[str, object]]:
    """`within`: the full name of the area asked for; a row's place is told from there down."""
    labels, reads_the_book = label_rows(rows), may_read_the_book(actor)
    for row in rows:
        name, tail = labels.persons.get(row.person_id, ("", "")) if row.person_id else ("", "")
        page = SOURCE_PAGES.get(row.source_kind) if row.source_kind != "entry" or reads_the_book else None
        yield {
            "row": row,
            "name": name,
            "tail": tail,
            "household": labels.households.get(row.household_id, "") if row.household_id else "",
            "area": labels.areas.get(row.area_code, "").removeprefix(within) or within,
            "url": reverse(page, args=[row.source_id]) if page else "",
        }


def _cut_of(values: Mapping[str, Any]) -> tuple[int, date, datetime]:
    try:
        return (
            int(values["area"]),
            date.fromisoformat(values["from"]),
            clock.parse_cutoff(values["as_of"]),
        )
    except (KeyError, ValueError) as error:
        raise Invalid(_("链接不完整：需要区划、起始日期和截止时间"), reason="figures.link") from error


def _whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else None


def _without_format(request: ActorRequest) -> str:
    values = request.GET.copy()
    values.pop("format", None)
    return values.urlencode()


def _query(area_code: int, since: date, as_of: datetime) -> str:
    return urlencode({"area": area_code, "from": since.isoformat(), "as_of": as_of.isoformat()})


def _default_title(table: FigureTable) -> str:
    return _("%(area)s社会救助工作快报") % {"area": table.area_name}
