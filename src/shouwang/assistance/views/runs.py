"""Pages of runs: the lists and their state, a new run, what waits for an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock, crypto, money
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.corrections import cancel_payable
from ..commands.reissues import reissue_lines
from ..commands.runs import run_month
from ..forms.payments import BatchQuery, ProblemQuery, ReasonForm, RunForm
from ..models import Payable, PaymentBatch, RunLine
from ..policies import CANCELS_LINES, RUNS_MONTHS, ensure_may_run
from ..queries.history import go_live_of
from ..queries.problems import accounts_today, list_problems_for
from ..queries.run_pages import Cause, Look, UnitSum, cause_sums, lines_to_look_at, look_counts, unit_sums
from ..queries.run_placeholders import run_placeholder_words
from ..queries.run_records import Explained, find_record, get_line_for
from ..queries.runs import batch_totals, get_run_for, list_batches_for
from ..queries.subjects import subject_names
from ..rules.benefits.parameters import NATION
from ..rules.monthly import Held, month_of
from ..states import BY_HOUSEHOLD, Programme
from .tones import BATCH_TONES

PAGE_SIZE = 50


@require_GET
def run_list(request: ActorRequest) -> HttpResponseBase:
    query = BatchQuery(request.GET)
    wanted = query.wanted()
    batches = list_batches_for(
        request.actor,
        programme=wanted.get("programme", ""),
        month=wanted.get("month"),
        state=wanted.get("state", ""),
        sort=request.GET.get("sort", "-recorded"),
    )
    if "format" in request.GET:
        return table_download(_("发放清册"), _batch_columns(), _batch_rows(batches), request.GET["format"])
    page = Paginator(batches, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(batch, BATCH_TONES[batch.state]) for batch in page],
        "totals": batch_totals(batches),
        "names": area_names([batch.area_code for batch in page]),
        "may_run": request.actor.role in RUNS_MONTHS,
        "waiting_count": list_problems_for(request.actor).count(),
    }
    return render(request, "assistance/payments/run_list.html", context)


def _batch_columns() -> list[Column]:
    return [
        Column("number", _("批次号")),
        Column("programme", _("救助类别")),
        Column("month", _("发放月份")),
        Column("unit", _("单位")),
        Column("lines", _("笔数"), kind=Kind.COUNT),
        Column("amount", _("金额"), kind=Kind.AMOUNT),
        Column("state", _("办理状态")),
        Column("fund", _("资金")),
    ]


def _batch_rows(batches: QuerySet[PaymentBatch]) -> Iterator[dict[str, Value]]:
    found = list(batches)
    names = area_names([batch.area_code for batch in found])
    for batch in found:
        yield {
            "number": batch.number,
            "programme": batch.get_programme_display(),
            "month": f"{batch.benefit_month:%Y-%m}",
            "unit": names.get(batch.area_code, ""),
            "lines": batch.line_count,
            "amount": batch.amount_fen,
            "state": batch.get_state_display(),
            "fund": batch.fund.name,
        }


@require_http_methods(["GET", "POST"])
def run_new(request: ActorRequest) -> HttpResponse:
    ensure_may_run(request.actor, request.actor.area_code)
    initial = {"area": request.actor.area_code, "month": month_of(clock.today())}
    form = RunForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            result = run_month(
                actor=request.actor,
                programme=values["programme"],
                benefit_month=values["month"],
                area_code=values["area"],
            )
            if result.is_new:
                messages.success(
                    request,
                    _("已生成 %(batches)s 份清册，新列入 %(count)s %(unit)s。")
                    % {
                        "batches": len(result.batches),
                        "count": result.new_payable_count,
                        "unit": _counted_in(result.run.programme),
                    },
                )
            else:
                messages.info(request, _("这个月已经生成过清册，没有重复列入。"), extra_tags="progress")
            return redirect("run_page", result.run.id)
    return render(request, "assistance/payments/run_new.html", {"form": form}, status=422 if form.errors else 200)


def _counted_in(programme: str) -> str:
    """What a line of a run is: a notice may give one-off money to persons or to households."""
    if programme in BY_HOUSEHOLD:
        return _("户")
    return _("笔") if programme == Programme.ONE_OFF else _("人")


_REPORT_LABELS = {
    Held.ALL_DIED: _("全部成员已去世，不再发放"),
    Held.NOBODY_COVERED: _("家庭没有成员，请核对底册"),
    Held.COVERED_TWICE: _("同一人有两份在保，本月只发一份，请核对后停掉一份"),
    Held.NOT_OWED: _("按规则本月不发，见每笔的计算说明"),
    "granted_twice": _("同一户或同一人有两份在保"),
    "income_absurd": _("登记的月收入超过一百万元，请核对"),
    "head_dead": _("户主已经去世，请指定新的户主"),
    "held_together": _("同时享受只能选一种的待遇，请核对"),
    "already_payable": _("此前已列入，没有重复"),
}


LOOK_WORDS = {
    Look.NO_ACCOUNT: _("没有账号，已列应发，待登记"),
    Look.NO_PAYEE: _("没有领款人，请指定户主"),
    Look.COVERED_TWICE: _("同一人有两份在保，本月只发一份"),
    Look.NOT_OWED: _("按规则本月不发"),
    Look.NOT_COMPUTED: _("收入或评估没有登记，按原定数额发放"),
    Look.KEPT: _("因在行措施或阶段性提高标准，与一般情况不同"),
    Look.FAR_FROM_DECIDED: _("与原定数额不同"),
}
CAUSE_WORDS = {
    Cause.NEW: _("新增发放"),
    Cause.STOPPED: _("本月不发"),
    Cause.MEASURE: _("措施开始或结束"),
    Cause.PERSONS: _("人数变化"),
    Cause.INCOME: _("收入变化"),
    Cause.SURCHARGE: _("分类施保变化"),
    Cause.CARE: _("自理能力或供养方式变化"),
    Cause.OTHER_BENEFITS: _("享受的其他待遇变化"),
    Cause.CERTIFICATE: _("残疾类别等级变化"),
    Cause.AGE: _("年龄变化"),
    Cause.STANDARD: _("标准或指数变化"),
}


@require_GET
def run_page(request: ActorRequest, run_id: UUID) -> HttpResponseBase:
    run = get_run_for(request.actor, run_id)
    batches = list(list_batches_for(request.actor, sort="number").filter(run=run))
    held = [(_(str(label)), run.report[key]) for key, label in _REPORT_LABELS.items() if run.report.get(key)]
    units = unit_sums(request.actor, run)
    counts = look_counts(request.actor, run)
    look = next((one for one in counts if one == request.GET.get("look")), next(iter(counts), None))
    if look is not None and "format" in request.GET:
        return table_download(
            str(LOOK_WORDS[look]),
            _line_columns(),
            _line_rows(lines_to_look_at(request.actor, run, look)),
            request.GET["format"],
        )
    page = None
    if look is not None:
        page = Paginator(lines_to_look_at(request.actor, run, look), PAGE_SIZE).get_page(request.GET.get("page"))
    names = area_names([run.area_code, *(batch.area_code for batch in batches), *(unit.unit_code for unit in units)])
    context = {
        "run": run,
        "counted_in": _counted_in(run.programme),
        "placeholders": run_placeholder_words(request.actor, run),
        "record": find_record(run),
        "rows": [(batch, BATCH_TONES[batch.state]) for batch in batches],
        "names": names,
        "held": held,
        "live_on": go_live_of(programme=run.programme, area_code=run.area_code),
        "line_count": sum(batch.line_count for batch in batches),
        "amount_fen": sum(batch.amount_fen for batch in batches),
        "is_whole": request.actor.scope.contains(run.area_code),
        "units": units,
        "unit_total": UnitSum(
            run.area_code,
            sum(unit.line_count for unit in units),
            sum(unit.amount_fen for unit in units),
            sum(unit.last_count for unit in units),
            sum(unit.last_fen for unit in units),
        ),
        "tiles": _tiles(units, names) if len(units) > 1 else [],
        "causes": [(CAUSE_WORDS[cause.cause], cause) for cause in cause_sums(request.actor, run)],
        "looks": [(one, LOOK_WORDS[one], count) for one, count in counts.items()],
        "look": look,
        "page": page,
        "lines": _shown_lines(page) if page is not None else [],
    }
    return render(request, "assistance/payments/run_page.html", context)


def _line_columns() -> list[Column]:
    return [
        Column("name", _("对象")),
        Column("place", _("区划")),
        Column("decided", _("原定"), kind=Kind.AMOUNT),
        Column("ordinary", _("按规则"), kind=Kind.AMOUNT),
        Column("amount", _("本月"), kind=Kind.AMOUNT),
    ]


def _line_rows(lines: QuerySet[RunLine]) -> Iterator[dict[str, Value]]:
    for line, name, place in _shown_lines(lines):
        yield {
            "name": name,
            "place": place,
            "decided": line.decided_fen,
            "ordinary": line.ordinary_fen,
            "amount": line.amount_fen,
        }


def _tiles(units: Sequence[UnitSum], names: dict[int, str]) -> list[dict[str, object]]:
    return [
        {
            "code": unit.unit_code,
            "name": names.get(unit.unit_code, ""),
            "value": unit.amount_fen,
            "shown": money.wan_yuan(unit.amount_fen),
            "url": "",
        }
        for unit in units
    ]


def _shown_lines(page: Iterable[RunLine]) -> list[tuple[RunLine, str, str]]:
    """Each line with whom it is for and where."""
    lines = list(page)
    subjects = subject_names([line.subject_id for line in lines])
    places = full_names([line.area_code for line in lines])
    return [(line, subjects.get(line.subject_id, "—"), places.get(line.area_code, "")) for line in lines]


HELD_WORDS = {**_REPORT_LABELS, **{look.value: words for look, words in LOOK_WORDS.items()}}


def _source_names(found: Explained) -> dict[int, str]:
    """Where the parameters behind the steps come from."""
    codes = {row.area_code for step in (found.explanation.steps if found.explanation else ()) for row in step.sources}
    return {NATION: _("全国"), **full_names([code for code in codes if code != NATION])}


@require_GET
def run_line(request: ActorRequest, line_id: UUID) -> HttpResponse:
    """How one amount came about, step by step."""
    found = get_line_for(request.actor, line_id)
    line = found.line
    context = {
        "found": found,
        "line": line,
        "name": subject_names([line.subject_id]).get(line.subject_id, "—"),
        "place": full_names([line.area_code])[line.area_code],
        "source_names": _source_names(found),
        "held": _(str(HELD_WORDS.get(line.held, ""))),
    }
    return render(request, "assistance/payments/run_line.html", context)


@require_GET
def problem_list(request: ActorRequest) -> HttpResponseBase:
    query = ProblemQuery(request.GET)
    wanted = query.wanted()
    payables = list_problems_for(
        request.actor,
        programme=wanted.get("programme", ""),
        month=wanted.get("month"),
        spans=query.spans(),
        kind=wanted.get("kind", ""),
    )
    if "format" in request.GET:
        return table_download(_("待处理发放"), _problem_columns(), _problem_rows(payables), request.GET["format"])
    page = Paginator(payables, PAGE_SIZE).get_page(request.GET.get("page"))
    accounts = accounts_today(list(page))
    context = {
        "query": query,
        "page": page,
        "rows": [(payable, _what(payable), _is_ready(payable, accounts)) for payable in page],
        "names": full_names([payable.area_code for payable in page]),
        "may_reissue": request.actor.role in RUNS_MONTHS,
        "may_cancel": request.actor.role in CANCELS_LINES,
        "reissue_form": RunForm(initial={"area": request.actor.area_code, **_first_of(list(page))}),
    }
    return render(request, "assistance/payments/problem_list.html", context)


def _first_of(payables: list[Payable]) -> dict[str, object]:
    """What a re-issue is offered for: the first waiting payable's programme and month."""
    return {"programme": payables[0].programme, "month": payables[0].benefit_month} if payables else {}


def _what(payable: Payable) -> str:
    if payable.was_returned:  # type: ignore[attr-defined]  # annotated by the query
        return _("退票：%(reason)s") % {"reason": payable.last_reason}  # type: ignore[attr-defined]
    return _("没有登记账号") if payable.payee_id else _("户主已去世，请登记新户主和账号")


def _is_ready(payable: Payable, accounts: dict[UUID, UUID]) -> bool:
    account_id = accounts.get(payable.id)
    return account_id is not None and account_id != payable.last_account_id  # type: ignore[attr-defined]


def _problem_columns() -> list[Column]:
    return [
        Column("month", _("发放月份")),
        Column("programme", _("救助类别")),
        Column("payee", _("领款人")),
        Column("area", _("区划")),
        Column("amount", _("金额"), kind=Kind.AMOUNT),
        Column("what", _("情况")),
    ]


def _problem_rows(payables: QuerySet[Payable]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(payables, 2_000):
        chunk = list(pieces)
        names = full_names([payable.area_code for payable in chunk])
        for payable in chunk:
            yield {
                "month": f"{payable.benefit_month:%Y-%m}",
                "programme": payable.get_programme_display(),
                "payee": crypto.mask_name(payable.payee.name) if payable.payee else "",
                "area": names.get(payable.area_code, ""),
                "amount": payable.owed_fen,  # type: ignore[attr-defined]  # annotated by the query
                "what": _what(payable),
            }


@require_POST
def reissue(request: ActorRequest) -> HttpResponse:
    form = RunForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择救助类别、月份和区划。"), extra_tags="overdue")
        return redirect("problem_list")
    values = form.cleaned_data
    batches = reissue_lines(
        actor=request.actor, programme=values["programme"], benefit_month=values["month"], area_code=values["area"]
    )
    if not batches:
        messages.success(request, _("都抵扣了以前多发的款项，没有需要补发的。"))
        return redirect("problem_list")
    messages.success(
        request, _("已生成补发清册：%(numbers)s") % {"numbers": "、".join(batch.number for batch in batches)}
    )
    return redirect("batch_page", batches[0].id)


@require_POST
def payable_cancel(request: ActorRequest, payable_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    cancel_payable(actor=request.actor, payable_id=payable_id, reason=reason)
    messages.success(request, _("已取消，不再发放。"))
    return redirect("problem_list")
