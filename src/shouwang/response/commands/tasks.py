"""Giving out a task, to one or many units in one step, and seeing it through.

Guarantees: what was asked is never edited; every step is an append-only row, by the side whose step it is, along the
transition table; nobody confirms what they reported done themselves; results are added up from the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import officers_within
from shouwang.areas.public import Area, get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import Span, lies_within

from ..files import IncomingFile, check_file
from ..models import Assignment, AssignmentFile, AssignmentMove, Event, Group, GroupLine, GroupMember, Task
from ..queries.documents import get_document
from ..queries.events import get_event_for
from ..queries.groups import holder
from ..queries.tasks import commands_in, get_assignment_for, get_task_for, is_on_side, may_give_by_post, reported_by
from ..states_command import (
    TASK_STEP_OF,
    DutyField,
    EventState,
    Side,
    TaskKind,
    TaskSource,
    TaskState,
    TaskStep,
    TaskVerb,
)

TITLE_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class NewTask:
    """What is to be done. `area_code` is where it is given out from."""

    title: str
    area_code: int
    due_at: datetime
    text: str = ""
    kind: str = TaskKind.ORDINARY
    source: str = TaskSource.NONE
    source_note: str = ""
    document_id: UUID | None = None
    event_id: UUID | None = None
    field: str = DutyField.OTHER
    result_label: str = ""
    result_unit: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is given it: the bureau of an area, a group there, or persons; `target` is the quantity asked for."""

    area_code: int
    group_id: UUID | None = None
    responsible_id: UUID | None = None
    doer_id: UUID | None = None
    target: int | None = None


@dataclass(slots=True)
class _Pair:
    """The two-person line as it is written down: a user where there is one, a name in any case."""

    responsible_id: UUID | None = None
    responsible_name: str = ""
    doer_id: UUID | None = None
    doer_name: str = ""


@transaction.atomic
def give_task(*, actor: Actor, task_id: UUID, new: NewTask, recipients: Sequence[Recipient]) -> Task:
    """One task to all recipients at once. `task_id` comes from the form: a repeat returns what is there.

    Raises NotAllowed, NotFound (area, group, person, document, event not the actor's), Invalid, StateConflict (the event
    is over), Conflict.
    """
    area = get_area(new.area_code)
    if not actor.scope.commands(area.code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), reason="task.area")
    event = get_event_for(actor, new.event_id) if new.event_id else None
    if not may_give_by_post(actor, area.code) and not commands_in(actor, new.event_id, area.code):
        raise NotAllowed(_("任务由当地民政负责人、经办，或工作组的组长、副组长下达"), reason="task.not_an_authority")
    earlier = Task.objects.filter(id=task_id).first()
    if earlier is not None:
        if (earlier.title, earlier.area_code, earlier.due_at) != (new.title.strip(), area.code, new.due_at):
            raise Conflict(_("这次提交的编号已经用于另一项任务，请重新打开页面再下达"), reason="task.differs")
        return get_task_for(actor, task_id)
    _check_new(new, recipients, event)
    task = Task.objects.create(
        id=task_id,
        kind=new.kind,
        title=new.title.strip(),
        text=new.text.strip()[:2000],
        source=new.source,
        source_note=new.source_note.strip()[:200],
        document=get_document(new.document_id) if new.document_id else None,
        event=event,
        field=new.field,
        area_code=area.code,
        reach=_points([area.code, *(recipient.area_code for recipient in recipients)]),
        due_at=new.due_at,
        result_label=_("到岗人数") if new.kind == TaskKind.RECALL else new.result_label.strip(),
        result_unit=_("人") if new.kind == TaskKind.RECALL else new.result_unit.strip(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        issuer_name=actor.name,
    )
    assigned = [_assign(task, area, recipient) for recipient in recipients]
    Assignment.objects.bulk_create(assigned)
    AssignmentMove.objects.bulk_create(_first_move(actor, one) for one in assigned)
    audit.record(
        actor=actor,
        action="task.give",
        subject=f"task:{task.id}",
        area_code=area.code,
        data={"kind": task.kind, "count": len(assigned), "to": task.due_at},
    )
    return task


def _check_new(new: NewTask, recipients: Sequence[Recipient], event: Event | None) -> None:
    if not 1 <= len(new.title.strip()) <= TITLE_LENGTH_MAX:
        raise Invalid(_("请填写任务，不超过 100 字"), reason="task.incomplete")
    if not recipients:
        raise Invalid(_("请选择承办的单位、工作组或人员"), reason="task.nobody")
    if new.due_at <= clock.now():
        raise Invalid(_("完成时限要晚于现在"), reason="task.due_past")
    if new.kind not in TaskKind or new.source not in TaskSource or new.field not in DutyField:
        raise Invalid(_("请选择任务的种类和来源"), reason="task.kind")
    if new.source == TaskSource.DOCUMENT and new.document_id is None:
        raise Invalid(_("来源是文件的，请选择文件"), reason="task.document")
    if new.source == TaskSource.EVENT and event is None:
        raise Invalid(_("来源是事件的，请选择事件"), reason="task.event")
    if new.kind == TaskKind.RECALL and any(not recipient.target for recipient in recipients):
        raise Invalid(_("召回要写明应到人数"), reason="task.recall_target")
    if event is not None and event.state != EventState.OPEN:
        raise StateConflict(_("“%(event)s”已经结束，不能再下达任务") % {"event": event.title}, reason="event.ended")


def _assign(task: Task, issuing: Area, recipient: Recipient) -> Assignment:
    if not lies_within(recipient.area_code, issuing.span):
        raise NotFound(_("任务只能下达给本地和下级单位"), reason="task.recipient_area")
    group = None
    if recipient.group_id is not None:
        group = Group.objects.filter(id=recipient.group_id, area_code=recipient.area_code, until_on=None).first()
        if group is None or group.event_id != task.event_id:
            raise NotFound(_("没有这个工作组，或不属于这个事件"), reason="task.group")
    pair = _pair(task, issuing, group, recipient)
    return Assignment(
        id=new_id(),
        task=task,
        area_code=recipient.area_code,
        group=group,
        responsible_id=pair.responsible_id,
        responsible_name=pair.responsible_name,
        doer_id=pair.doer_id,
        doer_name=pair.doer_name,
        target=recipient.target,
        due_at=task.due_at,
        version=1,
    )


def _pair(task: Task, issuing: Area, group: Group | None, recipient: Recipient) -> _Pair:
    """Who answers and who does: as named, else as the group's line of this field says."""
    named = [one for one in (recipient.responsible_id, recipient.doer_id) if one is not None]
    if named:
        if len(named) != len(set(named)):
            raise Invalid(_("责任人和承办人不能是同一个人"), reason="task.one_person")
        known = dict(officers_within(issuing.span).filter(id__in=named).values_list("id", "name"))
        if len(known) != len(named):
            raise NotFound(_("责任人和承办人要从辖区内的用户里选"), reason="task.person")
        return _Pair(
            recipient.responsible_id,
            known.get(recipient.responsible_id, "") if recipient.responsible_id else "",
            recipient.doer_id,
            known.get(recipient.doer_id, "") if recipient.doer_id else "",
        )
    if group is None:
        return _Pair()
    line = (
        GroupLine.objects.filter(group=group, field=task.field, until_on=None)
        .select_related("responsible", "doer")
        .first()
    )
    responsible = holder(line.responsible) if line else None
    responsible = responsible or GroupMember.objects.filter(group=group, role="head", until_on=None).first()
    doer = holder(line.doer) if line else None
    if doer is not None and responsible is not None and doer.person_key == responsible.person_key:
        doer = None
    return _Pair(
        responsible.user_id if responsible else None,
        responsible.name if responsible else "",
        doer.user_id if doer else None,
        doer.name if doer else "",
    )


def _points(codes: Sequence[int]) -> tuple[Span, ...]:
    return tuple((code, code + 1) for code in sorted(set(codes)))


def _first_move(actor: Actor, assignment: Assignment) -> AssignmentMove:
    return AssignmentMove(
        assignment=assignment,
        area_code=assignment.area_code,
        position=1,
        verb=TaskVerb.ASSIGN,
        to_state=TaskState.OPEN,
        user_id=actor.user_id,
        actor_name=actor.name,
        recorded_at=clock.now(),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with a step: words, a result quantity that is added, the evidence."""

    text: str = ""
    quantity: int | None = None
    file: IncomingFile | None = None


@transaction.atomic
def take_step(
    *, actor: Actor, assignment_id: UUID, verb: str, expected_version: int, move_id: UUID, said: Said
) -> Assignment:
    """Move an assignment along its table. `move_id` comes from the form: a repeat returns what is there.

    Raises NotFound, NotAllowed (not the actor's step), StateConflict, Conflict (it moved since it was shown), Invalid.
    """
    shown = get_assignment_for(actor, assignment_id)
    step = TASK_STEP_OF.get(verb)
    if step is None:
        raise NotFound(_("没有这一步"), reason="task.verb")
    if not is_on_side(actor, shown, step.side):
        who = _("承办单位") if step.side == Side.DOER else _("下达任务的单位")
        raise NotAllowed(_("“%(step)s”由%(who)s办理") % {"step": step.verb.label, "who": who}, reason="task.side")
    if AssignmentMove.objects.filter(id=move_id, assignment=shown, verb=verb).exists():
        return shown
    assignment = Assignment.objects.select_for_update(of=("self",)).select_related("task").get(id=assignment_id)
    if assignment.version != expected_version:
        raise Conflict(_("这项任务刚有变动，请刷新页面后再办理"), reason="task.stale", version=assignment.version)
    _check_step(actor, assignment, step, said)
    before = assignment.state
    _apply(assignment, step, said)
    move = AssignmentMove.objects.create(
        id=move_id,
        assignment=assignment,
        area_code=assignment.area_code,
        position=assignment.version,
        verb=step.verb,
        from_state=before,
        to_state=assignment.state,
        text=said.text.strip()[:1000],
        quantity=said.quantity,
        is_late=step.verb == TaskVerb.FINISH and clock.now() > assignment.due_at,
        user_id=actor.user_id,
        actor_name=actor.name,
        recorded_at=clock.now(),
    )
    if said.file is not None:
        _keep_file(move, said.file)
    audit.record(
        actor=actor,
        action=f"task.{step.verb}",
        subject=f"assignment:{assignment.id}",
        area_code=assignment.area_code,
        data={"from": before, "to": assignment.state, "count": said.quantity},
    )
    return assignment


def _check_step(actor: Actor, assignment: Assignment, step: TaskStep, said: Said) -> None:
    if assignment.state not in step.from_states:
        raise StateConflict(
            _("这项任务%(state)s，不能%(step)s") % {"state": assignment.get_state_display(), "step": step.verb.label},
            reason="task.state",
        )
    if step.verb == TaskVerb.CONFIRM and reported_by(assignment) == actor.user_id and actor.user_id is not None:
        raise NotAllowed(_("自己报的完成，要由另一个人确认"), reason="task.own_report")
    if step.needs_words and not said.text.strip():
        raise Invalid(_("请写明情况"), reason="task.words")
    if said.quantity is not None and step.verb not in (TaskVerb.PROGRESS, TaskVerb.FINISH):
        raise Invalid(_("只有报进展、报完成时填写数量"), reason="task.quantity")
    is_recall = assignment.task.kind == TaskKind.RECALL
    if is_recall and assignment.target is not None:
        arrived = assignment.quantity + (said.quantity or 0)
        if arrived > assignment.target:
            words = {"arrived": arrived, "target": assignment.target}
            raise Invalid(_("到岗合计 %(arrived)s 人，超过应到 %(target)s 人") % words, reason="task.recall_over")
    if said.file is not None:
        check_file(said.file)


def _apply(assignment: Assignment, step: TaskStep, said: Said) -> None:
    assignment.state = step.to_state or assignment.state
    assignment.quantity += said.quantity or 0
    assignment.version += 1
    if step.verb == TaskVerb.RECEIVE:
        assignment.received_at = clock.now()
    elif step.verb == TaskVerb.FINISH:
        assignment.done_at = clock.now()
    assignment.save(update_fields=["state", "quantity", "version", "received_at", "done_at"])


def _keep_file(move: AssignmentMove, file: IncomingFile) -> None:
    AssignmentFile.objects.create(
        move=move,
        area_code=move.area_code,
        name=file.plain_name,
        size_bytes=len(file.content),
        sha256=file.sha256,
        content=file.content,
    )
