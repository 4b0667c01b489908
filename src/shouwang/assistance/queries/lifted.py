"""What a measure made differ from the ordinary outcome, to be decided grant by grant when the measure is lifted.

A grant is listed when its last paid line differs from its ordinary outcome, or when a change of it waits for review.
Nothing is cut off in bulk: each row leads to the officer's own decision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import Span, spans_q

from ..models import Grant, PostponedReview, RunLine
from ..policies import ensure_may_read_payments
from ..rules.benefits.reasons import WORDS, reasons_of
from ..rules.monthly import month_of
from ..states import ChangeCause
from .places import paying_units
from .reviews import list_reviews_for

_UNIT_AT_MOST = 10**9


@dataclass(frozen=True, slots=True)
class LiftedRow:
    """One grant: what was paid last, the ordinary outcome, why they differ; `review_id` None: nothing waits to be
    settled, and the page of its calculation says what ended."""

    subject_id: UUID
    grant_id: UUID | None
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
    lines = {line.grant_id or line.subject_id: line for line in _last_lines(actor, programme, spans)}
    rows = [_row(lines.get(key), reviews.get(key)) for key in {*reviews, *lines}]
    return sorted(rows, key=lambda row: (-abs(row.difference_fen), row.area_code, str(row.subject_id)))


def unit_differences(actor: Actor, rows: Sequence[LiftedRow]) -> list[UnitDifference]:
    """By paying unit; a township has only its own rows and no table of units."""
    if actor.area_code % _UNIT_AT_MOST:
        return []
    sums: dict[int, list[int]] = defaultdict(list)
    units = paying_units(actor.area_code)
    for row in rows:
        unit = next((u for u in units if any(low <= row.area_code < high for low, high in u.spans)), None)
        if unit is not None:
            sums[unit.code].append(row.difference_fen)
    return [UnitDifference(unit.code, len(sums[unit.code]), sum(sums[unit.code])) for unit in units if sums[unit.code]]


def _last_lines(actor: Actor, programme: str, spans: Sequence[Span] | None) -> Sequence[RunLine]:
    later = RunLine.objects.filter(
        subject_id=OuterRef("subject_id"),
        run__programme=OuterRef("run__programme"),
        run__benefit_month__gt=OuterRef("run__benefit_month"),
        payable__isnull=False,
    )
    lines = RunLine.objects.filter(
        actor.scope.q(), ~Q(amount_fen=F("ordinary_fen")), ~Exists(later), payable__isnull=False
    )
    if programme:
        lines = lines.filter(run__programme=programme)
    if spans is not None:
        lines = lines.filter(spans_q(spans))
    return list(lines.select_related("run"))


def _reviews(actor: Actor, programme: str, spans: Sequence[Span] | None) -> Sequence[PostponedReview]:
    month = month_of(clock.today())
    # The smallest difference first: of a grant with two changes the larger one stands in the list.
    return list(list_reviews_for(actor, month=month, programme=programme, spans=spans))[::-1]


def _row(line: RunLine | None, review: PostponedReview | None) -> LiftedRow:
    words = [str(WORDS[reason]) for reason in reasons_of(line.reasons)] if line else []
    if review is not None:
        is_named = review.cause != ChangeCause.OTHER
        words.append(f"{review.get_cause_display()}：{review.reason}" if is_named else review.reason)
    if line is not None:
        return LiftedRow(
            line.subject_id,
            line.grant_id,
            line.run.programme,
            line.area_code,
            line.run.benefit_month,
            line.amount_fen,
            line.ordinary_fen,
            "；".join(words),
            review.id if review else None,
            line.id,
        )
    assert review is not None
    grant: Grant = review.grant
    subject_id = grant.household_id or grant.person_id
    assert subject_id is not None
    return LiftedRow(
        subject_id,
        grant.id,
        grant.programme,
        review.area_code,
        None,
        review.paid_fen,  # type: ignore[attr-defined]  # annotated by the query
        review.wanted_fen or 0,
        "；".join(words),
        review.id,
        None,
    )
