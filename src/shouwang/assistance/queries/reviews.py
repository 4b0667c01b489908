"""Changes that a pause of exits kept waiting: who they concern, how much hangs on them, whether they may be settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, spans_q
from shouwang.kernel.worklist import WorkItem
from shouwang.response.public import EffectiveMeasure, effective

from ..models import Grant, GrantAmount, PostponedReview, RunLine
from ..policies import KEEPS_GRANTS, ensure_may_read_payments
from ..rules.monthly import month_of
from ..states import GrantChangeKind


def asked_of(review: PostponedReview) -> int:
    """What the grant would pay, 0 for nothing: of a review that this module has read."""
    asked_fen: int = review.asked_fen  # type: ignore[attr-defined]  # annotated by the queries
    return asked_fen


def asked_kind(review: PostponedReview) -> GrantChangeKind:
    """What kind of a change that is by now."""
    if not review.is_kept:
        return GrantChangeKind(review.kind)
    return GrantChangeKind.CHANGE if asked_of(review) else GrantChangeKind.END


def pause_of_exits(area_code: int) -> EffectiveMeasure | None:
    """What keeps cuts and ends from taking effect in a place at this moment."""
    return effective("exit_paused", area_code, clock.now())


def waiting_reviews_for(actor: Actor, *, grant: Grant | None = None) -> QuerySet[PostponedReview]:
    """What nobody has settled yet, the oldest first."""
    ensure_may_read_payments(actor)
    reviews = PostponedReview.objects.filter(actor.scope.q(), settlement=None)
    if grant is not None:
        reviews = reviews.filter(grant=grant)
    return _asked(reviews).select_related("grant").order_by("recorded_at", "id")


def list_reviews_for(
    actor: Actor,
    *,
    month: date,
    is_settled: bool = False,
    programme: str = "",
    spans: Sequence[Span] | None = None,
) -> QuerySet[PostponedReview]:
    """Reviews with `paid_fen`, what the grant pays in `month`, `asked_fen`, what it would pay (see `asked_of`), and
    `less_fen`, how much less that is; the largest first."""
    ensure_may_read_payments(actor)
    reviews = PostponedReview.objects.filter(actor.scope.q(), settlement__isnull=not is_settled)
    if programme:
        reviews = reviews.filter(grant__programme=programme)
    if spans is not None:
        reviews = reviews.filter(spans_q(spans))
    return _ranked(reviews, month)


def get_review_for(actor: Actor, review_id: UUID) -> PostponedReview:
    """Raises NotFound, also for another county's review."""
    ensure_may_read_payments(actor)
    reviews = PostponedReview.objects.filter(actor.scope.q(), id=review_id)
    review = _ranked(reviews, month_of(clock.today())).first()
    if review is None:
        raise NotFound(_("没有这件待复核的变更，可能不在您的辖区"), review_id=review_id)
    return review


def reviews_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:  # noqa: ARG001  # one item, however many wait
    """For 今天: once the pause has ended, what it kept waiting is to be settled."""
    if actor.role not in KEEPS_GRANTS:
        return []
    count = waiting_reviews_for(actor).count()
    if not count or pause_of_exits(actor.area_code) is not None:
        return []
    return [
        WorkItem(
            kind=_("在保对象"),
            title=_("暂缓退出期间登记的变更 %(count)s 件") % {"count": count},
            action=_("复核"),
            url=reverse("lifted_list"),
        )
    ]


def _ranked(reviews: QuerySet[PostponedReview], month: date) -> QuerySet[PostponedReview]:
    latest = GrantAmount.objects.filter(grant_id=OuterRef("grant_id"), valid_from__lte=month)
    paid = latest.order_by("-valid_from", "-recorded_at").values("monthly_fen")[:1]
    return (
        _asked(reviews)
        .annotate(paid_fen=Coalesce(Subquery(paid), 0))
        .annotate(less_fen=F("paid_fen") - F("asked_fen"))
        .select_related("grant", "grant__person", "grant__household", "settlement")
        .order_by("-less_fen", "recorded_at", "id")
    )


def _asked(reviews: QuerySet[PostponedReview]) -> QuerySet[PostponedReview]:
    """With `asked_fen`: what an officer asked for; of what a run found, what the latest run said by the rules (before
    it was settled). Nothing is 0."""
    lines = RunLine.objects.filter(
        grant_id=OuterRef("grant_id"),
        run__recorded_at__lte=Coalesce(OuterRef("settlement__recorded_at"), Value(clock.now())),
    ).order_by("-run__benefit_month", F("payable_id").asc(nulls_last=True), "-run__recorded_at")
    wanted = Coalesce("wanted_fen", 0)
    by_the_rules = Coalesce(Subquery(lines.values("ordinary_fen")[:1]), wanted)
    return reviews.annotate(asked_fen=Case(When(is_kept=True, then=by_the_rules), default=wanted))
