"""Tasks: what a unit has to do, what was given out and how far it is, what is late and whose matter that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from shouwang.areas.public import Area, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import Assignment, AssignmentFile, AssignmentMove, GroupMember, Task
from ..policies_command import ARRANGES, SEES_TO_TASKS, may_arrange_by_post
from ..rules.escalation import Rung, rung_of
from ..states_command import (
    COMMANDS_GROUP,
    SETTLED,
    TASK_STEPS,
    WITH_DOER,
    GroupKind,
    MemberRole,
    Side,
    TaskState,
    TaskStep,
    TaskVerb,
)
from .events import touches
from .groups import of_member

TASK_SORTS = {"due_at": "due_at", "state": "state"}
MINE, GIVEN, LATE = "mine", "given", "late"


def list_assignments_for(
    actor: Actor,
    *,
    view: str = "",
    state: str = "",
    event_id: UUID | None = None,
    text: str = "",
    sort: str = "",
) -> QuerySet[Assignment]:
    """What units of the actor's areas were given, what is still to do first and the earliest due time first.

    `view`: mine (waits for me), given (my area gave it out), late.
    """
    rows = Assignment.objects.filter(actor.scope.command_q())
    if view == MINE:
        rows = rows.filter(mine_q(actor), state__in=sorted(WITH_DOER))
    elif view == GIVEN:
        rows = rows.filter(task__area_code=actor.area_code)
    elif view == LATE:
        rows = rows.filter(late_q(clock.now()))
    if state:
        rows = rows.filter(state=state)
    if event_id is not None:
        rows = rows.filter(task__event_id=event_id)
    if text.strip():
        rows = rows.filter(task__title__contains=text.strip())
    key = TASK_SORTS.get(sort.removeprefix("-"))
    waiting = Case(When(state__in=sorted(WITH_DOER | {TaskState.DONE}), then=Value(0)), default=Value(1))
    order = [f"-{key}" if sort.startswith("-") else key] if key else [waiting, "due_at"]
    return rows.select_related("task", "task__event", "group").order_by(*order, "id")


def late_q(now: datetime) -> Q:
    return Q(state__in=sorted(WITH_DOER), due_at__lt=now)


def mine_q(actor: Actor) -> Q:
    """Given to me, to a group of mine, or to my area and nobody in particular."""
    mine = Q(responsible_id=actor.user_id) | Q(doer_id=actor.user_id) | of_member(actor)
    if actor.role in SEES_TO_TASKS:
        mine |= Q(area_code=actor.area_code, responsible=None, doer=None, group=None)
    return mine


def get_task_for(actor: Actor, task_id: UUID) -> Task:
    """Raises NotFound."""
    task = (
        Task.objects.filter(touches(actor.scope.command_spans, "reach"), id=task_id)
        .select_related("event", "document")
        .first()
    )
    if task is None:
        raise NotFound(_("没有这项任务，或与您的辖区无关"), reason="task.unknown", task_id=task_id)
    return task


def get_assignment_for(actor: Actor, assignment_id: UUID) -> Assignment:
    """Raises NotFound."""
    assignment = (
        Assignment.objects.filter(actor.scope.command_q(), id=assignment_id)
        .select_related("task", "task__event", "task__document", "group")
        .first()
    )
    if assignment is None:
        raise NotFound(_("没有这项任务，或与您的辖区无关"), reason="task.unknown", assignment_id=assignment_id)
    return assignment


def moves_of(assignment: Assignment) -> list[AssignmentMove]:
    """The newest first, each knowing whether it has a file."""
    moves = assignment.moves.annotate(file_name=F("file__name")).order_by("-position")
    return list(moves)


def get_file_for(actor: Actor, move_id: UUID) -> AssignmentFile:
    """Raises NotFound."""
    file = AssignmentFile.objects.filter(actor.scope.command_q(), move_id=move_id).first()
    if file is None:
        raise NotFound(_("没有这个附件，或不在您的辖区"), reason="task.file", move_id=move_id)
    return file


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the units of a task are: `done` of `total` have reported it done; who has not is a gap."""

    total: int
    done: int
    received: int
    late: int
    quantity: int
    target: int | None
    gaps: list[Assignment]
    settled: list[Assignment]


def coverage_of(actor: Actor, task: Task) -> Coverage:
    """Over the units that the actor sees; what was cancelled is not asked for any more."""
    rows = list(
        task.assignments.filter(actor.scope.command_q())
        .select_related("group")
        .order_by("area_code", "group__position", "id")
    )
    asked = [row for row in rows if row.state != TaskState.CANCELLED]
    now = clock.now()
    gaps = [row for row in asked if row.state not in SETTLED]
    targets = [row.target for row in asked if row.target is not None]
    return Coverage(
        total=len(asked),
        done=len(asked) - len(gaps),
        received=sum(row.received_at is not None for row in asked),
        late=sum(is_late(row, now) for row in asked),
        quantity=sum(row.quantity for row in asked),
        target=sum(targets) if targets else None,
        gaps=gaps,
        settled=[row for row in rows if row not in gaps],
    )


def is_late(assignment: Assignment, now: datetime) -> bool:
    return assignment.state in WITH_DOER and assignment.due_at < now


def rung_for(assignment: Assignment, now: datetime) -> Rung | None:
    return rung_of(assignment.due_at, now) if assignment.state in WITH_DOER else None


def may_give_by_post(actor: Actor, area_code: int) -> bool:
    return may_arrange_by_post(actor, get_area(area_code))


def commands_in(actor: Actor, event_id: UUID | None, area_code: int) -> bool:
    """Whether the actor heads a group of the event in the area, or is a deputy there."""
    if event_id is None or actor.user_id is None:
        return False
    return GroupMember.objects.filter(
        event_id=event_id, area_code=area_code, user_id=actor.user_id, role__in=sorted(COMMANDS_GROUP), until_on=None
    ).exists()


def issuing_areas(actor: Actor) -> list[Area]:
    """Where the actor gives out tasks: the area of the post first, then those of the groups that they head."""
    own = get_area(actor.area_code)
    areas = [own] if may_arrange_by_post(actor, own) else []
    if actor.user_id is not None and actor.scope.event_spans:
        headed = GroupMember.objects.filter(
            user_id=actor.user_id, role__in=sorted(COMMANDS_GROUP), until_on=None
        ).values_list("area_code", flat=True)
        areas += Area.objects.filter(code__in=set(headed) - {area.code for area in areas}).order_by("code")
    return areas


def is_on_side(actor: Actor, assignment: Assignment, side: Side) -> bool:
    """Whether a step of that side may be the actor's, whatever the state is."""
    task = assignment.task
    if side == Side.ISSUER:
        return may_give_by_post(actor, task.area_code) or commands_in(actor, task.event_id, task.area_code)
    if actor.user_id is not None and actor.user_id in (assignment.responsible_id, assignment.doer_id):
        return True
    is_open = assignment.group_id is None and assignment.responsible_id is None and assignment.doer_id is None
    if actor.area_code == assignment.area_code and actor.role in (SEES_TO_TASKS if is_open else ARRANGES):
        return True
    return assignment.group_id is not None and (
        GroupMember.objects.filter(group_id=assignment.group_id, user_id=actor.user_id, until_on=None).exists()
        if actor.user_id is not None
        else False
    )


def steps_for(actor: Actor, assignment: Assignment) -> list[TaskStep]:
    """The steps that the actor may take now. Nobody confirms what they reported themselves."""
    sides = {side: is_on_side(actor, assignment, side) for side in Side}
    return [
        step
        for step in TASK_STEPS
        if assignment.state in step.from_states
        and sides[step.side]
        and not (step.verb == TaskVerb.CONFIRM and reported_by(assignment) == actor.user_id)
    ]


def reported_by(assignment: Assignment) -> UUID | None:
    """Who reported the assignment done last."""
    move = assignment.moves.filter(verb=TaskVerb.FINISH).order_by("-position").first()
    return move.user_id if move else None


@dataclass(frozen=True, slots=True)
class Late:
    """A late assignment, whose matter it is by now, and whom to call."""

    assignment: Assignment
    rung: Rung
    call: GroupMember | None
    name: str


def late_for(actor: Actor, *, limit: int = 8) -> list[Late]:
    """What is late in the actor's areas or was given out by them, the longest first; exercises do not count."""
    now = clock.now()
    rows = list(
        Assignment.objects.filter(actor.scope.command_q(), late_q(now))
        .exclude(task__event__is_exercise=True)
        .select_related("task", "group")
        .order_by("due_at", "id")[:limit]
    )
    heads = _heads(actor, rows)
    return [_late(row, heads, now) for row in rows]


def _heads(actor: Actor, rows: Sequence[Assignment]) -> list[GroupMember]:
    if not rows:
        return []
    return list(
        GroupMember.objects.filter(
            actor.scope.command_q(),
            area_code__in={row.area_code for row in rows},
            role=MemberRole.HEAD,
            until_on=None,
        ).select_related("group")
    )


def _late(row: Assignment, heads: Sequence[GroupMember], now: datetime) -> Late:
    rung = rung_of(row.due_at, now)
    assert rung is not None, "only late assignments are asked for"
    own = next((head for head in heads if head.group_id == row.group_id), None)
    local = [head for head in heads if head.area_code == row.area_code and head.event_id == row.task.event_id]
    office = next((head for head in local if head.group.kind == GroupKind.OFFICE), None)
    leader = next((head for head in local if head.group.kind == GroupKind.LEADING), None)
    call = {"group_head": own or office, "office": office or leader, "upper": leader}.get(rung.key)
    name = {"doer": row.doer_name or row.responsible_name, "responsible": row.responsible_name or row.doer_name}.get(
        rung.key, ""
    )
    return Late(row, rung, call, call.name if call else name)


def open_by_field(actor: Actor, event_id: UUID, area_code: int) -> dict[str, tuple[int, int, datetime]]:
    """By line of responsibility: what is still to do in the area, how much of it is late, the next due time."""
    now = clock.now()
    rows = (
        Assignment.objects.filter(
            actor.scope.command_q(), area_code=area_code, task__event_id=event_id, state__in=sorted(WITH_DOER)
        )
        .order_by("due_at")
        .values_list("task__field", "due_at")
    )
    found: dict[str, tuple[int, int, datetime]] = {}
    for field, due_at in rows:
        count, late, first = found.get(field, (0, 0, due_at))
        found[field] = (count + 1, late + (due_at < now), first)
    return found


def counts_of_event(actor: Actor, event_id: UUID) -> dict[str, int]:
    """By state, and how many are late, over the assignments that the actor sees."""
    rows = Assignment.objects.filter(actor.scope.command_q(), task__event_id=event_id)
    counts = dict(rows.values_list("state").annotate(count=Count("id")).order_by())
    return counts | {"late": rows.filter(late_q(clock.now())).count()}
