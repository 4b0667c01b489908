"""Who may propose parameters, and who, another person, may put them in force."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound

PROPOSES_PARAMETERS: frozenset[str] = frozenset({Role.COUNTY_OFFICER, Role.CITY_OFFICER})
DECIDES_PARAMETERS: frozenset[str] = frozenset({Role.COUNTY_LEADER, Role.CITY_OFFICER})
"""A city has no leader's post: its second officer decides, for a county of the city as well."""


def ensure_may_propose(actor: Actor, area_codes: Iterable[int]) -> None:
    """A county sets no value of the city's, nor of its neighbour's."""
    if actor.role not in PROPOSES_PARAMETERS:
        raise NotAllowed(_("标准与参数由县区、市局民政经办人员提出"), reason="parameter_notice.role", role=actor.role)
    for area_code in area_codes:
        if not actor.scope.contains(area_code):
            raise NotFound(
                _("只能调整本辖区的标准，区划 %(code)s 不在您的辖区") % {"code": area_code},
                reason="parameter_notice.outside",
                area_code=area_code,
            )


def ensure_may_decide(actor: Actor, area_code: int, proposer_id: UUID) -> None:
    if actor.role not in DECIDES_PARAMETERS:
        raise NotAllowed(
            _("标准与参数由县区民政负责人或另一名市局经办确认"), reason="parameter_notice.role", role=actor.role
        )
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有这份通知，可能不在您的辖区"), reason="parameter_notice.outside", area_code=area_code)
    if actor.user_id == proposer_id:
        raise NotAllowed(_("提出的人不能自己确认，请由另一人办理"), reason="parameter_notice.own")


def may_decide(actor: Actor, area_code: int, proposer_id: UUID) -> bool:
    return actor.role in DECIDES_PARAMETERS and actor.scope.contains(area_code) and actor.user_id != proposer_id
