"""Pages of what a pause of exits kept waiting: the list by amount, and each change with its two answers."""

from __future__ import annotations

from collections.abc import Iterator
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
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.reviews import apply_review, dismiss_review
from ..forms.reviews import ApplyForm, DismissForm, ReviewQuery
from ..models import PostponedReview
from ..policies import KEEPS_GRANTS
from ..queries.grants import heads_of
from ..queries.reviews import asked_kind, asked_of, get_review_for, list_reviews_for, pause_of_exits
from ..rules.monthly import month_of, next_month

PAGE_SIZE = 50


@require_GET
def review_list(request: ActorRequest) -> HttpResponseBase:
    query = ReviewQuery(request.GET)
    wanted = query.wanted()
    is_settled = wanted.get("state") == "settled"
    reviews = list_reviews_for(
        request.actor,
        month=month_of(clock.today()),
        is_settled=is_settled,
        programme=wanted.get("programme", ""),
        spans=query.spans(),
    )
    if "format" in request.GET:
        return table_download(_("暂缓变更复核"), _columns(), _rows(reviews), request.GET["format"])
    page = Paginator(reviews, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(review, name, asked_kind(review)) for review, name in _named(list(page))],
        "names": area_names([review.area_code for review in page]),
        "is_settled": is_settled,
        "is_paused": pause_of_exits(request.actor.area_code) is not None,
    }
    return render(request, "assistance/payments/review_list.html", context)


def _named(reviews: list[PostponedReview]) -> list[tuple[PostponedReview, str]]:
    """Each review with the name of its person or of the household's head."""
    heads = heads_of([review.grant for review in reviews], on=clock.today())
    return [(review, heads.get(review.grant_id, "")) for review in reviews]


def _columns() -> list[Column]:
    return [
        Column("programme", _("救助类别")),
        Column("name", _("户主或本人")),
        Column("area", _("区划")),
        Column("kind", _("变更")),
        Column("paid", _("现在每月金额"), kind=Kind.AMOUNT),
        Column("wanted", _("拟定金额"), kind=Kind.AMOUNT),
        Column("recorded", _("登记日期"), kind=Kind.DATE),
        Column("cause", _("原因类别")),
        Column("reason", _("原因")),
        Column("decision", _("复核")),
    ]


def _rows(reviews: QuerySet[PostponedReview]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(reviews, 2_000):
        chunk = list(pieces)
        names = full_names([review.area_code for review in chunk])
        for review, name in _named(chunk):
            settlement = getattr(review, "settlement", None)
            yield {
                "programme": review.grant.get_programme_display(),
                "name": crypto.mask_name(name) if name else "",
                "area": names.get(review.area_code, ""),
                "kind": str(asked_kind(review).label),
                "paid": review.paid_fen,  # type: ignore[attr-defined]  # annotated by the query
                "wanted": asked_of(review) or None,
                "recorded": review.recorded_at.astimezone(clock.TZ).date(),
                "cause": review.get_cause_display(),
                "reason": review.reason,
                "decision": settlement.get_decision_display() if settlement else _("等待复核"),
            }


@require_GET
def review_page(request: ActorRequest, review_id: UUID) -> HttpResponse:
    review = get_review_for(request.actor, review_id)
    first = max(review.valid_from, next_month(clock.today()))
    return _page(request, review, ApplyForm(initial={"valid_from": first}), DismissForm(auto_id="dismiss-%s"))


@require_POST
def review_settle(request: ActorRequest, review_id: UUID, decision: str) -> HttpResponse:
    if decision not in ("apply", "dismiss"):
        raise Http404
    is_applied = decision == "apply"
    apply_form = ApplyForm(request.POST if is_applied else None)
    dismiss_form = DismissForm(None if is_applied else request.POST, auto_id="dismiss-%s")
    form = apply_form if is_applied else dismiss_form
    if form.is_valid():
        with refusals_shown_in(form):
            if is_applied:
                apply_review(actor=request.actor, review_id=review_id, **form.cleaned_data)
                messages.success(request, _("变更已执行。"))
            else:
                dismiss_review(actor=request.actor, review_id=review_id, **form.cleaned_data)
                messages.success(request, _("已记为不予变更。"))
            return redirect("review_list")
    return _page(request, get_review_for(request.actor, review_id), apply_form, dismiss_form)


def _page(
    request: ActorRequest, review: PostponedReview, apply_form: ApplyForm, dismiss_form: DismissForm
) -> HttpResponse:
    settlement = getattr(review, "settlement", None)
    is_paused = pause_of_exits(review.area_code) is not None
    context = {
        "review": review,
        "name": heads_of([review.grant], on=clock.today()).get(review.grant_id, ""),
        "area_name": full_names([review.area_code]).get(review.area_code, ""),
        "settlement": settlement,
        "asked_kind": asked_kind(review),
        "is_no_less": review.is_kept and not settlement and review.less_fen <= 0,  # type: ignore[attr-defined]  # annotated
        "is_paused": is_paused,
        "may_settle": settlement is None and not is_paused and request.actor.role in KEEPS_GRANTS,
        "apply_form": apply_form,
        "dismiss_form": dismiss_form,
    }
    status = 422 if apply_form.errors or dismiss_form.errors else 200
    return render(request, "assistance/payments/review_page.html", context, status=status)
