"""Pages of events: the list, opening one, one with what hangs on it, its level and its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.events import NewEvent, change_level, end_event, open_event
from ..forms_command import EndForm, EventForm, EventQuery, LevelForm
from ..kinds import get_kind
from ..models import Event, EventMove
from ..policies_command import may_change_event, may_open_events
from ..queries import events as queries
from ..queries.groups import holes_for
from ..queries.measures import state_of
from ..queries.tasks import counts_of_event
from ..states_command import EventState, EventVerb, TaskState

PAGE_SIZE = 50


@require_GET
def event_list(request: ActorRequest) -> HttpResponseBase:
    query = EventQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    events = queries.list_events_for(
        request.actor,
        kind=wanted.get("kind", ""),
        state=wanted.get("state", ""),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        return table_download(_("事件"), _event_columns(), _event_rows(events), request.GET["format"])
    page = Paginator(events, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(event, EventState(event.state)) for event in page],
        "area_names": area_names([event.area_code for event in page]),
        "may_open": may_open_events(request.actor),
    }
    return render(request, "response/event_list.html", context)


def _event_columns() -> list[Column]:
    return [
        Column("title", _("事件")),
        Column("kind", _("种类")),
        Column("level", _("响应级别")),
        Column("area", _("范围")),
        Column("state", _("状态")),
        Column("started_at", _("启动时间")),
        Column("ended_at", _("结束时间")),
    ]


def _event_rows(events: QuerySet[Event]) -> Iterator[dict[str, Value]]:
    listed = list(events)
    names = full_names([event.area_code for event in listed])
    for event in listed:
        yield {
            "title": event.title + (_("（演练）") if event.is_exercise else ""),
            "kind": event.get_kind_display(),
            "level": event.get_level_display() if event.level else "",
            "area": names.get(event.area_code, ""),
            "state": event.get_state_display(),
            "started_at": f"{event.started_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "ended_at": f"{event.ended_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if event.ended_at else "",
        }


@require_http_methods(["GET", "POST"])
def event_open(request: ActorRequest) -> HttpResponse:
    if not may_open_events(request.actor):
        raise NotAllowed(_("事件由县区民政负责人或市局启动、调整和结束"), reason="event.not_an_authority")
    initial = {"request_id": new_id(), "area": request.actor.area_code, "started_at": clock.now()}
    form = EventForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            event = open_event(
                actor=request.actor,
                event_id=values["request_id"],
                new=NewEvent(
                    kind=values["kind"],
                    title=values["title"],
                    area_code=values["area"],
                    level=values["level"],
                    started_at=values["started_at"],
                    reason=values["reason"],
                    document_id=form.document_id(),
                    is_exercise=values["is_exercise"],
                ),
            )
            messages.success(request, _("事件已启动，接着成立工作组、下达任务。"))
            return redirect("event_detail", event.id)
    return render(request, "response/event_open.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def event_detail(request: ActorRequest, event_id: UUID) -> HttpResponse:
    return _event_page(request, queries.get_event_for(request.actor, event_id))


@require_POST
def event_level(request: ActorRequest, event_id: UUID) -> HttpResponse:
    event = queries.get_event_for(request.actor, event_id)
    form = LevelForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            changed = change_level(
                actor=request.actor,
                event_id=event_id,
                expected_version=values["version"],
                level=values["level"],
                at=values["at"],
                reason=values["reason"],
                document_id=form.document_id(),
            )
            messages.success(request, _("响应级别已改为%(level)s。") % {"level": changed.get_level_display()})
            return redirect("event_detail", event_id)
    return _event_page(request, event, level_form=form)


@require_POST
def event_end(request: ActorRequest, event_id: UUID) -> HttpResponse:
    event = queries.get_event_for(request.actor, event_id)
    form = EndForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            end_event(
                actor=request.actor,
                event_id=event_id,
                expected_version=values["version"],
                at=values["at"],
                reason=values["reason"],
                document_id=form.document_id(),
            )
            messages.success(request, _("事件已结束，工作组和成员的事件权限已收回。"))
            return redirect("event_detail", event_id)
    return _event_page(request, event, end_form=form)


def _event_page(
    request: ActorRequest, event: Event, *, level_form: LevelForm | None = None, end_form: EndForm | None = None
) -> HttpResponse:
    actor, is_open = request.actor, event.state == EventState.OPEN
    initial = {"version": event.version, "at": clock.now()}
    counts = counts_of_event(actor, event.id)
    measures = [
        (measure, get_kind(measure.kind).sentence(measure.parameters), state_of(measure, clock.now()))
        for measure in queries.measures_ordered_during(event)
    ]
    is_local = actor.scope.commands(actor.area_code)
    context = {
        "event": event,
        "state": EventState(event.state),
        "area_name": full_names([event.area_code]).get(event.area_code, ""),
        "moves": [_told(move) for move in queries.moves_of(event)],
        "may_change": is_open and may_change_event(actor, event.spans),
        "level_form": level_form or LevelForm(initial=initial),
        "end_form": end_form or EndForm(initial=initial),
        "holes": holes_for(actor, event, actor.area_code) if is_open and event.level and is_local else [],
        "measures": measures,
        "area_names": area_names([measure.area_code for measure, _sentence, _state in measures]),
        "counts": counts,
        "task_count": sum(count for state, count in counts.items() if state != "late"),
        "settled_count": counts.get(TaskState.CONFIRMED, 0),
        "waiting_count": sum(counts.get(state, 0) for state in ("open", "received", "returned", "done")),
    }
    has_errors = bool((level_form and level_form.errors) or (end_form and end_form.errors))
    return render(request, "response/event.html", context, status=422 if has_errors else 200)


def _told(move: EventMove) -> dict[str, Any]:
    level = f" {move.get_level_display()}" if move.level else ""
    document = f"（{move.document.number}）" if move.document else ""
    tones = {EventVerb.END: "stopped", EventVerb.LOWER: "done", EventVerb.RAISE: "overdue"}
    return {
        "at": move.at,
        "title": f"{move.get_verb_display()}{level}",
        "who": move.actor_name,
        "text": f"{move.reason}{document}",
        "tone": tones.get(EventVerb(move.verb), "progress"),
    }
