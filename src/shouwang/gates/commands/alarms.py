"""Settling what a sync brought up: a person looked, and says what it was. Nothing is deleted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound

from ..models import IngestAlarm
from ..policies import require_keeper
from ..queries.devices import open_alarms_for


@transaction.atomic
def settle_alarm(*, actor: Actor, alarm_id: UUID, note: str) -> IngestAlarm:
    """Raises NotFound for one that is settled or elsewhere, Invalid without a word about it."""
    alarm = open_alarms_for(actor).select_for_update().filter(id=alarm_id).first()
    if alarm is None:
        raise NotFound(_("没有找到这条提醒，或者已有人处理"), alarm_id=alarm_id)
    require_keeper(actor, alarm.area_code)
    if not note.strip():
        raise Invalid(_("请写明核实的情况"), reason="alarm.note_missing")
    alarm.settled_at, alarm.settled_by, alarm.settled_note = clock.now(), actor.user_id, note.strip()[:200]
    alarm.save(update_fields=["settled_at", "settled_by", "settled_note"])
    data = {"kind": alarm.kind}
    subject = f"device:{alarm.device_id}"
    audit.record(actor=actor, action="device.settle", subject=subject, area_code=alarm.area_code, data=data)
    return alarm
