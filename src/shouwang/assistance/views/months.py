"""月度结账: the three sums of a unit's month side by side, what is open with its age, and the closing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwang.areas.public import area_names, format_area_code
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import DomainError
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.months import close_month
from ..forms.banking import CloseMonthForm, MonthQuery
from ..policies import CLOSES_MONTHS
from ..queries.months import MonthState, OpenItem, list_closings_for, month_state_for
from ..rules.monthly import month_of

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
def month_page(request: ActorRequest) -> HttpResponseBase:
    query = MonthQuery(request.GET)
    wanted = query.wanted()
    area_code = wanted.get("area") or request.actor.area_code
    month = wanted.get("month") or month_of(clock.today())
    state, refusal = _state(request, area_code, month, is_asked="area" in request.GET)
    form = CloseMonthForm(request.POST or None, initial={"expected_open": len(state.open_items) if state else 0})
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            close_month(
                actor=request.actor,
                closing_id=form.cleaned_data["request_id"],
                area_code=area_code,
                month=month,
                expected_open=form.cleaned_data["expected_open"],
                note=form.cleaned_data["note"],
            )
            messages.success(request, _("已结账。"))
            address = reverse("month_page")
            return redirect(f"{address}?area={format_area_code(area_code)}&month={month:%Y-%m}")
    if state and (file_format := request.GET.get("format")):
        title = _("未了事项 %(month)s") % {"month": f"{month:%Y-%m}"}
        return table_download(title, _item_columns(), _item_rows(state.open_items), file_format)
    closings = list(list_closings_for(request.actor)[:24])
    context = {
        "query": query,
        "state": state,
        "refusal": refusal,
        "form": form,
        "month": month,
        "may_close": request.actor.role in CLOSES_MONTHS,
        "page": Paginator(state.open_items if state else [], PAGE_SIZE).get_page(request.GET.get("page")),
        "closings": closings,
        "names": area_names([area_code, *(closing.area_code for closing in closings)]),
        "area_code": area_code,
    }
    return render(request, "assistance/payments/month_page.html", context, status=422 if form.errors else 200)


def _state(request: ActorRequest, area_code: int, month: object, *, is_asked: bool) -> tuple[MonthState | None, str]:
    """The unit's month. A city officer's own area is no paying unit: then the page asks for one, in words."""
    try:
        return month_state_for(request.actor, area_code=area_code, month=month), ""  # type: ignore[arg-type]
    except DomainError as refusal:
        if is_asked and refusal.reason != "month.not_a_unit":
            raise
        return None, str(refusal)


def _item_columns() -> list[Column]:
    return [
        Column("kind", _("未了事项")),
        Column("programme", _("救助类别")),
        Column("reference", _("批次号")),
        Column("amount", _("金额"), kind=Kind.AMOUNT),
        Column("since", _("起始日期"), kind=Kind.DATE),
        Column("age", _("天数"), kind=Kind.COUNT),
        Column("reason", _("原因")),
    ]


def _item_rows(items: Sequence[OpenItem]) -> Iterator[dict[str, Value]]:
    for item in items:
        yield {
            "kind": item.kind_label,
            "programme": item.programme_label,
            "reference": item.reference,
            "amount": item.amount_fen,
            "since": item.since,
            "age": item.age_days,
            "reason": item.reason,
        }
