"""Event roles: what overlays a user's posts while an event lasts.

Guarantees: nobody hands out an area that is not their own; nobody who oversees, or runs the machine, takes one; a role
is never edited, only ended; each act is audited. Whoever calls has checked that the actor commands the event.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound

from ..acting import posts_in_force
from ..errors import IncompatiblePosts
from ..models import EventPost, User
from ..states import NO_EVENT_ROLES, Role


@transaction.atomic
def open_event_post(*, actor: Actor, user_id: UUID, event_id: UUID, area_code: int) -> EventPost:
    """The user takes part in the command of the event in the area from today; one that is open already stays.

    Raises NotFound (no such user, or without a post), NotAllowed, IncompatiblePosts.
    """
    _check_own(actor, area_code)
    user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
    held = list(posts_in_force(user_id=user_id).values_list("role", flat=True)) if user else []
    if user is None or not held:
        raise NotFound(_("没有这位用户，或其没有在任的岗位"), reason="user.unknown")
    barred = next((role for role in held if role in NO_EVENT_ROLES), None)
    if barred is not None:
        words = {"name": user.name, "held": Role(barred).label}
        raise IncompatiblePosts(_("%(name)s 任%(held)s，不能参加事件的指挥和办理") % words, held=barred)
    standing = EventPost.objects.filter(user=user, event_id=event_id, area_code=area_code, until_on=None).first()
    if standing is not None:
        return standing
    post = EventPost.objects.create(
        user=user, event_id=event_id, area_code=area_code, from_on=clock.today(), recorded_at=clock.now()
    )
    _audit(actor, "post.open_event", post)
    return post


@transaction.atomic
def end_event_posts(*, actor: Actor, event_id: UUID, user_id: UUID | None = None, area_code: int | None = None) -> int:
    """Event roles of the event end today, at once: all of them, or those of a user in an area. Returns how many."""
    open_posts = EventPost.objects.select_for_update().filter(event_id=event_id, until_on=None).order_by("id")
    if user_id is not None:
        open_posts = open_posts.filter(user_id=user_id)
    if area_code is not None:
        open_posts = open_posts.filter(area_code=area_code)
    posts = list(open_posts)
    for post in posts:
        _check_own(actor, post.area_code)
        post.until_on = clock.today()
        post.save(update_fields=["until_on"])
        _audit(actor, "post.end_event", post)
    return len(posts)


def _check_own(actor: Actor, area_code: int) -> None:
    area = get_area(area_code)
    covers = actor.scope.covers(area.span) or all(
        any(low <= begin and end <= high for low, high in actor.scope.event_spans) for begin, end in area.span
    )
    if not covers or actor.role in NO_EVENT_ROLES:
        raise NotAllowed(
            _("%(area)s不全在您的管辖范围，不能安排那里的工作组") % {"area": area.name}, reason="post.outside"
        )


def _audit(actor: Actor, action: str, post: EventPost) -> None:
    days: dict[str, date | None] = {"from_on": post.from_on, "until_on": post.until_on}
    audit.record(
        actor=actor,
        action=action,
        subject=f"event_post:{post.id}",
        area_code=post.area_code,
        data={"user_id": post.user_id, "event_id": post.event_id, **days},
    )
