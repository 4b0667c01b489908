"""Promise 1, the server's half: scans are sent later, and none is lost, none doubled, and a gap is shown as a gap.

That a keeper's phone decides with the network off is tested where the phone is (frontend/gate, tests/browser).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from shouwang.gates.models import IngestAlarm, Observation
from shouwang.gates.queries.devices import get_device_for, uploads_of
from shouwang.kernel.scope import FULL, use_scope
from tests.gates.gate_world import FakePhone, GateWorld, enrol, make_world, own_connections, scans


@pytest.fixture
def world(committed_db: str) -> Iterator[GateWorld]:
    with own_connections():
        yield make_world()


def kept_by(phone: FakePhone) -> list[int]:
    with use_scope(FULL):
        return list(Observation.objects.filter(device_id=phone.device_id).order_by("seq").values_list("seq", flat=True))


def test_scans_of_an_outage_are_each_there_once_whatever_was_sent_how_often(world: GateWorld) -> None:
    """Three phones cut off for a day send what they kept in any order, a third of it twice, with overlaps."""
    chance = random.Random(20200318)
    phones = [enrol(world) for _number in range(3)]
    batches = [(phone, first, first + 39) for phone in phones for first in range(1, 400, 30)]
    sent = batches + chance.sample(batches, len(batches) // 3)
    chance.shuffle(sent)
    answers = [answer for phone, first, last in sent for answer in phone.answers(scans(first, last), waiting=1)]
    assert set(answers) == {"created", "exists"}
    for phone in phones:
        assert kept_by(phone) == list(range(1, 431))
    assert answers.count("created") == 3 * 430


def test_answer_that_is_lost_changes_nothing(world: GateWorld) -> None:
    """The four cases: the request is lost; the answer is lost; it is sent twice at once; it is sent again with more."""
    phone = enrol(world)
    phone.answers(scans(1, 10), waiting=1)
    assert phone.answers(scans(1, 10), waiting=1) == ["exists"] * 10
    assert phone.answers(scans(1, 12), waiting=1) == ["exists"] * 10 + ["created"] * 2
    assert phone.answers(scans(13, 20)) == ["created"] * 8
    assert kept_by(phone) == list(range(1, 21))


def test_gap_is_shown_as_a_gap_until_it_is_filled(world: GateWorld) -> None:
    phone = enrol(world)
    phone.answers([*scans(1, 3), *scans(7, 9)])
    with use_scope(world.actor.scope):
        device = get_device_for(world.actor, phone.device_id)
        assert uploads_of([device])[device.id].missing == [(4, 6)]
        assert [alarm.kind for alarm in IngestAlarm.objects.all()] == ["gap"]
    phone.answers(scans(4, 6))
    with use_scope(world.actor.scope):
        assert uploads_of([device])[device.id].missing == []
