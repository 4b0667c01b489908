"""Reading relief cases: lists, one case with what can be done next, and what waits for a person.

Every read enters through the actor's scope; a case outside it is not found.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from shouwang.kernel import clock, search
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, intersect, spans_q
from shouwang.kernel.worklist import WorkItem
from shouwang.registry.public import BankAccount, account_as_of
from shouwang.response.public import Document, Measure, effective, get_kind

from ..measures import RELIEF_FIRST, SIMPLIFIED_APPROVAL
from ..models import CaseMove, PaymentAttempt, PaymentOutcome, ReliefCase, ReliefPerson
from ..policies_relief import ensure_may_read_relief, may_take
from ..rules.relief import CaseFacts, unmet_need
from ..states import (
    RELIEF_STEPS,
    AttemptState,
    OutcomeKind,
    ReliefState,
    ReliefStep,
    ReliefVerb,
)

NOT_BUTTONS: frozenset[str] = frozenset({ReliefVerb.OPEN, ReliefVerb.OWE_PAPERS, ReliefVerb.BANK_PAID})
"""Steps that nobody takes on a case's page: they come with another step."""

SIDE_STEPS: frozenset[str] = frozenset({ReliefVerb.SEND_BACK, ReliefVerb.REFUSE, ReliefVerb.WITHDRAW})
"""Steps off the main road: never the primary action."""

FOUND_MAX = 500
"""Cases a name may lead to; whoever finds more narrows the area."""

OPEN_STATES: frozenset[str] = frozenset(ReliefState) - {
    ReliefState.REFUSED,
    ReliefState.CLOSED,
    ReliefState.WITHDRAWN,
}

NEXT_WORDS: dict[str, Promise] = {
    ReliefState.DRAFT: _lazy("受理"),
    ReliefState.ACCEPTED: _lazy("核实或确认"),
    ReliefState.VERIFIED: _lazy("公示或审批"),
    ReliefState.NOTICE: _lazy("结束公示"),
    ReliefState.APPROVED: _lazy("发放"),
    ReliefState.PAID: _lazy("办结"),
    ReliefState.PAPERS_OWED: _lazy("补齐手续"),
}
"""What a case waits for, by state."""

_SORTS = {
    "number": "number",
    "state": "state",
    "due": "step_due_on",
    "amount": "amount_fen",
    "accepted": "accepted_on",
    "area": "area_code",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The applicant as of the opening; `covered` are (name, relation)."""

    name: str
    id_number: str
    sex: str
    birth_on: str
    phone: str
    registered_in: str
    covered: tuple[tuple[str, str], ...]


def snapshot_of(case: ReliefCase) -> Snapshot:
    stored = json.loads(case.applicant_snapshot)
    covered = tuple((one["name"], one["relation"]) for one in stored.pop("covered"))
    return Snapshot(covered=covered, **stored)


def get_case_for(actor: Actor, case_id: UUID) -> ReliefCase:
    """Raises NotFound, also for another county's case."""
    ensure_may_read_relief(actor)
    case = ReliefCase.objects.filter(actor.scope.q(), id=case_id).select_related("follow_up_of").first()
    if case is None:
        raise NotFound(_("没有这件临时救助，可能不在您的辖区"), case_id=case_id)
    return case


def list_cases_for(
    actor: Actor,
    *,
    state: str = "",
    kind: str = "",
    cause: str = "",
    spans: Sequence[Span] | None = None,
    is_overdue: bool = False,
    keyword: str = "",
    sort: str = "",
) -> QuerySet[ReliefCase]:
    """Cases in scope with `person_count`; the newest first unless sorted.

    `state` "open" asks for all that are not ended; `keyword` is a whole case number, or the beginning of the
    applicant's name (characters, pinyin, initials) as the case froze it.
    """
    ensure_may_read_relief(actor)
    cases = ReliefCase.objects.filter(actor.scope.q())
    if state == "open":
        cases = cases.filter(state__in=OPEN_STATES)
    elif state:
        cases = cases.filter(state=state)
    if kind:
        cases = cases.filter(kind=kind)
    if cause:
        cases = cases.filter(cause=cause)
    if spans is not None:
        cases = cases.filter(spans_q(spans))
    if is_overdue:
        cases = cases.filter(step_due_on__lt=clock.today())
    if keyword.strip():
        cases = cases.filter(_keyword_q(actor, keyword.strip(), spans))
    column = _SORTS.get(sort.lstrip("-"))
    ordering = F(column or "recorded_at").asc(nulls_last=True)
    if column is None or sort.startswith("-"):
        ordering = F(column or "recorded_at").desc(nulls_last=True)
    return cases.annotate(person_count=Count("persons")).order_by(ordering, "-id")


def _keyword_q(actor: Actor, keyword: str, spans: Sequence[Span] | None) -> Q:
    within = actor.scope.spans if spans is None else intersect(actor.scope.spans, spans)
    found = search.find("relief_case", keyword, within, limit=FOUND_MAX)
    return Q(number=keyword.upper()) | Q(id__in=found)


def cases_of_household(actor: Actor, household_id: UUID) -> QuerySet[ReliefCase]:
    return list_cases_for(actor).filter(household_id=household_id)


def cases_covering(actor: Actor, person_id: UUID) -> QuerySet[ReliefCase]:
    """Cases in scope that cover the person, the newest first."""
    return list_cases_for(actor).filter(
        id__in=ReliefPerson.objects.filter(actor.scope.q(), person_id=person_id).values("case_id")
    )


def moves_of(case: ReliefCase) -> QuerySet[CaseMove]:
    """The newest first."""
    return CaseMove.objects.filter(case=case).order_by("-version")


def decision_of(case: ReliefCase) -> CaseMove | None:
    """The move that granted or refused; None before."""
    deciding = [ReliefVerb.APPROVE, ReliefVerb.CONFIRM, ReliefVerb.REFUSE]
    return moves_of(case).filter(verb__in=deciding).first()


def is_simplified(case: ReliefCase) -> bool:
    return effective(SIMPLIFIED_APPROVAL, case.area_code, clock.now()) is not None


def is_relief_first_in_force(area_code: int) -> bool:
    return effective(RELIEF_FIRST, area_code, clock.now()) is not None


def open_steps(actor: Actor, case: ReliefCase) -> list[ReliefStep]:
    """What the actor may do next on the case's page, the main road first: the first is the primary action."""
    if not any(case.state in step.from_states and actor.role in step.roles for step in RELIEF_STEPS):
        return []
    taken = set(CaseMove.objects.filter(case=case, user_id=actor.user_id).values_list("verb", flat=True))
    facts = CaseFacts(
        kind=case.kind,
        channel=case.channel,
        is_relief_first=case.is_relief_first,
        is_simplified=is_simplified(case),
        notice_until_on=case.notice_until_on,
        notice_ended_on=case.notice_ended_on,
        today=clock.today(),
    )
    steps = [step for step in _steps_from(actor, case.state) if _is_open(step, facts, taken)]
    if any(step.verb == ReliefVerb.PROPOSE for step in steps) and not is_relief_first_in_force(case.area_code):
        steps = [step for step in steps if step.verb != ReliefVerb.PROPOSE]
    if any(step.verb == ReliefVerb.SEND_TO_BANK for step in steps) and attempt_of(case) is not None:
        steps = [step for step in steps if step.verb != ReliefVerb.SEND_TO_BANK]
    # Relief first is the shortest way where it is in force: it comes before accepting.
    return sorted(steps, key=lambda step: (step.verb in SIDE_STEPS, step.verb != ReliefVerb.PROPOSE))


def _steps_from(actor: Actor, state: str) -> list[ReliefStep]:
    return [
        step
        for step in RELIEF_STEPS
        if state in step.from_states and actor.role in step.roles and step.verb not in NOT_BUTTONS
    ]


def _is_open(step: ReliefStep, facts: CaseFacts, taken: set[str]) -> bool:
    return not (step.not_after & taken or any(unmet_need(need, facts) for need in step.needs))


def attempt_of(case: ReliefCase) -> PaymentAttempt | None:
    """The latest attempt to pay the case that has not been given up; None when there is none."""
    return (
        PaymentAttempt.objects.filter(payable__case=case)
        .exclude(state=AttemptState.CANCELLED)
        .select_related("batch", "payable")
        .order_by("-recorded_at", "-id")
        .first()
    )


def payment_of(case: ReliefCase) -> PaymentOutcome | None:
    """The outcome by which the money arrived, with its entry in the book."""
    return (
        PaymentOutcome.objects.filter(payable__case=case, kind=OutcomeKind.PAID)
        .select_related("entry", "attempt__batch")
        .order_by("-recorded_at")
        .first()
    )


@dataclass(frozen=True, slots=True)
class UsedMeasure:
    """A measure that the case rested on, in words, and the document that ordered it."""

    sentence: str
    document: Document


def measures_used(case: ReliefCase) -> list[UsedMeasure]:
    measures = Measure.objects.filter(id__in=case.measure_ids).select_related("document").order_by("from_at", "id")
    return [UsedMeasure(get_kind(one.kind).sentence(one.parameters), one.document) for one in measures]


def bank_account_of(case: ReliefCase) -> BankAccount | None:
    return account_as_of([case.applicant_id], on=clock.today()).get(case.applicant_id)


def cases_to_send(actor: Actor) -> QuerySet[ReliefCase]:
    """Approved cases that wait for a bank list."""
    ensure_may_read_relief(actor)
    listed = PaymentAttempt.objects.filter(
        payable__case__isnull=False, state__in=[AttemptState.OPEN, AttemptState.SUCCEEDED, AttemptState.RETURNED]
    )
    return (
        list_cases_for(actor, state=ReliefState.APPROVED, sort="due")
        .filter(channel="bank")
        .exclude(id__in=listed.values("payable__case_id"))
    )


@dataclass(frozen=True, slots=True)
class PapersOwed:
    """How many cases in scope owe papers, and how many of them are late."""

    count: int
    overdue_count: int


def papers_owed(actor: Actor) -> PapersOwed:
    found = ReliefCase.objects.filter(actor.scope.q(), state=ReliefState.PAPERS_OWED).aggregate(
        count=Count("id"), overdue=Count("id", filter=Q(papers_due_on__lt=clock.today()))
    )
    return PapersOwed(found["count"], found["overdue"])


def tasks_for(actor: Actor, limit: int) -> list[WorkItem]:
    """Cases whose next step is the actor's, the earliest deadline first; what they may not decide is left out."""
    waiting = Q(pk__in=[])
    for step in RELIEF_STEPS:
        if step.verb in NOT_BUTTONS | SIDE_STEPS or not may_take(actor, step.verb):
            continue
        condition = Q(state__in=step.from_states) & _need_q(step, clock.today())
        if step.not_after:
            mine = CaseMove.objects.filter(actor.scope.q(), user_id=actor.user_id, verb__in=step.not_after)
            condition &= ~Q(id__in=mine.values("case_id"))
        waiting |= condition
    cases = ReliefCase.objects.filter(actor.scope.q(), waiting).order_by(F("step_due_on").asc(nulls_last=True), "id")
    return [_work_item(case) for case in cases[:limit]]


def _need_q(step: ReliefStep, today: date) -> Q:
    """The needs of a step as a condition on rows; simplified approval is left to the page."""
    conditions = {
        "relief_first": Q(is_relief_first=True),
        "ordinary": Q(is_relief_first=False),
        "cash": Q(channel="cash"),
        "bank": Q(channel="bank"),
        "notice_over": Q(notice_until_on__lt=today),
        "expenditure_kind": Q(kind="expenditure"),
        "no_notice_yet": Q(notice_ended_on=None),
        "notice_settled": Q(kind="urgent") | ~Q(notice_ended_on=None),
    }
    condition = Q()
    for need in step.needs:
        condition &= conditions[need.value]
    return condition


def _work_item(case: ReliefCase) -> WorkItem:
    return WorkItem(
        kind=_("临时救助"),
        title=f"{case.number} {snapshot_of(case).name}",
        action=str(NEXT_WORDS[ReliefState(case.state)]),
        url=reverse("relief_case", args=[case.id]),
        due_on=case.step_due_on,
    )
