"""Signing in and out, and changing one's password.

Guarantees: an unknown name and a wrong password give the same answer after the same work, and lock alike; a failure is
counted under a lock, so that parallel guesses are counted one by one; each is audited. The audit never holds what was
typed: people put passwords into the wrong field.

An address at which many different names failed is held back for longer and longer: one guesser who tries a password on
everybody locks no account. Whoever has signed in there lately passes with the right password all the same, so that an
office behind one address goes on working; the answer to a wrong one does not tell who that is.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, deployment
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import DomainError, Invalid, NotAllowed
from shouwang.kernel.scope import CLOSED

from ..acting import actor_of
from ..models import SignInAddress, SignInGuard, User
from ..policies import address_key, guard_key

FAILURES_MAX = 5
LOCK_MINUTES = 15
NAMES_FREE = 20
"""So many different names may fail at one address within the window: a morning of an office that shares it."""
WINDOW = timedelta(minutes=15)
FIRST_WAIT = timedelta(seconds=30)
"""What the next name costs; each further one twice as much, up to the window."""
KNOWN_FOR = timedelta(days=30)
_FORGOTTEN_AFTER = timedelta(days=1)
"""Failures this far apart are no attack; and the row of a name that nobody has goes away."""


def tidy_username(text: str) -> str:
    """As user names are stored: half-width, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def sign_in(*, username: str, password: str, address: str = "") -> User:
    """The user these belong to. Raises NotAllowed with reason sign_in.refused, sign_in.locked or sign_in.no_post."""
    outcome = _attempt(tidy_username(username), password, address)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def sign_in_demo(*, user_id: UUID, address: str = "") -> User:
    """A demo user, without a password: in a demo database only. Raises NotAllowed."""
    user = User.objects.filter(id=user_id, is_demo=True).first() if deployment.is_demo() else None
    if user is None:
        raise NotAllowed(_("只有演示库的演示用户可以一键登录"), reason="sign_in.not_demo")
    with transaction.atomic():
        return _welcome(user, address, by="demo")


@transaction.atomic
def sign_out(*, actor: Actor) -> None:
    audit.record(actor=actor, action="user.sign_out", subject=f"user:{actor.user_id}", area_code=actor.area_code)


def change_password(*, user_id: UUID, current: str, new: str) -> User:
    """Raises NotAllowed (current password wrong, or locked) or Invalid (the new one is too weak or the old one)."""
    outcome = _change(user_id, current, new)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


@transaction.atomic
def _attempt(username: str, password: str, address: str) -> User | DomainError:
    """A refusal is returned, not raised: its count and its audit entry must be committed."""
    user = User.objects.filter(username=username).first()
    now = clock.now()
    held_until = _held_back_until(address, now) if address else None
    is_known = bool(address) and _signed_in_lately(username, address, now)
    refusal = _check(username, user, password, address)
    if held_until is not None and (refusal is not None or not is_known):
        return _held_back(held_until, now)
    if address:
        _note(username, address, now, failed=refusal is not None)
    if refusal is not None:
        return refusal
    assert user is not None
    if actor_of(user_id=user.id) is None:
        return NotAllowed(_("您没有在任的岗位，不能登录。请联系系统管理员。"), reason="sign_in.no_post")
    return _welcome(user, address, by="password")


@transaction.atomic
def _change(user_id: UUID, current: str, new: str) -> User | DomainError:
    user = User.objects.get(id=user_id)
    refusal = _check(user.username, user, current, address="")
    if refusal is not None:
        return refusal
    if new == current:
        return Invalid(_("新密码不能与原密码相同"), reason="password.unchanged")
    try:
        validate_password(new, user)
    except ValidationError as weak:
        return Invalid(" ".join(weak.messages), reason="password.weak")
    user.password = make_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit.record(actor=_nobody(user), action="user.change_password", subject=f"user:{user.id}", area_code=0)
    return user


def _check(username: str, user: User | None, password: str, address: str) -> NotAllowed | None:
    """Whether the password opens the account; counts a failure. The guard's row stays locked until the commit."""
    now = clock.now()
    guard = locked_guard(username, now)
    if guard.locked_until and guard.locked_until > now:
        return _locked(guard.locked_until, now)
    # Without a user the hasher runs all the same: the time must not tell which names exist.
    if check_password(password, user.password if user else "") and user is not None:
        reset_guard(guard)
        return None
    first = guard.locked_until is not None or now - guard.last_failed_at > _FORGOTTEN_AFTER
    guard.failed_count = 1 if first else guard.failed_count + 1
    guard.last_failed_at = now
    guard.locked_until = now + timedelta(minutes=LOCK_MINUTES) if guard.failed_count >= FAILURES_MAX else None
    guard.save()
    _forget_old_failures(now)
    _record_failure(user, address, guard.failed_count)
    if guard.locked_until:
        return _locked(guard.locked_until, now)
    return NotAllowed(
        _("用户名或密码不正确。连续 %(max)s 次不正确将锁定 %(minutes)s 分钟。")
        % {"max": FAILURES_MAX, "minutes": LOCK_MINUTES},
        reason="sign_in.refused",
    )


def locked_guard(username: str, now: datetime) -> SignInGuard:
    """The guard of a name, made when it is not there, locked until the commit. Every path locks it before the user."""
    (guard,) = SignInGuard.objects.raw(
        """insert into accounts_signinguard as guard (key, failed_count, last_failed_at) values (%s, 0, %s)
           on conflict (key) do update set failed_count = guard.failed_count returning *""",
        [guard_key(username), now],
    )
    return guard


def reset_guard(guard: SignInGuard) -> None:
    guard.failed_count, guard.locked_until = 0, None
    guard.save()


def _held_back_until(address: str, now: datetime) -> datetime | None:
    """Until when the address is held back; None when it is not. Guesses that arrive together may all be one too many:
    locking the address would queue a whole office behind one another's hashes."""
    recent = SignInAddress.objects.filter(address_key=address_key(address), failed_at__gt=now - WINDOW)
    names, last = recent.aggregate(names=Count("*"), last=Max("failed_at")).values()
    if names <= NAMES_FREE:
        return None
    doublings = min(names - NAMES_FREE - 1, 10)
    until: datetime = last + min(FIRST_WAIT * 2**doublings, WINDOW)
    return until if until > now else None


def _signed_in_lately(username: str, address: str, now: datetime) -> bool:
    known = SignInAddress.objects.filter(address_key=address_key(address), name_key=guard_key(username))
    return known.filter(signed_in_at__gt=now - KNOWN_FOR).exists()


def _note(username: str, address: str, now: datetime, *, failed: bool) -> None:
    noted = {"failed_at": now} if failed else {"failed_at": None, "signed_in_at": now}
    SignInAddress.objects.update_or_create(
        address_key=address_key(address), name_key=guard_key(username), defaults=noted
    )


def _held_back(until: datetime, now: datetime) -> NotAllowed:
    minutes = _minutes(until - now)
    message = _("您所在的网络登录失败过多，请在 %(minutes)s 分钟后再试。近期在这里登录过的用户，密码正确即可登录。")
    return NotAllowed(message % {"minutes": minutes}, reason="sign_in.held_back", minutes=minutes)


def _minutes(wait: timedelta) -> int:
    return -(-int(wait.total_seconds()) // 60)


def _locked(until: datetime, now: datetime) -> NotAllowed:
    minutes = _minutes(until - now)
    message = _("连续 %(max)s 次不正确，已锁定。请在 %(minutes)s 分钟后再试，或请系统管理员解锁。")
    return NotAllowed(message % {"max": FAILURES_MAX, "minutes": minutes}, reason="sign_in.locked", minutes=minutes)


def _forget_old_failures(now: datetime) -> None:
    old = SignInGuard.objects.filter(last_failed_at__lt=now - _FORGOTTEN_AFTER)
    # What another transaction holds is in use again; waiting for it could end in a deadlock.
    SignInGuard.objects.filter(
        key__in=list(old.select_for_update(skip_locked=True).values_list("key", flat=True))
    ).delete()
    stale = SignInAddress.objects.filter(Q(failed_at=None) | Q(failed_at__lt=now - _FORGOTTEN_AFTER)).filter(
        Q(signed_in_at=None) | Q(signed_in_at__lt=now - KNOWN_FOR)
    )
    SignInAddress.objects.filter(
        id__in=list(stale.select_for_update(skip_locked=True).values_list("id", flat=True))
    ).delete()


def _welcome(user: User, address: str, *, by: str) -> User:
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
    actor = actor_of(user_id=user.id) or _nobody(user)
    audit.record(
        actor=actor,
        action="user.sign_in",
        subject=f"user:{user.id}",
        area_code=actor.area_code,
        data={"address": address, "by": by},
    )
    return user


def _record_failure(user: User | None, address: str, count: int) -> None:
    """The same work for a name that exists and one that does not."""
    audit.record(
        actor=_nobody(user),
        action="user.sign_in_failed",
        subject=f"user:{user.id if user else 'unknown'}",
        area_code=0,
        data={"address": address, "count": count},
    )


def _nobody(user: User | None) -> Actor:
    """Who acts before a post is known: it sees nothing."""
    name = user.name if user else _("未登录")
    return Actor(user_id=user.id if user else None, post_id=None, name=name, role="", area_code=0, scope=CLOSED)
