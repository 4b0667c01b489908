"""Pages of tasks: what waits and what was given out, a task with its units, a unit's own page with its steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import officers_within
from shouwang.areas.public import area_names, full_names, reporting_units
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.tasks import NewTask, Recipient, Said, give_task, take_step
from ..files import content_type
from ..forms_command import StepForm, TaskForm, TaskQuery
from ..models import Assignment, AssignmentMove
from ..queries import tasks as queries
from ..queries.events import list_events_for, open_events_for
from ..queries.groups import list_groups_for
from ..states_command import TASK_STEP_OF, TaskState, TaskStep, TaskVerb

PAGE_SIZE = 50


@require_GET
def task_list(request: ActorRequest) -> HttpResponseBase:
    query = TaskQuery(request.GET, events=list_events_for(request.actor))
    wanted = query.cleaned_data if query.is_valid() else {}
    rows = queries.list_assignments_for(
        request.actor,
        view=wanted.get("view", ""),
        state=wanted.get("state", ""),
        event_id=UUID(wanted["event"]) if wanted.get("event") else None,
        text=wanted.get("q", ""),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        return table_download(_("任务"), _task_columns(), _task_rows(rows), request.GET["format"])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    now = clock.now()
    context = {
        "query": query,
        "page": page,
        "rows": [_row(row, now) for row in page],
        "area_names": area_names([row.area_code for row in page]),
        "may_give": bool(queries.issuing_areas(request.actor)),
    }
    return render(request, "response/task_list.html", context)


def _row(assignment: Assignment, now: datetime) -> dict[str, Any]:
    rung = queries.rung_for(assignment, now)
    return {
        "assignment": assignment,
        "state": TaskState(assignment.state),
        "is_late": rung is not None,
        "whose": rung.whose if rung else "",
    }


def _task_columns() -> list[Column]:
    return [
        Column("title", _("任务")),
        Column("event", _("事件")),
        Column("area", _("承办单位")),
        Column("group", _("工作组")),
        Column("responsible", _("责任人")),
        Column("doer", _("承办人")),
        Column("due_at", _("完成时限")),
        Column("state", _("状态")),
        Column("late", _("超期")),
        Column("result", _("结果统计什么")),
        Column("quantity", _("数量")),
        Column("target", _("要求")),
    ]


def _task_rows(rows: QuerySet[Assignment]) -> Iterator[dict[str, Value]]:
    listed = list(rows)
    names, now = full_names([row.area_code for row in listed]), clock.now()
    for row in listed:
        yield {
            "title": row.task.title,
            "event": row.task.event.title if row.task.event else "",
            "area": names.get(row.area_code, ""),
            "group": row.group.name if row.group else "",
            "responsible": row.responsible_name,
            "doer": row.doer_name,
            "due_at": f"{row.due_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "state": row.get_state_display(),
            "late": _("是") if queries.is_late(row, now) else "",
            "result": row.task.result_label,
            "quantity": row.quantity if row.task.result_label else None,
            "target": row.target,
        }


@require_http_methods(["GET", "POST"])
def task_new(request: ActorRequest) -> HttpResponse:
    """Given out from the actor's own area, or from that of a group they head; `?area=` says which of several."""
    actor = request.actor
    areas = queries.issuing_areas(actor)
    if not areas:
        raise NotAllowed(_("任务由当地民政负责人、经办，或工作组的组长、副组长下达"), reason="task.not_an_authority")
    area = next((one for one in areas if f"{one.code // 1000:012d}" == request.GET.get("area")), areas[0])
    form = TaskForm(
        request.POST or None,
        events=open_events_for(actor),
        units=[(code, name) for code, name, _spans in reporting_units(area.code)],
        groups=list_groups_for(actor, area_code=area.code),
        users=officers_within(area.span),
        initial={
            "request_id": new_id(),
            "event": request.GET.get("event", ""),
            "due_at": clock.now() + timedelta(days=1),
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            task = give_task(
                actor=actor,
                task_id=form.cleaned_data["request_id"],
                new=_new_task(form, area.code),
                recipients=_recipients(form, area.code),
            )
            messages.success(request, _("任务已下达。"))
            return redirect("task_detail", task.id)
    context = {"form": form, "area": area, "areas": areas}
    return render(request, "response/task_new.html", context, status=422 if form.errors else 200)


def _new_task(form: TaskForm, area_code: int) -> NewTask:
    values = form.cleaned_data
    return NewTask(
        title=values["title"],
        text=values["text"],
        area_code=area_code,
        due_at=values["due_at"],
        kind=values["kind"],
        source=values["source"],
        source_note=values["source_note"],
        document_id=form.chosen("document"),
        event_id=form.chosen("event"),
        field=values["field"],
        result_label=values["result_label"],
        result_unit=values["result_unit"],
    )


def _recipients(form: TaskForm, own_area: int) -> list[Recipient]:
    """Units and groups as ticked; persons alone are given it where it is given out."""
    values = form.cleaned_data
    responsible, doer, target = form.chosen("responsible"), form.chosen("doer"), values["target"]
    places: list[tuple[int, UUID | None]] = [(int(code), None) for code in values["units"]]
    places += [(form.group_areas[UUID(group)], UUID(group)) for group in values["groups"]]
    if not places and (responsible or doer):
        places = [(own_area, None)]
    return [Recipient(area, group, responsible, doer, target) for area, group in places]


@require_GET
def task_detail(request: ActorRequest, task_id: UUID) -> HttpResponseBase:
    """A task over its units: how many have it done, who has not."""
    task = queries.get_task_for(request.actor, task_id)
    coverage = queries.coverage_of(request.actor, task)
    if "format" in request.GET:
        rows = queries.list_assignments_for(request.actor).filter(task=task)
        return table_download(task.title, _task_columns(), _task_rows(rows), request.GET["format"])
    now = clock.now()
    everything = [*coverage.gaps, *coverage.settled]
    context = {
        "task": task,
        "coverage": coverage,
        "gaps": [_row(row, now) for row in coverage.gaps],
        "settled": [_row(row, now) for row in coverage.settled],
        "area_names": area_names([task.area_code, *(row.area_code for row in everything)]),
        "from_area": full_names([task.area_code]).get(task.area_code, ""),
        "is_given_here": request.actor.scope.commands(task.area_code),
    }
    return render(request, "response/task.html", context)


@require_GET
def assignment_detail(request: ActorRequest, assignment_id: UUID) -> HttpResponse:
    return _assignment_page(request, queries.get_assignment_for(request.actor, assignment_id))


def _assignment_page(
    request: ActorRequest, assignment: Assignment, form: StepForm | None = None, verb: str = ""
) -> HttpResponse:
    steps = queries.steps_for(request.actor, assignment)
    context = {
        "assignment": assignment,
        "task": assignment.task,
        "row": _row(assignment, clock.now()),
        "area_name": full_names([assignment.area_code]).get(assignment.area_code, ""),
        "from_area": full_names([assignment.task.area_code]).get(assignment.task.area_code, ""),
        "moves": [_told(move, assignment) for move in queries.moves_of(assignment)],
        "steps": [(step, _form_of(step, assignment, form if step.verb == verb else None)) for step in steps],
        "failed": form if form is not None and verb not in {step.verb for step in steps} else None,
    }
    return render(request, "response/assignment.html", context, status=422 if form and form.errors else 200)


def _form_of(step: TaskStep, assignment: Assignment, sent: StepForm | None) -> StepForm:
    form = sent or StepForm(
        initial={"request_id": new_id(), "version": assignment.version}, auto_id=f"id_{step.verb}_%s"
    )
    if step.verb not in (TaskVerb.PROGRESS, TaskVerb.FINISH):
        del form.fields["quantity"], form.fields["file"]
    elif not assignment.task.result_label:
        del form.fields["quantity"]
    form.fields["text"].required = step.needs_words
    return form


def _told(move: AssignmentMove, assignment: Assignment) -> dict[str, Any]:
    words = [move.text] if move.text else []
    if move.quantity is not None:
        words.append(f"{assignment.task.result_label} {move.quantity} {assignment.task.result_unit}")
    if move.is_late:
        words.append(_("超期完成"))
    tones = {
        TaskVerb.FINISH: "waiting",
        TaskVerb.CONFIRM: "done",
        TaskVerb.RETURN: "overdue",
        TaskVerb.CANCEL: "stopped",
    }
    return {
        "at": move.recorded_at,
        "title": move.get_verb_display(),
        "who": move.actor_name,
        "text": "；".join(words),
        "tone": tones.get(TaskVerb(move.verb), "progress"),
        "move_id": move.id,
        "file_name": move.file_name,  # type: ignore[attr-defined]  # annotated by the query
    }


@require_POST
def assignment_step(request: ActorRequest, assignment_id: UUID, verb: str) -> HttpResponse:
    assignment = queries.get_assignment_for(request.actor, assignment_id)
    form = StepForm(request.POST, request.FILES, auto_id=f"id_{verb}_%s")
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            take_step(
                actor=request.actor,
                assignment_id=assignment_id,
                verb=verb,
                expected_version=values["version"],
                move_id=values["request_id"],
                said=Said(text=values["text"], quantity=values["quantity"], file=form.incoming()),
            )
            messages.success(request, _("已办理：%(step)s。") % {"step": TASK_STEP_OF[verb].verb.label})
            return redirect("assignment_detail", assignment_id)
    return _assignment_page(request, assignment, form, verb)


@require_GET
def assignment_file(request: ActorRequest, move_id: UUID) -> HttpResponse:
    """Always a download: a file of somebody else's is never opened inside our origin."""
    file = queries.get_file_for(request.actor, move_id)
    answer = HttpResponse(bytes(file.content), content_type=content_type(file.name))
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    )
    return answer
