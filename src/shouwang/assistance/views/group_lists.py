"""Pages of lists of the price subsidy's groups: sent for a month, matched with the register, taken by an officer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Conflict, Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in

from ..commands.group_lists import open_group_list, take_group_list
from ..forms.group_lists import GroupListForm
from ..group_list_file import COLUMNS
from ..policies import KEEPS_GRANTS, ensure_may_keep_grants
from ..queries.documents import documents_for
from ..queries.group_lists import get_group_list_for, holds_for_its_month, list_group_lists_for, listed_persons
from ..states import CountyListState

_EARLIER_SHOWN = 20
_ROWS_SHOWN = 200


@require_http_methods(["GET", "POST"])
def group_list_new(request: ActorRequest) -> HttpResponse:
    ensure_may_keep_grants(request.actor, [request.actor.area_code])
    form = GroupListForm(
        request.POST or None,
        request.FILES or None,
        documents=[(str(one.id), str(one)) for one in documents_for(request.actor)[:100]],
        initial={"request_id": new_id()},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            listed = open_group_list(actor=request.actor, list_id=form.cleaned_data["request_id"], sent=form.sent())
            return redirect("group_list_page", listed.id)
    context = {"form": form, "earlier": list_group_lists_for(request.actor)[:_EARLIER_SHOWN]}
    return render(request, "assistance/payments/group_list_new.html", context, status=422 if form.errors else 200)


@require_GET
def group_list_template(request: ActorRequest) -> HttpResponseBase:  # noqa: ARG001
    """An empty workbook with the columns that are understood."""
    return table_download(_("价补对象名单模板"), COLUMNS, [], "xlsx")


@require_GET
def group_list_page(request: ActorRequest, list_id: UUID) -> HttpResponse:
    listed = get_group_list_for(request.actor, list_id)
    is_taken = listed.state == CountyListState.TAKEN
    persons = listed_persons(request.actor, listed)
    shown = list(persons[:_ROWS_SHOWN])
    context = {
        "listed": listed,
        "is_taken": is_taken,
        "is_replaced": is_taken and not holds_for_its_month(listed),
        "persons": shown,
        "person_count": persons.count(),
        "names": area_names([person.area_code for person in shown]),
        "problems": listed.report["problems"][:_ROWS_SHOWN],
        "problem_count": len(listed.report["problems"]),
        "unknown": listed.report["unknown"][:_ROWS_SHOWN],
        "unknown_count": len(listed.report["unknown"]),
        "may_take": not is_taken and bool(shown) and request.actor.role in KEEPS_GRANTS,
    }
    return render(request, "assistance/payments/group_list_page.html", context)


@require_POST
def group_list_take(request: ActorRequest, list_id: UUID) -> HttpResponse:
    try:
        listed = take_group_list(actor=request.actor, list_id=list_id)
        messages.success(
            request,
            _("已采用 %(count)s 人，生成 %(month)s 价格临时补贴清册时一并发放。")
            % {"count": listed.matched_count, "month": f"{listed.benefit_month:%Y-%m}"},
        )
    except (Conflict, Invalid) as refused:
        messages.error(request, refused.message, extra_tags="overdue")
    return redirect("group_list_page", list_id)
