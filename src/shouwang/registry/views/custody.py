"""Whose record it is: merging two records of one person, and transfers between counties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.merges import merge_persons, unmerge_persons
from ..commands.transfers import refuse_transfer, request_transfer, transfer_household, withdraw_transfer
from ..forms import AnswerForm, ReasonForm, TransferForm
from ..models import Transfer
from ..policies import can_hand_over, can_write
from ..queries.as_of import membership_of, person_facts_as_of
from ..queries.duplicates import DuplicatePair, possible_duplicates
from ..queries.lists import transfers_for
from ..queries.people import get_person_for
from ..states import PersonFactKind, Relation, TransferState
from ..wording import kind_words, value_words
from .common import bound, form_page, page_of, refusals_shown_in

TONES = {
    TransferState.REQUESTED: "waiting",
    TransferState.HANDED_OVER: "done",
    TransferState.REFUSED: "overdue",
    TransferState.WITHDRAWN: "stopped",
}


@require_GET
def duplicate_list(request: ActorRequest) -> HttpResponseBase:
    """Pairs that may be one person; a person decides."""
    pairs = possible_duplicates(request.actor)
    if "format" in request.GET:
        return table_download(_("疑似重复"), _pair_columns(), _pair_rows(pairs), request.GET["format"])
    return render(request, "registry/duplicate_list.html", {"pairs": pairs})


def _pair_columns() -> list[Column]:
    return [
        Column("name", _("姓名"), kind=Kind.NAME),
        Column("birth_on", _("出生日期"), kind=Kind.DATE),
        Column("area", _("区划")),
        Column("tail", _("建议保留（证件号后四位）"), kind=Kind.CODE),
        Column("reason", _("可能重复（无证原因）")),
    ]


def _pair_rows(pairs: Iterable[DuplicatePair]) -> Iterator[dict[str, Value]]:
    known = list(pairs)
    names = full_names([pair.duplicate.area_code for pair in known])
    for pair in known:
        yield {
            "name": pair.survivor.name,
            "birth_on": pair.survivor.birth_on,
            "area": names.get(pair.duplicate.area_code, ""),
            "tail": pair.survivor.id_tail or str(pair.survivor.get_no_id_reason_display()),
            "reason": str(pair.duplicate.get_no_id_reason_display()),
        }


@require_http_methods(["GET", "POST"])
def person_merge(request: ActorRequest, survivor_id: UUID, duplicate_id: UUID) -> HttpResponse:
    """Both records side by side; the left one stays."""
    survivor = get_person_for(request.actor, survivor_id)
    duplicate = get_person_for(request.actor, duplicate_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            reason = form.cleaned_data["reason"]
            merge_persons(actor=request.actor, duplicate_id=duplicate_id, survivor_id=survivor_id, reason=reason)
            messages.success(request, _("已合并。需要时可以在人员页面撤销。"))
            return redirect("person_detail", survivor_id)
    ids, today = [survivor_id, duplicate_id], clock.today()
    facts = person_facts_as_of(ids, list(PersonFactKind), on=today)
    places = membership_of(ids, on=today)
    areas = full_names([survivor.area_code, duplicate.area_code])
    sides = [
        {
            "person": person,
            "area": areas.get(person.area_code, ""),
            "relation": Relation(places[person.id][1]).label if places.get(person.id, (None, ""))[1] else "",
            "facts": [(kind_words(kind), value_words(kind, value)) for kind, value in facts[person.id].items()],
        }
        for person in (survivor, duplicate)
    ]
    return form_page(request, "registry/person_merge.html", form, sides=sides, survivor=survivor, duplicate=duplicate)


@require_http_methods(["GET", "POST"])
def person_unmerge(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = get_person_for(request.actor, person_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            unmerge_persons(actor=request.actor, duplicate_id=person_id, reason=form.cleaned_data["reason"])
            messages.success(request, _("已撤销合并。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=_("撤销合并"), person=person)


@require_GET
def transfer_list(request: ActorRequest) -> HttpResponseBase:
    transfers = transfers_for(request.actor)
    if "format" in request.GET:
        return table_download(_("跨县移交"), _transfer_columns(), _transfer_rows(transfers), request.GET["format"])
    page = page_of(request, transfers)
    names = full_names([code for transfer in page for code in (transfer.area_code, transfer.from_area_code)])
    rows = [
        {
            "transfer": transfer,
            "to": names.get(transfer.area_code, ""),
            "from": names.get(transfer.from_area_code, ""),
            "tone": TONES[TransferState(transfer.state)],
            **_may(request, transfer),
        }
        for transfer in page
    ]
    context = {"page": page, "rows": rows, "can_write": can_write(request.actor), "answer_form": AnswerForm()}
    return render(request, "registry/transfer_list.html", context)


def _transfer_columns() -> list[Column]:
    return [
        Column("name", _("姓名")),
        Column("from", _("登记地")),
        Column("to", _("申请地")),
        Column("extent", _("范围")),
        Column("reason", _("理由")),
        Column("state", _("状态")),
        Column("answer", _("答复")),
        Column("recorded", _("申请时间")),
    ]


def _transfer_rows(transfers: Iterable[Transfer]) -> Iterator[dict[str, Value]]:
    known = list(transfers)
    names = full_names([code for transfer in known for code in (transfer.area_code, transfer.from_area_code)])
    for transfer in known:
        yield {
            "name": transfer.masked_name,
            "from": names.get(transfer.from_area_code, ""),
            "to": names.get(transfer.area_code, ""),
            "extent": _("整户") if transfer.with_household else _("本人"),
            "reason": transfer.reason,
            "state": str(transfer.get_state_display()),
            "answer": transfer.answer,
            "recorded": f"{transfer.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        }


@require_http_methods(["GET", "POST"])
def transfer_new(request: ActorRequest) -> HttpResponse:
    initial = {"request_id": new_id(), "moved_on": clock.today(), "with_household": "1"}
    if "prefill" in request.POST:  # from a form that met the number: posted, so that no address carries it
        said = {name: request.POST.get(name, "") for name in ("id_number", "area")}
        form = TransferForm(initial={**initial, **said})
        return form_page(request, "registry/record_form.html", form, title=_("申请移交"))
    form = bound(request, TransferForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            transfer = request_transfer(
                actor=request.actor,
                id_number=values["id_number"],
                to_area_code=values["area"],
                with_household=values["with_household"],
                moved_on=values["moved_on"],
                reason=values["reason"],
                transfer_id=values["request_id"],
            )
            messages.success(request, _("已向登记地发出移交申请（%(name)s）。") % {"name": transfer.masked_name})
            return redirect("transfer_list")
    return form_page(request, "registry/record_form.html", form, title=_("申请移交"))


@require_POST
def transfer_answer(request: ActorRequest, transfer_id: UUID) -> HttpResponse:
    """Hand over, refuse or withdraw, by the button pressed."""
    form = AnswerForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    if "hand_over" in request.POST:
        transfer_household(actor=request.actor, transfer_id=transfer_id, answer=answer)
        messages.success(request, _("已移交。"))
    elif "refuse" in request.POST:
        refuse_transfer(actor=request.actor, transfer_id=transfer_id, answer=answer)
        messages.success(request, _("已退回。"))
    elif "withdraw" in request.POST:
        withdraw_transfer(actor=request.actor, transfer_id=transfer_id)
        messages.success(request, _("已撤回。"))
    return redirect("transfer_list")


def _may(request: ActorRequest, transfer: Transfer) -> dict[str, bool]:
    """Which buttons the actor sees; the command decides again."""
    is_open = transfer.state == TransferState.REQUESTED
    gives = request.actor.scope.contains(transfer.from_area_code)
    asks = request.actor.scope.contains(transfer.area_code)
    return {
        "may_answer": is_open and gives and can_hand_over(request.actor),
        "may_withdraw": is_open and asks and can_write(request.actor),
    }
