"""What a keeper is told: a pure function of the rule, the gate and what is known, the same on the phone and here.

Guarantees: the first clause that decides is told, in the order of docs/gate-formats.md; who goes homeward is never turned
back; fever always goes to the clinic. It decides nothing while a check that the rule asks has not been made: it says
which. The phone's copy is frontend/gate/src/verdict.js; both are driven by tests/gates/vectors/verdicts.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..states import Check, Direction, EstateKind, PassKind, Reason, StalePolicy, Verdict

NOT_ADMITTED, AFTER_ENTRY, ADMITTED = 0, 1, 2


class PassState(StrEnum):
    NONE = "none"
    VALID = "valid"
    UNREADABLE = "unreadable"
    UNKNOWN_VERSION = "unknown_version"
    BAD_SIGNATURE = "bad_signature"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    DENIED = "denied"


class Declaration(StrEnum):
    NONE = "none"
    DECLARED = "declared"
    DUE = "due"
    SYMPTOMS = "symptoms"


class Next(StrEnum):
    """What the keeper does next: one thing."""

    PASS = "pass"  # noqa: S105 - somebody passes
    WRITE_DOWN = "write_down"
    RECORDED = "recorded"
    USE_PAPER = "use_paper"
    UPDATE = "update"
    LOOK_UP = "look_up"
    CLINIC = "clinic"
    PUT_ON_MASK = "put_on_mask"
    HAND_OUT_MASK = "hand_out_mask"
    SHOW_CREDENTIALS = "show_credentials"
    ASK_COMMUNITY = "ask_community"
    COME_IN_HOURS = "come_in_hours"
    REMIND = "remind"
    ASK_SYMPTOMS = "ask_symptoms"


@dataclass(frozen=True, slots=True)
class Exits:
    """How often a household may go out in so many days."""

    count: int
    days: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A segment of format 3. `who` and `inside_leave` are by category; instants are seconds since 1970."""

    who: Mapping[str, int]
    checks: int
    fever_from_tenths: int
    leave_hours: tuple[int, int]
    exits: Exits | None
    declaration_every_days: int | None
    inside_leave: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GateFacts:
    kind: EstateKind
    stale_after_hours: int
    stale_policy: StalePolicy


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom the roster of the gate's estate names."""

    kind: PassKind
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Known:
    """What the keeper's phone knows when it decides; see docs/gate-formats.md, 3."""

    direction: Direction
    minute: int
    manifest_age_s: int
    pass_state: PassState = PassState.NONE
    kind: PassKind | None = None
    is_home: bool = False
    holder: Holder | None = None
    is_written_down: bool = False
    refuses_entry: bool = False
    has_slip: bool = False
    temperature_tenths: int | None = None
    answered: int = 0
    seen: int = 0
    exits_used: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Bits of Check that must be made first."""

    checks: int


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    reason: Reason
    next: Next


_CATEGORIES: dict[PassKind, str] = {
    PassKind.RESIDENT: "resident",
    PassKind.STAFF: "staff",
    PassKind.VISITOR: "visitor",
    PassKind.HELPER: "helper",
    PassKind.INSTITUTION: "institution",
}
_LIVE_HERE = ("resident", "institution")
_CREDENTIALS = Check.HEALTH_CODE | Check.TRIP_CARD
_PROBLEMS: dict[PassState, Reason] = {
    PassState.UNREADABLE: Reason.UNREADABLE,
    PassState.UNKNOWN_VERSION: Reason.UNKNOWN_VERSION,
    PassState.BAD_SIGNATURE: Reason.BAD_SIGNATURE,
    PassState.NOT_YET_VALID: Reason.NOT_YET_VALID,
    PassState.EXPIRED: Reason.EXPIRED,
    PassState.DENIED: Reason.DENIED,
}


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom the rule sees: a category, what is wrong with the pass, and which way home lies."""

    category: str
    problem: Reason
    is_on_roster: bool
    lives_here: bool
    goes_homeward: bool


def decide(rule: Rule, gate: GateFacts, known: Known) -> Ask | Outcome:
    person = _person(gate, known)
    is_stale = known.manifest_age_s > gate.stale_after_hours * 3600
    if is_stale and gate.stale_policy == StalePolicy.REFUSE:
        return _refuse(person, Reason.STALE_MANIFEST, Next.USE_PAPER, homeward=Next.USE_PAPER)
    missing = _asked(rule, known) & ~known.answered
    if missing:
        return Ask(missing)
    return (
        _health(rule, known, person)
        or _may_not_come_in(rule, known, person)
        or _may_not_go_out(rule, gate, known, person)
        or _to_be_written_down(rule, known, person)
        or _declaration(rule, known, person)
        or _admit(person, is_stale)
    )


def _person(gate: GateFacts, known: Known) -> _Person:
    problem = _PROBLEMS.get(known.pass_state, Reason.NONE)
    is_somebody_else = bool(known.answered & ~known.seen & Check.IDENTITY)
    if is_somebody_else:
        problem = Reason.NOT_THE_HOLDER
    category, is_on_roster = _category(known, is_somebody_else)
    lives_here = category in _LIVE_HERE
    if known.direction == Direction.IN:
        homeward = lives_here
    else:
        is_kept_inside = gate.kind == EstateKind.INSTITUTION and category == "staff"
        homeward = not lives_here and category != "unknown" and not is_kept_inside
    return _Person(category, problem, is_on_roster, lives_here, homeward)


def _category(known: Known, is_somebody_else: bool) -> tuple[str, bool]:
    if not is_somebody_else:
        if known.holder is not None:
            return _CATEGORIES[known.holder.kind], True
        if known.pass_state == PassState.VALID and known.kind is not None:
            return (_CATEGORIES[known.kind] if known.is_home else "elsewhere"), False
    if known.has_slip:
        return "resident", True  # the community gave the slip to somebody it knows
    return ("visitor" if known.is_written_down else "unknown"), False


def _refuse(person: _Person, reason: Reason, what: Next, homeward: Next | None = None) -> Outcome:
    if person.goes_homeward:
        return Outcome(Verdict.ADMIT_AFTER_ENTRY, reason, homeward or Next.RECORDED)
    return Outcome(Verdict.TURN_BACK, reason, what)


def _asked(rule: Rule, known: Known) -> int:
    asked = rule.checks
    if known.holder is not None and known.holder.declaration == Declaration.SYMPTOMS:
        asked |= Check.TEMPERATURE
    if known.pass_state != PassState.VALID and known.holder is None:
        asked &= ~Check.IDENTITY  # there is nobody to compare with
    return asked


def _health(rule: Rule, known: Known, person: _Person) -> Outcome | None:
    if known.temperature_tenths is not None and known.temperature_tenths >= rule.fever_from_tenths:
        return Outcome(Verdict.FEVER_CLINIC, Reason.FEVER, Next.CLINIC)
    unseen = rule.checks & ~known.seen
    if unseen & Check.MASK:
        return _refuse(person, Reason.NO_MASK, Next.PUT_ON_MASK, homeward=Next.HAND_OUT_MASK)
    if unseen & _CREDENTIALS:
        return _refuse(person, Reason.CREDENTIALS_MISSING, Next.SHOW_CREDENTIALS)
    return None


def _may_not_come_in(rule: Rule, known: Known, person: _Person) -> Outcome | None:
    if known.direction != Direction.IN or person.lives_here or rule.who[person.category] != NOT_ADMITTED:
        return None
    if person.problem == Reason.UNKNOWN_VERSION:
        return Outcome(Verdict.TURN_BACK, person.problem, Next.UPDATE)
    if person.problem:
        return Outcome(Verdict.TURN_BACK, person.problem, Next.LOOK_UP)
    reason = Reason.NOT_OF_ESTATE if person.category == "elsewhere" else Reason.KIND_REFUSED
    return Outcome(Verdict.TURN_BACK, reason, Next.ASK_COMMUNITY)


def _may_not_go_out(rule: Rule, gate: GateFacts, known: Known, person: _Person) -> Outcome | None:
    if known.direction != Direction.OUT:
        return None
    if gate.kind == EstateKind.INSTITUTION:
        inside = "resident" if person.lives_here else person.category
        if rule.inside_leave.get(inside, 1) == 0:
            return Outcome(Verdict.TURN_BACK, Reason.NOT_TO_LEAVE, Next.ASK_COMMUNITY)
    if not person.lives_here and person.category != "unknown":
        return None
    first, last = rule.leave_hours
    if not first * 60 <= known.minute < last * 60:
        return Outcome(Verdict.TURN_BACK, Reason.OUT_OF_HOURS, Next.COME_IN_HOURS)
    if person.lives_here and rule.exits is not None and known.exits_used >= rule.exits.count:
        return Outcome(Verdict.TURN_BACK, Reason.QUOTA_USED, Next.ASK_COMMUNITY)
    return None


def _to_be_written_down(rule: Rule, known: Known, person: _Person) -> Outcome | None:
    is_new = person.lives_here and not person.is_on_roster
    is_unmeasured = rule.checks & Check.TEMPERATURE and known.temperature_tenths is None
    if known.direction == Direction.IN:
        is_asked = rule.who[person.category] == AFTER_ENTRY or is_new
    else:
        is_asked = person.category == "unknown" or is_new
    if not is_asked and not is_unmeasured:
        return None
    if known.refuses_entry:
        return _refuse(person, Reason.ENTRY_REFUSED, Next.ASK_COMMUNITY)
    is_told = person.is_on_roster or known.is_written_down
    what = Next.RECORDED if is_told else Next.WRITE_DOWN
    return Outcome(Verdict.ADMIT_AFTER_ENTRY, _told(person) or Reason.ENTRY_ASKED, what)


def _declaration(rule: Rule, known: Known, person: _Person) -> Outcome | None:
    """It decides nothing: it is told."""
    if known.holder is None or not person.is_on_roster:
        return None
    if known.holder.declaration == Declaration.SYMPTOMS:
        return Outcome(Verdict.ADMIT, Reason.SYMPTOMS, Next.ASK_SYMPTOMS)
    if rule.declaration_every_days is not None and known.holder.declaration != Declaration.DECLARED:
        return Outcome(Verdict.ADMIT, Reason.DECLARATION_DUE, Next.REMIND)
    return None


def _admit(person: _Person, is_stale: bool) -> Outcome:
    reason = _told(person) or (Reason.STALE_MANIFEST if is_stale else Reason.NONE)
    return Outcome(Verdict.ADMIT, reason, Next.PASS)


def _told(person: _Person) -> Reason:
    if person.problem:
        return person.problem
    if person.category == "elsewhere":
        return Reason.NOT_OF_ESTATE
    return Reason.NOT_ON_ROSTER if person.lives_here and not person.is_on_roster else Reason.NONE
