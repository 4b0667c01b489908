"""Pages of recalculations: what notices and late facts leave to be computed again, each with its lines and two steps."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import crypto
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Conflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.recalculations import (
    compute_recalculation,
    confirm_recalculation,
    open_recalculation,
    refuse_recalculation,
)
from ..forms.payments import ReasonForm
from ..forms.recalculations import RecalculationForm
from ..models import Recalculation, RecalculationLine, RecalculationOmission
from ..policies import DECIDES_RECALCULATIONS, KEEPS_GRANTS
from ..queries.recalculations import (
    get_recalculation_for,
    get_recalculation_line_for,
    left_out_sums,
    lines_of_recalculation,
    list_recalculations_for,
    months_before_go_live,
    omissions_of_recalculation,
)
from ..queries.subjects import subject_names
from ..rules.benefits.parameters import NATION
from ..states_follows import RecalculationState

PAGE_SIZE = 50
_TONES = {
    RecalculationState.WAITING: "overdue",
    RecalculationState.COMPUTED: "waiting",
    RecalculationState.CONFIRMED: "done",
    RecalculationState.REFUSED: "stopped",
}
_OPEN = (RecalculationState.WAITING, RecalculationState.COMPUTED)


@require_http_methods(["GET", "POST"])
def recalculation_list(request: ActorRequest) -> HttpResponseBase:
    form = RecalculationForm(request.POST or None, initial={"request_id": new_id(), "area": request.actor.area_code})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            told = open_recalculation(
                actor=request.actor,
                recalculation_id=values["request_id"],
                programme=values["programme"],
                month=values["month"],
                unit_code=values["area"],
                basis=values["basis"],
            )
            return redirect("recalculation_page", told.id)
    found = list_recalculations_for(request.actor)
    if "format" in request.GET:
        return table_download(_("补差核算"), _list_columns(), _list_table(found), request.GET["format"])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "may_open": request.actor.role in KEEPS_GRANTS,
        "page": page,
        "rows": [(told, _TONES[RecalculationState(told.state)]) for told in page],
        "names": area_names([told.area_code for told in page]),
    }
    return render(request, "assistance/payments/recalculation_list.html", context, status=422 if form.errors else 200)


@require_GET
def recalculation_page(request: ActorRequest, recalculation_id: UUID) -> HttpResponseBase:
    told = get_recalculation_for(request.actor, recalculation_id)
    lines = lines_of_recalculation(request.actor, told)
    if "format" in request.GET:
        return table_download(_("补差核算"), _columns(), _table(told, lines), request.GET["format"])
    return _page(request, told, lines, ReasonForm())


@require_GET
def recalculation_left_out(request: ActorRequest, recalculation_id: UUID) -> HttpResponseBase:
    """Everyone of the month who was not computed again, with the reason."""
    told = get_recalculation_for(request.actor, recalculation_id)
    omissions = omissions_of_recalculation(request.actor, told)
    if "format" in request.GET:
        rows = _left_out_table(omissions)
        return table_download(_("没有重算的"), _left_out_columns(), rows, request.GET["format"])
    page = Paginator(omissions, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    names = subject_names([one.subject_id for one in shown])
    context = {
        "told": told,
        "area_name": full_names([told.area_code]).get(told.area_code, ""),
        "page": page,
        "rows": [(one, names.get(one.subject_id, "")) for one in shown],
        "names": area_names([one.area_code for one in shown]),
    }
    return render(request, "assistance/payments/recalculation_left_out.html", context)


@require_POST
def recalculation_step(request: ActorRequest, recalculation_id: UUID, step: str) -> HttpResponse:
    form = ReasonForm(request.POST if step == "refuse" else None)
    if step == "compute":
        told = compute_recalculation(actor=request.actor, recalculation_id=recalculation_id)
        messages.success(request, _("已核算 %(count)s 户，请另一人复核。") % {"count": told.compared_count})
    elif step == "confirm":
        try:
            confirm_recalculation(actor=request.actor, recalculation_id=recalculation_id)
            messages.success(request, _("已确认：补发已列入清册，多发已记入追回台账。"))
        except Conflict as refused:
            messages.error(request, refused.message, extra_tags="overdue")
    elif step == "refuse":
        if not form.is_valid():
            told = get_recalculation_for(request.actor, recalculation_id)
            return _page(request, told, lines_of_recalculation(request.actor, told), form)
        told = refuse_recalculation(actor=request.actor, recalculation_id=recalculation_id, **form.cleaned_data)
        messages.success(request, _("已办结。") if told.is_by_hand else _("已退回。"))
    else:
        raise Http404
    return redirect("recalculation_page", recalculation_id)


@require_GET
def recalculation_line(request: ActorRequest, line_id: UUID) -> HttpResponse:
    """Month, paid, should have been, because of which document, and each step of the computation."""
    line, explanation = get_recalculation_line_for(request.actor, line_id)
    codes = {row.area_code for step in explanation.steps for row in step.sources}
    context = {
        "line": line,
        "told": line.recalculation,
        "explanation": explanation,
        "name": subject_names([line.subject_id]).get(line.subject_id, "—"),
        "place": full_names([line.area_code])[line.area_code],
        "source_names": {NATION: _("全国"), **full_names([code for code in codes if code != NATION])},
    }
    return render(request, "assistance/payments/recalculation_line.html", context)


def _page(
    request: ActorRequest, told: Recalculation, lines: QuerySet[RecalculationLine], form: ReasonForm
) -> HttpResponse:
    if told.is_by_hand:
        form.fields["reason"].label = _("办理结果")
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    names = subject_names([line.subject_id for line in shown])
    is_computed = told.state == RecalculationState.COMPUTED
    is_own = request.actor.user_id == told.computed_by
    may_decide = request.actor.role in DECIDES_RECALCULATIONS and not is_own
    context = {
        "told": told,
        "tone": _TONES[RecalculationState(told.state)],
        "area_name": full_names([told.area_code]).get(told.area_code, ""),
        "page": page,
        "rows": [(line, names.get(line.subject_id, "")) for line in shown],
        "names": area_names([line.area_code for line in shown]),
        "left_out": left_out_sums(request.actor, told),
        "months_before": [] if told.is_by_hand else months_before_go_live(request.actor, told),
        "may_compute": told.state in _OPEN and not told.is_by_hand and request.actor.role in KEEPS_GRANTS,
        "may_confirm": is_computed and may_decide,
        "may_refuse": told.state in _OPEN and may_decide,
        "is_own": is_computed and is_own,
        "form": form,
    }
    return render(request, "assistance/payments/recalculation_page.html", context, status=422 if form.errors else 200)


def _list_columns() -> list[Column]:
    return [
        Column("unit", _("单位")),
        Column("programme", _("救助类别")),
        Column("month", _("月份")),
        Column("cause", _("原因")),
        Column("basis", _("依据")),
        Column("state", _("办理状态")),
        Column("arrears", _("补发"), kind=Kind.AMOUNT),
        Column("overpaid", _("多发"), kind=Kind.AMOUNT),
    ]


def _list_table(found: QuerySet[Recalculation]) -> Iterator[dict[str, Value]]:
    shown = list(found)
    names = full_names([told.area_code for told in shown])
    for told in shown:
        yield {
            "unit": names.get(told.area_code, ""),
            "programme": told.get_programme_display(),
            "month": f"{told.benefit_month:%Y-%m}",
            "cause": told.get_cause_display(),
            "basis": told.basis,
            "state": told.state_label,
            "arrears": told.arrears_fen,
            "overpaid": told.overpaid_fen,
        }


def _left_out_columns() -> list[Column]:
    return [
        Column("name", _("户主或本人")),
        Column("area", _("区划")),
        Column("paid", _("已发"), kind=Kind.AMOUNT),
        Column("why", _("原因")),
    ]


def _left_out_table(omissions: QuerySet[RecalculationOmission]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(omissions, 2_000):
        chunk = list(pieces)
        names = subject_names([one.subject_id for one in chunk])
        places = full_names([one.area_code for one in chunk])
        for one in chunk:
            name = names.get(one.subject_id, "")
            yield {
                "name": crypto.mask_name(name) if name else "",
                "area": places.get(one.area_code, ""),
                "paid": one.paid_fen,
                "why": one.get_why_display(),
            }


def _columns() -> list[Column]:
    return [
        Column("name", _("户主或本人")),
        Column("area", _("区划")),
        Column("month", _("月份")),
        Column("paid", _("已发"), kind=Kind.AMOUNT),
        Column("should", _("应发"), kind=Kind.AMOUNT),
        Column("difference", _("补发（多发为负）"), kind=Kind.AMOUNT),
        Column("basis", _("依据")),
        Column("waits", _("说明")),
    ]


def _table(told: Recalculation, lines: QuerySet[RecalculationLine]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(lines, 2_000):
        chunk = list(pieces)
        names = subject_names([line.subject_id for line in chunk])
        places = full_names([line.area_code for line in chunk])
        for line in chunk:
            name = names.get(line.subject_id, "")
            yield {
                "name": crypto.mask_name(name) if name else "",
                "area": places.get(line.area_code, ""),
                "month": f"{told.benefit_month:%Y-%m}",
                "paid": line.paid_fen,
                "should": line.should_fen,
                "difference": line.difference_fen,
                "basis": told.basis,
                "waits": line.get_waits_display() if line.waits else "",
            }
