"""The community's pages of passes: the list, one given by name, another for a lost one, sheets of cards, the deny list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import roles_required
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.documents import paper_response
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.denials import decide_denial, deny_passes, propose_denial
from ..commands.passes import issue_named_pass, passes_to_print, replace_pass
from ..forms.passes import DenialForm, NamedPassForm, PassQuery, ReplaceForm, chosen_passes
from ..models import Pass, PassDenial
from ..papers.cards import card_sheet
from ..papers.slips import log_sheet, slip_sheet
from ..policies_residents import READERS, REGISTRARS, can_decide_denials, can_register
from ..queries.estates_public import estates_of, get_estate_of
from ..queries.passes import (
    denials_for,
    get_pass_for,
    get_proposal_for,
    holder_words,
    list_passes_for,
    passes_with_ids,
    proposals_for,
)
from ..states import DENIED_ALONE_MAX
from .lists import page_of, wanted
from .words import pass_words

_PAGE = 100
_PROPOSALS_SHOWN = 20


@require_GET
@roles_required(*READERS)
def pass_list(request: ActorRequest) -> HttpResponseBase:
    estates = list(estates_of(request.actor))
    query = PassQuery(request.GET, estates=estates)
    values = wanted(query)
    found = list_passes_for(
        request.actor,
        standing=values.get("standing", ""),
        estate_id=values.get("estate"),
        kind=values.get("kind"),
        building=values.get("building", "").strip(),
        text=values.get("q", "").strip(),
    )
    if "format" in request.GET:
        return table_download(_("通行证"), _columns(), _exported(found), request.GET["format"])
    page = page_of(request, found, _PAGE)
    now = clock.now()
    context = {
        "query": query,
        "page": page,
        "rows": [(one, *pass_words(one, now)) for one in page],
        "can_register": can_register(request.actor),
        "denial": DenialForm(initial={"request_id": new_id()}),
        "alone_max": DENIED_ALONE_MAX,
    }
    return render(request, "gates/passes/list.html", context)


@require_http_methods(["GET", "POST"])
@roles_required(*REGISTRARS)
def pass_new(request: ActorRequest) -> HttpResponse:
    """For staff, a helper, an institution's people, a guest whom nobody here hosts."""
    estates = list(estates_of(request.actor))
    form = NamedPassForm(request.POST or None, estates=estates, initial={"request_id": new_id()})
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            made = issue_named_pass(
                actor=request.actor,
                request_id=form.cleaned_data["request_id"],
                estate_id=form.cleaned_data["estate"],
                named=form.named(),
            )
            return redirect("pass_detail", made.id)
    context = {"form": form, "has_estates": bool(estates)}
    return render(request, "gates/passes/new.html", context, status=422 if form.errors else 200)


@require_GET
@roles_required(*READERS)
def pass_detail(request: ActorRequest, pass_id: int) -> HttpResponse:
    """One pass, without its code: that is on the card and on the holder's phone."""
    one = get_pass_for(request.actor, pass_id)
    name, tail = holder_words(one)
    label, tone = pass_words(one, clock.now())
    is_live = tone in ("done", "waiting")
    context = {
        "one": one,
        "label": label,
        "tone": tone,
        "name": name,
        "tail": tail,
        "may_act": can_register(request.actor) and is_live,
        "replace": ReplaceForm(),
        "denial": DenialForm(initial={"request_id": new_id()}),
    }
    return render(request, "gates/passes/detail.html", context)


@require_POST
def pass_replace(request: ActorRequest, pass_id: int) -> HttpResponse:
    form = ReplaceForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    made = replace_pass(actor=request.actor, pass_id=pass_id, reason=reason)
    messages.success(request, _("原来的通行证已作废，新的已签发。"))
    return redirect("pass_detail", made.id)


@require_POST
def pass_cards(request: ActorRequest) -> HttpResponseBase:
    """The chosen passes as an A4 sheet of cards, noted as printed."""
    passes = passes_to_print(actor=request.actor, pass_ids=chosen_passes(request.POST.getlist("pass")))
    return paper_response(card_sheet(passes), request.POST.get("format", "pdf"), name=_("通行证"))


@require_GET
@roles_required(*READERS)
def estate_paper(request: ActorRequest, estate_id: int, paper: str) -> HttpResponseBase:
    """Today's slips, or a blank log sheet of the gate."""
    estate = get_estate_of(request.actor, estate_id)
    papers = {"slips": slip_sheet, "log": log_sheet}
    if paper not in papers:
        raise Invalid(_("没有这种纸表"), reason="estate_paper")
    made = papers[paper](estate, clock.today())
    return paper_response(made, request.GET.get("format", "pdf"), name=f"{made.title}_{estate.name}")


@require_GET
@roles_required(*READERS)
def paper_list(request: ActorRequest) -> HttpResponse:
    """What can be printed for each estate."""
    page = page_of(request, estates_of(request.actor))
    return render(request, "gates/passes/papers.html", {"page": page})


@require_GET
@roles_required(*READERS)
def denial_list(request: ActorRequest) -> HttpResponseBase:
    """Passes that are out of use, and what waits for a second officer."""
    found = denials_for(request.actor)
    if "format" in request.GET:
        return table_download(_("作废清单"), _denial_columns(), _denied(found), request.GET["format"])
    page = page_of(request, found)
    proposals = proposals_for(request.actor)[:_PROPOSALS_SHOWN]
    may_decide = can_decide_denials(request.actor)
    context = {
        "page": page,
        "rows": [(one, *holder_words(one.denied)) for one in page],
        "proposals": [
            (one, may_decide and one.decided_at is None and one.recorded_by != request.actor.user_id)
            for one in proposals
        ],
    }
    return render(request, "gates/passes/denials.html", context)


@require_POST
def denial_new(request: ActorRequest) -> HttpResponse:
    """The chosen passes go out of use; more than twenty are proposed to a second officer."""
    form = DenialForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择作废原因"), reason="denial.reason")
    ids, reason = chosen_passes(request.POST.getlist("pass")), form.cleaned_data["reason"]
    if len(set(ids)) > DENIED_ALONE_MAX:
        proposal_id = form.cleaned_data["request_id"]
        proposal = propose_denial(actor=request.actor, proposal_id=proposal_id, pass_ids=ids, reason=reason)
        said = {"count": len(proposal.pass_ids)}
        messages.success(request, _("已提出作废 %(count)s 张，等另一名工作人员复核。") % said, extra_tags="waiting")
    else:
        denied = deny_passes(actor=request.actor, pass_ids=ids, reason=reason)
        messages.success(request, _("已作废 %(count)s 张。") % {"count": len(denied)})
    return redirect("denial_list")


@require_GET
@roles_required(*READERS)
def denial_proposal(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """What a second officer looks through before the word."""
    proposal = get_proposal_for(request.actor, proposal_id)
    now = clock.now()
    may_decide = can_decide_denials(request.actor) and proposal.recorded_by != request.actor.user_id
    context = {
        "proposal": proposal,
        "rows": [(one, *pass_words(one, now)) for one in passes_with_ids(request.actor, proposal.pass_ids)],
        "may_decide": may_decide and proposal.decided_at is None,
    }
    return render(request, "gates/passes/proposal.html", context)


@require_POST
def denial_decide(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    is_confirmed = request.POST.get("decision") == "confirm"
    decide_denial(actor=request.actor, proposal_id=proposal_id, is_confirmed=is_confirmed)
    messages.success(request, _("已作废。") if is_confirmed else _("已退回，不作废。"))
    return redirect("denial_list")


def _columns() -> list[Column]:
    return [
        Column("number", _("编号"), kind=Kind.CODE),
        Column("kind", _("种类")),
        Column("estate", _("小区")),
        Column("building", _("楼号"), kind=Kind.CODE),
        Column("room", _("房号"), kind=Kind.CODE),
        Column("name", _("姓名")),
        Column("tail", _("证件后四位"), kind=Kind.CODE),
        Column("until", _("有效期到"), kind=Kind.DATE),
        Column("state", _("状态")),
    ]


def _exported(found: Iterable[Pass]) -> Iterator[dict[str, Value]]:
    now = clock.now()
    for one in found:
        name, tail = holder_words(one)
        home = one.holder.registration if one.holder else None
        yield {
            "number": str(one.id),
            "kind": one.get_kind_display(),
            "estate": one.estate.name,
            "building": home.building if home else "",
            "room": home.room if home else "",
            "name": name,
            "tail": tail,
            "until": one.expires_at.astimezone(clock.TZ).date(),
            "state": pass_words(one, now)[0],
        }


def _denial_columns() -> list[Column]:
    return [
        Column("number", _("编号"), kind=Kind.CODE),
        Column("kind", _("种类")),
        Column("estate", _("小区")),
        Column("reason", _("作废原因")),
        Column("at", _("作废时间")),
    ]


def _denied(found: Iterable[PassDenial]) -> Iterator[dict[str, Value]]:
    for one in found:
        yield {
            "number": str(one.denied_id),
            "kind": one.denied.get_kind_display(),
            "estate": one.denied.estate.name,
            "reason": one.get_reason_display(),
            "at": f"{one.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        }
