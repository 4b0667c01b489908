"""Pages of grants: who is in force, what each is paid and why, and a change of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.grants import GrantChange, change_grants
from ..forms.payments import GrantChangeForm, GrantQuery
from ..models import Grant
from ..policies import KEEPS_GRANTS
from ..queries.grants import amount_history, get_grant_for, heads_of, list_grants_for
from ..queries.parameter_pages import placeholder_words
from ..queries.reviews import asked_kind, waiting_reviews_for
from ..rules.monthly import month_of
from ..states import ChangeCause, GrantChangeKind

PAGE_SIZE = 50


@require_GET
def grant_list(request: ActorRequest) -> HttpResponseBase:
    query = GrantQuery(request.GET)
    wanted, month = query.wanted(), query.chosen_month()
    grants = list_grants_for(
        request.actor,
        month=month,
        programme=wanted.get("programme", ""),
        spans=query.spans(),
        in_force=wanted.get("in_force", ""),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        return table_download(_("在保对象"), _columns(), _rows(grants, month), request.GET["format"])
    page = Paginator(grants, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "month": month,
        "page": page,
        "rows": _with_heads(list(page), month),
        "names": area_names([grant.area_code for grant in page]),
        "may_keep": request.actor.role in KEEPS_GRANTS,
        "waiting_count": waiting_reviews_for(request.actor).count(),
        "placeholders": placeholder_words(
            [wanted["programme"]] if wanted.get("programme") else sorted({grant.programme for grant in page}),
            wanted.get("area") or request.actor.area_code,
            month,
        ),
    }
    return render(request, "assistance/payments/grant_list.html", context)


def _with_heads(grants: list[Grant], month: date) -> list[tuple[Grant, str]]:
    heads = heads_of(grants, on=month)
    return [(grant, heads.get(grant.id, "")) for grant in grants]


def _columns() -> list[Column]:
    return [
        Column("programme", _("救助类别")),
        Column("name", _("户主或本人")),
        Column("area", _("区划")),
        Column("starts", _("起始月份"), kind=Kind.DATE),
        Column("amount", _("每月金额"), kind=Kind.AMOUNT),
        Column("origin", _("来源")),
    ]


def _rows(grants: QuerySet[Grant], month: date) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(grants, 2_000):
        chunk = list(pieces)
        names = full_names([grant.area_code for grant in chunk])
        for grant, name in _with_heads(chunk, month):
            yield {
                "programme": grant.get_programme_display(),
                "name": crypto.mask_name(name) if name else "",
                "area": names.get(grant.area_code, ""),
                "starts": grant.starts_on,
                "amount": grant.monthly_fen,  # type: ignore[attr-defined]  # annotated by the query
                "origin": grant.get_origin_display(),
            }


@require_GET
def grant_page(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    return _grant_page(request, grant_id, GrantChangeForm(initial={"request_id": new_id()}))


@require_POST
def grant_change(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    form = GrantChangeForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        change = GrantChange(
            grant_id=grant_id,
            kind=GrantChangeKind(values["kind"]),
            valid_from=values["valid_from"],
            monthly_fen=values["amount"],
            cause=ChangeCause(values["cause"]),
            reason=values["reason"],
            change_id=values["request_id"],
        )
        with refusals_shown_in(form):
            made = change_grants(actor=request.actor, changes=[change])
            if made.postponed:
                messages.warning(
                    request, _("暂缓退出期间不停发、不减发：这次变更没有生效，已列入待复核。"), extra_tags="waiting"
                )
            else:
                messages.success(request, _("变更已登记。"))
            return redirect("grant_page", grant_id)
    return _grant_page(request, grant_id, form)


def _grant_page(request: ActorRequest, grant_id: UUID, form: GrantChangeForm) -> HttpResponse:
    grant = get_grant_for(request.actor, grant_id)
    payables = grant.payables.prefetch_related("attempts").order_by("-benefit_month")[:24]
    context = {
        "grant": grant,
        "amounts": amount_history(grant),
        "reviews": [(review, asked_kind(review)) for review in waiting_reviews_for(request.actor, grant=grant)],
        "payables": payables,
        "area_name": full_names([grant.area_code]).get(grant.area_code, ""),
        "placeholders": placeholder_words([grant.programme], grant.area_code, month_of(clock.today())),
        "may_change": request.actor.role in KEEPS_GRANTS,
        "form": form,
    }
    return render(request, "assistance/payments/grant_page.html", context, status=422 if form.errors else 200)
