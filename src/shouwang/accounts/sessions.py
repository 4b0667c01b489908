"""Who is signed in: Django's own session keys and rotation, without the permission tables of its auth app.

A session belongs to one user and one password: it ends when the password changes.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login, logout
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from .models import User

BACKEND = "shouwang.accounts.sessions.UserBackend"
_POST_KEY = "post_id"


class UserBackend:
    """Finds the user of a session. Signing in itself is a command of ours, not Django's `authenticate`."""

    def get_user(self, user_id: UUID) -> User | None:
        return User.objects.filter(id=user_id).first()


def start(request: HttpRequest, user: User, *, post_id: UUID | None = None) -> None:
    """Sign `user` in under a new session key and a new CSRF token; whatever session was there is gone."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    if post_id:
        act_in(request, post_id)


def end(request: HttpRequest) -> None:
    logout(request)


def user_of(request: HttpRequest) -> User | None:
    """The user of the session, when there is one and its password is still the one it began with."""
    session = request.session
    if session.get(BACKEND_SESSION_KEY) != BACKEND:
        return None
    user = UserBackend().get_user(UUID(session[SESSION_KEY]))
    if user is None:
        return None
    held = session.get(HASH_SESSION_KEY, "")
    valid = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return user if any(constant_time_compare(held, one) for one in valid) else None


def act_in(request: HttpRequest, post_id: UUID) -> None:
    """From the next request on, act in this post; the middleware ignores a post that is not the user's."""
    request.session[_POST_KEY] = str(post_id)


def chosen_post(request: HttpRequest) -> UUID | None:
    chosen = request.session.get(_POST_KEY)
    return UUID(chosen) if chosen else None
