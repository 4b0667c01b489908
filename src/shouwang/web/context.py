"""What the shell shows around every page: who is acting, where, when, and where one can go."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from django.utils.functional import Promise

from shouwang.accounts.public import Role
from shouwang.areas.public import full_names
from shouwang.kernel import clock, deployment
from shouwang.kernel.actor import Actor

from .navigation import NavLink, navigation_for

CITY = 10**11
"""A city's code ends in eleven noughts."""


class Shell:
    """Read only by templates; each answer is asked for once a page, and not at all where no shell is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self._path = request.path
        self._actor: Actor | None = getattr(request, "actor", None)

    @property
    def user_name(self) -> str:
        return self._actor.name if self._actor else ""

    @property
    def role_label(self) -> str:
        return str(Role(self._actor.role).label) if self._actor else ""

    @cached_property
    def area_name(self) -> str:
        return self.area_above + self.area_own

    @property
    def area_above(self) -> str:
        """The province and city around a county or a township: a phone has no room for them."""
        return self._area_words[0]

    @property
    def area_own(self) -> str:
        return self._area_words[1]

    @cached_property
    def _area_words(self) -> tuple[str, str]:
        if not self._actor:
            return "", ""
        code = self._actor.area_code
        city_code = code - code % CITY
        names = full_names([code, city_code])
        name, above = names.get(code, ""), names.get(city_code, "")
        if code == city_code or not name.startswith(above):
            above = ""
        return above, name.removeprefix(above)

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def is_demo(self) -> bool:
        return deployment.is_demo()

    @cached_property
    def navigation(self) -> list[tuple[str | Promise, list[NavLink]]]:
        return navigation_for(self._actor.role, self._path) if self._actor else []


def shell(request: HttpRequest) -> dict[str, Shell]:
    return {"shell": Shell(request)}
