"""How a relief case is told on its pages: tones of its states, its way as steps, its moves as a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import CaseMove, ReliefCase
from ..states import ReliefKind, ReliefState, ReliefVerb

TONES: dict[str, str] = {
    ReliefState.DRAFT: "neutral",
    ReliefState.ACCEPTED: "progress",
    ReliefState.VERIFIED: "progress",
    ReliefState.NOTICE: "progress",
    ReliefState.APPROVED: "waiting",
    ReliefState.REFUSED: "stopped",
    ReliefState.PAID: "done",
    ReliefState.PAPERS_OWED: "waiting",
    ReliefState.CLOSED: "done",
    ReliefState.WITHDRAWN: "stopped",
}

_Way = tuple[tuple[str, str | Promise], ...]

_URGENT: _Way = (
    (ReliefState.DRAFT, gettext_lazy("申请")),
    (ReliefState.ACCEPTED, gettext_lazy("受理")),
    (ReliefState.VERIFIED, gettext_lazy("核实")),
    (ReliefState.APPROVED, gettext_lazy("审批")),
    (ReliefState.PAID, gettext_lazy("发放")),
    (ReliefState.CLOSED, gettext_lazy("办结")),
)
_EXPENDITURE: _Way = (*_URGENT[:3], (ReliefState.NOTICE, gettext_lazy("公示")), *_URGENT[3:])
_FIRST: _Way = (
    _URGENT[0],
    (ReliefState.ACCEPTED, gettext_lazy("提出先行救助")),
    (ReliefState.APPROVED, gettext_lazy("乡镇确认")),
    (ReliefState.PAPERS_OWED, gettext_lazy("发放现金")),
    (ReliefState.CLOSED, gettext_lazy("补齐手续")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the step bar."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of the timeline."""

    at: datetime
    title: str
    who: str
    text: str
    tone: str


def case_steps(case: ReliefCase) -> list[Step]:
    """The way of the case: what is behind it is done, what comes next is current."""
    way = _FIRST if case.is_relief_first else _EXPENDITURE if case.kind == ReliefKind.EXPENDITURE else _URGENT
    if case.state in (ReliefState.REFUSED, ReliefState.WITHDRAWN):
        return [Step(str(way[0][1]), "done"), Step(str(ReliefState(case.state).label), "current")]
    states = [state for state, _label in way]
    reached = len(states) if case.state == ReliefState.CLOSED else states.index(case.state) + 1
    if case.state == ReliefState.NOTICE:
        reached -= 1
    if case.state == ReliefState.VERIFIED and case.notice_ended_on and ReliefState.NOTICE in states:
        reached += 1
    steps = []
    for position, (_state, label) in enumerate(way):
        state = "done" if position < reached else "current" if position == reached else "todo"
        due = case.step_due_on if state == "current" else None
        note = _("%(day)s 到期") % {"day": f"{due:%m-%d}"} if due else ""
        steps.append(Step(str(label), state, note))
    return steps


def case_timeline(moves: Iterable[CaseMove]) -> list[Happened]:
    return [
        Happened(
            at=move.recorded_at,
            title=_title(move),
            who=move.actor_name,
            text=move.note,
            tone="overdue" if move.was_in_time is False else TONES[move.to_state],
        )
        for move in moves
    ]


def _title(move: CaseMove) -> str:
    label = str(ReliefVerb(move.verb).label)
    if move.was_in_time is False:
        return _("%(step)s（超期，期限 %(day)s）") % {"step": label, "day": f"{move.due_on:%Y-%m-%d}"}
    return label
