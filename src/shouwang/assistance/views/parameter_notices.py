"""Pages of the notices that set parameters: all of them, one with what it changes, its decision and its announcement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import DomainError
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.parameters import decide_parameters
from ..forms.parameters import (
    DecideForm,
    NoticeQuery,
)
from ..models import ParameterNotice
from ..policies_parameters import PROPOSES_PARAMETERS, may_decide
from ..queries.parameter_changes import ProposedNotice, changes_of, check_values, proposed_of
from ..queries.parameter_pages import (
    decision_of,
    get_notice_for,
    list_notices_for,
)
from ..queries.parameters import rows_around
from ..states import NoticeVerdict
from .parameter_changes import change_rows

PAGE_SIZE = 50


@require_GET
def parameter_notice_list(request: ActorRequest) -> HttpResponseBase:
    query = NoticeQuery(request.GET)
    notices = list_notices_for(request.actor, state=query.wanted().get("state", ""))
    if "format" in request.GET:
        return table_download(_("标准与参数通知"), _notice_columns(), _notice_rows(notices), request.GET["format"])
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(notice, decision_of(notice)) for notice in page],
        "names": area_names([notice.area_code for notice in page]),
        "may_propose": request.actor.role in PROPOSES_PARAMETERS,
    }
    return render(request, "assistance/parameters/notice_list.html", context)


def _notice_columns() -> list[Column]:
    return [
        Column("number", _("文号")),
        Column("title", _("标题")),
        Column("area", _("地区")),
        Column("effective", _("执行日期"), kind=Kind.DATE),
        Column("count", _("项数"), kind=Kind.COUNT),
        Column("proposer", _("提出")),
        Column("state", _("状态")),
    ]


def _notice_rows(notices: Iterable[ParameterNotice]) -> Iterator[dict[str, Value]]:
    found = list(notices)
    names = area_names([notice.area_code for notice in found])
    for notice in found:
        decision = decision_of(notice)
        yield {
            "number": notice.number,
            "title": notice.title,
            "area": names.get(notice.area_code, ""),
            "effective": notice.effective_on,
            "count": notice.value_count,
            "proposer": notice.proposer_name,
            "state": decision.get_verdict_display() if decision else _("等待确认"),
        }


@require_GET
def parameter_notice_page(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    return _notice_page(request, get_notice_for(request.actor, notice_id), DecideForm())


@require_POST
def parameter_notice_decide(request: ActorRequest, notice_id: UUID, verdict: str) -> HttpResponse:
    notice = get_notice_for(request.actor, notice_id)
    form = DecideForm(request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            decide_parameters(
                actor=request.actor,
                notice_id=notice_id,
                verdict=NoticeVerdict.CONFIRMED if verdict == "confirm" else NoticeVerdict.REFUSED,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, _("已确认，从现在起按新标准核算。") if verdict == "confirm" else _("已退回。"))
            return redirect("parameter_notice_page", notice_id)
    return _notice_page(request, notice, form, status=422)


def _notice_page(
    request: ActorRequest, notice: ParameterNotice, form: DecideForm, *, status: int = 200
) -> HttpResponse:
    decision = decision_of(notice)
    decided_at = decision.recorded_at if decision else None
    proposed = proposed_of(notice)
    context = {
        "notice": notice,
        "decision": decision,
        "area_name": full_names([notice.area_code]).get(notice.area_code, ""),
        "changes": change_rows(changes_of(proposed, rows_around(notice.area_code, decided_at), as_of=decided_at)),
        "problems": () if decision else _problems(proposed),
        "may_decide": decision is None and may_decide(request.actor, notice.area_code, notice.recorded_by),
        "is_own": decision is None and notice.recorded_by == request.actor.user_id,
        "form": form,
    }
    return render(request, "assistance/parameters/notice_page.html", context, status=status)


def _problems(proposed: ProposedNotice) -> tuple[str, ...]:
    """Why the notice could not be confirmed as things stand now."""
    try:
        check_values(proposed, rows_around(proposed.area_code))
    except DomainError as refusal:
        return (refusal.message,)
    return ()


@require_GET
def parameter_announcement(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """The text for publication, to be printed."""
    notice = get_notice_for(request.actor, notice_id)
    head, _sign, body = notice.announcement.partition("\n")
    context = {
        "notice": notice,
        "decision": decision_of(notice),
        "head": head,
        "paragraphs": [line for line in body.split("\n") if line.strip()],
    }
    return render(request, "assistance/parameters/announcement.html", context)
