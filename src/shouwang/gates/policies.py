"""Who runs estates, gates and phones; and what a phone's key may call.

Officers run what lies in their scope. A phone has no post: its profile is an allow-list of calls, and its area its
gate's.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed

from .states import DeviceProfile

KEEPERS: frozenset[str] = frozenset(
    {Role.GRID_WORKER, Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, Role.CITY_OFFICER, "system"}
)
"""Who runs estates, gates and phones: the community, and the bureaux above it."""

CALLS: Mapping[str, frozenset[str]] = {
    DeviceProfile.GATE: frozenset({"manifest", "observations", "wiped"}),
    DeviceProfile.SHEETS: frozenset({"observations", "wiped"}),
}
"""What a key of each profile may call; a profile for typed-in sheets carries no roster away."""


def require_keeper(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor runs the gates there."""
    if actor.role not in KEEPERS:
        raise NotAllowed(_("小区、卡口和手机由社区、乡镇和民政经办人员管理"), reason="gates.role")
    if not actor.scope.contains(area_code):
        message = _("区划 %(code)s 不在您的管辖范围内") % {"code": area_code // 1000}
        raise NotAllowed(message, reason="gates.area", area_code=area_code)


def may_keep(actor: Actor) -> bool:
    return actor.role in KEEPERS
