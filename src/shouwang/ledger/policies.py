"""Who may read the book, write it from other work, and write it by hand.

Entries are written by the commands of other apps, which authorise their own roles; the book itself only refuses those
who may never move money. By hand write finance, and the city for what it runs itself.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound

READS: frozenset[str] = frozenset(
    {Role.FINANCE, Role.COUNTY_OFFICER, Role.COUNTY_LEADER, Role.CITY_OFFICER, Role.AUDITOR}
)
WRITES_BY_HAND: frozenset[str] = frozenset({Role.FINANCE})
NEVER_WRITES: frozenset[str] = frozenset({Role.AUDITOR, Role.SYSADMIN})


def may_write_by_hand(actor: Actor) -> bool:
    return actor.is_system or actor.role in WRITES_BY_HAND


def may_read(actor: Actor) -> bool:
    return actor.is_system or actor.role in READS


def ensure_may_read(actor: Actor) -> None:
    if not may_read(actor):
        raise NotAllowed(_("账本由财务和县区、市局民政人员查看"), reason="ledger.not_a_reader")


def ensure_may_post(actor: Actor, area_code: int) -> None:
    """For entries that another app's command writes: that command has authorised its own role."""
    if actor.role in NEVER_WRITES:
        raise NotAllowed(_("您的岗位不能记账"), reason="ledger.not_a_writer")
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), area_code=area_code)


def ensure_may_write_by_hand(actor: Actor, *area_codes: int) -> None:
    if not may_write_by_hand(actor):
        raise NotAllowed(_("手工记账由财务岗位办理"), reason="ledger.not_finance")
    for area_code in area_codes:
        ensure_may_post(actor, area_code)
