"""Opening an event, raising and lowering its level, ending it.

Guarantees: every change of an event is an append-only row, in order of time; ending it ends, in the same transaction,
every group, every place in a group and every event role that hung on it. What was ordered in it stays: measures are
lifted and tasks settled by those who gave them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import end_event_posts
from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, StateConflict

from ..events import EventEnded, EventLevelChanged, EventOpened
from ..models import Event, EventMove
from ..policies_command import ensure_may_command_event
from ..queries.documents import get_document
from ..queries.events import get_event_for
from ..states_command import EVENT_AFTER, WITHOUT_LEVEL, EventKind, EventLevel, EventState, EventVerb
from .groups import dissolve_all

TITLE_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it is opened. `level` is None for the year's key tasks only."""

    kind: str
    title: str
    area_code: int
    level: int | None
    started_at: datetime
    reason: str
    document_id: UUID | None = None
    is_exercise: bool = False


@transaction.atomic
def open_event(*, actor: Actor, event_id: UUID, new: NewEvent) -> Event:
    """Sent again with its id and the same content it is the event that is there.

    Raises NotAllowed, Invalid (level, title, a start that has not come), Conflict.
    """
    area = get_area(new.area_code)
    ensure_may_command_event(actor, area.span)
    _check_new(new)
    content = {
        "kind": new.kind,
        "title": new.title.strip(),
        "area_code": area.code,
        "started_at": new.started_at,
        "is_exercise": new.is_exercise,
    }
    event = Event(
        id=event_id,
        spans=area.span,
        level=new.level,
        version=1,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        **content,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        existing = get_event_for(actor, event_id)
        if any(getattr(existing, name) != value for name, value in content.items()):
            raise Conflict(
                _("这次提交的编号已经用于另一个事件，请重新打开页面再启动"), reason="event.differs"
            ) from None
        return existing
    _move(actor, event, EventVerb.OPEN, new.level, new.started_at, new.reason, new.document_id)
    events.publish(
        EventOpened(
            event_id=event.id,
            event_kind=event.kind,
            area_code=event.area_code,
            level=event.level,
            at=event.started_at,
            is_exercise=event.is_exercise,
        )
    )
    return event


def _check_new(new: NewEvent) -> None:
    if new.kind not in EventKind or not 1 <= len(new.title.strip()) <= TITLE_LENGTH_MAX:
        raise Invalid(_("请填写事件的种类和名称，名称不超过 100 字"), reason="event.incomplete")
    has_level = new.level in EventLevel.values
    if new.kind in WITHOUT_LEVEL and new.level is not None:
        raise Invalid(_("年度重点工作不分响应级别"), reason="event.level")
    if new.kind not in WITHOUT_LEVEL and not has_level:
        raise Invalid(_("请选择响应级别"), reason="event.level")
    if new.started_at > clock.now():
        raise Invalid(_("启动时间还没有到"), reason="event.future")
    if not new.reason.strip():
        raise Invalid(_("请写明依据或原因"), reason="event.reason")


@transaction.atomic
def change_level(
    *,
    actor: Actor,
    event_id: UUID,
    expected_version: int,
    level: int,
    at: datetime,
    reason: str,
    document_id: UUID | None = None,
) -> Event:
    """Raise or lower the response level from an instant on. Raises StateConflict, Conflict, Invalid, NotAllowed."""
    event = _locked(actor, event_id, expected_version)
    if event.level is None:
        raise StateConflict(_("年度重点工作不分响应级别"), reason="event.level")
    if level not in EventLevel.values or level == event.level:
        raise Invalid(_("请选择与现在不同的级别"), reason="event.level")
    verb = EventVerb.RAISE if level < event.level else EventVerb.LOWER
    _check_step(event, verb, at, reason)
    event.level = level
    event.version += 1
    event.save(update_fields=["level", "version"])
    _move(actor, event, verb, level, at, reason, document_id)
    events.publish(
        EventLevelChanged(
            event_id=event.id, area_code=event.area_code, level=level, at=at, is_exercise=event.is_exercise
        )
    )
    return event


@transaction.atomic
def end_event(
    *,
    actor: Actor,
    event_id: UUID,
    expected_version: int,
    at: datetime,
    reason: str,
    document_id: UUID | None = None,
) -> Event:
    """The event is over from an instant on; groups and event roles end today. Raises StateConflict, Invalid, NotAllowed."""
    event = _locked(actor, event_id, expected_version)
    _check_step(event, EventVerb.END, at, reason)
    event.state, event.ended_at = EventState.ENDED, at
    event.version += 1
    event.save(update_fields=["state", "ended_at", "version"])
    _move(actor, event, EventVerb.END, None, at, reason, document_id)
    dissolve_all(actor=actor, event=event, reason=_("事件结束"))
    end_event_posts(actor=actor, event_id=event.id)
    events.publish(EventEnded(event_id=event.id, area_code=event.area_code, at=at, is_exercise=event.is_exercise))
    return event


def _locked(actor: Actor, event_id: UUID, expected_version: int) -> Event:
    shown = get_event_for(actor, event_id)
    ensure_may_command_event(actor, shown.spans)
    event = Event.objects.select_for_update().get(id=event_id)
    if event.version != expected_version:
        raise Conflict(_("这个事件刚有变动，请刷新页面后再办理"), reason="event.stale", version=event.version)
    return event


def _check_step(event: Event, verb: EventVerb, at: datetime, reason: str) -> None:
    if (event.state, verb) not in EVENT_AFTER:
        raise StateConflict(
            _("“%(event)s”%(state)s，不能%(verb)s")
            % {"event": event.title, "state": event.get_state_display(), "verb": verb.label},
            reason="event.state",
        )
    if not reason.strip():
        raise Invalid(_("请写明依据或原因"), reason="event.reason")
    if at > clock.now():
        raise Invalid(_("时间还没有到"), reason="event.future")
    last = event.moves.order_by("-position").first()
    if last is not None and at < last.at:
        raise Invalid(_("时间不能早于上一次变动"), reason="event.order")


def _move(
    actor: Actor,
    event: Event,
    verb: EventVerb,
    level: int | None,
    at: datetime,
    reason: str,
    document_id: UUID | None,
) -> None:
    EventMove.objects.create(
        event=event,
        area_code=event.area_code,
        spans=event.spans,
        position=event.version,
        verb=verb,
        level=level,
        at=at,
        reason=reason.strip()[:300],
        document=get_document(document_id) if document_id else None,
        user_id=actor.user_id,
        actor_name=actor.name,
        recorded_at=clock.now(),
    )
    audit.record(
        actor=actor,
        action=f"event.{verb}",
        subject=f"event:{event.id}",
        area_code=event.area_code,
        data={"kind": event.kind, "at": at, "level": level, "reason": reason.strip()[:300]},
    )
