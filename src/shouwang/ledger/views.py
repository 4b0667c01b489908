"""Pages of the book: the tree of accounts, a statement, an entry; and finance's own entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from . import commands, queries
from .balances import balances_of
from .commands.by_hand import is_own
from .forms import AccountQuery, AsOfQuery, FundForm, ReceiptForm, ReverseForm, StatementQuery, TransferForm
from .models import Account
from .policies import ensure_may_write_by_hand, may_write_by_hand
from .sources import source_link
from .states import GROWS_BY_CREDIT

PAGE_SIZE = 50


@require_GET
def ledger_accounts(request: ActorRequest) -> HttpResponse:
    query = AsOfQuery(request.GET or None)
    as_of = query.as_of()
    context = {
        "query": query,
        "as_of": as_of or clock.now(),
        "funds": [
            (totals.fund, [(total, total.balance.shown(total.kind)) for total in totals.kinds])
            for totals in queries.fund_totals_for(request.actor, as_of=as_of)
        ],
        "may_write": may_write_by_hand(request.actor),
    }
    return render(request, "ledger/accounts.html", context)


@require_GET
def ledger_account_list(request: ActorRequest) -> HttpResponseBase:
    query = AccountQuery(request.GET, actor=request.actor)
    wanted = query.cleaned_data if query.is_valid() else {}
    accounts = queries.list_accounts_for(
        request.actor,
        fund_id=wanted.get("fund"),
        kinds=[wanted["kind"]] if wanted.get("kind") else (),
        spans=get_area(wanted["area"]).span if wanted.get("area") else None,
        sort=request.GET.get("sort", ""),
    )
    as_of = query.as_of()
    if "format" in request.GET:
        rows = _account_rows(list(accounts), as_of)
        return table_download(_("科目余额"), _account_columns(), rows, request.GET["format"])
    page = Paginator(accounts, PAGE_SIZE).get_page(request.GET.get("page"))
    balances = balances_of([account.id for account in page], as_of=as_of)
    context = {
        "query": query,
        "as_of": as_of or clock.now(),
        "page": page,
        "rows": [(account, balances[account.id].shown(account.kind)) for account in page],
        "area_names": area_names([account.area_code for account in page]),
    }
    return render(request, "ledger/account_list.html", context)


def _account_columns() -> list[Column]:
    return [
        Column("fund", _("资金")),
        Column("kind", _("科目类别")),
        Column("area", _("区划")),
        Column("name", _("科目")),
        Column("posted", _("余额"), kind=Kind.AMOUNT),
        Column("reserved", _("预留"), kind=Kind.AMOUNT),
        Column("available", _("可用"), kind=Kind.AMOUNT),
    ]


def _account_rows(accounts: list[Account], as_of: datetime | None) -> Iterator[dict[str, Value]]:
    balances = balances_of([account.id for account in accounts], as_of=as_of)
    names = area_names([account.area_code for account in accounts])
    for account in accounts:
        balance = balances[account.id].shown(account.kind)
        yield {
            "fund": account.fund.name,
            "kind": account.get_kind_display(),
            "area": names.get(account.area_code, ""),
            "name": account.name,
            "posted": balance.posted_fen,
            "reserved": balance.reserved_fen,
            "available": balance.available_fen,
        }


@require_GET
def ledger_statement(request: ActorRequest, account_id: UUID) -> HttpResponseBase:
    query = StatementQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    since, until = _period(wanted.get("since"), wanted.get("until"))
    statement = queries.statement_for(request.actor, account_id, since=since, until=until)
    account = statement.account
    sign = -1 if account.kind in GROWS_BY_CREDIT else 1
    if "format" in request.GET:
        rows = _statement_rows(statement, sign)
        return table_download(
            _("明细账 %(name)s") % {"name": account.name}, _statement_columns(), rows, request.GET["format"]
        )
    page = Paginator(range(statement.count), PAGE_SIZE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE_SIZE
    turnover = (statement.debit_fen, statement.credit_fen)
    context = {
        "query": StatementQuery(initial={"since": since, "until": until - timedelta(days=1)})
        if not request.GET
        else query,
        "account": account,
        "area_name": get_area(account.area_code).full_name,
        "balance": balances_of([account.id])[account.id].shown(account.kind),
        "opening_fen": sign * statement.opening_fen,
        "closing_fen": sign * statement.closing_fen,
        "added_fen": turnover[0] if sign > 0 else turnover[1],
        "taken_fen": turnover[1] if sign > 0 else turnover[0],
        "page": page,
        "rows": [_statement_row(posting, sign) for posting in statement.postings[first : first + PAGE_SIZE]],
        "held": queries.open_reservations_for(request.actor, account.id)[:PAGE_SIZE],
        "since": since,
        "until": until,
    }
    return render(request, "ledger/statement.html", context)


def _period(since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """Half-open; this year up to today where nothing is asked."""
    last = until or clock.today()
    return clock.day_start(since or date(last.year, 1, 1)), clock.day_start(last + timedelta(days=1))


def _statement_row(posting: queries.Posting, sign: int) -> dict[str, object]:
    quantity = sign * posting.quantity
    return {
        "entry": posting.entry,
        "added": quantity if quantity > 0 else None,
        "taken": -quantity if quantity < 0 else None,
        "balance": sign * posting.balance_fen,  # type: ignore[attr-defined]  # annotated by the query
    }


def _statement_columns() -> list[Column]:
    return [
        Column("recorded", _("记账时间")),
        Column("occurred", _("业务日期"), kind=Kind.DATE),
        Column("kind", _("类别")),
        Column("memo", _("摘要")),
        Column("source", _("来源")),
        Column("added", _("增加"), kind=Kind.AMOUNT),
        Column("taken", _("减少"), kind=Kind.AMOUNT),
        Column("balance", _("余额"), kind=Kind.AMOUNT),
    ]


def _statement_rows(statement: queries.Statement, sign: int) -> Iterator[dict[str, Value]]:
    for posting in statement.postings.iterator(chunk_size=2000):
        entry = posting.entry
        quantity = sign * posting.quantity
        yield {
            "recorded": entry.recorded_at.astimezone(clock.TZ).strftime("%Y-%m-%d %H:%M"),
            "occurred": entry.occurred_on,
            "kind": entry.get_kind_display(),
            "memo": entry.memo,
            "source": entry.source,
            "added": quantity if quantity > 0 else None,
            "taken": -quantity if quantity < 0 else None,
            "balance": sign * posting.balance_fen,  # type: ignore[attr-defined]  # annotated by the query
        }


@require_GET
def ledger_entry(request: ActorRequest, entry_id: UUID) -> HttpResponse:
    return _entry_page(request, entry_id, ReverseForm())


@require_POST
def ledger_reverse(request: ActorRequest, entry_id: UUID) -> HttpResponse:
    form = ReverseForm(request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            commands.correct_entry(
                actor=request.actor, entry_id=entry_id, reason=form.cleaned_data["reason"], occurred_on=clock.today()
            )
            messages.success(request, _("已冲正。"))
            return redirect("ledger_entry", entry_id)
    return _entry_page(request, entry_id, form)


def _entry_page(request: ActorRequest, entry_id: UUID, form: ReverseForm) -> HttpResponse:
    entry = queries.get_entry_for(request.actor, entry_id)
    context = {
        "entry": entry,
        "area_name": get_area(entry.area_code).full_name,
        "sides": queries.sides_of(request.actor, entry),
        "source": source_link(request.actor, entry.source),
        "recorder": queries.recorder_name(entry),
        "may_reverse": may_write_by_hand(request.actor) and is_own(entry) and not hasattr(entry, "reversal"),
        "form": form,
    }
    return render(request, "ledger/entry.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def ledger_receive(request: ActorRequest) -> HttpResponse:
    ensure_may_write_by_hand(request.actor)
    initial = {"request_id": new_id(), "area": request.actor.area_code, "occurred_on": clock.today()}
    form = ReceiptForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            entry = commands.record_funds_received(
                actor=request.actor,
                fund_id=UUID(values["fund"]),
                area_code=values["area"],
                amount_fen=values["amount"],
                occurred_on=values["occurred_on"],
                memo=values["memo"],
                entry_id=values["request_id"],
            )
            messages.success(request, _("拨入资金已记账。"))
            return redirect("ledger_entry", entry.id)
    return render(request, "ledger/receive.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def ledger_transfer(request: ActorRequest) -> HttpResponse:
    ensure_may_write_by_hand(request.actor)
    initial = {"request_id": new_id(), "occurred_on": clock.today()}
    form = TransferForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            out, _into = commands.transfer_between_areas(
                actor=request.actor,
                from_account_id=UUID(values["giver"]),
                to_account_id=UUID(values["taker"]),
                amount_fen=values["amount"],
                occurred_on=values["occurred_on"],
                memo=values["memo"],
                transfer_id=values["request_id"],
            )
            messages.success(request, _("调拨已记账，两个科目同时更新。"))
            return redirect("ledger_entry", out.id)
    return render(request, "ledger/transfer.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def ledger_fund_new(request: ActorRequest) -> HttpResponse:
    ensure_may_write_by_hand(request.actor)
    form = FundForm(request.POST or None, initial={"area": request.actor.area_code})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            fund = commands.create_fund(
                actor=request.actor,
                code=values["code"],
                name=values["name"],
                level=values["level"],
                purpose=values["purpose"],
                rules={"programmes": values["programmes"], "single_limit_fen": values["single_limit"]},
                area_code=values["area"],
            )
            messages.success(request, _("资金“%(name)s”已建立，可以登记拨入。") % {"name": fund.name})
            return redirect("ledger_receive")
    return render(request, "ledger/fund_new.html", {"form": form}, status=422 if form.errors else 200)
