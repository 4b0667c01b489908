"""Who may do what in the register. Every check names the record's area; a denial is a NotAllowed in the user's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed

WRITERS = frozenset({Role.GRID_WORKER, Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, Role.CITY_OFFICER, "system"})
"""Who keeps the register: whoever meets the household, up to the bureau's officers."""

IMPORTERS = frozenset({Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, Role.CITY_OFFICER, "system"})
"""Who brings in whole lists: a list is a township's, so its assistant or the bureau above."""

CUSTODIANS = frozenset({Role.COUNTY_OFFICER, Role.CITY_OFFICER, "system"})
"""Who decides that two records are one person, and hands records over to another county."""


def require_writer(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor keeps the register there."""
    _require(actor, area_code, WRITERS, _("您的岗位不能修改底册，请由乡镇民政助理员或县区经办人员登记"))


def require_importer(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor may import lists there."""
    _require(actor, area_code, IMPORTERS, _("表格导入由乡镇民政助理员或县区经办人员办理"))


def require_custodian(actor: Actor, area_code: int) -> None:
    """Raises NotAllowed unless the actor may merge and hand over records there."""
    _require(actor, area_code, CUSTODIANS, _("合并和移交由县区民政经办人员办理"))


def can_write(actor: Actor) -> bool:
    return actor.role in WRITERS


def can_import(actor: Actor) -> bool:
    return actor.role in IMPORTERS


def can_hand_over(actor: Actor) -> bool:
    return actor.role in CUSTODIANS


def _require(actor: Actor, area_code: int, roles: frozenset[str], refusal: str) -> None:
    if actor.role not in roles:
        raise NotAllowed(refusal, reason="registry.role")
    if not actor.scope.contains(area_code):
        message = _("区划 %(code)s 不在您的管辖范围内") % {"code": area_code // 1000}
        raise NotAllowed(message, reason="registry.area", area_code=area_code)
