"""What phones saw is taken once, answered item by item, and nothing of it is lost or doubled."""

from __future__ import annotations

from shouwang.gates.models import IngestAlarm, Observation, VisitorEntry
from shouwang.kernel.scope import FULL, use_scope

from .gate_world import FakePhone, GateWorld, enrol, scan, scans


def numbers(phone: FakePhone) -> list[int]:
    with use_scope(FULL):
        return list(Observation.objects.filter(device_id=phone.device_id).order_by("seq").values_list("seq", flat=True))


def alarms() -> list[tuple[str, int | None]]:
    with use_scope(FULL):
        return list(IngestAlarm.objects.order_by("kind", "seq").values_list("kind", "seq"))


def test_batch_is_created_then_exists(phone: FakePhone) -> None:
    answer = phone.send(scans(1, 20))
    assert answer.json()["answers"] == ["created"] * 20
    assert answer.json()["received"] == {"through": 20, "missing": []}
    assert phone.answers(scans(1, 20)) == ["exists"] * 20
    assert phone.answers(scans(11, 30)) == ["exists"] * 10 + ["created"] * 10
    assert numbers(phone) == list(range(1, 31))
    assert alarms() == []
