"""Pages of lists of deaths: sent before a run, matched with the register, recorded when an officer has looked."""

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
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in

from ..commands.death_lists import open_death_list, record_listed_deaths
from ..death_list_file import COLUMNS
from ..forms.death_lists import DeathListForm
from ..policies import KEEPS_GRANTS, ensure_may_keep_grants
from ..queries.death_lists import get_death_list_for, list_death_lists_for, shown_deaths, undecided
from ..queries.documents import documents_for
from ..states import CountyListState

_EARLIER_SHOWN = 20
_ROWS_SHOWN = 200
_ROWS_AT_ONCE = 500
"""A tick a row: a form of more than 1,000 fields is refused, and a death takes the register some 20 ms."""


@require_http_methods(["GET", "POST"])
def death_list_new(request: ActorRequest) -> HttpResponse:
    ensure_may_keep_grants(request.actor, [request.actor.area_code])
    form = DeathListForm(
        request.POST or None,
        request.FILES or None,
        documents=[(str(one.id), str(one)) for one in documents_for(request.actor)[:100]],
        initial={"request_id": new_id()},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            listed = open_death_list(actor=request.actor, list_id=form.cleaned_data["request_id"], sent=form.sent())
            return redirect("death_list_page", listed.id)
    context = {"form": form, "earlier": list_death_lists_for(request.actor)[:_EARLIER_SHOWN]}
    return render(request, "assistance/payments/death_list_new.html", context, status=422 if form.errors else 200)


@require_GET
def death_list_template(request: ActorRequest) -> HttpResponseBase:  # noqa: ARG001
    """An empty workbook with the columns that are understood."""
    return table_download(_("死亡名单模板"), COLUMNS, [], "xlsx")


@require_GET
def death_list_page(request: ActorRequest, list_id: UUID) -> HttpResponse:
    listed = get_death_list_for(request.actor, list_id)
    is_taken = listed.state == CountyListState.TAKEN
    chosen = set(listed.report.get("chosen", []))
    waiting = [] if is_taken else undecided(listed)
    matched = waiting[:_ROWS_AT_ONCE]
    if is_taken:
        matched = [one for one in listed.report["matched"] if one["row"] in chosen]
    rows = shown_deaths(request.actor, matched)
    context = {
        "listed": listed,
        "is_taken": is_taken,
        "rows": rows,
        "names": area_names([row.person.area_code for row in rows]),
        "paid_fen": sum(row.paid_fen for row in rows),
        "problems": listed.report["problems"][:_ROWS_SHOWN],
        "problem_count": len(listed.report["problems"]),
        "unknown": listed.report["unknown"][:_ROWS_SHOWN],
        "unknown_count": len(listed.report["unknown"]),
        "known_count": len(listed.report["known"]),
        "up_to": matched[-1]["row"] if matched else 0,
        "later_count": len(waiting) - len(matched),
        "may_record": not is_taken and bool(matched) and request.actor.role in KEEPS_GRANTS,
    }
    return render(request, "assistance/payments/death_list_page.html", context)


@require_POST
def death_list_record(request: ActorRequest, list_id: UUID) -> HttpResponse:
    chosen = [int(row) for row in request.POST.getlist("row") if row.isdecimal()]
    up_to = request.POST.get("up_to", "")
    try:
        listed = record_listed_deaths(
            actor=request.actor, list_id=list_id, rows=chosen, up_to=int(up_to) if up_to.isdecimal() else None
        )
        messages.success(request, _("已登记死亡 %(count)s 人。") % {"count": listed.recorded_count})
    except Invalid as refused:
        messages.error(request, refused.message, extra_tags="overdue")
    return redirect("death_list_page", list_id)
