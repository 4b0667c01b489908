"""Pages of temporary relief: the list, a case with its next step, the step itself, what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import area_names, full_names, get_area
from shouwang.kernel import clock, deadlines
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.crypto import mask_id_number
from shouwang.kernel.documents import paper_response
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.money import yuan
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value
from shouwang.ledger.public import may_read_the_book

from ..commands import relief as commands
from ..forms.relief import (
    ApproveForm,
    CaseQuery,
    NoteForm,
    NoticeForm,
    PapersForm,
    PayForm,
    ProposeForm,
    ReasonForm,
    RefuseForm,
    RevealForm,
    StepForm,
    VerifyForm,
)
from ..models import ReliefCase
from ..papers.relief import cash_receipt, decision_letter, office_of
from ..policies_relief import ensure_may_take, may_take
from ..queries import relief as queries
from ..queries.petty_reserve import balance_of_township
from ..queries.relief_amounts import Suggestion, suggestion_for
from ..rules.capital_amount import amount_in_capitals
from ..rules.relief import township_of
from ..states import Channel, ReliefBasis, ReliefVerb, SealedInCase
from .relief_words import TONES, case_steps, case_timeline

PAGE_SIZE = 50

EXPORT_COLUMNS = (
    Column("number", "受理编号"),
    Column("name", "申请人", kind=Kind.NAME),
    Column("id_number", "证件号码"),
    Column("area", "困难发生地"),
    Column("kind", "救助类型"),
    Column("cause", "困难原因"),
    Column("state", "办理状态"),
    Column("persons", "救助人数", kind=Kind.COUNT),
    Column("amount", "金额", kind=Kind.AMOUNT),
    Column("accepted_on", "受理日期", kind=Kind.DATE),
    Column("due_on", "本步期限", kind=Kind.DATE),
    Column("paid_on", "发放日期", kind=Kind.DATE),
)


@dataclass(frozen=True, slots=True)
class _StepPage:
    """How a step is asked for: its form, the command behind it, what the page says when it is done."""

    form: type[StepForm]
    command: Callable[..., ReliefCase]
    done: str | Promise


_STEP_PAGES: dict[str, _StepPage] = {
    ReliefVerb.ACCEPT: _StepPage(NoteForm, commands.accept_case, gettext_lazy("已受理，请在期限内核实。")),
    ReliefVerb.PROPOSE: _StepPage(
        ProposeForm, commands.propose_relief_first, gettext_lazy("已提交，等乡镇负责人确认。")
    ),
    ReliefVerb.VERIFY: _StepPage(VerifyForm, commands.verify_case, gettext_lazy("核实情况已记录。")),
    ReliefVerb.PUBLISH_NOTICE: _StepPage(NoticeForm, commands.publish_notice, gettext_lazy("已开始公示。")),
    ReliefVerb.END_NOTICE: _StepPage(NoteForm, commands.end_notice, gettext_lazy("公示已结束，可以审批。")),
    ReliefVerb.SEND_BACK: _StepPage(ReasonForm, commands.send_back, gettext_lazy("已退回重新核实。")),
    ReliefVerb.APPROVE: _StepPage(ApproveForm, commands.approve_case, gettext_lazy("已批准，请安排发放。")),
    ReliefVerb.REFUSE: _StepPage(RefuseForm, commands.refuse_case, gettext_lazy("已作出不予救助的决定。")),
    ReliefVerb.CONFIRM: _StepPage(
        StepForm, commands.confirm_relief_first, gettext_lazy("已确认，助理员可以发放现金。")
    ),
    ReliefVerb.PAY_CASH: _StepPage(PayForm, commands.pay_cash, gettext_lazy("现金已发放并记账，请打印收据签字。")),
    ReliefVerb.RECEIVE_PAPERS: _StepPage(
        PapersForm, commands.receive_papers, gettext_lazy("手续已补齐，这一件已办结。")
    ),
    ReliefVerb.CLOSE: _StepPage(NoteForm, commands.close_case, gettext_lazy("已办结。")),
    ReliefVerb.WITHDRAW: _StepPage(ReasonForm, commands.withdraw_case, gettext_lazy("已撤回。")),
}


@require_GET
def relief_list(request: ActorRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    cases = queries.list_cases_for(
        request.actor,
        state=wanted.get("state", ""),
        kind=wanted.get("kind", ""),
        spans=get_area(wanted["area"]).span if wanted.get("area") else None,
        is_overdue=bool(wanted.get("overdue")),
        keyword=wanted.get("q", ""),
        sort=request.GET.get("sort", ""),
    )
    if export := request.GET.get("format"):
        return table_download(_("临时救助"), EXPORT_COLUMNS, _export_rows(cases.iterator(chunk_size=500)), export)
    page = Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": _rows(page.object_list),
        "papers": queries.papers_owed(request.actor),
        "may_open": may_take(request.actor, ReliefVerb.OPEN),
        "may_send": may_take(request.actor, ReliefVerb.SEND_TO_BANK),
    }
    return render(request, "assistance/relief/list.html", context)


def _rows(cases: Iterable[ReliefCase]) -> list[dict[str, object]]:
    listed = list(cases)
    words = deadlines.told(case.step_due_on for case in listed)
    names = area_names([township_of(case.area_code) for case in listed] + [case.area_code for case in listed])
    return [
        {
            "case": case,
            "who": queries.snapshot_of(case),
            "place": f"{names.get(township_of(case.area_code), '')} {names.get(case.area_code, '')}".strip(),
            "tone": TONES[case.state],
            "days": words.get(case.step_due_on),
        }
        for case in listed
    ]


def _export_rows(cases: Iterable[ReliefCase]) -> Iterator[dict[str, Value]]:
    names: dict[int, str] = {}
    for case in cases:
        if case.area_code not in names:
            names.update(full_names([case.area_code]))
        who = queries.snapshot_of(case)
        yield {
            "number": case.number,
            "name": who.name,
            "id_number": mask_id_number(who.id_number),
            "area": names.get(case.area_code, ""),
            "kind": case.get_kind_display(),
            "cause": case.get_cause_display(),
            "state": case.get_state_display(),
            "persons": getattr(case, "person_count", 0),
            "amount": case.amount_fen,
            "accepted_on": case.accepted_on,
            "due_on": case.step_due_on,
            "paid_on": case.paid_on,
        }


@require_GET
def relief_case(request: ActorRequest, case_id: UUID) -> HttpResponse:
    case = queries.get_case_for(request.actor, case_id)
    steps = queries.open_steps(request.actor, case)
    context = {
        "case": case,
        "who": queries.snapshot_of(case),
        "place": full_names([case.area_code]).get(case.area_code, ""),
        "tone": TONES[case.state],
        "days": deadlines.told([case.step_due_on]).get(case.step_due_on),
        "step_bar": case_steps(case),
        "moves": case_timeline(queries.moves_of(case)),
        "measures": queries.measures_used(case),
        "payment": queries.payment_of(case),
        "attempt": queries.attempt_of(case),
        "actions": [(step.verb.label, _step_url(case, step.verb)) for step in steps],
        "waits_for": "" if steps else _waits_for(case),
        "opens_entries": may_read_the_book(request.actor),
        "is_first_possible": any(step.verb == ReliefVerb.PROPOSE for step in steps),
    }
    return render(request, "assistance/relief/case.html", context)


@require_http_methods(["GET", "POST"])
def relief_reveal(request: ActorRequest, case_id: UUID, field: str) -> HttpResponse:
    """Ask for a reason, log it, then show the value once; it is in no address and on no later page."""
    case = queries.get_case_for(request.actor, case_id)
    if field not in frozenset(SealedInCase):
        raise NotFound(_("没有这一项"), field=field)
    form = RevealForm(request.POST or None)
    value = ""
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            value = commands.reveal_applicant(actor=request.actor, case_id=case.id, field=field, **form.cleaned_data)
    context = {"case": case, "form": form, "label": SealedInCase(field).label, "value": value}
    return render(request, "assistance/relief/reveal.html", context, status=422 if form.errors else 200)


def _step_url(case: ReliefCase, verb: str) -> str:
    if verb == ReliefVerb.SEND_TO_BANK:
        return reverse("relief_to_bank")
    return reverse("relief_step", args=[case.id, verb])


def _waits_for(case: ReliefCase) -> str:
    words = queries.NEXT_WORDS.get(case.state)
    return _("这一步由其他岗位办理：%(next)s") % {"next": words} if words else ""


@require_http_methods(["GET", "POST"])
def relief_step(request: ActorRequest, case_id: UUID, verb: str) -> HttpResponse:
    """One step on one screen, with what is needed to take it; it reads well on a phone."""
    step_page = _STEP_PAGES.get(verb)
    if step_page is None:
        raise NotFound(_("没有这一步"), verb=verb)
    case = queries.get_case_for(request.actor, case_id)
    ensure_may_take(request.actor, verb)
    suggestion = None
    if verb == ReliefVerb.APPROVE:
        limit_fen, _measure = commands.township_limit(case)
        suggestion = suggestion_for(case, limit_fen=limit_fen)
    form = step_page.form(request.POST or None, initial=_initial(request, case, verb, suggestion))
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            step_page.command(
                actor=request.actor,
                case_id=case.id,
                expected_version=form.cleaned_data["version"],
                **form.arguments(),
            )
            messages.success(request, str(step_page.done))
            return redirect("relief_case", case.id)
    context = {
        "case": case,
        "who": queries.snapshot_of(case),
        "form": form,
        "verb": ReliefVerb(verb),
        "is_grave": verb in queries.SIDE_STEPS,
        "reserve_fen": _reserve(request, case, verb),
        "suggestion": suggestion,
    }
    return render(request, "assistance/relief/step.html", context, status=422 if form.errors else 200)


def _initial(
    request: ActorRequest, case: ReliefCase, verb: str, suggestion: Suggestion | None = None
) -> dict[str, Any]:
    initial: dict[str, Any] = {"version": case.version, "first": request.actor.name}
    if case.amount_fen is not None:
        initial["amount"] = yuan(case.amount_fen)
    if verb == ReliefVerb.APPROVE:
        initial |= {"basis": case.basis or ReliefBasis.SMALL_AMOUNT, "channel": case.channel}
        if suggestion is not None:
            initial["standard"] = yuan(suggestion.standard_fen)
    if verb == ReliefVerb.PAY_CASH:
        initial["received_by"] = case.proxy_name or queries.snapshot_of(case).name
    return initial


def _reserve(request: ActorRequest, case: ReliefCase, verb: str) -> int | None:
    """What the township's reserve holds, where the step pays from it."""
    if case.channel != Channel.CASH or verb not in (ReliefVerb.CONFIRM, ReliefVerb.PAY_CASH, ReliefVerb.PROPOSE):
        return None
    return balance_of_township(request.actor, township_of(case.area_code), clock.today())


@require_GET
def relief_receipt(request: ActorRequest, case_id: UUID) -> HttpResponseBase:
    """The cash receipt to sign: before the money changes hands, or again afterwards."""
    case = queries.get_case_for(request.actor, case_id)
    paper = cash_receipt(case)
    if file_format := request.GET.get("format"):
        return paper_response(paper, file_format, name=f"{paper.title}_{case.number}")
    assert case.amount_fen is not None  # cash_receipt found an amount
    context = {
        **_paper(case),
        "capitals": amount_in_capitals(case.amount_fen),
        "payment": queries.payment_of(case),
    }
    return render(request, "assistance/relief/receipt.html", context)


@require_GET
def relief_letter(request: ActorRequest, case_id: UUID) -> HttpResponseBase:
    """The written decision: granted with the amount's formula, or refused with the reason; and the remedy."""
    case = queries.get_case_for(request.actor, case_id)
    paper = decision_letter(case)
    if file_format := request.GET.get("format"):
        return paper_response(paper, file_format, name=f"{paper.title}_{case.number}")
    return render(request, "assistance/relief/letter.html", {"case": case, "paper": paper})


def _paper(case: ReliefCase) -> dict[str, object]:
    return {
        "case": case,
        "who": queries.snapshot_of(case),
        "place": full_names([case.area_code]).get(case.area_code, ""),
        "measures": queries.measures_used(case),
        "office": office_of(case),
    }


@require_http_methods(["GET", "POST"])
def relief_to_bank(request: ActorRequest) -> HttpResponse:
    """Approved cases that wait for a bank list; the chosen ones become one."""
    ensure_may_take(request.actor, ReliefVerb.SEND_TO_BANK)
    if request.method == "POST":
        try:
            chosen = [UUID(text) for text in request.POST.getlist("case")]
        except ValueError:
            raise Invalid(_("请从列表中选择个案"), reason="relief.none_chosen") from None
        batches = commands.create_relief_batch(actor=request.actor, area_code=request.actor.area_code, case_ids=chosen)
        messages.success(
            request,
            _("已生成清册 %(numbers)s，请乡镇确认") % {"numbers": "、".join(batch.number for batch in batches)},
        )
        return redirect("relief_to_bank")
    page = Paginator(queries.cases_to_send(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "assistance/relief/to_bank.html", {"page": page, "rows": _rows(page.object_list)})
