"""Imports: the list, a new one, and one step by step: check, columns, decisions, load, refused rows, undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import Role, roles_required
from shouwang.areas.public import area_names, full_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.spreadsheets import Column, Kind

from .. import tasks
from ..commands.import_files import KEPT_HOURS, has_file
from ..commands.import_undo import undo_import
from ..commands.imports import correct_columns, decide_rows, hand_out_refused, open_import
from ..import_forms import ColumnsForm, DecisionForm, ImportQuery, NewImportForm, UndoForm, all_the_same
from ..importing.columns import TEMPLATE
from ..importing.layout import Layout
from ..models import ImportBatch
from ..policies import can_import
from ..queries.imports import get_import_for, list_imports_for, questions_of
from ..states import ImportFileRole, ImportState
from .common import PAGE_SIZE, refusals_shown_in

CASEWORK = (
    Role.GRID_WORKER,
    Role.TOWNSHIP_ASSISTANT,
    Role.TOWNSHIP_HEAD,
    Role.COUNTY_OFFICER,
    Role.COUNTY_LEADER,
    Role.CITY_OFFICER,
    Role.AUDITOR,
)
IMPORTING = (Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, Role.CITY_OFFICER)

TONES = {
    ImportState.CHECKING: "progress",
    ImportState.CHECKED: "waiting",
    ImportState.LOADING: "progress",
    ImportState.LOADED: "done",
    ImportState.UNDONE: "stopped",
    ImportState.FAILED: "overdue",
}
UNDER_WAY = frozenset({ImportState.CHECKING, ImportState.LOADING})


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: str
    note: str = ""


@require_GET
@roles_required(*CASEWORK)
def import_list(request: ActorRequest) -> HttpResponseBase:
    query = ImportQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    area = wanted.get("area")
    batches = list_imports_for(
        request.actor,
        spans=get_area(area).span if area else None,
        state=wanted.get("state", ""),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        names = full_names([batch.area_code for batch in batches])
        rows = (_exported(batch, names) for batch in batches)
        return table_download(_("表格导入"), _export_columns(), rows, request.GET["format"])
    page = Paginator(batches, PAGE_SIZE).get_page(request.GET.get("page"))
    names = area_names([batch.area_code for batch in page])
    context = {
        "query": ImportQuery(request.GET or None),
        "page": page,
        "rows": [(batch, names.get(batch.area_code, ""), TONES[ImportState(batch.state)]) for batch in page],
        "can_import": can_import(request.actor),
    }
    return render(request, "registry/imports/list.html", context)


@require_http_methods(["GET", "POST"])
@roles_required(*IMPORTING)
def import_new(request: ActorRequest) -> HttpResponse:
    initial = {"request_id": new_id(), "area": request.actor.area_code, "since": clock.today()}
    form = NewImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            batch = open_import(
                actor=request.actor,
                area_code=form.cleaned_data["area"],
                file_name=form.cleaned_data["file"].name,
                file=form.cleaned_data["file"],
                since=form.cleaned_data["since"],
                batch_id=form.cleaned_data["request_id"],
            )
            if batch.state == ImportState.CHECKING:
                tasks.check_or_queue(request.actor, batch)
            return redirect("import_detail", batch.id)
    return render(request, "registry/imports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@roles_required(*IMPORTING)
def import_template(request: ActorRequest) -> HttpResponseBase:  # noqa: ARG001
    """An empty workbook with the columns that are understood."""
    return table_download(_("家庭名册导入模板"), TEMPLATE, [], "xlsx")


@require_GET
@roles_required(*CASEWORK)
def import_detail(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    return _detail(request, tasks.revive(request.actor, get_import_for(request.actor, batch_id)))


@require_GET
@roles_required(*CASEWORK)
def import_progress(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """The bar, asked for every two seconds; the whole page again when the work is over."""
    batch = tasks.revive(request.actor, get_import_for(request.actor, batch_id))
    if batch.state not in UNDER_WAY:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("import_detail", args=[batch.id])})
    return render(request, "registry/imports/_progress.html", {"batch": batch, "total": _total(batch)})


@require_POST
@roles_required(*IMPORTING)
def import_check(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """The file again, with the columns as the person says."""
    batch = get_import_for(request.actor, batch_id)
    form = ColumnsForm(request.POST, layout=Layout.from_json(batch.layout))
    if form.is_valid():
        with refusals_shown_in(form):
            batch = correct_columns(actor=request.actor, batch_id=batch_id, mapping=form.mapping())
            tasks.check_or_queue(request.actor, batch)
            return redirect("import_detail", batch_id)
    return _detail(request, batch, columns=form)


@require_POST
@roles_required(*IMPORTING)
def import_load(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    tasks.load_or_queue(request.actor, get_import_for(request.actor, batch_id))
    return redirect("import_detail", batch_id)


@require_http_methods(["GET", "POST"])
@roles_required(*IMPORTING)
def import_decide(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    batch = get_import_for(request.actor, batch_id)
    questions = questions_of(request.actor, batch)
    same = all_the_same(questions)
    form = DecisionForm(request.POST if request.method == "POST" else None, questions=questions)
    if request.method == "POST" and form.is_valid():
        is_all = "all_same" in request.POST
        decisions = same if is_all else form.decisions()
        if is_all and request.POST["all_same"] != str(len(same)):
            form.add_error(None, _("要确认的行已有变化，请核对后再确认"))
        elif not decisions:
            form.add_error(None, _("请至少选一行"))
        else:
            with refusals_shown_in(form):
                decide_rows(actor=request.actor, batch_id=batch_id, decisions=decisions)
                if batch.state == ImportState.CHECKED:
                    tasks.check_or_queue(request.actor, batch)
                messages.success(request, _("已确认 %(count)s 行。") % {"count": len(decisions)})
                return redirect("import_detail", batch_id)
    context = {"form": form, "batch": batch, "questions": questions, "same_count": len(same)}
    return render(request, "registry/imports/decide.html", context, status=422 if form.errors else 200)


@require_POST
@roles_required(*IMPORTING)
def import_refused(request: ActorRequest, batch_id: UUID) -> HttpResponseBase:
    file = hand_out_refused(actor=request.actor, batch_id=batch_id)
    batch = get_import_for(request.actor, batch_id)
    name = f"{batch.file_name.rsplit('.', 1)[0]}_{_('退回')}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


@require_POST
@roles_required(*IMPORTING)
def import_undo(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请写明撤销的理由"), reason="import.reason_missing")
    undo_import(actor=request.actor, batch_id=batch_id, reason=form.cleaned_data["reason"])
    messages.success(request, _("已撤销：这次导入写入的情况不再有效，原来的情况恢复。"))
    return redirect("import_detail", batch_id)


def _detail(request: ActorRequest, batch: ImportBatch, *, columns: ColumnsForm | None = None) -> HttpResponse:
    state = ImportState(batch.state)
    may_act = can_import(request.actor)
    layout = Layout.from_json(batch.layout)
    is_open = state in (ImportState.CHECKED, ImportState.FAILED) and has_file(batch, ImportFileRole.SOURCE)
    report = batch.report
    good_count = batch.created_count + batch.changed_count + batch.equal_count
    context: dict[str, Any] = {
        "batch": batch,
        "tone": TONES[state],
        "state": state,
        "area_name": full_names([batch.area_code]).get(batch.area_code, ""),
        "steps": _steps(state),
        "report": report,
        "households": report.get("households", {}),
        "missing": report.get("missing", ""),
        "total": _total(batch),
        "is_under_way": state in UNDER_WAY,
        "is_open": is_open,
        "is_expired": state in (ImportState.CHECKED, ImportState.FAILED) and not is_open,
        "good_count": good_count,
        "can_load": may_act
        and is_open
        and state == ImportState.CHECKED
        and good_count > 0
        and not report.get("missing"),
        "has_nothing": state == ImportState.CHECKED
        and not (good_count or batch.undecided_count or report.get("missing")),
        "can_decide": may_act and batch.undecided_count > 0 and has_file(batch, ImportFileRole.SOURCE),
        "undecided_url": reverse("import_decide", args=[batch.id]) if batch.undecided_count and may_act else "",
        "can_undo": may_act and state == ImportState.LOADED,
        "has_refused": may_act and has_file(batch, ImportFileRole.REFUSED),
        "columns": (columns or ColumnsForm(layout=layout)) if may_act and is_open else None,
        "header_rows": layout.header_rows,
        "undo_form": UndoForm(),
        "kept_hours": KEPT_HOURS,
    }
    status = 422 if columns is not None and columns.errors else 200
    return render(request, "registry/imports/detail.html", context, status=status)


def _steps(state: ImportState) -> list[Step]:
    """Uploaded, checked, loaded."""
    reached = {ImportState.CHECKING: 1, ImportState.FAILED: 1, ImportState.CHECKED: 2, ImportState.LOADING: 2}.get(
        state, 3
    )
    labels = (_("上传"), _("检查"), _("导入"))
    states = ["done" if at < reached else "current" if at == reached else "todo" for at in range(len(labels))]
    return [Step(label, where) for label, where in zip(labels, states, strict=True)]


def _total(batch: ImportBatch) -> int:
    return batch.row_count or int(batch.layout["height"])


def _export_columns() -> list[Column]:
    return [
        Column("recorded_at", _("导入时间")),
        Column("file_name", _("文件")),
        Column("area", _("区划")),
        Column("creator", _("经办人")),
        Column("state", _("状态")),
        Column("rows", _("行数"), kind=Kind.COUNT),
        Column("created", _("新增"), kind=Kind.COUNT),
        Column("changed", _("变更"), kind=Kind.COUNT),
        Column("equal", _("未变"), kind=Kind.COUNT),
        Column("refused", _("退回"), kind=Kind.COUNT),
        Column("undecided", _("待确认"), kind=Kind.COUNT),
    ]


def _exported(batch: ImportBatch, names: dict[int, str]) -> dict[str, str | int]:
    return {
        "recorded_at": f"{batch.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        "file_name": batch.file_name,
        "area": names.get(batch.area_code, ""),
        "creator": batch.creator_name,
        "state": str(ImportState(batch.state).label),
        "rows": batch.row_count,
        "created": batch.created_count,
        "changed": batch.changed_count,
        "equal": batch.equal_count,
        "refused": batch.refused_count,
        "undecided": batch.undecided_count,
    }
