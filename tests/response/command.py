"""A city with an event, its groups and its tasks, for tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shouwang.accounts.public import Role, actor_of
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.response.models import Assignment, Document, Event, Group, GroupMember, Task
from shouwang.response.public import (
    NewEvent,
    NewPlace,
    NewTask,
    Recipient,
    Said,
    add_member,
    form_groups,
    give_task,
    open_event,
    register_document,
    take_step,
)
from tests.factories import HANTING, WEIFANG, make_actor

STARTED = clock.instant(2020, 1, 24, 12)


def again(actor: Actor) -> Actor:
    """The user as the next request would have them."""
    assert actor.user_id is not None
    fresh = actor_of(user_id=actor.user_id)
    assert fresh is not None
    return fresh


def city() -> Actor:
    return make_actor(Role.CITY_OFFICER, WEIFANG)


def opened(actor: Actor, area_code: int | None = None, **changes: object) -> Event:
    new = {
        "kind": "epidemic", "title": "新冠肺炎疫情", "area_code": area_code or actor.area_code, "level": 1,
        "started_at": STARTED, "reason": "省启动一级响应",
    }  # fmt: skip
    with use_scope(actor.scope):
        return open_event(actor=actor, event_id=new_id(), new=NewEvent(**(new | changes)))  # type: ignore[arg-type]


def formed(actor: Actor, event: Event, area_code: int | None = None, template: str = "office_four") -> dict[str, Group]:
    with use_scope(actor.scope):
        groups = form_groups(
            actor=actor, event_id=event.id, area_code=area_code or actor.area_code, template_key=template
        )
    return {group.key: group for group in groups}


def joined(actor: Actor, group: Group, who: Actor | str, role: str = "member", **more: str) -> GroupMember:
    place = (
        NewPlace(role=role, name=who, organisation="卫健委", phone="13800000000", **more)
        if isinstance(who, str)
        else NewPlace(role=role, user_id=who.user_id, **more)
    )
    with use_scope(actor.scope):
        return add_member(actor=actor, group_id=group.id, member_id=new_id(), place=place)


def given(
    actor: Actor,
    *recipients: Recipient,
    due_at: datetime | None = None,
    task_id: object = None,
    **changes: object,
) -> Task:
    new = {"title": "摸排困难群众", "area_code": actor.area_code, "due_at": due_at or clock.now() + timedelta(days=1)}
    with use_scope(actor.scope):
        return give_task(
            actor=actor,
            task_id=task_id or new_id(),  # type: ignore[arg-type]
            new=NewTask(**(new | changes)),  # type: ignore[arg-type]
            recipients=recipients or (Recipient(HANTING),),
        )


def only(actor: Actor, task: Task) -> Assignment:
    with use_scope(actor.scope):
        return Assignment.objects.select_related("task").get(task=task)


def step(actor: Actor, assignment: Assignment, verb: str, text: str = "已办", **more: object) -> Assignment:
    with use_scope(actor.scope):
        now = Assignment.objects.get(id=assignment.id)
        return take_step(
            actor=actor,
            assignment_id=assignment.id,
            verb=verb,
            expected_version=now.version,
            move_id=new_id(),
            said=Said(text=text, **more),  # type: ignore[arg-type]
        )


def document(actor: Actor) -> Document:
    with use_scope(actor.scope):
        return register_document(
            actor=actor, number="潍民〔2020〕8号", title="通知", issuer="潍坊市民政局", issued_on=date(2020, 2, 4),
            area_code=actor.area_code,
        )  # fmt: skip
