"""One pass at two places within minutes: a photo of it was passed on, or two phones' clocks disagree. A person looks.

Phones decide without a server, so this is found when they have synced, never at the gate; it changes no verdict.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.ids import new_id

from ..states import AlarmKind
from .observations import raise_alarms

WITHIN: Final = timedelta(minutes=10)
ALARMS_MAX: Final = 500

_PAIRS = """
    select o.device_id, o.seq, o.area_code, e.device_id, e.seq,
           abs(extract(epoch from o.scanned_at - e.scanned_at))::int
      from gates_observation o
      join gates_device d on d.id = o.device_id
      join gates_gate g on g.id = d.gate_id
      join gates_observation e on e.pass_id = o.pass_id
       and e.scanned_at between o.scanned_at - %(seconds)s * interval '1 s' and o.scanned_at + %(seconds)s * interval '1 s'
      join gates_device ed on ed.id = e.device_id
      join gates_gate eg on eg.id = ed.gate_id and eg.estate_id <> g.estate_id
     where o.received_at >= %(since)s and o.pass_id is not null
       and o.device_day between %(first)s and %(last)s and e.device_day between %(first)s and %(last)s
       and (o.scanned_at, o.device_id) > (e.scanned_at, e.device_id)
     limit %(most)s
"""


def flag_distant_uses(*, actor: Actor, since: timedelta) -> int:
    """Of what came in within `since`: the later scan of each pair raises an alarm, once. How many pairs were found."""
    if not actor.is_system:
        raise NotAllowed(_("异地使用由系统核对"), reason="gates.system_only")
    now, today = clock.now(), clock.today()
    asked: dict[str, date | int] = {
        "seconds": int(WITHIN.total_seconds()),
        "since": now - since,
        "first": today - timedelta(days=3),
        "last": today + timedelta(days=1),
        "most": ALARMS_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, asked)
        pairs = cursor.fetchall()
    alarms: list[dict[str, object]] = [
        {
            "id": new_id(),
            "device": device,
            "kind": str(AlarmKind.DISTANT_USE),
            "seq": seq,
            "details": {"other_device": other, "other_seq": other_seq, "seconds": seconds},
            "area": area_code,
            "at": now,
        }
        for device, seq, area_code, other, other_seq, seconds in pairs
    ]
    if alarms:
        raise_alarms(alarms)
    return len(alarms)
