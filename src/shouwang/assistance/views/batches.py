"""Pages of one list: its state and sums, the next step for the person who looks, its lines, the bank's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.documents import paper_response
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value
from shouwang.ledger.public import may_read_the_book

from ..bank_files import PROFILES, profile_choices, read_return
from ..commands.batches import (
    approve_batch,
    approve_funds,
    confirm_townships,
    reconcile_batch,
    send_batch,
    take_bank_file,
)
from ..commands.corrections import reverse_payment, withdraw_line
from ..commands.returns import receive_return
from ..commands.sending_back import send_back_batch
from ..forms.payments import LineQuery, ReasonForm, ReturnForm, StepForm
from ..models import BatchMove, PaymentAttempt, PaymentBatch
from ..papers.township_list import township_list
from ..policies import CANCELS_LINES, CORRECTS_PAYMENTS, FILES_AGREEMENTS, TAKES_BANK_FILES
from ..queries.batches import (
    get_batch_for,
    get_line_for,
    get_part_for,
    line_totals,
    list_lines_for,
    may_send_back,
    moves_of,
    next_step,
    part_states,
    reconciliation,
)
from ..queries.cards import flagged_lines_for
from ..states import CHAIN, STEP_OF, AttemptState, BatchState, BatchVerb
from .tones import ATTEMPT_TONES, BATCH_TONES

PAGE_SIZE = 50
OWN_FORMAT = "own"
FLAGGED_SHOWN = 100


@require_GET
def batch_page(request: ActorRequest, batch_id: UUID) -> HttpResponseBase:
    batch = get_batch_for(request.actor, batch_id)
    return _batch_page(request, batch, ReturnForm())


def _batch_page(request: ActorRequest, batch: PaymentBatch, return_form: ReturnForm) -> HttpResponseBase:
    parts = part_states(request.actor, batch)
    names = area_names([batch.area_code, *(state.part.area_code for state in parts)])
    townships = [(str(s.part.area_code), names.get(s.part.area_code, "")) for s in parts]
    query = LineQuery(request.GET, townships=townships)
    wanted = query.wanted()
    lines = list_lines_for(request.actor, batch, township=wanted.get("township"), state=wanted.get("state", ""))
    if "format" in request.GET:
        title = _("清册明细 %(number)s") % {"number": batch.number}
        return table_download(title, _line_columns(), _line_rows(lines), request.GET["format"])
    # Cut to the page first and joined after: a county's list has ten thousand lines.
    page = Paginator(lines.values_list("id", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(lines.filter(id__in=list(page)))
    step = next_step(request.actor, batch)
    flagged = flagged_lines_for(request.actor, batch)
    moves = moves_of(batch)
    context = {
        "batch": batch,
        "tone": BATCH_TONES[batch.state],
        "query": query,
        "page": page,
        "rows": [(line, ATTEMPT_TONES[line.state]) for line in shown],
        "line_areas": full_names([line.area_code for line in shown]),
        "names": names,
        "parts": parts,
        "totals": [(AttemptState(s).label, ATTEMPT_TONES[s], *sums) for s, sums in line_totals(batch).items()],
        "next": step,
        "step_form": StepForm(initial={"version": batch.version}),
        "may_send_back": may_send_back(request.actor, batch),
        "send_back_form": ReasonForm(auto_id="send-back-%s"),
        "return_form": return_form,
        "may_receive": request.actor.role in STEP_OF[BatchVerb.RECEIVE].roles
        and request.actor.scope.contains(batch.area_code)
        and batch.state in STEP_OF[BatchVerb.RECEIVE].from_states,
        "may_take_file": request.actor.role in TAKES_BANK_FILES
        and request.actor.scope.contains(batch.area_code)
        and batch.bank_file_hash is not None,
        "flagged": flagged,
        "flagged_shown": flagged[:FLAGGED_SHOWN],
        "may_file": request.actor.role in FILES_AGREEMENTS,
        "profiles": profile_choices(),
        "sums": reconciliation(batch) if batch.bank_file_hash is not None else None,
        "steps": _steps(batch, moves),
        "moves": [_timeline(move, names) for move in moves],
    }
    status = 422 if return_form.errors else 200
    return render(request, "assistance/payments/batch_page.html", context, status=status)


def _steps(batch: PaymentBatch, moves: list[BatchMove]) -> list[SimpleNamespace]:
    """The chain as a bar: what is done, by whom, and what comes next."""
    is_going = batch.state in CHAIN
    reached = CHAIN.index(BatchState(batch.state)) if is_going else 0
    officers = {
        move.to_state: move.actor_name
        for move in reversed(moves)
        if move.from_state != move.to_state and (move.round == batch.round or move.verb == BatchVerb.OPEN)
    }
    return [
        SimpleNamespace(
            label=state.label,
            state="done" if position <= reached else "current" if is_going and position == reached + 1 else "todo",
            note=officers.get(state.value, ""),
        )
        for position, state in enumerate(CHAIN)
    ]


def _timeline(move: BatchMove, names: dict[int, str]) -> SimpleNamespace:
    place = names.get(move.township_code, "") if move.township_code else ""
    text = " ".join(part for part in (place, move.note) if part)
    tone = "overdue" if move.verb in (BatchVerb.SEND_BACK, BatchVerb.REOPEN_PART, BatchVerb.VOID) else ""
    return SimpleNamespace(
        at=move.recorded_at, title=BatchVerb(move.verb).label, who=move.actor_name, text=text, tone=tone
    )


def _line_columns() -> list[Column]:
    return [
        Column("line", _("序号"), kind=Kind.COUNT),
        Column("payee", _("领款人")),
        Column("area", _("区划")),
        Column("account", _("账号")),
        Column("amount", _("金额"), kind=Kind.AMOUNT),
        Column("state", _("发放状态")),
        Column("reason", _("退票原因")),
    ]


def _line_rows(lines: QuerySet[PaymentAttempt]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(lines, 2_000):
        chunk = list(pieces)
        names = full_names([line.area_code for line in chunk])
        for line in chunk:
            payee = line.payable.payee
            yield {
                "line": line.line_number,
                "payee": crypto.mask_name(payee.name) if payee else "",
                "area": names.get(line.area_code, ""),
                "account": f"****{line.account.account_tail}" if line.account else "",
                "amount": line.amount_fen,
                "state": line.get_state_display(),
                "reason": line.return_reason,  # type: ignore[attr-defined]  # annotated by the query
            }


_DECISIONS: dict[str, Callable[..., object]] = {
    BatchVerb.APPROVE: approve_batch,
    BatchVerb.APPROVE_FUNDS: approve_funds,
}
_CLOSINGS: dict[str, Callable[..., object]] = {BatchVerb.SEND: send_batch, BatchVerb.RECONCILE: reconcile_batch}


@require_POST
def batch_step(request: ActorRequest, batch_id: UUID, verb: str) -> HttpResponse:
    form = StepForm(request.POST)
    form.is_valid()
    version, note = form.cleaned_data.get("version"), form.cleaned_data.get("note", "")
    if verb == BatchVerb.CONFIRM:
        confirm_townships(actor=request.actor, batch_id=batch_id, note=note)
    elif verb in _DECISIONS:
        _DECISIONS[verb](actor=request.actor, batch_id=batch_id, expected_version=version, note=note)
    elif verb in _CLOSINGS:
        _CLOSINGS[verb](actor=request.actor, batch_id=batch_id, expected_version=version)
    else:
        raise Http404
    messages.success(request, _("“%(verb)s”已办理。") % {"verb": BatchVerb(verb).label})
    return redirect("batch_page", batch_id)


@require_POST
def batch_send_back(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    step, form = StepForm(request.POST), ReasonForm(request.POST)
    step.is_valid()
    send_back_batch(
        actor=request.actor,
        batch_id=batch_id,
        reason=form.cleaned_data["reason"] if form.is_valid() else "",
        expected_version=step.cleaned_data.get("version"),
    )
    messages.success(request, _("清册已退回，乡镇核对后重新确认。"))
    return redirect("batch_page", batch_id)


@require_POST
def batch_file(request: ActorRequest, batch_id: UUID, file_format: str) -> HttpResponse:
    """A POST, for taking the file is an act that is written down. `own` is the form of the unit's bank."""
    if file_format != OWN_FORMAT and file_format not in PROFILES:
        raise Http404
    wanted = "" if file_format == OWN_FORMAT else file_format
    batch, profile, content = take_bank_file(actor=request.actor, batch_id=batch_id, file_format=wanted)
    response = HttpResponse(content, content_type=profile.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{batch.number}.{profile.suffix}"'
    return response


@require_GET
def batch_paper(request: ActorRequest, batch_id: UUID, area_code: int, file_format: str) -> HttpResponseBase:
    """The list of one township, to be signed and filed."""
    batch = get_batch_for(request.actor, batch_id)
    part = get_part_for(request.actor, batch, area_code)
    lines = list(list_lines_for(request.actor, batch, township=area_code))
    paper = township_list(batch, part, lines)
    return paper_response(paper, file_format, name=f"{paper.title}_{batch.number}_{area_code}")


@require_POST
def batch_return(request: ActorRequest, batch_id: UUID) -> HttpResponseBase:
    form = ReturnForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_shown_in(form):
            upload = form.cleaned_data["workbook"]
            returned = read_return(upload.file, upload.name)
            taken = receive_return(
                actor=request.actor,
                batch_id=batch_id,
                answers=returned.answers,
                fingerprint=returned.fingerprint,
                declared_fen=returned.declared_fen,
            )
            messages.success(
                request,
                _(
                    "已读入回盘：到账 %(paid)s 笔，退票 %(returned)s 笔，原已读入 %(same)s 笔，还有 %(open)s 笔没有结果。"
                )
                % {
                    "paid": taken.paid_count,
                    "returned": taken.returned_count,
                    "same": taken.unchanged_count,
                    "open": taken.open_count,
                },
            )
            return redirect("batch_page", batch_id)
    return _batch_page(request, get_batch_for(request.actor, batch_id), form)


@require_GET
def payment_line(request: ActorRequest, attempt_id: UUID) -> HttpResponse:
    line = get_line_for(request.actor, attempt_id)
    role = request.actor.role
    is_drafted = line.batch is not None and line.batch.state == BatchState.DRAFTED
    verb = ""
    if line.state == AttemptState.OPEN and is_drafted and role in CANCELS_LINES:
        verb = "withdraw"
    elif (
        line.state == AttemptState.SUCCEEDED and role in CORRECTS_PAYMENTS and line.batch and not line.batch.is_history
    ):
        verb = "reverse"
    context = {
        "line": line,
        "tone": ATTEMPT_TONES[line.state],
        "outcomes": line.outcomes.select_related("entry").order_by("recorded_at"),
        "opens_entries": may_read_the_book(request.actor),
        "persons": line.payable.persons.select_related("person"),
        "siblings": line.payable.attempts.exclude(pk=line.pk).select_related("batch").order_by("recorded_at"),
        "area_name": full_names([line.area_code]).get(line.area_code, ""),
        "verb": verb,
        "form": ReasonForm(),
        "today": clock.today(),
    }
    return render(request, "assistance/payments/line_page.html", context)


@require_POST
def line_correct(request: ActorRequest, attempt_id: UUID, verb: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if verb == "withdraw":
        withdraw_line(actor=request.actor, attempt_id=attempt_id, reason=reason)
        messages.success(request, _("已从清册撤下。"))
    elif verb == "reverse":
        reverse_payment(actor=request.actor, attempt_id=attempt_id, reason=reason)
        messages.success(request, _("已冲回，账本同时更正。"))
    else:
        raise Http404
    return redirect("payment_line", attempt_id)
