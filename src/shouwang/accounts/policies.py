"""Who is who: the spans of posts, which roles go together, and who may administer whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.areas.public import Level, get_area
from shouwang.kernel import crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.scope import Span

from .states import INCOMPATIBLE, Role

_COUNTIES = frozenset({Level.COUNTY, Level.ZONE})
_TOWNSHIPS = frozenset({Level.TOWNSHIP})
_BUREAUX = frozenset({Level.PROVINCE, Level.CITY}) | _COUNTIES

LEVELS_OF_ROLE: Mapping[str, frozenset[Level]] = {
    Role.GRID_WORKER: frozenset({Level.VILLAGE, Level.GRID}),
    Role.TOWNSHIP_ASSISTANT: _TOWNSHIPS,
    Role.TOWNSHIP_HEAD: _TOWNSHIPS,
    Role.COUNTY_OFFICER: _COUNTIES,
    Role.COUNTY_LEADER: _COUNTIES,
    Role.FINANCE: frozenset({Level.CITY}) | _COUNTIES | _TOWNSHIPS,
    Role.CITY_OFFICER: frozenset({Level.CITY}),
    Role.AUDITOR: _BUREAUX,
    Role.SYSADMIN: _BUREAUX,
    Role.PARTNER: _BUREAUX | _TOWNSHIPS,
}
"""At which levels of the area tree a role has its seat: a county's officer in a whole city would see fifteen others."""


def incompatible_with(role: str, held: Iterable[str]) -> str | None:
    """The held role that `role` may not be joined with, or None."""
    return next((other for other in held if frozenset((role, other)) in INCOMPATIBLE), None)


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans as a sorted disjoint tuple."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def administered_spans(actor: Actor) -> Sequence[Span]:
    """Where the actor administers posts: the area of a system administrator's own post. Raises NotAllowed."""
    if actor.is_system:
        return actor.scope.spans
    if actor.role != Role.SYSADMIN:
        raise NotAllowed(_("用户与岗位只由系统管理员管理"), reason="accounts.sysadmin_only")
    return get_area(actor.area_code).span


def check_not_own(actor: Actor, user_id: UUID) -> None:
    """Nobody changes their own posts or unlocks themselves."""
    if actor.user_id == user_id:
        raise NotAllowed(_("不能办理自己的账号和岗位，请由另一位系统管理员办理"), reason="accounts.own_account")


def guard_key(username: str) -> str:
    """Under which key the failures of a user name are counted."""
    return crypto.blind_index("username", username).hex()


def address_key(address: str) -> str:
    """Under which key the names typed at a network address are counted; an IPv6 host is its /64."""
    ip = ip_address(address)
    network = ip_network((ip, 64), strict=False) if ip.version == 6 else ip
    return crypto.blind_index("address", str(network)).hex()
