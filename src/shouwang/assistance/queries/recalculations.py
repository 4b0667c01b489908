"""Reading recalculations: what is paid for a month on balance, the list, each line with its explanation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Min, QuerySet, Sum
from django.db.models.functions import Abs
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import spans_q
from shouwang.kernel.worklist import WorkItem

from ..models import (
    Overpayment,
    OverpaymentStep,
    Payable,
    PaymentAttempt,
    Recalculation,
    RecalculationLine,
    RecalculationOmission,
)
from ..policies import DECIDES_RECALCULATIONS, KEEPS_GRANTS, ensure_may_read_payments
from ..rules.benefits.explain import Explanation, explain
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import REASON_KEY, month_of
from ..states import LINKED, AttemptState, Origin, OverpaymentStepKind
from ..states_follows import LeftOut, RecalculationState
from .overpayments import offset_fen_of
from .run_records import standards_row

_BY_HAND = (AttemptState.CANCELLED, AttemptState.REVERSED)


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """What a grant was owed for a month, its arrears included, less what was noted as too much.

    `payable_id`: the monthly payable, or the first arrears where it was owed nothing else. `parts`: each payable, the
    monthly one first, with its amount less what was noted.
    `has_arrived`: that every part reached its account or was wholly set off. `is_settled_by_hand`: an officer withdrew,
    gave up or took back a part, which a recalculation does not undo.
    """

    payable_id: UUID | None
    net_fen: int
    parts: tuple[tuple[Payable, int], ...]
    has_arrived: bool
    is_settled_by_hand: bool


def paid_months_of(grant_ids: Collection[UUID], *, programme: str, month: date) -> dict[UUID, PaidMonth]:
    """By grant; a grant that nothing was owed to has a row of nothing."""
    payables = list(Payable.objects.filter(grant_id__in=grant_ids, programme=programme, benefit_month=month))
    ids = [payable.id for payable in payables]
    states: dict[UUID, set[str]] = defaultdict(set)
    for payable_id, state in PaymentAttempt.objects.filter(payable_id__in=ids).values_list("payable_id", "state"):
        states[payable_id].add(state)
    too_much: dict[UUID, int] = defaultdict(int)
    reversed_ids = OverpaymentStep.objects.filter(kind=OverpaymentStepKind.REVERSED).values("overpayment_id")
    noted = Overpayment.objects.filter(payable_id__in=ids).exclude(id__in=reversed_ids)
    for payable_id, fen in noted.values_list("payable_id", "amount_fen"):
        too_much[payable_id] += fen
    set_off = offset_fen_of(ids)
    arrived = {
        payable.id
        for payable in payables
        if AttemptState.SUCCEEDED in states[payable.id]
        or (AttemptState.OPEN not in states[payable.id] and set_off.get(payable.id, 0) >= payable.amount_fen)
    }
    by_grant: dict[UUID, list[Payable]] = defaultdict(list)
    for payable in sorted(payables, key=lambda one: (one.reason_key != REASON_KEY, one.recorded_at, one.id)):
        assert payable.grant_id is not None, "asked by grant"
        by_grant[payable.grant_id].append(payable)
    by_hand = {payable_id for payable_id, known in states.items() if known & set(_BY_HAND)}
    return {grant_id: _paid(by_grant[grant_id], arrived, by_hand, too_much) for grant_id in grant_ids}


def _paid(payables: list[Payable], arrived: Set[UUID], by_hand: Set[UUID], too_much: Mapping[UUID, int]) -> PaidMonth:
    parts = tuple((payable, payable.amount_fen - too_much.get(payable.id, 0)) for payable in payables)
    ids = {payable.id for payable in payables}
    return PaidMonth(
        payables[0].id if payables else None,
        sum(fen for _payable, fen in parts),
        parts,
        ids <= arrived,
        bool(ids & by_hand),
    )


def list_recalculations_for(actor: Actor) -> QuerySet[Recalculation]:
    """The latest first; what waits for somebody before what is decided."""
    ensure_may_read_payments(actor)
    return Recalculation.objects.filter(actor.scope.q()).order_by(
        F("decided_at").desc(nulls_first=True), "-recorded_at", "area_code"
    )


def get_recalculation_for(actor: Actor, recalculation_id: UUID) -> Recalculation:
    """Raises NotFound, also for another county's."""
    ensure_may_read_payments(actor)
    told = Recalculation.objects.filter(actor.scope.q(), id=recalculation_id).select_related("notice").first()
    if told is None:
        raise NotFound(_("没有这次核算，可能不在您的辖区"), recalculation_id=recalculation_id)
    return told


def lines_of_recalculation(actor: Actor, told: Recalculation) -> QuerySet[RecalculationLine]:
    """The largest difference first."""
    ensure_may_read_payments(actor)
    return (
        RecalculationLine.objects.filter(actor.scope.q(), recalculation=told)
        .annotate(size=Abs(F("should_fen") - F("paid_fen")))
        .order_by("-size", "id")
    )


@dataclass(frozen=True, slots=True)
class LeftOutSum:
    """How many grants of the month were not computed again for a reason, and what they were paid."""

    why: LeftOut
    count: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class MonthBefore:
    """A month that the basis reaches and that the county paid before its go-live: told, and settled outside."""

    month: date
    count: int
    paid_fen: int


def omissions_of_recalculation(actor: Actor, told: Recalculation) -> QuerySet[RecalculationOmission]:
    """By reason, the highest payment first."""
    ensure_may_read_payments(actor)
    return RecalculationOmission.objects.filter(actor.scope.q(), recalculation=told).order_by("why", "-paid_fen", "id")


def left_out_sums(actor: Actor, told: Recalculation) -> list[LeftOutSum]:
    sums = omissions_of_recalculation(actor, told).order_by().values("why").annotate(Count("id"), Sum("paid_fen"))
    found = {row["why"]: LeftOutSum(LeftOut(row["why"]), row["id__count"], row["paid_fen__sum"]) for row in sums}
    return [found[why] for why in LeftOut if why in found]


def months_before_go_live(actor: Actor, told: Recalculation) -> list[MonthBefore]:
    """What was paid before go-live in the months that the basis reaches: a recalculation never touches it."""
    ensure_may_read_payments(actor)
    payables = Payable.objects.filter(
        actor.scope.q(), spans_q(get_area(told.area_code).span), programme=told.programme, origin=Origin.HISTORY
    )
    if told.notice is None:
        payables = payables.filter(benefit_month=told.benefit_month)
    else:
        uses = rule_of(told.programme).uses
        since = told.notice.values.filter(key__in=uses).aggregate(since=Min("valid_from"))["since"]
        payables = payables.filter(benefit_month__gte=month_of(since or told.benefit_month))
    sums = payables.values("benefit_month").annotate(Count("id"), Sum("amount_fen")).order_by("benefit_month")
    return [MonthBefore(row["benefit_month"], row["id__count"], int(row["amount_fen__sum"])) for row in sums]


def get_recalculation_line_for(actor: Actor, line_id: UUID) -> tuple[RecalculationLine, Explanation]:
    """A line and how its amount comes about. Raises NotFound."""
    ensure_may_read_payments(actor)
    line = RecalculationLine.objects.filter(actor.scope.q(), id=line_id).select_related("recalculation__notice").first()
    if line is None:
        raise NotFound(_("没有这笔核算，可能不在您的辖区"), line_id=line_id)
    told = line.recalculation
    kept = dict(zip(rule_of(told.programme).kept, line.findings, strict=True))
    record = {**kept, "amount_fen": line.should_fen, "ordinary_fen": line.ordinary_fen, "reasons": line.reasons}
    return line, explain(told.programme, told.rules_version, record, standards_row(told.standards))


def line_behind(overpayment: Overpayment) -> RecalculationLine | None:
    """The recalculation that found it, or None: a death or a fraud did.

    A line names the first of its rows; the others of the same grant and month were written at the same instant.
    """
    payable = overpayment.payable
    if payable.grant_id is None:
        return None
    return (
        RecalculationLine.objects.filter(
            overpayment__recorded_at=overpayment.recorded_at,
            overpayment__payable__grant_id=payable.grant_id,
            overpayment__payable__benefit_month=payable.benefit_month,
        )
        .select_related("recalculation")
        .first()
    )


def recalculations_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:  # noqa: ARG001  # one item a kind
    """For 今天: months to be computed again, and those that wait for a second officer."""
    if actor.user_id is None:
        return []
    items: list[WorkItem] = []
    mine = Recalculation.objects.filter(actor.scope.q())
    if actor.role in KEEPS_GRANTS:
        count = mine.filter(state=RecalculationState.WAITING).exclude(programme__in=LINKED).count()
        if count:
            items.append(_item(_("标准追溯后要核算补差的月份 %(count)s 个") % {"count": count}, _("核算")))
    if actor.role in DECIDES_RECALCULATIONS:
        count = mine.filter(state=RecalculationState.COMPUTED).exclude(computed_by=actor.user_id).count()
        if count:
            items.append(_item(_("补差核算 %(count)s 件") % {"count": count}, _("复核")))
    if actor.role in KEEPS_GRANTS | DECIDES_RECALCULATIONS:
        count = mine.filter(state=RecalculationState.WAITING, programme__in=LINKED).count()
        if count:
            items.append(_item(_("标准追溯后要人工核定的月份 %(count)s 个") % {"count": count}, _("核定")))
    return items


def _item(title: str, action: str) -> WorkItem:
    return WorkItem(kind=_("补差核算"), title=title, action=action, url=reverse("recalculation_list"))
