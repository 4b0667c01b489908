"""Saying that two records are one person, and taking it back. Both are appended rows; no record is deleted.

The mapping stays flat: a survivor is never merged away while records are merged into it, so that resolving a merge is
one step for every reader and every past cut-off.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict

from ..events import PersonsMerged
from ..models import Person, PersonMerge
from ..policies import require_custodian
from ..queries.as_of import survivors_of
from ..queries.duplicates import merged_into
from .writing import lock_persons, stamp, touch


@transaction.atomic
def merge_persons(*, actor: Actor, duplicate_id: UUID, survivor_id: UUID, reason: str) -> PersonMerge:
    """From now on every reader takes the duplicate for the survivor; earlier cut-offs still see two.

    Raises Invalid when both have different ID numbers: then they are two persons.
    """
    duplicate, survivor = _both(actor, duplicate_id, survivor_id, reason)
    if duplicate.id_index and survivor.id_index:
        raise Invalid(_("两条记录的身份证号不同，不能合并；号码有误的请先更正"), reason="merge.two_numbers")
    if duplicate.id_index and not survivor.id_index:
        raise Invalid(_("请保留有身份证号的那条记录"), reason="merge.keep_numbered")
    if merged_into([duplicate_id])[duplicate_id]:
        message = _("%(name)s 名下已并入其他记录，请改为保留它，或先撤销原来的合并") % {"name": duplicate.name}
        raise StateConflict(message, reason="merge.has_absorbed")
    for person in (duplicate, survivor):
        if survivors_of([person.id])[person.id] != person.id:
            message = _("%(name)s 已并入另一条记录，请先撤销那次合并") % {"name": person.name}
            raise StateConflict(message, reason="merge.merged_already")
    return _append(actor, duplicate, survivor, True, reason, "person.merge")


@transaction.atomic
def unmerge_persons(*, actor: Actor, duplicate_id: UUID, reason: str) -> PersonMerge:
    """They are two persons after all, from now on. Raises StateConflict when the record is not merged."""
    survivor_id = survivors_of([duplicate_id])[duplicate_id]
    if survivor_id == duplicate_id:
        raise StateConflict(_("这条记录没有被合并"), reason="merge.not_merged")
    duplicate, survivor = _both(actor, duplicate_id, survivor_id, reason)
    if survivors_of([duplicate_id])[duplicate_id] != survivor_id:
        raise StateConflict(_("这条记录的合并刚被他人修改，请刷新后再办"), reason="merge.changed")
    return _append(actor, duplicate, survivor, False, reason, "person.unmerge")


def _both(actor: Actor, duplicate_id: UUID, survivor_id: UUID, reason: str) -> tuple[Person, Person]:
    if duplicate_id == survivor_id:
        raise Invalid(_("请选择两条不同的记录"), reason="merge.same")
    if not reason.strip():
        raise Invalid(_("请写明理由"), reason="merge.reason_missing")
    persons = lock_persons(actor, [duplicate_id, survivor_id])
    for person in persons.values():
        require_custodian(actor, person.area_code)
    return persons[duplicate_id], persons[survivor_id]


def _append(
    actor: Actor, duplicate: Person, survivor: Person, is_merged: bool, reason: str, action: str
) -> PersonMerge:
    recorded_at: datetime = stamp(PersonMerge.objects.filter(duplicate=duplicate))
    merge = PersonMerge.objects.create(
        duplicate=duplicate,
        survivor=survivor,
        is_merged=is_merged,
        reason=reason.strip(),
        recorded_at=recorded_at,
        recorded_by=actor.user_id,
        area_code=survivor.area_code,
    )
    touch(actor, survivor, action, {"duplicate_id": duplicate.id, "merge_id": merge.id})
    touch(actor, duplicate, action, {"survivor_id": survivor.id, "merge_id": merge.id})
    events.publish(PersonsMerged(duplicate.id, survivor.id, is_merged, survivor.area_code))
    return merge
