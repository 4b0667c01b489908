"""Pages of the two doors that take a county's workbook, and of go-live, which closes the second."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.forms import ColumnsForm
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.county_lists import (
    KEPT_HOURS,
    answer_list_rows,
    correct_list_columns,
    hand_out_refused,
    open_county_list,
    take_county_list,
)
from ..commands.history import set_go_live
from ..county_list_file import COLUMNS
from ..forms.county_lists import AnswersForm, GoLiveForm, HistoryForm, TakeOverForm
from ..models import AreaGoLive, CountyList
from ..policies import KEEPS_GRANTS, ensure_may_keep_grants
from ..queries.county_lists import get_county_list_for, list_county_lists_for, questions_of
from ..queries.documents import documents_for
from ..queries.history import list_go_lives_for
from ..states import CountyListState, Door

_EARLIER_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _DoorPage:
    """How a door is shown: under which list, and what an officer should know before sending a workbook."""

    form: type[TakeOverForm] | type[HistoryForm]
    above: str
    above_title: str | Promise
    hints: tuple[str | Promise, ...]


_SHEET_HINTS = (
    gettext_lazy("原来的表不用改：标题行、合并单元格、合计行和表尾说明都认得。"),
    gettext_lazy("低保一行一户，填户主；特困一行一人，填本人。至少有身份证号、姓名、金额。"),
    gettext_lazy(
        "没有身份证号的，身份证号空着，填姓名和出生日期，能填村和所在户户主更好；检查后由您逐行确认是不是底册中的人。"
    ),
)
_PAGES: Final = {
    Door.TAKE_OVER: _DoorPage(
        TakeOverForm,
        "grant_list",
        gettext_lazy("在保对象"),
        (
            *_SHEET_HINTS,
            gettext_lazy("名单里的人要先在底册里，姓名要与底册一致。"),
            gettext_lazy("先检查，不写入；没有问题的行再接转，其他行连同原因退回。"),
        ),
    ),
    Door.HISTORY: _DoorPage(
        HistoryForm,
        "run_list",
        gettext_lazy("资金发放"),
        (
            *_SHEET_HINTS,
            gettext_lazy("只录上线以前已经发放的款项；录入后永久标明“历史发放”，不会送银行。"),
            gettext_lazy("同一对象同一月份只能录一次。"),
        ),
    ),
}


def _documents(request: ActorRequest) -> list[tuple[str, str]]:
    return [(str(document.id), str(document)) for document in documents_for(request.actor)[:100]]


@require_http_methods(["GET", "POST"])
def county_list_new(request: ActorRequest, door: str) -> HttpResponse:
    shown = _page_of(door)
    ensure_may_keep_grants(request.actor, [request.actor.area_code])
    form = shown.form(
        request.POST or None,
        request.FILES or None,
        documents=_documents(request),
        initial={"request_id": new_id()},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            listed = open_county_list(
                actor=request.actor, list_id=form.cleaned_data["request_id"], sent=form.sent(Door(door))
            )
            return redirect("county_list_page", listed.id)
    context = {
        "form": form,
        "door": Door(door),
        "shown": shown,
        "earlier": list_county_lists_for(request.actor, door=door)[:_EARLIER_SHOWN],
    }
    return render(request, "assistance/payments/county_list_new.html", context, status=422 if form.errors else 200)


@require_GET
def county_list_template(request: ActorRequest, door: str) -> HttpResponseBase:  # noqa: ARG001
    """An empty workbook with the columns that are understood."""
    _page_of(door)
    return table_download(_("%(door)s名单模板") % {"door": Door(door).label}, COLUMNS[door], [], "xlsx")


@require_GET
def county_list_page(request: ActorRequest, list_id: UUID) -> HttpResponse:
    return _shown(request, get_county_list_for(request.actor, list_id))


def _columns_form(listed: CountyList, sent: QueryDict | None = None) -> ColumnsForm:
    report = listed.report
    columns = COLUMNS[listed.door]
    return ColumnsForm(sent, columns=columns, labels=report.get("labels", []), mapping=report.get("mapping", {}))


def _answers_form(request: ActorRequest, listed: CountyList) -> AnswersForm | None:
    """None where the list asks nothing."""
    questions = questions_of(request.actor, listed)
    return AnswersForm(questions=questions) if questions else None


def _shown(
    request: ActorRequest, listed: CountyList, columns: ColumnsForm | None = None, answers: AnswersForm | None = None
) -> HttpResponse:
    is_taken = listed.state == CountyListState.TAKEN
    is_keeper = request.actor.role in KEEPS_GRANTS
    is_open = is_keeper and not is_taken and listed.source is not None
    asked = listed.report.get("questions", [])
    context = {
        "listed": listed,
        "door": Door(listed.door),
        "shown": _PAGES[Door(listed.door)],
        "is_taken": is_taken,
        "may_take": is_open and listed.good_count > 0,
        "may_fetch": is_keeper and listed.refused is not None,
        "is_expired": not is_taken and listed.source is None,
        "kept_hours": KEPT_HOURS,
        "columns": (columns or _columns_form(listed)) if is_open else None,
        "answers": (answers or _answers_form(request, listed)) if is_open else None,
        "asked_count": len(asked),
        "open_count": sum(str(one["row"]) not in listed.answers for one in asked),
    }
    status = 422 if any(form is not None and form.errors for form in (columns, answers)) else 200
    return render(request, "assistance/payments/county_list_page.html", context, status=status)


@require_POST
def county_list_columns(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """The workbook again, with the columns as the person says."""
    listed = get_county_list_for(request.actor, list_id)
    form = _columns_form(listed, request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            correct_list_columns(actor=request.actor, list_id=list_id, mapping=form.mapping())
            return redirect("county_list_page", list_id)
    return _shown(request, listed, form)


@require_POST
def county_list_answers(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Whom the rows without ID number mean."""
    listed = get_county_list_for(request.actor, list_id)
    questions = questions_of(request.actor, listed, rows=AnswersForm.rows_in(request.POST))
    form = AnswersForm(request.POST, questions=questions)
    if form.is_valid():
        with refusals_shown_in(form):
            answer_list_rows(actor=request.actor, list_id=list_id, answers=form.answers())
            return redirect("county_list_page", list_id)
    return _shown(request, listed, answers=form)


@require_POST
def county_list_take(request: ActorRequest, list_id: UUID) -> HttpResponse:
    listed = take_county_list(actor=request.actor, list_id=list_id)
    messages.success(request, _("已录入 %(count)s 行。") % {"count": listed.good_count})
    return redirect("county_list_page", list_id)


@require_POST
def county_list_refused(request: ActorRequest, list_id: UUID) -> HttpResponseBase:
    listed, content = hand_out_refused(actor=request.actor, list_id=list_id)
    name = f"{listed.file_name.rsplit('.', 1)[0]}_{_('退回')}.xlsx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name)


@require_http_methods(["GET", "POST"])
def go_live_list(request: ActorRequest) -> HttpResponseBase:
    if request.method == "POST":
        ensure_may_keep_grants(request.actor, [])
    initial = {"area": request.actor.area_code}
    form = GoLiveForm(request.POST or None, documents=_documents(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            values = form.cleaned_data
            set_go_live(
                actor=request.actor,
                area_code=values["area"],
                programme=values["programme"],
                live_on=values["live_on"],
                document_id=values["document"],
            )
            messages.success(request, _("上线日期已登记。"))
            return redirect("go_live_list")
    lives = list(list_go_lives_for(request.actor))
    names = full_names([live.area_code for live in lives])
    if "format" in request.GET:
        return table_download(_("上线日期"), _live_columns(), _live_rows(lives, names), request.GET["format"])
    context = {"form": form, "may_set": request.actor.role in KEEPS_GRANTS, "lives": lives, "names": names}
    return render(request, "assistance/payments/go_live_list.html", context, status=422 if form.errors else 200)


def _live_columns() -> list[Column]:
    return [
        Column("area", _("区划")),
        Column("programme", _("救助类别")),
        Column("live_on", _("上线日期"), kind=Kind.DATE),
        Column("document", _("依据文件")),
    ]


def _live_rows(lives: list[AreaGoLive], names: dict[int, str]) -> Iterator[dict[str, Value]]:
    for live in lives:
        yield {
            "area": names.get(live.area_code, ""),
            "programme": str(live.get_programme_display()),
            "live_on": live.live_on,
            "document": str(live.document),
        }


def _page_of(door: str) -> _DoorPage:
    if door not in Door.values:
        raise Http404
    return _PAGES[Door(door)]
