"""Reading the register of overpayments: what should have been paid, what is still open, who offsets what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.fields import FenField
from shouwang.kernel.scope import Span, spans_q
from shouwang.registry.public import Person, person_facts_as_of, records_of, told_dead_sql

from ..models import Overpayment, OverpaymentStep, Payable, PayablePerson, PaymentAttempt
from ..policies import ensure_may_read_payments
from ..states import LINKED
from .grants import amounts_as_of


def owed_now(payables: Collection[Payable]) -> dict[UUID, int]:
    """What each monthly payable of a grant would owe by the facts and amounts known now, in fen, by payable.

    Nothing when everybody whom it covers had died before its month; else what the grant pays in that month: the amount
    does not change by itself with a death (rules.monthly). What is linked to others' grants owes what it owed.
    """
    owed: dict[UUID, int] = {}
    by_month: dict[date, list[Payable]] = defaultdict(list)
    for payable in payables:
        if payable.grant_id is not None or payable.programme in LINKED:
            by_month[payable.benefit_month].append(payable)
    for month, group in by_month.items():
        amounts = amounts_as_of([one.grant_id for one in group if one.grant_id], month=month)
        covered: dict[UUID, set[UUID]] = defaultdict(set)
        for payable_id, person_id in PayablePerson.objects.filter(payable__in=group).values_list(
            "payable_id", "person_id"
        ):
            covered[payable_id].add(person_id)
        dead = dead_before(set().union(*covered.values()), month)
        for one in group:
            amount = amounts.get(one.grant_id) if one.grant_id else None
            fen = (amount.monthly_fen if amount else one.amount_fen) or 0
            owed[one.id] = 0 if covered[one.id] <= dead else fen
    return owed


def dead_before(person_ids: Collection[UUID], month: date) -> set[UUID]:
    """Who of them died before the month, by what is known now."""
    deaths = person_facts_as_of(person_ids, ["death"], on=month - timedelta(days=1))
    return {person_id for person_id, facts in deaths.items() if facts.get("death")}


def death_days(person_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of each death that the register knows, whichever of the person's records says it."""
    facts = person_facts_as_of(person_ids, ["death"], on=clock.today())
    dead = [person_id for person_id, known in facts.items() if known.get("death")]
    asked = {record_id: person_id for person_id, records in records_of(dead).items() for record_id in records}
    told = Person.objects.filter(id__in=asked, facts__kind="death", facts__amount=1).order_by("facts__recorded_at")
    return {asked[record_id]: day for record_id, day in told.values_list("id", "facts__valid_from")}


def payables_after(person_id: UUID, died_on: date) -> QuerySet[Payable]:
    """What was owed for months after the death and covers the person, under whichever record."""
    covering = PayablePerson.objects.filter(person_id__in=records_of([person_id])[person_id])
    return Payable.objects.filter(id__in=covering.values("payable_id"), benefit_month__gt=died_on)


def payables_with_the_dead(*, batch_id: UUID, month: date) -> list[UUID]:
    """The payables of a list that cover somebody who died before the month."""
    told, values = told_dead_sql()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select covered.payable_id, covered.person_id from assistance_paymentattempt attempt
                  join assistance_payableperson covered on covered.payable_id = attempt.payable_id
                 where attempt.batch_id = %s and covered.person_id in ({told})""",
            [batch_id, *values],
        )
        pairs = cursor.fetchall()
    dead = dead_before({person_id for _payable_id, person_id in pairs}, month)
    return sorted({payable_id for payable_id, person_id in pairs if person_id in dead})


STILL_OPEN = Q(open_fen__gt=0)
"""Of `overpayments()`: that a fen of it is neither set off, recovered nor written off."""


def overpayments() -> QuerySet[Overpayment]:
    """Every row in scope with `settled_fen`, `open_fen` and `last_kind`, the kind of its last step."""
    steps = OverpaymentStep.objects.filter(overpayment_id=OuterRef("id")).order_by()
    settled = steps.values("overpayment_id").annotate(fen=Sum("amount_fen")).values("fen")
    last = steps.filter(amount_fen__gt=0).order_by("-recorded_at", "-id").values("kind")[:1]
    return (
        Overpayment.objects.annotate(settled_fen=Coalesce(Subquery(settled, output_field=FenField()), 0))
        .annotate(open_fen=F("amount_fen") - F("settled_fen"), last_kind=Subquery(last))
        .select_related("payable")
    )


def offset_fen_of(payable_ids: Collection[UUID]) -> dict[UUID, int]:
    """How much of each payable was set off against what was overpaid before; who has none is left out."""
    rows = (
        OverpaymentStep.objects.filter(payable_id__in=payable_ids)
        .values_list("payable_id")
        .annotate(fen=Sum("amount_fen"))
    )
    return {payable_id: int(fen) for payable_id, fen in rows if payable_id is not None and fen}


def set_off_fen_of(payable_id: UUID | None) -> int:
    """Of one payable; nothing of none."""
    return offset_fen_of([payable_id]).get(payable_id, 0) if payable_id else 0


def set_off_sum() -> Coalesce:
    """Of payables: how much of each was set off against what was overpaid before."""
    steps = OverpaymentStep.objects.filter(payable_id=OuterRef("id")).order_by()
    summed = steps.values("payable_id").annotate(fen=Sum("amount_fen")).values("fen")
    return Coalesce(Subquery(summed, output_field=FenField()), 0)


def list_overpayments_for(
    actor: Actor, *, is_settled: bool = False, programme: str = "", spans: Sequence[Span] | None = None
) -> QuerySet[Overpayment]:
    """The register of the actor's area, the oldest first: what is open, or what is settled."""
    ensure_may_read_payments(actor)
    rows = overpayments().filter(actor.scope.q())
    rows = rows.filter(~STILL_OPEN if is_settled else STILL_OPEN)
    if programme:
        rows = rows.filter(payable__programme=programme)
    if spans is not None:
        rows = rows.filter(spans_q(spans))
    return rows.order_by("recorded_at", "id")


def get_overpayment_for(actor: Actor, overpayment_id: UUID) -> Overpayment:
    """Raises NotFound, also for another county's."""
    ensure_may_read_payments(actor)
    row = overpayments().filter(actor.scope.q(), id=overpayment_id).first()
    if row is None:
        raise NotFound(_("没有这笔多发的款项，可能不在您的辖区"), overpayment_id=overpayment_id)
    return row


def bank_line_of(overpayment: Overpayment) -> PaymentAttempt | None:
    """The latest try to pay it by a list, or None for cash."""
    lines = PaymentAttempt.objects.filter(payable_id=overpayment.payable_id, batch__isnull=False)
    return lines.order_by("-recorded_at").first()


def steps_of(overpayment: Overpayment) -> QuerySet[OverpaymentStep]:
    """What became of it, the latest first."""
    return (
        OverpaymentStep.objects.filter(overpayment=overpayment)
        .select_related("payable")
        .order_by("-recorded_at", "-id")
    )
