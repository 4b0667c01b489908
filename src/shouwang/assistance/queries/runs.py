"""Reading runs: the run that covers an area, the page of a run, what waits for an account or a second try."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import BenefitRun, PaymentBatch
from ..policies import ensure_may_read_payments
from ..states import BatchState


def covering_run(*, programme: str, month: date, area_code: int) -> BenefitRun | None:
    """The run of this month for the area, or for an area around it."""
    span = get_area(area_code).span
    runs = BenefitRun.objects.filter(programme=programme, benefit_month=month).order_by("recorded_at", "id")
    for run in runs:
        around = get_area(run.area_code).span
        if all(any(low <= a and b <= high for low, high in around) for a, b in span):
            return run
    return None


def last_month_run() -> date | None:
    """The latest month that a run in sight computed; None before the first."""
    return BenefitRun.objects.order_by("-benefit_month").values_list("benefit_month", flat=True).first()


def get_run_for(actor: Actor, run_id: UUID) -> BenefitRun:
    """Raises NotFound. A county sees the city's run that made its list."""
    ensure_may_read_payments(actor)
    run = BenefitRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound(_("没有这次发放，可能不在您的辖区"), run_id=run_id)
    return run


def list_batches_for(
    actor: Actor, *, programme: str = "", month: date | None = None, state: str = "", sort: str = "-recorded"
) -> QuerySet[PaymentBatch]:
    """The lists that the actor sees, history left out: a township those that have its lines."""
    ensure_may_read_payments(actor)
    # Two conditions on purpose: the range serves the index, the part lets a township in; the policy holds below both.
    batches = PaymentBatch.objects.filter(is_history=False).filter(
        actor.scope.q() | Q(id__in=_batches_with_parts_of(actor))
    )
    if programme:
        batches = batches.filter(programme=programme)
    if month is not None:
        batches = batches.filter(benefit_month=month)
    if state:
        batches = batches.filter(state=state)
    order = {
        "recorded": "recorded_at",
        "number": "number",
        "month": "benefit_month",
        "state": "state",
        "amount": "amount_fen",
    }.get(sort.lstrip("-"), "recorded_at")
    return batches.select_related("fund").order_by(f"-{order}" if sort.startswith("-") else order, "number")


def _batches_with_parts_of(actor: Actor) -> QuerySet[PaymentBatch, UUID]:
    return PaymentBatch.objects.filter(actor.scope.q("parts__area_code")).values_list("id", flat=True)


def batch_totals(batches: QuerySet[PaymentBatch]) -> dict[str, int]:
    """How many lists, lines and fen, and how many lists are under way."""
    totals = batches.order_by().aggregate(
        count=Count("id"),
        lines=Sum("line_count", default=0),
        amount_fen=Sum("amount_fen", default=0),
        unfinished=Count("id", filter=~Q(state__in=[BatchState.RECONCILED, BatchState.VOIDED])),
    )
    return {key: int(value) for key, value in totals.items()}
