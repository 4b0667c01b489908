"""Users and their posts: create, give a post, move, end, reset the password, unlock.

Guarantees: only a system administrator, only inside the area of their own post, never on themselves; no user holds two
posts at once that exclude each other (checked under the user's row lock); a post is never edited, only ended; each act is
audited. A first password is returned once and stored only as its hash.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.areas.public import Level, get_area
from shouwang.kernel import audit, clock, deployment
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import lies_within

from .. import policies
from ..errors import IncompatiblePosts
from ..models import Post, User
from ..states import Role
from .signing_in import locked_guard, reset_guard, tidy_username

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread on paper: i l o 0 1
_NAME_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A user and the password to hand over; None when the very same request was already carried out."""

    user: User
    password: str | None


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    user_id: UUID,
    username: str,
    name: str,
    role: str,
    area_code: int,
    from_on: date,
) -> FirstPassword:
    """A user with a first post. `user_id` comes from the form: sent again with the same content it creates nothing.

    Raises NotAllowed, Invalid (user name, name, role and area do not go together) or Conflict (user name taken; the id
    is another user's).
    """
    _check_seat(actor, role, area_code)
    _take_turn(user_id)
    earlier = User.objects.filter(id=user_id).first()
    if earlier is not None:
        said = (earlier.username, earlier.name) == (tidy_username(username), name.strip())
        if not said or not earlier.posts.filter(role=role, area_code=area_code, from_on=from_on).exists():
            raise Conflict(_("这次提交的编号已经用于另一位用户，请重新打开页面再建立"), reason="user.differs")
        return FirstPassword(user=earlier, password=None)
    password = _new_password()
    user = _insert_user(user_id, username, name, password=password)
    audit.record(
        actor=actor,
        action="user.create",
        subject=f"user:{user.id}",
        area_code=area_code,
        data={"username": user.username},
    )
    _open_post(actor, user, role, area_code, from_on, post_id=new_id())
    return FirstPassword(user=user, password=password)


@transaction.atomic
def create_demo_user(
    *,
    actor: Actor,
    username: str,
    name: str,
    role: str,
    area_code: int,
    from_on: date,
    is_featured: bool = True,
) -> User:
    """A user of a demo database, who signs in without a password: featured ones by a button, the others from a list.

    Idempotent by user name.
    """
    if not (actor.is_system and deployment.is_demo()):
        raise NotAllowed(_("只有演示库可以建立演示用户"), reason="user.not_demo")
    known = User.objects.filter(username=tidy_username(username), is_demo=True).first()
    if known is not None:
        return known
    user = _insert_user(new_id(), username, name, password=None, is_featured=is_featured)
    _open_post(actor, user, role, area_code, from_on, post_id=new_id())
    return user


@transaction.atomic
def add_post(*, actor: Actor, user_id: UUID, post_id: UUID, role: str, area_code: int, from_on: date) -> Post:
    """A further post. `post_id` comes from the form: sent again with the same content it creates nothing.

    Raises IncompatiblePosts, and Conflict for the id of another post.
    """
    _check_seat(actor, role, area_code)
    _take_turn(post_id)
    user = _locked_user(actor, user_id)
    known = _repeated_post(post_id, user, role, area_code, from_on)
    if known is not None:
        return known
    _check_not_past(from_on)
    return _open_post(actor, user, role, area_code, from_on, post_id=post_id)


@transaction.atomic
def end_post(*, actor: Actor, post_id: UUID, until_on: date, reason: str) -> Post:
    """The post holds for the last time on the day before `until_on`; today ends it at once."""
    post = _locked_post(actor, post_id)
    _close_post(actor, post, until_on, reason)
    return post


@transaction.atomic
def move_post(
    *, actor: Actor, post_id: UUID, new_post_id: UUID, role: str, area_code: int, on: date, reason: str
) -> Post:
    """End one post and open another on the same day. `new_post_id` comes from the form: sent again with the same
    content it changes nothing. Raises Conflict for the id of another post."""
    _check_seat(actor, role, area_code)
    _take_turn(new_post_id)
    post = _locked_post(actor, post_id)
    known = _repeated_post(new_post_id, post.user, role, area_code, on)
    if known is not None:
        return known
    if (role, area_code) == (post.role, post.area_code):
        raise Invalid(_("新岗位与原岗位相同"), reason="post.same")
    _close_post(actor, post, on, reason)
    return _open_post(actor, post.user, role, area_code, on, post_id=new_post_id)


@transaction.atomic
def reset_password(*, actor: Actor, user_id: UUID) -> FirstPassword:
    """A new first password: the old one and every session of the user end; a lock is lifted."""
    user = _administered_user(actor, user_id)
    reset_guard(locked_guard(user.username, clock.now()))
    password = _new_password()
    user.password = make_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    audit.record(actor=actor, action="user.reset_password", subject=f"user:{user.id}", area_code=actor.area_code)
    return FirstPassword(user=user, password=password)


@transaction.atomic
def unlock_user(*, actor: Actor, user_id: UUID) -> User:
    """Lift the lock after failed sign-ins; the password stays."""
    user = _administered_user(actor, user_id)
    reset_guard(locked_guard(user.username, clock.now()))
    audit.record(actor=actor, action="user.unlock", subject=f"user:{user.id}", area_code=actor.area_code)
    return user


def _take_turn(record_id: UUID) -> None:
    """The same id sent twice at once is handled one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [record_id.int % 2**63])


def _repeated_post(post_id: UUID, user: User, role: str, area_code: int, from_on: date) -> Post | None:
    """The post that has the id, when it says the same. Raises Conflict when it does not."""
    known = Post.objects.filter(id=post_id).first()
    if known is not None:
        said = (known.user_id, known.role, known.area_code, known.from_on)
        if said != (user.id, role, area_code, from_on):
            raise Conflict(_("这次提交的编号已经用于另一个岗位，请重新打开页面再办理"), reason="post.differs")
    return known


def _insert_user(user_id: UUID, username: str, name: str, *, password: str | None, is_featured: bool = False) -> User:
    tidy, name = tidy_username(username), name.strip()
    if not _USERNAME.fullmatch(tidy):
        raise Invalid(_("用户名用3至40个小写字母、数字、点、横线，以字母或数字开头"), reason="user.username")
    if not 1 <= len(name) <= _NAME_LENGTH_MAX:
        raise Invalid(_("请填写姓名，不超过40字"), reason="user.name")
    if User.objects.filter(username=tidy).exists():
        raise _username_taken(tidy)
    user = User(
        id=user_id,
        username=tidy,
        name=name,
        created_at=clock.now(),
        password=make_password(password),
        must_change_password=password is not None,
        is_featured=is_featured,
        is_demo=password is None,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # the name was taken since we looked
        raise _username_taken(tidy) from None
    return user


def _username_taken(username: str) -> Conflict:
    message = _("用户名“%(username)s”已有人使用，请换一个") % {"username": username}
    return Conflict(message, reason="user.username_taken")


def _new_password() -> str:
    """Three groups of four, to be read out or copied from paper: 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _i in range(4)) for _j in range(3))


def _check_seat(actor: Actor, role: str, area_code: int) -> None:
    """The actor administers the area, and the role has its seat at the area's level."""
    if not lies_within(area_code, policies.administered_spans(actor)):
        raise NotAllowed(_("该区划不在您管理的范围内"), reason="post.area_outside")
    area = get_area(area_code)
    if area.valid_to is not None:
        raise Invalid(_("%(area)s已撤销，不能任职") % {"area": area.full_name}, reason="post.area_gone")
    if Level(area.level) not in policies.LEVELS_OF_ROLE.get(role, frozenset()):
        words = {"role": Role(role).label if role in Role else role, "area": area.full_name}
        raise Invalid(_("%(role)s不能设在%(area)s这一级") % words, reason="post.level")


def _check_not_past(day: date) -> None:
    if day < clock.today():
        raise Invalid(_("日期不能早于今天：岗位不能追溯办理"), reason="post.past")


def _locked_user(actor: Actor, user_id: UUID) -> User:
    """A user in the actor's reach, the row locked: what is checked about their posts holds until the commit."""
    spans = policies.administered_spans(actor)
    policies.check_not_own(actor, user_id)
    user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
    if user is None or not any(lies_within(post.area_code, spans) for post in user.posts.all()):
        raise NotFound(_("没有这位用户，或不在您管理的范围内"), reason="user.unknown")
    return user


def _administered_user(actor: Actor, user_id: UUID) -> User:
    """For what opens the account itself: every post in force must lie in the actor's reach."""
    spans = policies.administered_spans(actor)
    policies.check_not_own(actor, user_id)
    user = User.objects.filter(id=user_id).first()
    posts = list(user.posts.all()) if user else []
    if user is None or not any(lies_within(post.area_code, spans) for post in posts):
        raise NotFound(_("没有这位用户，或不在您管理的范围内"), reason="user.unknown")
    today = clock.today()
    held = [post for post in posts if post.until_on is None or post.until_on > today]
    if not all(lies_within(post.area_code, spans) for post in held):
        raise NotAllowed(_("该用户另有上级或外地岗位，请由上级系统管理员办理"), reason="user.held_elsewhere")
    return user


def _locked_post(actor: Actor, post_id: UUID) -> Post:
    known = Post.objects.filter(id=post_id).first()
    if known is None or not lies_within(known.area_code, policies.administered_spans(actor)):
        raise NotFound(_("没有这个岗位，或不在您管理的范围内"), reason="post.unknown")
    _locked_user(actor, known.user_id)
    return Post.objects.select_related("user").get(id=post_id)


def _close_post(actor: Actor, post: Post, until_on: date, reason: str) -> None:
    _check_not_past(until_on)
    if post.until_on is not None and post.until_on <= clock.today():
        raise StateConflict(_("该岗位已于 %(day)s 终止") % {"day": post.until_on}, reason="post.ended")
    if until_on < post.from_on:
        raise Invalid(_("终止日期早于任职日期 %(day)s") % {"day": post.from_on}, reason="post.order")
    if not reason.strip():
        raise Invalid(_("请写明原因"), reason="post.reason")
    post.until_on = until_on
    post.save(update_fields=["until_on"])
    audit.record(
        actor=actor,
        action="post.end",
        subject=f"post:{post.id}",
        area_code=post.area_code,
        data={"user_id": post.user_id, "role": post.role, "until_on": until_on, "reason": reason.strip()[:200]},
    )


def _open_post(actor: Actor, user: User, role: str, area_code: int, from_on: date, *, post_id: UUID) -> Post:
    overlapping = Post.objects.filter(Q(until_on=None) | Q(until_on__gt=from_on), user=user)
    held = list(overlapping.values_list("role", "area_code"))
    if (role, area_code) in held:
        raise Conflict(_("该用户已有这个岗位"), reason="post.held")
    other = policies.incompatible_with(role, [held_role for held_role, _area in held])
    if other is not None:
        words = {"name": user.name, "held": Role(other).label, "role": Role(role).label}
        raise IncompatiblePosts(
            _("%(name)s 已任%(held)s，不能同时任%(role)s。请先终止原岗位，或改由他人担任。") % words,
            held=other,
            role=role,
        )
    post = Post(
        id=post_id, user=user, role=role, area_code=area_code, from_on=from_on, until_on=None, recorded_at=clock.now()
    )
    post.save(force_insert=True)
    audit.record(
        actor=actor,
        action="post.open",
        subject=f"post:{post.id}",
        area_code=area_code,
        data={"user_id": user.id, "role": role, "from_on": from_on},
    )
    return post
