"""What a measure made differ from the ordinary outcome, to be decided grant by grant when the measure is lifted.

A grant is listed when a change of it waits for review, or when it goes on and its last paid line differs from its
ordinary outcome. What is linked to others' grants is not listed: there nobody has anything to decide. Nothing is cut off
in bulk: each row leads to the officer's own decision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import Span, spans_q

from ..models import Grant, GrantAmount, PostponedReview, ReviewSettlement, RunLine
from ..policies import ensure_may_read_payments
from ..rules.benefits.reasons import WORDS, reasons_of
from ..rules.monthly import month_of
from ..rules.places import PayingUnits
from ..states import ChangeCause, ReviewDecision
from .places import paying_units
from .reviews import asked_of, list_reviews_for

_UNIT_AT_MOST = 10**9


@dataclass(frozen=True, slots=True)
class LiftedRow:
    """One grant: what was paid last, the ordinary outcome, why they differ; `review_id` None: nothing waits to be
    settled, and the page of its calculation says what ended."""

    subject_id: UUID
    grant_id: UUID
    programme: str
    area_code: int
    month: date | None
    paid_fen: int
    ordinary_fen: int
    why: str
    review_id: UUID | None
    line_id: UUID | None

    @property
    def difference_fen(self) -> int:
        return self.paid_fen - self.ordinary_fen


@dataclass(frozen=True, slots=True)
class UnitDifference:
    unit_code: int
    count: int
    difference_fen: int


def list_lifted_for(actor: Actor, *, programme: str = "", spans: Sequence[Span] | None = None) -> list[LiftedRow]:
    """The rows of the actor's area, the largest difference first."""
    ensure_may_read_payments(actor)
    reviews = {review.grant_id: review for review in _reviews(actor, programme, spans)}
    paid = _last_lines(list(reviews))
    rows = [_row_of_review(review, paid.get(grant_id)) for grant_id, review in reviews.items()]
    rows += [_row_of_line(line) for line in _kept_lines(actor, programme, spans) if line.grant_id not in reviews]
    return sorted(rows, key=lambda row: (-abs(row.difference_fen), row.area_code, str(row.subject_id)))


def unit_differences(actor: Actor, rows: Sequence[LiftedRow]) -> list[UnitDifference]:
    """By paying unit; a township has only its own rows and no table of units."""
    if actor.area_code % _UNIT_AT_MOST:
        return []
    sums: dict[int, list[int]] = defaultdict(list)
    units = paying_units(actor.area_code)
    directory = PayingUnits(units)
    for row in rows:
        unit = directory.of(row.area_code)
        if unit is not None:
            sums[unit.code].append(row.difference_fen)
    return [UnitDifference(unit.code, len(sums[unit.code]), sum(sums[unit.code])) for unit in units if sums[unit.code]]


def _kept_lines(actor: Actor, programme: str, spans: Sequence[Span] | None) -> Sequence[RunLine]:
    """The last paid line of each grant that goes on, where it differs and no officer has decided so since."""
    later = RunLine.objects.filter(
        subject_id=OuterRef("subject_id"),
        run__programme=OuterRef("run__programme"),
        run__benefit_month__gt=OuterRef("run__benefit_month"),
        payable__isnull=False,
    )
    applied = ReviewSettlement.objects.filter(
        review__grant_id=OuterRef("grant_id"),
        decision=ReviewDecision.APPLIED,
        recorded_at__gt=OuterRef("run__recorded_at"),
    )
    decided = GrantAmount.objects.filter(grant_id=OuterRef("grant_id")).order_by("-valid_from", "-recorded_at")
    lines = RunLine.objects.filter(
        actor.scope.q(),
        ~Q(amount_fen=F("ordinary_fen")),
        ~Exists(later),
        ~Exists(applied),
        grant__isnull=False,
        payable__isnull=False,
    ).annotate(decided_last_fen=Subquery(decided.values("monthly_fen")[:1]))
    lines = lines.filter(decided_last_fen__isnull=False)
    if programme:
        lines = lines.filter(run__programme=programme)
    if spans is not None:
        lines = lines.filter(spans_q(spans))
    return list(lines.select_related("run"))


def _last_lines(grant_ids: Collection[UUID]) -> dict[UUID | None, RunLine]:
    """The last line of each grant that was paid, by grant."""
    lines = RunLine.objects.filter(grant_id__in=grant_ids, payable__isnull=False)
    last = lines.order_by("grant_id", "-run__benefit_month").distinct("grant_id").select_related("run")
    return {line.grant_id: line for line in last}


def _reviews(actor: Actor, programme: str, spans: Sequence[Span] | None) -> Sequence[PostponedReview]:
    month = month_of(clock.today())
    # The smallest difference first: of a grant with two changes the larger one stands in the list.
    return list(list_reviews_for(actor, month=month, programme=programme, spans=spans))[::-1]


def _row_of_line(line: RunLine) -> LiftedRow:
    assert line.grant_id is not None, "lines without a grant are not asked for"
    return LiftedRow(
        line.subject_id,
        line.grant_id,
        line.run.programme,
        line.area_code,
        line.run.benefit_month,
        line.amount_fen,
        line.ordinary_fen,
        "；".join(_words(line)),
        None,
        line.id,
    )


def _row_of_review(review: PostponedReview, line: RunLine | None) -> LiftedRow:
    grant: Grant = review.grant
    subject_id = grant.household_id or grant.person_id
    assert subject_id is not None
    differs = line is not None and line.amount_fen != line.ordinary_fen
    paid_fen: int = line.amount_fen if line else review.paid_fen  # type: ignore[attr-defined]  # annotated by the query
    ordinary_fen = line.ordinary_fen if line and differs else asked_of(review)
    words = _words(line) if line and differs else []
    if not review.is_kept:
        is_named = review.cause != ChangeCause.OTHER
        words.append(f"{review.get_cause_display()}：{review.reason}" if is_named else review.reason)
    elif not differs:
        words.append(_("按规则不再少于现在的数额"))
    return LiftedRow(
        subject_id,
        grant.id,
        grant.programme,
        review.area_code,
        line.run.benefit_month if line else None,
        paid_fen,
        ordinary_fen,
        "；".join(words),
        review.id,
        line.id if line else None,
    )


def _words(line: RunLine) -> list[str]:
    return [str(WORDS[reason]) for reason in reasons_of(line.reasons)]
