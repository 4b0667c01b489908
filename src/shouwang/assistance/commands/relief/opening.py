"""Opening a case: who is in need, whom the relief covers, and whether the same cause was helped before.

Guarantees: one form is one case however often it is sent; the applicant is frozen into the case, so that it reads without
another county's register. Refuses a second relief for the same cause, two at once included, unless it follows up a paid
one for a stated reason.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.search import index_terms, name_terms
from shouwang.registry.public import (
    ElsewhereAnswer,
    Person,
    PersonDetails,
    check_person,
    find_person_by_id_number,
    household_of,
    members_as_of,
    persons_for,
    register_person,
    survivors_of,
    survivors_sql,
)

from ...errors import DuplicateCause
from ...models import ReliefCase, ReliefPerson
from ...policies_relief import ensure_inside, ensure_may_take
from ...rules.relief import rule_on, same_cause_until
from ...states import LIVE_RELIEF, RELIEF_STEP_OF, Channel, ReliefCause, ReliefKind, ReliefState, ReliefVerb
from ..requests import digest_of, ensure_same, take_turns
from .moving import advance, ensure_step, lock_case, required

PAID_STATES = frozenset({ReliefState.PAID, ReliefState.PAPERS_OWED, ReliefState.CLOSED})


@dataclass(frozen=True, slots=True)
class ReliefApplication:
    """What the applicant, or who applies for them, says.

    `area_code`: the village where the hardship is. The applicant is one of the register (`applicant_id`), or somebody
    by `applicant`, who is then looked up by ID number and registered when nobody has them. `covered_ids`: the persons
    the relief is for; none means the applicant alone. `amount_fen` is a wish, decided later.
    """

    area_code: int
    kind: str
    cause: str
    story: str
    occurred_on: date
    channel: str = Channel.CASH
    applicant_id: UUID | None = None
    applicant: PersonDetails | None = None
    covered_ids: tuple[UUID, ...] = ()
    is_local: bool = True
    home_area_name: str = ""
    proxy_name: str = ""
    proxy_relation: str = ""
    amount_fen: int | None = None
    follow_up_of: UUID | None = None
    follow_up_reason: str = ""


@dataclass(frozen=True, slots=True)
class _Applicant:
    person_id: UUID
    snapshot: dict[str, str]


@transaction.atomic
def open_case(*, actor: Actor, case_id: UUID, application: ReliefApplication) -> ReliefCase:
    """A new case in draft. `case_id` is the form's request id: sent again with the same content, it is the case there.

    Raises Invalid, DuplicateCause, Conflict (the id with other content), NotFound outside the scope.
    """
    ensure_may_take(actor, ReliefVerb.OPEN)
    ensure_inside(actor, application.area_code)
    _check(application)
    take_turns([case_id])
    digest = digest_of(application)
    repeated = ReliefCase.objects.filter(actor.scope.q(), id=case_id).first()
    if repeated is not None:
        ensure_same(bytes(repeated.request_digest), digest)
        return repeated
    applicant = _applicant(actor, application)
    covered = application.covered_ids or (applicant.person_id,)
    household_id = household_of([applicant.person_id], on=clock.today()).get(applicant.person_id)
    names = _covered_names(actor, covered, applicant, household_id)
    _take_turn(covered)
    _refuse_same_cause(application, covered)
    case = ReliefCase.objects.create(
        id=case_id,
        number=_next_number(),
        area_code=application.area_code,
        household_id=household_id,
        applicant_id=applicant.person_id,
        applicant_snapshot=json.dumps({**applicant.snapshot, "covered": names}, ensure_ascii=False),
        proxy_name=application.proxy_name.strip(),
        proxy_relation=application.proxy_relation.strip(),
        kind=application.kind,
        cause=application.cause,
        story=application.story.strip(),
        occurred_on=application.occurred_on,
        is_local=application.is_local,
        home_area_name=application.home_area_name.strip(),
        amount_fen=application.amount_fen,
        channel=application.channel,
        rule_version=rule_on(clock.today()).version,
        follow_up_of_id=application.follow_up_of,
        follow_up_reason=application.follow_up_reason.strip(),
        state="",
        version=0,
        recorded_at=clock.now(),
        opened_by=actor.user_id,
        request_digest=digest,
    )
    ReliefPerson.objects.bulk_create(
        ReliefPerson(case=case, person_id=person_id, area_code=case.area_code) for person_id in dict.fromkeys(covered)
    )
    # Of the case, not of the person, who may be in another county's register.
    index_terms("relief_case", [(case.id, case.area_code, name_terms(applicant.snapshot["name"]))])
    note = _("跟进救助：%(reason)s") % {"reason": case.follow_up_reason} if case.follow_up_of_id else ""
    advance(actor=actor, case=case, step=RELIEF_STEP_OF[ReliefVerb.OPEN], note=note)
    return case


@transaction.atomic
def accept_case(*, actor: Actor, case_id: UUID, expected_version: int | None, note: str = "") -> ReliefCase:
    """受理: from today the rule of the day holds, and the clocks run."""
    case = lock_case(actor, case_id, ReliefVerb.ACCEPT, expected_version)
    step = ensure_step(actor, case, ReliefVerb.ACCEPT)
    start_clocks(case)
    advance(actor=actor, case=case, step=step, note=note.strip())
    return case


@transaction.atomic
def withdraw_case(*, actor: Actor, case_id: UUID, expected_version: int | None, reason: str) -> ReliefCase:
    """撤回 before anything is decided."""
    case = lock_case(actor, case_id, ReliefVerb.WITHDRAW, expected_version)
    step = ensure_step(actor, case, ReliefVerb.WITHDRAW)
    note = required(reason, _("请写明为什么撤回"), "relief.reason_missing")
    advance(actor=actor, case=case, step=step, note=note)
    return case


def start_clocks(case: ReliefCase) -> None:
    case.accepted_on = clock.today()
    case.rule_version = rule_on(case.accepted_on).version


def _check(application: ReliefApplication) -> None:
    if application.kind not in ReliefKind.values or application.cause not in ReliefCause.values:
        raise Invalid(_("请选择救助类型和困难原因"), reason="relief.kind")
    if application.channel not in Channel.values:
        raise Invalid(_("请选择发放方式"), reason="relief.channel")
    required(application.story, _("请写明困难情况"), "relief.story_missing")
    if application.occurred_on > clock.today():
        raise Invalid(_("困难发生的日期晚于今天，请核对"), reason="relief.in_future")
    if not application.is_local and not application.home_area_name.strip():
        raise Invalid(_("外来人员要写明户籍地"), reason="relief.home_missing")
    if bool(application.proxy_name.strip()) != bool(application.proxy_relation.strip()):
        raise Invalid(_("代为申请的，姓名和与申请人的关系都要填写"), reason="relief.proxy")
    if application.amount_fen is not None and application.amount_fen <= 0:
        raise Invalid(_("救助金额必须大于零"), reason="relief.amount")
    if (application.applicant_id is None) == (application.applicant is None):
        raise Invalid(_("请先查找或者登记申请人"), reason="relief.applicant")


def _applicant(actor: Actor, application: ReliefApplication) -> _Applicant:
    if application.applicant_id is not None:
        person = persons_for(actor).filter(id=application.applicant_id).first()
        if person is None:
            raise NotFound(_("没有找到申请人，可能不在您的辖区"), person_id=application.applicant_id)
        return _Applicant(person.id, _snapshot(person))
    assert application.applicant is not None
    checked = check_person(application.applicant, today=clock.today())
    found = find_person_by_id_number(actor=actor, number=checked.id_number) if checked.id_number else None
    if isinstance(found, ElsewhereAnswer):
        # Another county keeps the record; what was said here is frozen into the case, and the record stays there.
        snapshot = {
            "name": checked.name,
            "id_number": checked.id_number or "",
            "sex": checked.sex,
            "birth_on": str(checked.birth_on or ""),
            "phone": checked.phone or "",
            "registered_in": found.unit_name,
        }
        return _Applicant(found.person_id, snapshot)
    person = found or register_person(
        actor=actor,
        details=application.applicant,
        area_code=application.area_code,
        since=clock.today(),
        source=_("临时救助申请"),
    )
    return _Applicant(person.id, _snapshot(person))


def _snapshot(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "id_number": person.id_number or "",
        "sex": person.sex,
        "birth_on": str(person.birth_on or ""),
        "phone": person.phone or "",
        "registered_in": full_names([person.area_code]).get(person.area_code, ""),
    }


def _covered_names(
    actor: Actor, covered: tuple[UUID, ...], applicant: _Applicant, household_id: UUID | None
) -> list[dict[str, str]]:
    """Everybody covered, by name and relation. Raises NotFound for a person outside the scope."""
    members = members_as_of([household_id], on=clock.today())[household_id] if household_id else []
    relations = {member.person_id: member.relation for member in members}
    names = dict(persons_for(actor).filter(id__in=covered).values_list("id", "name"))
    names[applicant.person_id] = applicant.snapshot["name"]
    for person_id in covered:
        if person_id not in names:
            raise NotFound(_("有救助对象不在您的辖区，请核对名单"), person_id=person_id)
    return [{"name": names[person_id], "relation": relations.get(person_id, "")} for person_id in covered]


def _refuse_same_cause(application: ReliefApplication, covered: tuple[UUID, ...]) -> None:
    """同一事由: 国发〔2014〕47号 refuses a repeated application for the same cause without a good reason."""
    earlier = _cases_for_cause(_records_of(covered), application.cause)
    if application.follow_up_of is not None:
        required(application.follow_up_reason, _("跟进救助要写明理由"), "relief.follow_up_reason")
        if not any(case.id == application.follow_up_of and case.state in PAID_STATES for case in earlier):
            raise Invalid(_("跟进救助要接在同一家庭、同一事由已经发放的救助之后"), reason="relief.follow_up")
        earlier = [case for case in earlier if case.state not in PAID_STATES]
    rule = rule_on(clock.today())
    for case in earlier:
        helped_on = case.accepted_on or case.recorded_at.astimezone(clock.TZ).date()
        until = same_cause_until(helped_on, rule.same_cause_months)
        if clock.today() < until:
            raise DuplicateCause(
                _(
                    "%(number)s（%(day)s，%(cause)s，%(state)s）已经为同一事由申请，%(until)s 以前不能重复申请"
                    "（国发〔2014〕47号：同一事由无正当理由重复申请的，不予救助）。确需继续救助的，请作为跟进救助办理并写明理由。"
                )
                % {
                    "number": case.number,
                    "day": helped_on.isoformat(),
                    "cause": ReliefCause(application.cause).label,
                    "state": ReliefState(case.state).label,
                    "until": until.isoformat(),
                },
                case_id=case.id,
                number=case.number,
                until=until,
            )


@dataclass(frozen=True, slots=True)
class _EarlierCase:
    """A live case of the persons for one cause, wherever it is kept: enough to refuse a second one in words."""

    id: UUID
    number: str
    state: str
    accepted_on: date | None
    recorded_at: datetime


def _cases_for_cause(person_ids: Collection[UUID], cause: str) -> list[_EarlierCase]:
    """Across every border, the newest first: a family that moved is still the family that was helped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, number, state, accepted_on, recorded_at from assistance_relief_of(%s, %s)"
            " where state = any(%s) order by recorded_at desc",
            [list(person_ids), cause, sorted(LIVE_RELIEF)],
        )
        return [_EarlierCase(*row) for row in cursor.fetchall()]


def _records_of(person_ids: tuple[UUID, ...]) -> set[UUID]:
    """The persons with every record that is merged with theirs."""
    roots = set(survivors_of(person_ids).values())
    merged, values = survivors_sql(None)
    with connection.cursor() as cursor:
        cursor.execute(f"select duplicate_id from ({merged}) m where survivor_id = any(%s)", [*values, list(roots)])
        return roots | set(person_ids) | {row[0] for row in cursor.fetchall()}


def _take_turn(ids: Iterable[UUID]) -> None:
    """One application about these persons at a time: two at once cannot both find no earlier one."""
    with connection.cursor() as cursor:
        for one in sorted(set(ids)):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"relief:{one}"])


def _next_number() -> str:
    """LS2020000004: 临时救助, year, serial; it says nothing about place or person."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('assistance_relief_number')")
        (serial,) = cursor.fetchone()
    return f"LS{clock.today():%Y}{serial:06d}"
