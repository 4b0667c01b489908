"""Pages of the register of overpayments: what is open by its age, and each with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.areas.public import full_names
from shouwang.kernel import clock, crypto, money
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.overpayments import recover_overpayment, write_off_overpayment
from ..forms.overpayments import OverpaymentQuery, RecoverForm, WriteOffForm
from ..models import Overpayment
from ..policies import CORRECTS_PAYMENTS, WRITES_OFF
from ..queries.overpayments import bank_line_of, get_overpayment_for, list_overpayments_for, steps_of
from ..queries.recalculations import line_behind
from ..states import OverpaymentStepKind

PAGE_SIZE = 50


@require_GET
def overpayment_list(request: ActorRequest) -> HttpResponseBase:
    query = OverpaymentQuery(request.GET)
    wanted = query.wanted()
    rows = list_overpayments_for(
        request.actor,
        is_settled=wanted.get("state") == "settled",
        programme=wanted.get("programme", ""),
        spans=query.spans(),
    )
    if "format" in request.GET:
        return table_download(_("追回台账"), _columns(), _rows(rows), request.GET["format"])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    sums = rows.order_by().aggregate(total=Sum("open_fen", default=0))
    context = {
        "query": query,
        "page": page,
        "rows": [(row, _age(row), _state(row)) for row in page],
        "names": full_names([row.area_code for row in page]),
        "open_fen": sums["total"],
    }
    return render(request, "assistance/payments/overpayment_list.html", context)


def _age(row: Overpayment) -> int:
    """Days since it was noted."""
    return (clock.today() - row.recorded_at.astimezone(clock.TZ).date()).days


def _state(row: Overpayment) -> tuple[str, str]:
    """(word, tone): open while a fen is left, else what its last step was."""
    if row.open_fen:  # type: ignore[attr-defined]  # annotated by the query
        return _("待追回"), "overdue"
    return str(OverpaymentStepKind(row.last_kind).label), "done"  # type: ignore[attr-defined]


def _columns() -> list[Column]:
    return [
        Column("payee", _("领款人")),
        Column("programme", _("救助类别")),
        Column("month", _("发放月份")),
        Column("area", _("区划")),
        Column("cause", _("原因")),
        Column("noted", _("发现日期"), kind=Kind.DATE),
        Column("age", _("天数"), kind=Kind.COUNT),
        Column("amount", _("多发金额"), kind=Kind.AMOUNT),
        Column("open", _("待追回"), kind=Kind.AMOUNT),
        Column("state", _("办理状态")),
    ]


def _rows(rows: QuerySet[Overpayment]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(rows, 2_000):
        chunk = list(pieces)
        names = full_names([row.area_code for row in chunk])
        for row in chunk:
            yield {
                "payee": crypto.mask_name(row.payee_name) if row.payee_name else "",
                "programme": row.payable.get_programme_display(),
                "month": f"{row.payable.benefit_month:%Y-%m}",
                "area": names.get(row.area_code, ""),
                "cause": row.get_cause_display(),
                "noted": row.recorded_at.astimezone(clock.TZ).date(),
                "age": _age(row),
                "amount": row.amount_fen,
                "open": row.open_fen,  # type: ignore[attr-defined]  # annotated by the query
                "state": _state(row)[0],
            }


@require_GET
def overpayment_page(request: ActorRequest, overpayment_id: UUID) -> HttpResponse:
    row = get_overpayment_for(request.actor, overpayment_id)
    return _page(request, row, RecoverForm(initial={"request_id": new_id()}), WriteOffForm(auto_id="write-off-%s"))


@require_POST
def overpayment_settle(request: ActorRequest, overpayment_id: UUID, verb: str) -> HttpResponse:
    if verb not in ("recover", "write-off"):
        raise Http404
    is_recovered = verb == "recover"
    recover_form = RecoverForm(request.POST if is_recovered else None, initial={"request_id": new_id()})
    write_off_form = WriteOffForm(None if is_recovered else request.POST, auto_id="write-off-%s")
    form = recover_form if is_recovered else write_off_form
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            if is_recovered:
                recover_overpayment(
                    actor=request.actor,
                    overpayment_id=overpayment_id,
                    amount_fen=values["amount"],
                    reason=values["reason"],
                    step_id=values["request_id"],
                )
                messages.success(request, _("已登记追回，款项记回专户。"))
            else:
                write_off_overpayment(actor=request.actor, overpayment_id=overpayment_id, reason=values["reason"])
                messages.success(request, _("已核销。"))
            return redirect("overpayment_page", overpayment_id)
    return _page(request, get_overpayment_for(request.actor, overpayment_id), recover_form, write_off_form)


def _page(
    request: ActorRequest, row: Overpayment, recover_form: RecoverForm, write_off_form: WriteOffForm
) -> HttpResponse:
    word, tone = _state(row)
    is_open = bool(row.open_fen)  # type: ignore[attr-defined]  # annotated by the query
    context = {
        "row": row,
        "age": _age(row),
        "word": word,
        "tone": tone,
        "area_name": full_names([row.area_code]).get(row.area_code, ""),
        "paid_line": bank_line_of(row),
        "found_by": line_behind(row),
        "steps": [
            SimpleNamespace(
                at=step.recorded_at,
                title=f"{step.get_kind_display()} {money.yuan(step.amount_fen)}",
                who=step.actor_name,
                text=step.reason,
                tone="",
            )
            for step in steps_of(row)
        ],
        "may_recover": is_open and request.actor.role in CORRECTS_PAYMENTS,
        "may_write_off": is_open and request.actor.role in WRITES_OFF,
        "recover_form": recover_form,
        "write_off_form": write_off_form,
    }
    status = 422 if recover_form.errors or write_off_form.errors else 200
    return render(request, "assistance/payments/overpayment_page.html", context, status=status)
