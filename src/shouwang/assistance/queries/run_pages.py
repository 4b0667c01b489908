"""What the page of a run shows: sums by paying unit, what changed since last month and why, what to look at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs

from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import spans_sql

from ..models import BenefitRun, RunLine
from ..policies import ensure_may_read_payments
from ..rules.benefits.programmes import rule_of
from ..rules.benefits.reasons import Reason
from ..rules.monthly import Held, month_before

_SINGLED = int(Reason.EXIT_PAUSED | Reason.GRADUAL_EXIT)


class Look(StrEnum):
    """What an officer should look at before a list goes on; the order is that of the page."""

    NO_ACCOUNT = "no_account"
    NO_PAYEE = "no_payee"
    COVERED_TWICE = "covered_twice"
    NOT_OWED = "not_owed"
    NOT_COMPUTED = "not_computed"
    KEPT = "kept"
    FAR_FROM_DECIDED = "far_from_decided"


_CONDITIONS: dict[Look, Q] = {
    Look.NO_ACCOUNT: Q(held=Held.NO_ACCOUNT),
    Look.NO_PAYEE: Q(held=Held.NO_PAYEE),
    Look.COVERED_TWICE: Q(held=Held.COVERED_TWICE),
    Look.NOT_OWED: Q(held=Held.NOT_OWED),
    Look.NOT_COMPUTED: Q(is_computed=False),
    Look.KEPT: ~Q(amount_fen=F("ordinary_fen")),
    Look.FAR_FROM_DECIDED: Q(is_computed=True) & ~Q(grant=None) & ~Q(amount_fen=F("decided_fen")) & Q(held=""),
}


class Cause(StrEnum):
    """Why a subject gets another amount than last month; the first that holds is named."""

    NEW = "new"
    STOPPED = "stopped"
    MEASURE = "measure"
    PERSONS = "persons"
    INCOME = "income"
    SURCHARGE = "surcharge"
    CARE = "care"
    OTHER_BENEFITS = "other_benefits"
    CERTIFICATE = "certificate"
    AGE = "age"
    STANDARD = "standard"


_WATCHED: dict[Cause, Sequence[str]] = {
    Cause.PERSONS: ("persons",),
    Cause.INCOME: ("income_fen", "deducted_fen"),
    Cause.SURCHARGE: ("surcharge_fen",),
    Cause.CARE: ("failed_tests", "is_concentrated", "needs_care"),
    Cause.OTHER_BENEFITS: (
        "excluded_by",
        "taken_off_fen",
        "similar_fen",
        "scope_count",
        "low_income_count",
        "group_number",
    ),
    Cause.CERTIFICATE: ("disability_kind", "disability_level"),
    Cause.AGE: ("is_minor", "age"),
}


@dataclass(frozen=True, slots=True)
class UnitSum:
    unit_code: int
    line_count: int
    amount_fen: int
    last_count: int
    last_fen: int

    @property
    def change_fen(self) -> int:
        return self.amount_fen - self.last_fen


@dataclass(frozen=True, slots=True)
class CauseSum:
    """How many subjects changed for a cause since last month, and by how much altogether."""

    cause: Cause
    count: int
    change_fen: int


def unit_sums(actor: Actor, run: BenefitRun) -> list[UnitSum]:
    """By paying unit as far as the actor sees; last month's is what the same subjects were owed."""
    ensure_may_read_payments(actor)
    rows = (
        RunLine.objects.filter(actor.scope.q(), run=run)
        .values("unit_code")
        .annotate(
            count=Count("id", filter=Q(payable__isnull=False)),
            fen=Sum("amount_fen", filter=Q(payable__isnull=False), default=0),
            last_count=Count("id", filter=Q(last_paid_fen__gt=0)),
            last_fen=Sum("last_paid_fen", default=0),
        )
        .order_by("unit_code")
    )
    return [
        UnitSum(row["unit_code"], row["count"], int(row["fen"]), row["last_count"], int(row["last_fen"]))
        for row in rows
    ]


def cause_sums(actor: Actor, run: BenefitRun) -> list[CauseSum]:
    """Since the run of the month before, by cause. Who is no longer in force is in no line and in no sum."""
    ensure_may_read_payments(actor)
    kept = rule_of(run.programme).kept
    branches = []
    for cause, names in _WATCHED.items():
        places = [kept.index(name) + 1 for name in names if name in kept]
        if places:
            differs = " or ".join(
                f"split_part(l.findings, ',', {place}) <> split_part(b.findings, ',', {place})" for place in places
            )
            branches.append(f"when {differs} then '{cause}'")
    owed = "case when l.payable_id is null then 0 else l.amount_fen end"
    inside, bounds = spans_sql(actor.scope.spans, "l.area_code")
    sql = f"""
        select cause, count(*), sum(change)::bigint from (
            select {owed} - l.last_paid_fen as change,
                   case when l.last_paid_fen = 0 then '{Cause.NEW}'
                        when {owed} = 0 then '{Cause.STOPPED}'
                        when l.reasons & {_SINGLED} <> coalesce(b.reasons, 0) & {_SINGLED} then '{Cause.MEASURE}'
                        {" ".join(branches)}
                        else '{Cause.STANDARD}' end as cause
              from assistance_runline l
              left join lateral (
                   select e.findings, e.reasons from assistance_runline e join assistance_benefitrun r on r.id = e.run_id
                    where e.subject_id = l.subject_id and r.programme = %s and r.benefit_month = %s::date
                    order by r.recorded_at desc limit 1) b on true
             where l.run_id = %s and {inside} and {owed} <> l.last_paid_fen) changed
         group by cause"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [run.programme, month_before(run.benefit_month), run.id, *bounds])
        found = {cause: CauseSum(Cause(cause), count, change) for cause, count, change in cursor.fetchall()}
    return [found[cause] for cause in Cause if cause in found]


def look_counts(actor: Actor, run: BenefitRun) -> dict[Look, int]:
    """How many lines are to be looked at, by what for; those with none are left out."""
    ensure_may_read_payments(actor)
    counts = RunLine.objects.filter(actor.scope.q(), run=run).aggregate(
        **{look.value: Count("id", filter=condition) for look, condition in _CONDITIONS.items()}
    )
    return {look: counts[look.value] for look in Look if counts[look.value]}


def lines_to_look_at(actor: Actor, run: BenefitRun, look: Look) -> QuerySet[RunLine]:
    """Those lines, the most money first: what a measure adds, or how far from what was decided."""
    ensure_may_read_payments(actor)
    lines = RunLine.objects.filter(actor.scope.q(), run=run).filter(_CONDITIONS[look])
    compared_with = F("ordinary_fen") if look is Look.KEPT else F("decided_fen")
    return lines.annotate(difference=Abs(F("amount_fen") - compared_with)).order_by("-difference", "number")
