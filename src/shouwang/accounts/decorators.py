"""Which roles a page is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.errors import NotAllowed

from .states import Role

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[ActorRequest, P], R]


def roles_required(*roles: str) -> Callable[[View[P, R]], View[P, R]]:
    """Refuse the page to an actor in any other role, by NotAllowed. Commands authorise again: this is for reading."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: ActorRequest, *args: P.args, **kwargs: P.kwargs) -> R:
            role = request.actor.role
            if role not in roles:
                label = Role(role).label if role in Role else role
                raise NotAllowed(_("这一页不对“%(role)s”开放") % {"role": label}, reason="page.role")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
