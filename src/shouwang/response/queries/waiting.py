"""Tasks that wait for a person, for the page 今天."""

from __future__ import annotations

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.worklist import WorkItem

from ..models import Assignment, Task
from ..policies_command import ARRANGES
from ..states_command import WITH_DOER, TaskState
from .tasks import mine_q


def tasks_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:
    """What I have to do, and what units have reported done and wait for my word: one item a task."""
    return [*_to_do(actor, limit), *_to_confirm(actor, limit)][:limit]


def _to_do(actor: Actor, limit: int) -> list[WorkItem]:
    if actor.user_id is None or not actor.scope.command_spans:
        return []
    rows = Assignment.objects.filter(actor.scope.command_q(), mine_q(actor), state__in=sorted(WITH_DOER))
    actions = {
        TaskState.OPEN: _("签收"),
        TaskState.RECEIVED: _("报进展或报完成"),
        TaskState.RETURNED: _("重办后再报完成"),
    }
    return [
        WorkItem(
            kind=_kind(row.task),
            title=row.task.title,
            action=actions[TaskState(row.state)],
            url=reverse("assignment_detail", args=[row.id]),
            due_on=row.due_at.astimezone(clock.TZ).date(),
        )
        for row in rows.select_related("task", "task__event").order_by("due_at", "id")[:limit]
    ]


def _to_confirm(actor: Actor, limit: int) -> list[WorkItem]:
    if actor.role not in ARRANGES:
        return []
    done = Assignment.objects.filter(
        actor.scope.command_q(), task__area_code=actor.area_code, state=TaskState.DONE
    ).select_related("task", "task__event")
    rows = list(done.order_by("due_at", "id")[: limit * 20])
    counts = Counter(row.task_id for row in rows)
    tasks = {row.task_id: row.task for row in rows}
    return [
        WorkItem(
            kind=_kind(task),
            title=task.title,
            action=_("确认办结（%(count)s 个单位报了完成）") % {"count": counts[task_id]},
            url=reverse("task_detail", args=[task_id]),
            due_on=task.due_at.astimezone(clock.TZ).date(),
        )
        for task_id, task in list(tasks.items())[:limit]
    ]


def _kind(task: Task) -> str:
    label = str(task.get_kind_display())
    return _("%(kind)s（演练）") % {"kind": label} if task.event is not None and task.event.is_exercise else label
