"""Codes of the command of events: events, groups, tasks; their transition tables as data."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class EventKind(models.TextChoices):
    EPIDEMIC = "epidemic", "疫情"
    FLOOD = "flood", "洪涝"
    TYPHOON = "typhoon", "台风"
    EARTHQUAKE = "earthquake", "地震"
    DROUGHT = "drought", "干旱"
    COLD = "cold", "低温雨雪冰冻"
    FIRE = "fire", "火灾"
    ACCIDENT = "accident", "事故灾难"
    OTHER = "other", "其他突发事件"
    KEY_TASKS = "key_tasks", "年度重点工作"


WITHOUT_LEVEL: frozenset[str] = frozenset({EventKind.KEY_TASKS})
"""The year's key tasks are an event of their own, so that one task system serves both; they have no response level."""


class EventLevel(models.IntegerChoices):
    """The response level; the lower number is the graver."""

    ONE = 1, "Ⅰ级"
    TWO = 2, "Ⅱ级"
    THREE = 3, "Ⅲ级"
    FOUR = 4, "Ⅳ级"


class EventState(models.TextChoices):
    OPEN = "open", "响应中"
    ENDED = "ended", "已结束"

    @property
    def tone(self) -> str:
        return {"open": "progress", "ended": "stopped"}[self.value]


class EventVerb(models.TextChoices):
    OPEN = "open", "启动"
    RAISE = "raise", "上调级别"
    LOWER = "lower", "下调级别"
    END = "end", "结束响应"


EVENT_AFTER: dict[tuple[str, str], EventState] = {
    (EventState.OPEN, EventVerb.RAISE): EventState.OPEN,
    (EventState.OPEN, EventVerb.LOWER): EventState.OPEN,
    (EventState.OPEN, EventVerb.END): EventState.ENDED,
}
"""What a verb makes of an event; any other pair is refused."""


class GroupKind(models.TextChoices):
    LEADING = "leading", "领导小组"
    OFFICE = "office", "办公室"
    WORK = "work", "工作组"
    COMMAND = "command", "指挥部专组"


class Duty(models.TextChoices):
    """The four duties of donations, which no one person holds two of."""

    RECEIVE = "receive", "接收"
    ALLOCATE = "allocate", "分配"
    PUBLISH = "publish", "公示"
    AUDIT = "audit", "监督"


class MemberRole(models.TextChoices):
    HEAD = "head", "组长"
    DEPUTY = "deputy", "副组长"
    MEMBER = "member", "成员"
    LIAISON = "liaison", "联络员"


COMMANDS_GROUP: frozenset[str] = frozenset({MemberRole.HEAD, MemberRole.DEPUTY})
"""Who arranges a group and gives out tasks by an event role."""


class DutyField(models.TextChoices):
    """The lines of responsibility of a bureau in an emergency, and one for whatever else a group does."""

    STATISTICS = "statistics", "统计上报"
    COMMUNITY = "community", "社区指导"
    ASSISTANCE = "assistance", "社会救助"
    CHARITY = "charity", "慈善捐赠"
    VOLUNTEERS = "volunteers", "志愿服务"
    SUPERVISION = "supervision", "监督检查"
    OTHER = "other", "其他"


SIX_LINES: tuple[DutyField, ...] = tuple(field for field in DutyField if field != DutyField.OTHER)


class TaskSource(models.TextChoices):
    DOCUMENT = "document", "文件"
    MEETING = "meeting", "会议"
    PLAN = "plan", "预案"
    EVENT = "event", "事件"
    NONE = "none", "日常交办"


class TaskKind(models.TextChoices):
    ORDINARY = "ordinary", "任务"
    RECALL = "recall", "召回到岗"


class TaskState(models.TextChoices):
    OPEN = "open", "待签收"
    RECEIVED = "received", "办理中"
    DONE = "done", "待确认"
    RETURNED = "returned", "退回重办"
    CONFIRMED = "confirmed", "已办结"
    CANCELLED = "cancelled", "已撤销"

    @property
    def tone(self) -> str:
        return _TASK_TONES[self.value]


_TASK_TONES = {
    "open": "neutral",
    "received": "progress",
    "done": "waiting",
    "returned": "waiting",
    "confirmed": "done",
    "cancelled": "stopped",
}


class TaskVerb(models.TextChoices):
    ASSIGN = "assign", "下达"
    RECEIVE = "receive", "签收"
    PROGRESS = "progress", "报进展"
    FINISH = "finish", "报完成"
    CONFIRM = "confirm", "确认办结"
    RETURN = "return", "退回重办"
    CANCEL = "cancel", "撤销"


class Side(models.TextChoices):
    """Whose step it is: of the unit that was given the task, or of who gave it."""

    DOER = "doer", "承办单位"
    ISSUER = "issuer", "交办单位"


@dataclass(frozen=True, slots=True)
class TaskStep:
    """A verb: whose it is, and from which states to which. `to_state` None: the state stays."""

    verb: TaskVerb
    side: Side
    from_states: frozenset[str]
    to_state: TaskState | None
    needs_words: bool = False


TASK_STEPS: tuple[TaskStep, ...] = (
    TaskStep(TaskVerb.RECEIVE, Side.DOER, frozenset({TaskState.OPEN}), TaskState.RECEIVED),
    TaskStep(TaskVerb.PROGRESS, Side.DOER, frozenset({TaskState.RECEIVED, TaskState.RETURNED}), None, needs_words=True),
    TaskStep(
        TaskVerb.FINISH,
        Side.DOER,
        frozenset({TaskState.RECEIVED, TaskState.RETURNED}),
        TaskState.DONE,
        needs_words=True,
    ),
    TaskStep(TaskVerb.CONFIRM, Side.ISSUER, frozenset({TaskState.DONE}), TaskState.CONFIRMED),
    TaskStep(TaskVerb.RETURN, Side.ISSUER, frozenset({TaskState.DONE}), TaskState.RETURNED, needs_words=True),
    TaskStep(
        TaskVerb.CANCEL,
        Side.ISSUER,
        frozenset({TaskState.OPEN, TaskState.RECEIVED, TaskState.RETURNED, TaskState.DONE}),
        TaskState.CANCELLED,
        needs_words=True,
    ),
)

TASK_STEP_OF: dict[str, TaskStep] = {step.verb: step for step in TASK_STEPS}

WITH_DOER: frozenset[str] = frozenset({TaskState.OPEN, TaskState.RECEIVED, TaskState.RETURNED})
"""States in which the unit has something to do, and is late when the due time has passed."""

SETTLED: frozenset[str] = frozenset({TaskState.DONE, TaskState.CONFIRMED})
"""What a campaign counts as covered: the unit has reported it done."""
