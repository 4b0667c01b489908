"""Pages of the townships' petty reserves: all of them over a period, one with its movements, filling one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.petty_reserve import fill_petty_reserve, take_back_fill
from ..forms.relief import FillForm, ReasonForm, ReserveQuery
from ..policies_relief import ensure_may_fill_reserve, may_fill_reserve
from ..queries import petty_reserve as queries

PAGE_SIZE = 50

LIST_COLUMNS = (
    Column("name", "乡镇（街道）"),
    Column("opening", "期初余额", kind=Kind.AMOUNT),
    Column("filled", "拨入", kind=Kind.AMOUNT),
    Column("paid", "支付", kind=Kind.AMOUNT),
    Column("balance", "期末余额", kind=Kind.AMOUNT),
)
STATEMENT_COLUMNS = (
    Column("on", "日期", kind=Kind.DATE),
    Column("memo", "摘要"),
    Column("fund", "资金"),
    Column("in", "拨入", kind=Kind.AMOUNT),
    Column("out", "支付", kind=Kind.AMOUNT),
    Column("balance", "余额", kind=Kind.AMOUNT),
)


@require_GET
def petty_reserve_list(request: ActorRequest) -> HttpResponseBase:
    query = ReserveQuery(request.GET)
    since, until = query.period
    lines = queries.reserves_for(request.actor, since=since, until=until)
    if export := request.GET.get("format"):
        return table_download(_("乡镇备用金"), LIST_COLUMNS, _list_rows(lines), export)
    context = {
        "query": ReserveQuery(initial={"since": since, "until": until}),
        "since": since,
        "until": until,
        "lines": lines,
        "total": queries.ReserveLine(
            area_code=0,
            name="",
            opening_fen=sum(line.opening_fen for line in lines),
            filled_fen=sum(line.filled_fen for line in lines),
            paid_fen=sum(line.paid_fen for line in lines),
        ),
        "may_fill": may_fill_reserve(request.actor),
    }
    return render(request, "assistance/petty_reserve/list.html", context)


def _list_rows(lines: Iterable[queries.ReserveLine]) -> Iterator[dict[str, Value]]:
    for line in lines:
        yield {
            "name": line.name,
            "opening": line.opening_fen,
            "filled": line.filled_fen,
            "paid": line.paid_fen,
            "balance": line.balance_fen,
        }


@require_GET
def petty_reserve_detail(request: ActorRequest, area_code: int) -> HttpResponseBase:
    since, until = ReserveQuery(request.GET).period
    statement = queries.reserve_statement_for(request.actor, area_code, since=since, until=until)
    if export := request.GET.get("format"):
        title = _("%(name)s备用金") % {"name": statement.line.name}
        return table_download(title, STATEMENT_COLUMNS, _statement_rows(statement.movements()), export)
    page = Paginator(statement.postings, PAGE_SIZE).get_page(request.GET.get("page"))
    part = slice(max(page.start_index() - 1, 0), page.end_index())
    context = {
        "query": ReserveQuery(initial={"since": since, "until": until}),
        "line": statement.line,
        "page": page,
        "movements": list(statement.movements(part)),
        "may_fill": may_fill_reserve(request.actor),
        "reason": ReasonForm(initial={"version": 0}),
    }
    return render(request, "assistance/petty_reserve/detail.html", context)


def _statement_rows(movements: Iterable[queries.Movement]) -> Iterator[dict[str, Value]]:
    for one in movements:
        yield {
            "on": one.on,
            "memo": one.memo,
            "fund": one.fund_name,
            "in": one.in_fen,
            "out": one.out_fen,
            "balance": one.balance_fen,
        }


@require_http_methods(["GET", "POST"])
def petty_reserve_fill(request: ActorRequest) -> HttpResponse:
    ensure_may_fill_reserve(request.actor, request.actor.area_code)
    sources = queries.fill_sources_for(request.actor)
    form = FillForm(
        request.POST or None,
        treasuries=[(str(source.account.id), source.account.name) for source in sources],
        initial={"request_id": new_id(), "occurred_on": clock.today()},
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        chosen = next(source for source in sources if str(source.account.id) == values["treasury"])
        with refusals_shown_in(form):
            entry = fill_petty_reserve(
                actor=request.actor,
                fund_id=chosen.fund.id,
                treasury_area_code=chosen.account.area_code,
                township_code=values["township"],
                amount_fen=values["amount"],
                occurred_on=values["occurred_on"],
                memo=values["memo"],
                fill_id=values["request_id"],
            )
            messages.success(request, _("备用金已拨付并记账"))
            return redirect("petty_reserve_detail", entry.area_code)
    context = {"form": form, "has_sources": bool(sources)}
    return render(request, "assistance/petty_reserve/fill.html", context, status=422 if form.errors else 200)


@require_POST
def petty_reserve_take_back(request: ActorRequest, entry_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请写明冲回的原因"), reason="petty_reserve.reason")
    reversal = take_back_fill(actor=request.actor, entry_id=entry_id, reason=form.cleaned_data["reason"])
    messages.success(request, _("拨付已冲回"))
    return redirect("petty_reserve_detail", reversal.area_code)
