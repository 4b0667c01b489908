"""代管协议: the register of cards that others hold."""

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

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value
from shouwang.registry.public import get_person_for

from ..commands.cards import Agreement, end_agreement, file_agreement
from ..forms.banking import AgreementForm
from ..forms.payments import ReasonForm
from ..models import CardAgreement
from ..policies import FILES_AGREEMENTS, ensure_may_file_agreement
from ..queries.cards import list_agreements_for

PAGE_SIZE = 50


@require_GET
def agreement_list(request: ActorRequest) -> HttpResponseBase:
    agreements = list_agreements_for(request.actor)
    if "format" in request.GET:
        return table_download(_("卡折代管"), _columns(), _rows(agreements), request.GET["format"])
    page = Paginator(agreements, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, *_standing(one)) for one in page],
        "names": full_names([one.area_code for one in page]),
        "may_file": request.actor.role in FILES_AGREEMENTS,
        "reason_form": ReasonForm(),
    }
    return render(request, "assistance/payments/agreement_list.html", context)


def _columns() -> list[Column]:
    return [
        Column("person", _("救助对象")),
        Column("place", _("区划")),
        Column("account", _("账号后四位")),
        Column("keeper", _("代管人")),
        Column("relation", _("与对象关系")),
        Column("document", _("协议编号")),
        Column("since", _("起始日期"), kind=Kind.DATE),
        Column("until", _("终止日期"), kind=Kind.DATE),
        Column("state", _("状态")),
    ]


def _rows(agreements: Iterable[CardAgreement]) -> Iterator[dict[str, Value]]:
    found = list(agreements)
    names = full_names([one.area_code for one in found])
    for one in found:
        yield {
            "person": one.person.name,
            "place": names.get(one.area_code, ""),
            "account": one.account_tail,
            "keeper": one.keeper_name,
            "relation": one.keeper_relation,
            "document": one.document_number,
            "since": one.valid_from,
            "until": one.ended_on or one.valid_until,
            "state": _standing(one)[0],
        }


def _standing(one: CardAgreement) -> tuple[str, str]:
    today = clock.today()
    if one.ended_on is not None:
        return _("已终止"), "stopped"
    if one.valid_until is not None and one.valid_until < today:
        return _("已到期"), "overdue"
    return (_("未到日期"), "waiting") if one.valid_from > today else (_("有效"), "done")


@require_http_methods(["GET", "POST"])
def agreement_new(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = get_person_for(request.actor, person_id)
    ensure_may_file_agreement(request.actor, person.area_code)
    form = AgreementForm(request.POST or None, initial={"valid_from": clock.today()})
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            values = form.cleaned_data
            file_agreement(
                actor=request.actor,
                agreement_id=values.pop("request_id"),
                person_id=person.id,
                agreement=Agreement(**values),
            )
            messages.success(request, _("代管协议已登记。"))
            return redirect("agreement_list")
    context = {"form": form, "person": person}
    return render(request, "assistance/payments/agreement_new.html", context, status=422 if form.errors else 200)


@require_POST
def agreement_end(request: ActorRequest, agreement_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    end_agreement(actor=request.actor, agreement_id=agreement_id, reason=reason)
    messages.success(request, _("代管协议已终止。"))
    return redirect("agreement_list")
