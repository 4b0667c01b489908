"""Pages of measures: what is in force, issuing and lifting it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import area_names, full_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.measures import lift_measure
from ..forms import InForceQuery, LiftForm, MeasureQuery
from ..kinds import MeasureKind, all_kinds, get_kind
from ..models import Document, Measure
from ..policies import may_draft_orders, may_order_measures_in
from ..queries import measures as queries
from ..queries.documents import documents_by_id
from ..queries.measures import MeasureInForce
from ..queries.receipts import receipt_counts
from ..queries.rehearsals import target_of

PAGE_SIZE = 50
TIMELINE_MAX = 200


@dataclass(frozen=True, slots=True)
class KindInForce:
    """One kind as the page tells it: what holds, and the measures with their documents, the nearest first."""

    kind: MeasureKind
    sentence: str
    measures: list[tuple[MeasureInForce, Document]]


@require_GET
def measures_in_force(request: ActorRequest) -> HttpResponse:
    query = InForceQuery(request.GET)
    if not query.is_valid():
        return render(request, "response/measures.html", {"query": query, "kinds": all_kinds()}, status=422)
    area = get_area(query.cleaned_data["area"] or request.actor.area_code)
    on = query.on()
    measures = queries.measures_in_force(None, area.code, on, include_exercises=query.cleaned_data["exercises"])
    documents = documents_by_id([measure.document_id for measure in measures])
    in_force = list(by_kind(measures, documents))
    context = {
        "query": query if request.GET else InForceQuery(initial={"area": area.code, "day": clock.today()}),
        "area": area,
        "on": on,
        "in_force": in_force,
        "idle": [kind for kind in all_kinds() if kind not in [shown.kind for shown in in_force]],
        "area_names": area_names([measure.area_code for measure in measures]),
        "kinds": all_kinds(),
        "may_order": may_draft_orders(request.actor),
    }
    return render(request, "response/measures.html", context)


def by_kind(measures: list[MeasureInForce], documents: dict[UUID, Document]) -> Iterator[KindInForce]:
    """In the order in which the kinds were declared. An exercise is told beside what holds, never in its sentence."""
    order = {kind.key: position for position, kind in enumerate(all_kinds())}
    known = sorted((measure for measure in measures if measure.kind in order), key=lambda measure: order[measure.kind])
    for key, group in groupby(known, key=lambda measure: measure.kind):
        together = list(group)
        kind = get_kind(key)
        combined = queries.combined(key, [measure for measure in together if not measure.is_exercise])
        yield KindInForce(
            kind=kind,
            sentence=kind.sentence(combined.parameters) if combined else "",
            measures=[(measure, documents[measure.document_id]) for measure in together],
        )


@require_GET
def measure_list(request: ActorRequest) -> HttpResponseBase:
    """What comes, what holds and what has ended, with days and documents."""
    query = MeasureQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    area = get_area(wanted.get("area") or request.actor.area_code)
    measures = queries.list_measures(
        area=area,
        phase=wanted.get("phase", ""),
        kind=wanted.get("kind", ""),
        include_exercises=wanted.get("exercises", False),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        return table_download(_("措施台账"), _measure_columns(), _measure_rows(measures), request.GET["format"])
    page = Paginator(measures, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query if request.GET else MeasureQuery(initial={"area": area.code}),
        "area": area,
        "page": page,
        "rows": [_measure_row(measure) for measure in page],
        "area_names": area_names([measure.area_code for measure in page]),
    }
    return render(request, "response/measure_list.html", context)


def _measure_row(measure: Measure) -> dict[str, Any]:
    return {
        "measure": measure,
        "sentence": get_kind(measure.kind).sentence(measure.parameters),
        "state": queries.state_of(measure, clock.now()),
        "ends_at": measure.ends_at,  # type: ignore[attr-defined]  # annotated by the query
        "end": getattr(measure, "end", None),
    }


def _measure_columns() -> list[Column]:
    return [
        Column("kind", _("措施种类")),
        Column("sentence", _("内容")),
        Column("area", _("执行区划")),
        Column("state", _("状态")),
        Column("from_at", _("开始时间")),
        Column("ends_at", _("结束时间")),
        Column("reason", _("解除原因")),
        Column("document", _("依据文件")),
        Column("end_document", _("解除文件")),
    ]


def _measure_rows(measures: QuerySet[Measure]) -> Iterator[dict[str, Value]]:
    everything = list(measures)
    names = full_names([measure.area_code for measure in everything])
    for measure in everything:
        row = _measure_row(measure)
        end = row["end"]
        yield {
            "kind": str(get_kind(measure.kind).label),
            "sentence": row["sentence"] + (_("（演练）") if measure.is_exercise else ""),
            "area": names.get(measure.area_code, ""),
            "state": str(row["state"].label),
            "from_at": _minute(measure.from_at),
            "ends_at": _minute(row["ends_at"]) if row["ends_at"] else _("到解除为止"),
            "reason": end.reason if end else "",
            "document": f"{measure.document.issuer} {measure.document}",
            "end_document": f"{end.document.issuer} {end.document}" if end and end.document else "",
        }


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(clock.TZ):%Y-%m-%d %H:%M}"


@require_GET
def measure_timeline(request: ActorRequest) -> HttpResponse:
    """What began and what ended in the area, the latest first."""
    query = InForceQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    area = get_area(wanted.get("area") or request.actor.area_code)
    measures = queries.list_measures(area=area, include_exercises=wanted.get("exercises", False))
    latest = list(measures[: TIMELINE_MAX + 1])
    context = {
        "query": query if request.GET else InForceQuery(initial={"area": area.code}),
        "area": area,
        "moves": _moves(latest[:TIMELINE_MAX]),
        "is_cut": len(latest) > TIMELINE_MAX,
    }
    return render(request, "response/measure_timeline.html", context)


def _moves(measures: list[Measure]) -> list[dict[str, Any]]:
    names = area_names([measure.area_code for measure in measures])
    moves = []
    for measure in measures:
        sentence = get_kind(measure.kind).sentence(measure.parameters)
        where = names.get(measure.area_code, "")
        state = queries.state_of(measure, clock.now())
        word = _("将于此时生效") if state.value == "coming" else _("开始执行")
        text = f"{sentence}（{measure.document.issuer} {measure.document.number}）"
        moves.append({"title": f"{word}　{where}", "at": measure.from_at, "text": text, "tone": "done"})
        ends_at: datetime | None = measure.ends_at  # type: ignore[attr-defined]  # annotated by the query
        if ends_at is not None:
            end = getattr(measure, "end", None)
            title = (_("解除") if end else _("期满")) + f"　{where}"
            told = f"{sentence}：{end.reason}" if end else sentence
            moves.append({"title": title, "at": ends_at, "text": told, "tone": "stopped"})
    return sorted(moves, key=lambda move: move["at"], reverse=True)


@require_GET
def measure_detail(request: ActorRequest, measure_id: UUID) -> HttpResponse:
    return _measure_page(request, measure_id, LiftForm(initial={"at": clock.now()}))


@require_http_methods(["POST"])
def measure_lift(request: ActorRequest, measure_id: UUID) -> HttpResponse:
    form = LiftForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            lift_measure(
                actor=request.actor,
                measure_id=measure_id,
                at=values["at"],
                reason=values["reason"],
                document_id=UUID(values["document"]) if values["document"] else None,
            )
            messages.success(request, _("措施已解除。"))
            return redirect("measure_detail", measure_id)
    return _measure_page(request, measure_id, form)


def _measure_page(request: ActorRequest, measure_id: UUID, form: LiftForm) -> HttpResponse:
    measure = queries.get_measure(measure_id)
    kind = get_kind(measure.kind)
    context = {
        "measure": measure,
        "kind": kind,
        "sentence": kind.sentence(measure.parameters),
        "area_name": full_names([measure.area_code]).get(measure.area_code, ""),
        "state": queries.state_of(measure, clock.now()),
        "may_lift": may_order_measures_in(request.actor, measure.spans) and not hasattr(measure, "end"),
        "may_amend": may_draft_orders(request.actor)
        and request.actor.scope.covers(measure.spans)
        and not hasattr(measure, "end"),
        "names_sites": bool(measure.org_kinds or measure.org_ids),
        "receipts": receipt_counts(request.actor, measure),
        "postponed": kind.postponed(request.actor, target_of(measure), measure.parameters),
        "form": form,
    }
    return render(request, "response/measure.html", context, status=422 if form.errors else 200)
