"""Who registers residents, issues passes and takes passes out of use. A resident acts for the own household alone."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.scope import Scope

REGISTRARS: Final = frozenset({Role.GRID_WORKER, Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, "system"})
"""Whoever knows the doors: the community, its township, the county for both."""

SECOND_OFFICERS: Final = frozenset(
    {Role.GRID_WORKER, Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER}
)
"""Who may confirm that many passes go out of use at once; never who proposed it."""

READERS: Final = REGISTRARS | SECOND_OFFICERS | {Role.CITY_OFFICER, Role.AUDITOR}

RESIDENT: Final = "resident"
"""The role of who uses the public pages: no post gives it."""


def require_registrar(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor registers residents there."""
    _require(actor, area_code, REGISTRARS, _("居民登记和通行证由社区、乡镇（街道）和县区经办人员办理"))


def require_second_officer(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor may confirm somebody else's proposal there."""
    _require(actor, area_code, SECOND_OFFICERS, _("复核由社区、乡镇（街道）和县区的另一名工作人员办理"))


def can_register(actor: Actor) -> bool:
    return actor.role in REGISTRARS


def can_decide_denials(actor: Actor) -> bool:
    return actor.role in SECOND_OFFICERS


def resident_actor(area_code: int) -> Actor:
    """Who acts on a public page: nobody's post, and no row outside the community of the estate."""
    scope = Scope(spans=((area_code, area_code + 1),))
    return Actor(user_id=None, post_id=None, name=_("居民本人"), role=RESIDENT, area_code=area_code, scope=scope)


def _require(actor: Actor, area_code: int, roles: frozenset[str], refusal: str) -> None:
    if actor.role not in roles:
        raise NotAllowed(refusal, reason="gates.role")
    if not actor.scope.contains(area_code):
        message = _("区划 %(code)s 不在您的管辖范围内") % {"code": area_code // 1000}
        raise NotAllowed(message, reason="gates.area", area_code=area_code)
