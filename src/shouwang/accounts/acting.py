"""From a user to an actor, and running work as a post or as the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.areas.public import Area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.scope import FULL, Scope, use_scope

from .models import EventPost, Post
from .policies import union
from .states import NO_EVENT_ROLES, SEES_PERSONS


def posts_in_force(*, user_id: UUID, on: date | None = None) -> QuerySet[Post]:
    """The user's posts on a day, the oldest first."""
    day = on or clock.today()
    return Post.objects.filter(in_force_q(day), user_id=user_id).order_by("from_on", "id")


def in_force_q(on: date) -> Q:
    """The condition that a post holds on a day."""
    return Q(until_on=None, from_on__lte=on) | Q(until_on__gt=on, from_on__lte=on)


def actor_of(*, user_id: UUID, post_id: UUID | None = None) -> Actor | None:
    """The user in the given post (or the first in force). None: no post holds.

    The scope is the union of the areas where the user holds the acting role: what a role allows must not reach into
    an area where the user holds another role only. Other posts are one switch away. Event roles overlay whatever post
    is acted in, and open the command of their events only.
    """
    overlay = EventPost.objects.filter(in_force_q(clock.today()), user_id=OuterRef("user_id")).values("area_code")
    posts = list(
        posts_in_force(user_id=user_id).select_related("user").annotate(event_areas=ArraySubquery(overlay.distinct()))
    )
    if not posts:
        return None
    acting = next((post for post in posts if post.id == post_id), posts[0])
    codes = {post.area_code for post in posts if post.role == acting.role and post.role in SEES_PERSONS}
    event_codes = set() if acting.role in NO_EVENT_ROLES else set(acting.event_areas)
    areas = list(Area.objects.filter(code__in=codes | event_codes)) if codes or event_codes else []
    return Actor(
        user_id=acting.user_id,
        post_id=acting.id,
        name=acting.user.name,
        role=acting.role,
        area_code=acting.area_code,
        scope=Scope(
            spans=union(span for area in areas if area.code in codes for span in area.span),
            event_spans=union(span for area in areas if area.code in event_codes for span in area.span),
        ),
    )


@contextmanager
def as_post(post_id: UUID) -> Iterator[Actor]:
    """Run a task with the scope of the post that asked for it. Raises NotAllowed when the post no longer holds."""
    post = Post.objects.filter(id=post_id).first()
    actor = actor_of(user_id=post.user_id, post_id=post_id) if post else None
    if actor is None or actor.post_id != post_id:
        raise NotAllowed(_("岗位已终止，任务未执行"), reason="post.ended", post_id=post_id)
    with use_scope(actor.scope):
        yield actor


def system_actor(reason: str) -> Actor:
    return Actor(user_id=None, post_id=None, name=f"系统：{reason}"[:64], role="system", area_code=0, scope=FULL)


@contextmanager
def as_system(reason: str) -> Iterator[Actor]:
    """Run with every area in scope: purging, migrating, loading a demo, `shouwang` commands. Audited with its reason."""
    actor = system_actor(reason)
    with use_scope(actor.scope):
        with transaction.atomic():
            audit.record(
                actor=actor, action="system.scope", subject="system:scope", area_code=0, data={"reason": reason}
            )
        yield actor
