"""Who commands an event: opens and ends it, forms its groups, gives out tasks and sees to them.

The rights come from a post, or from a place in a group of the event: its head and deputies arrange the groups and give
out tasks where the group is, its members see to what the group was given. A place in a group ends with the event.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.areas.public import Area, Level
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.scope import Span

OPENS_EVENTS: frozenset[str] = frozenset({Role.COUNTY_LEADER, Role.CITY_OFFICER})

ARRANGES: frozenset[str] = frozenset({Role.TOWNSHIP_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER, Role.CITY_OFFICER})
"""Who forms groups and gives out tasks by post, in the area of the post and below."""

SEES_TO_TASKS: frozenset[str] = ARRANGES | {Role.TOWNSHIP_ASSISTANT, Role.GRID_WORKER}
"""Who sees to a task that was given to their area and to nobody in particular."""

SEES_PHONES: frozenset[str] = frozenset(Role) - {Role.AUDITOR, Role.SYSADMIN}

FORMS_GROUPS_AT: frozenset[Level] = frozenset({Level.PROVINCE, Level.CITY, Level.COUNTY, Level.ZONE, Level.TOWNSHIP})


def may_open_events(actor: Actor) -> bool:
    return actor.is_system or actor.role in OPENS_EVENTS


def may_change_event(actor: Actor, spans: Sequence[Span]) -> bool:
    """The whole of the event is the actor's: a county neither raises nor ends what the city opened."""
    return may_open_events(actor) and actor.scope.covers(spans)


def ensure_may_command_event(actor: Actor, spans: Sequence[Span]) -> None:
    if not may_open_events(actor):
        raise NotAllowed(_("事件由县区民政负责人或市局启动、调整和结束"), reason="event.not_an_authority")
    if not actor.scope.covers(spans):
        raise NotAllowed(_("这个事件的范围不全在您的管辖范围，请由上级办理"), reason="event.outside")


def may_arrange_by_post(actor: Actor, area: Area) -> bool:
    """By the post alone; a head or deputy of a group may as well (queries.groups.may_arrange)."""
    return actor.is_system or (actor.role in ARRANGES and actor.scope.covers(area.span))


def ensure_level_forms_groups(area: Area) -> None:
    if Level(area.level) not in FORMS_GROUPS_AT:
        raise NotAllowed(_("工作组设在市、县、乡镇三级"), reason="group.level")
