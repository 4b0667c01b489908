"""Roles of the trade, and which of them one user may not hold together."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    GRID_WORKER = "grid_worker", "村（社区）网格员"
    TOWNSHIP_ASSISTANT = "township_assistant", "乡镇民政助理员"
    TOWNSHIP_HEAD = "township_head", "乡镇分管负责人"
    COUNTY_OFFICER = "county_officer", "县区民政经办"
    COUNTY_LEADER = "county_leader", "县区民政负责人"
    FINANCE = "finance", "财务"
    CITY_OFFICER = "city_officer", "市局经办"
    AUDITOR = "auditor", "审计监督"
    SYSADMIN = "sysadmin", "系统管理员"
    PARTNER = "partner", "协作单位人员"


INCOMPATIBLE: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in [
        # Who decides does not pay out; who oversees does neither; who runs the machine sees nobody's data.
        (Role.FINANCE, Role.COUNTY_OFFICER),
        (Role.FINANCE, Role.COUNTY_LEADER),
        (Role.FINANCE, Role.TOWNSHIP_ASSISTANT),
        (Role.FINANCE, Role.TOWNSHIP_HEAD),
        (Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD),
        (Role.COUNTY_OFFICER, Role.COUNTY_LEADER),
        *((Role.AUDITOR, role) for role in Role if role != Role.AUDITOR),
        *((Role.SYSADMIN, role) for role in Role if role != Role.SYSADMIN),
    ]
)

SEES_PERSONS: frozenset[str] = frozenset(Role) - {Role.SYSADMIN, Role.PARTNER}
"""Roles whose scope opens located rows; the system administrator's stays closed, and that of a partner (health, police,
transport) opens by an event role only, to the command of that event."""

NO_EVENT_ROLES: frozenset[str] = frozenset({Role.AUDITOR, Role.SYSADMIN})
"""Who oversees, or runs the machine, takes no part in the command of an event."""
