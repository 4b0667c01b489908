"""Who may take which step of a relief case, and who may fill a township's petty reserve."""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound

from .states import RELIEF_STEP_OF, ReliefVerb

READS_RELIEF: frozenset[str] = frozenset(Role) - {Role.SYSADMIN}
FILLS_RESERVES: frozenset[str] = frozenset({Role.FINANCE})


def may_take(actor: Actor, verb: str) -> bool:
    return actor.role in RELIEF_STEP_OF[verb].roles


def ensure_may_take(actor: Actor, verb: str) -> None:
    """Raises NotAllowed, naming the roles that may."""
    if not may_take(actor, verb):
        roles = "、".join(str(Role(role).label) for role in sorted(RELIEF_STEP_OF[verb].roles))
        raise NotAllowed(
            _("“%(verb)s”由%(roles)s办理") % {"verb": ReliefVerb(verb).label, "roles": roles},
            reason="relief.role",
            verb=verb,
            role=actor.role,
        )


def ensure_may_read_relief(actor: Actor) -> None:
    if actor.role not in READS_RELIEF and not actor.is_system:
        raise NotAllowed(_("系统管理员不能查看救助资料"), reason="relief.reader")


def may_fill_reserve(actor: Actor) -> bool:
    return actor.role in FILLS_RESERVES


def ensure_may_fill_reserve(actor: Actor, area_code: int) -> None:
    if not may_fill_reserve(actor):
        raise NotAllowed(_("乡镇备用金由县区财务拨付"), reason="petty_reserve.role", role=actor.role)
    ensure_inside(actor, area_code)


def ensure_inside(actor: Actor, area_code: int) -> None:
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有找到，可能不在您的辖区"), reason="relief.outside", area_code=area_code)
