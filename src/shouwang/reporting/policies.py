"""Who may issue a bulletin."""

from __future__ import annotations

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor

ISSUERS: frozenset[str] = frozenset({Role.COUNTY_OFFICER, Role.COUNTY_LEADER, Role.CITY_OFFICER})


def may_issue(actor: Actor) -> bool:
    return actor.role in ISSUERS
