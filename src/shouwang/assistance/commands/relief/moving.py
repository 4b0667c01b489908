"""The one way in which a relief case moves: its row locked, its step allowed by the table, its move written down.

Guarantees: a case changes state only by `advance`, which appends the move (who, when, from, to, whether in time), counts
the version up and writes the audit. Refuses what the table does not hold, who prepared and now would decide, and whoever
answers a page that is no longer true.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, workdays
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotAllowed, NotFound, StateConflict

from ...errors import ReliefChanged
from ...models import CaseMove, ReliefCase
from ...policies_relief import ensure_may_take
from ...rules.relief import CaseFacts, rule_on, unmet_need
from ...states import RELIEF_STEP_OF, ReliefClock, ReliefState, ReliefStep, ReliefVerb
from ..rows import insert_row, update_row

NOTE_MAX = 500
_SAID = frozenset(
    {
        *("id", "number", "area_code", "household", "applicant", "applicant_snapshot", "proxy_name", "proxy_relation"),
        *("kind", "cause", "story", "occurred_on", "is_local", "home_area_name", "follow_up_of", "follow_up_reason"),
        *("recorded_at", "opened_by"),
    }
)
_MOVED = tuple(field.name for field in ReliefCase._meta.concrete_fields if field.name not in _SAID)
"""What a step may change: all but what the application said once, its sealed snapshot above all."""


def lock_case(actor: Actor, case_id: UUID, verb: str, expected_version: int | None) -> ReliefCase:
    """The case, locked, for a step that the actor's post may take.

    Raises NotAllowed, NotFound outside the scope, ReliefChanged when somebody moved it since it was shown.
    """
    ensure_may_take(actor, verb)
    case = ReliefCase.objects.select_for_update().filter(actor.scope.q(), id=case_id).first()
    if case is None:
        raise NotFound(_("没有这件临时救助，可能不在您的辖区"), case_id=case_id)
    if expected_version is not None and case.version != expected_version:
        raise _changed(case)
    return case


def facts_of(case: ReliefCase, *, is_simplified: bool = False) -> CaseFacts:
    """What the needs of a step are judged by, today."""
    return CaseFacts(
        kind=case.kind,
        channel=case.channel,
        is_relief_first=case.is_relief_first,
        is_simplified=is_simplified,
        notice_until_on=case.notice_until_on,
        notice_ended_on=case.notice_ended_on,
        today=clock.today(),
    )


def ensure_step(actor: Actor, case: ReliefCase, verb: str, *, is_simplified: bool = False) -> ReliefStep:
    """The table's row for this verb. Raises StateConflict, or NotAllowed for who took a step before that bars this."""
    step = RELIEF_STEP_OF[verb]
    if case.state not in step.from_states:
        raise StateConflict(
            _("%(number)s 现在是“%(state)s”，不能“%(verb)s”。请刷新页面，按页面提示办理。")
            % {"number": case.number, "state": ReliefState(case.state).label, "verb": step.verb.label},
            reason="relief.state",
            case_id=case.id,
            state=case.state,
        )
    for need in step.needs:
        refusal = unmet_need(need, facts_of(case, is_simplified=is_simplified))
        if refusal:
            raise StateConflict(refusal, reason=f"relief.needs_{need.value}", case_id=case.id)
    barring = CaseMove.objects.filter(case=case, verb__in=step.not_after, user_id=actor.user_id)
    taken = barring.first() if step.not_after and not actor.is_system else None
    if taken is not None:
        raise NotAllowed(
            _("这一件由您“%(earlier)s”，不能再由您“%(verb)s”，请交给另一位同事")
            % {"earlier": ReliefVerb(taken.verb).label, "verb": step.verb.label},
            reason="relief.own_case",
            case_id=case.id,
        )
    return step


def advance(
    *,
    actor: Actor,
    case: ReliefCase,
    step: ReliefStep,
    note: str = "",
    due_on: date | None = None,
    measure_ids: Iterable[UUID] = (),
) -> CaseMove:
    """Move the locked case, whose other fields the caller has set; `due_on` overrides the step's dated limit."""
    today, from_state = clock.today(), case.state
    due_before = case.step_due_on
    case.state = step.to_state.value
    case.step_due_on = due_on or due_after(case, step)
    case.measure_ids = list(dict.fromkeys([*case.measure_ids, *measure_ids]))
    case.version += 1
    update_row(case, _MOVED)
    move = write_move(actor=actor, case=case, step=step, from_state=from_state, note=note, due_on=due_before)
    audit.record(
        actor=actor,
        action=f"relief.{step.verb.value}",
        subject=f"relief_case:{case.id}",
        area_code=case.area_code,
        data={"from": from_state, "to": case.state, "amount_fen": case.amount_fen, "on": today},
    )
    return move


def write_move(
    *, actor: Actor, case: ReliefCase, step: ReliefStep, from_state: str, note: str, due_on: date | None
) -> CaseMove:
    if len(note) > NOTE_MAX:
        raise Invalid(_("说明不超过 %(limit)s 字") % {"limit": NOTE_MAX}, reason="relief.note_too_long")
    today = clock.today()
    move = CaseMove(
        case=case,
        version=case.version,
        verb=step.verb.value,
        from_state=from_state,
        to_state=case.state,
        user_id=actor.user_id,
        post_id=actor.post_id,
        actor_name=actor.name,
        note=note,
        due_on=due_on,
        was_in_time=None if due_on is None else today <= due_on,
        occurred_on=today,
        recorded_at=clock.now(),
        area_code=case.area_code,
    )
    insert_row(move)
    return move


def due_after(case: ReliefCase, step: ReliefStep) -> date | None:
    """By when the step after this one is due, by the rule of the acceptance day; None when nothing is."""
    if step.clock is None or step.clock == ReliefClock.PAPERS:
        return None
    today = clock.today()
    limit = rule_on(case.accepted_on or today).limit(step.clock, case.kind)
    count = workdays.add_working_days if limit.is_working else workdays.add_calendar_days
    return count(today, limit.days).on


def required(text: str, refusal: str, reason: str) -> str:
    """The text without blanks around it. Raises Invalid with the refusal when nothing is left."""
    stripped = text.strip()
    if not stripped:
        raise Invalid(refusal, reason=reason)
    return stripped


def _changed(case: ReliefCase) -> ReliefChanged:
    last = CaseMove.objects.filter(case=case).order_by("-version").first()
    assert last is not None, "a case is opened by a move"
    what = ReliefVerb(last.verb).label
    at = last.recorded_at.astimezone(clock.TZ)
    return ReliefChanged(
        _("%(number)s 已由%(who)s于 %(at)s “%(what)s”，现在是“%(state)s”。您的操作没有保存，请刷新后再办。")
        % {
            "number": case.number,
            "who": last.actor_name,
            "at": f"{at:%m-%d %H:%M}",
            "what": what,
            "state": ReliefState(case.state).label,
        },
        case_id=case.id,
        who=last.actor_name,
        at=last.recorded_at,
        what=last.verb,
        version=case.version,
    )
