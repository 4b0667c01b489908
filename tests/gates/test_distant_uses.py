"""A pass at two estates within minutes is an alarm once both phones have synced; at one estate it is none."""

from __future__ import annotations

from datetime import timedelta

from shouwang.accounts.public import system_actor
from shouwang.gates.commands.distant_uses import flag_distant_uses
from shouwang.gates.models import IngestAlarm
from shouwang.kernel.scope import FULL, use_scope

from .gate_world import MORNING_MS, FakePhone, GateWorld, enrol, make_world, scan

MINUTE_MS = 60_000


def test_pass_seen_at_two_estates_within_minutes_is_one_alarm(world: GateWorld, phone: FakePhone) -> None:
    near, far = enrol(world), enrol(make_world(370704003009000, name="远处小区"))
    phone.answers([scan(1, at_ms=MORNING_MS, **{"pass": "7"}), scan(2, at_ms=MORNING_MS, **{"pass": "8"})])
    near.answers([scan(1, at_ms=MORNING_MS + MINUTE_MS, **{"pass": "7"})])
    far.answers(
        [
            scan(1, at_ms=MORNING_MS + 9 * MINUTE_MS, **{"pass": "7"}),
            scan(2, at_ms=MORNING_MS + 11 * MINUTE_MS, **{"pass": "8"}),
        ]
    )
    with use_scope(FULL):
        for _twice in range(2):
            assert flag_distant_uses(actor=system_actor("测试"), since=timedelta(minutes=15)) == 2
        (alarm,) = IngestAlarm.objects.all()
    assert (alarm.kind, alarm.device_id, alarm.seq) == ("distant_use", far.device_id, 1)
    assert alarm.details["seconds"] in (480, 540)
