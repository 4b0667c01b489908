"""What phones saw is taken once, answered item by item, and nothing of it is lost or doubled."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from shouwang.gates.commands.alarms import settle_alarm
from shouwang.gates.commands.devices import revoke_device
from shouwang.gates.commands.held_batches import judge_held_batch
from shouwang.gates.models import Device, DeviceReport, IngestAlarm, Observation, VisitorEntry
from shouwang.gates.queries.devices import held_batches_for, open_alarms_for
from shouwang.gates.states import DeviceProfile
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.scope import FULL, use_scope
from tests.conftest import OPENING
from tests.factories import FANGZI, acting

from .gate_world import MANIFEST, MORNING_MS, OBSERVATIONS, FakePhone, GateWorld, batch, enrol, scan, scans


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


def test_single_scan_sent_again_exists(phone: FakePhone) -> None:
    """Too small to be remembered by its digest: it is compared."""
    assert phone.answers([scan(1)]) == ["created"]
    assert phone.answers([scan(1)]) == ["exists"]
    assert numbers(phone) == [1]


def test_gap_is_shown_and_is_an_alarm_once_nothing_waits(phone: FakePhone) -> None:
    answer = phone.send([*scans(1, 5), *scans(9, 10)], waiting=3)
    assert answer.json()["received"] == {"through": 10, "missing": [[6, 8]]}
    assert alarms() == []
    answer = phone.send([scan(12)], waiting=0)
    assert answer.json()["received"] == {"through": 12, "missing": [[6, 8], [11, 11]]}
    assert alarms() == [("gap", 6)]
    answer = phone.send([*scans(6, 8), scan(11)])
    assert answer.json()["received"] == {"through": 12, "missing": []}


def test_number_used_again_with_another_content_is_refused_and_an_alarm(phone: FakePhone) -> None:
    phone.answers(scans(1, 3))
    answers = phone.answers([scan(2, verdict=3, reason=40), scan(3, day="2020-03-17"), scan(4)])
    assert answers == ["rejected:sequence_reused", "rejected:sequence_reused", "created"]
    assert alarms() == [("sequence_reused", 2), ("sequence_reused", 3)]
    with use_scope(FULL):
        assert Observation.objects.get(device_id=phone.device_id, seq=2).verdict == 1
    assert numbers(phone) == [1, 2, 3, 4]


def test_number_twice_in_one_batch_is_the_first_of_them(phone: FakePhone) -> None:
    answers = phone.answers([scan(1), scan(1), scan(1, temp=371), scan(2)])
    assert answers == ["created", "exists", "rejected:sequence_reused", "created"]
    assert alarms() == [("sequence_reused", 1)]


def test_bad_item_refuses_itself_and_never_its_batch(phone: FakePhone) -> None:
    bad = [
        scan(2, temp=20),
        scan(3, dir=3),
        scan(4, extra="x"),
        {"seq": 5},
        7,
        scan(6, annuls=6),
        scan(7, party=0),
        scan(8) | {"pass": str(2**63)},
        scan(9, reason=99),
        scan(10, day="2020-02-30"),
    ]
    answers = phone.answers([scan(1), *bad, scan(11)])
    assert [answers[0], answers[-1]] == ["created", "created"]
    assert answers[1:-1] == [
        "rejected:invalid:temp",
        "rejected:invalid:dir",
        "rejected:invalid:item",
        "rejected:invalid:item",
        "rejected:invalid:item",
        "rejected:invalid:annuls",
        "rejected:invalid:party",
        "rejected:invalid:pass",
        "rejected:invalid:reason",
        "rejected:invalid:day",
    ]
    assert numbers(phone) == [1, 11]


def test_day_far_off_is_taken_and_an_alarm(phone: FakePhone) -> None:
    days = ["2020-01-17", "2020-01-18", "2020-03-20", "2020-03-21", "1999-01-01"]
    assert phone.answers([scan(seq, day=day) for seq, day in enumerate(days, start=1)]) == ["created"] * 5
    assert phone.answers([scan(5, day="1999-01-01")]) == ["exists"]
    assert alarms() == [("far_day", 1), ("far_day", 4), ("far_day", 5)]
    assert numbers(phone) == [1, 2, 3, 4, 5]


def test_clock_wrong_by_years_is_stored_and_an_alarm(phone: FakePhone) -> None:
    years = 3 * 365 * 86_400_000
    assert phone.answers([scan(1)], clock_ms=MORNING_MS + years) == ["created"]
    assert alarms() == [("clock", None)]
    with use_scope(FULL):
        assert DeviceReport.objects.get(device_id=phone.device_id).clock_offset_ms == years


def test_visitors_words_are_sealed_beside_their_scan(phone: FakePhone) -> None:
    visitor = {"name": "李四", "phone": "13800000000", "building": "3", "room": "502", "purpose": "探亲"}
    told = [scan(1, visitor=visitor) | {"pass": None, "how": 5}, scan(2)]
    assert phone.answers(told) == ["created", "created"]
    assert phone.answers(told) == ["exists", "exists"]
    with use_scope(FULL):
        entry = VisitorEntry.objects.get()
        assert (entry.seq, json.loads(entry.entry)) == (1, visitor)
        with connection.cursor() as cursor:
            cursor.execute("select entry from gates_visitorentry")
            assert "李四".encode() not in bytes(cursor.fetchone()[0])


def test_empty_batch_is_a_sign_of_life(phone: FakePhone) -> None:
    answer = phone.send([], waiting=4)
    assert (answer.status_code, answer.json()["answers"]) == (200, [])
    assert answer.json()["received"] == {"through": 0, "missing": []}
    with use_scope(FULL):
        assert DeviceReport.objects.get(device_id=phone.device_id).waiting == 4


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b'{"clock_ms": 1, "items": 5}', 400, "bad_json"),
        (b'{"clock_ms": 1, "items": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "bad_json"),
        (b'{"items": []}', 400, "bad_json"),
        (json.dumps(batch(scans(1, 201))).encode(), 413, "too_large"),
        (json.dumps(batch([scan(1)] * 100_000)).encode(), 413, "too_large"),
        (b" " * 10_000_000, 413, "too_large"),
    ],
    ids=["cut", "list", "no text", "no items", "deep", "no clock", "201", "100,000", "10 MB"],
)
def test_body_that_is_no_batch_is_told_so_and_nothing_is_taken(
    phone: FakePhone, body: bytes, status: int, code: str
) -> None:
    answer = phone.post(OBSERVATIONS, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert numbers(phone) == []


def test_key_that_is_not_ours_is_refused(phone: FakePhone, world: GateWorld) -> None:
    other = enrol(world)
    wrong = [
        f"{phone.device_id}.{other.key.partition('.')[2]}",
        f"{phone.device_id}.",
        "",
        "999999.x",
        "x.y",
        "-1.y",
        "99999999999999.y",
    ]
    for key in wrong:
        answer = FakePhone(phone.device_id, key).send([scan(1)])
        assert (answer.status_code, answer.json()["code"]) == (401, "device.unknown")
    assert numbers(phone) == []


def test_profile_may_call_what_it_lists(world: GateWorld) -> None:
    sheets = enrol(world, profile=DeviceProfile.SHEETS)
    assert sheets.answers([scan(1, how=6)]) == ["created"]
    answer = sheets.get(MANIFEST)
    assert (answer.status_code, answer.json()["code"]) == (401, "device.call")


def test_revoked_phones_batch_is_held_until_a_person_judges_it(phone: FakePhone, world: GateWorld) -> None:
    phone.answers([scan(1)])
    with use_scope(world.actor.scope):
        revoke_device(actor=world.actor, device_id=phone.device_id, reason="遗失")
    for _twice in range(2):
        answer = phone.send(scans(2, 3))
        assert (answer.status_code, answer.json()["code"]) == (401, "device.revoked")
        assert answer.json()["held"] is True
    assert phone.send([scan(4)]).json()["held"] is True
    assert numbers(phone) == [1]
    assert alarms() == [("revoked_device", None)]
    with use_scope(world.actor.scope):
        taken, left = held_batches_for(world.actor)
        judge_held_batch(actor=world.actor, batch_id=taken.id, is_taken=True, note="交回后核对无误")
        judge_held_batch(actor=world.actor, batch_id=left.id, is_taken=False, note="遗失之后的记录")
        assert list(held_batches_for(world.actor)) == []
        with pytest.raises(NotFound):
            judge_held_batch(actor=world.actor, batch_id=left.id, is_taken=True, note="改主意")
    assert numbers(phone) == [1, 2, 3]


def test_revocation_by_another_process_holds_at_the_next_commit(phone: FakePhone, world: GateWorld) -> None:
    """What this process remembers of the phone's key does not let a scan in; others in the group are taken."""
    other = enrol(world)
    phone.answers([scan(1)])
    Device.objects.filter(id=phone.device_id).update(revoked_at=clock.now(), revoke_reason="遗失")
    answer = phone.send([scan(2)])
    assert (answer.status_code, answer.json()["code"], answer.json()["held"]) == (401, "device.revoked", True)
    assert other.answers([scan(1)]) == ["created"]
    assert (numbers(phone), numbers(other)) == ([1], [1])


def test_full_queue_answers_busy_with_a_time_and_takes_nothing(phone: FakePhone, settings: Any) -> None:
    settings.SHOUWANG_GATE_QUEUE = 5
    answer = phone.send(scans(1, 6))
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "2"
    assert numbers(phone) == []
    assert phone.answers(scans(1, 5)) == ["created"] * 5


def test_writer_opens_a_lost_connection_anew(phone: FakePhone) -> None:
    phone.answers([scan(1)])
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and query like '%%gates_take%%'"
        )
        assert cursor.rowcount == 1
    assert phone.answers(scans(1, 2)) == ["exists", "created"]


def test_phones_of_two_threads_are_each_answered_their_own(world: GateWorld) -> None:
    """Many at once, overlapping: each scan once."""
    phones = [enrol(world) for _number in range(4)]

    def send(number: int) -> list[str]:
        try:
            with clock.at(OPENING):
                first = number // 4 * 10 + 1
                return phones[number % 4].answers(scans(first, first + 14))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(24)))
    assert sum(one.count("created") for one in answers) == 4 * 65
    assert sum(one.count("exists") for one in answers) == 24 * 15 - 4 * 65
    for phone in phones:
        assert numbers(phone) == list(range(1, 66))


def test_address_without_a_call_is_told_so(phone: FakePhone) -> None:
    assert phone.get("/api/v1/gate/none").status_code == 404
    answer = phone.get(OBSERVATIONS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_spelling_that_only_the_database_refuses_is_taken_in_our_own(phone: FakePhone, world: GateWorld) -> None:
    """1.0 is a whole number to JSON and none to an integer column; a group is not held up by it."""
    body = json.dumps(batch(scans(1, 3))).replace('"party": 1', '"party": 1.0')
    assert phone.post(OBSERVATIONS, body.encode()).json()["answers"] == ["created"] * 3
    assert phone.post(OBSERVATIONS, body.encode()).json()["answers"] == ["exists"] * 3
    assert numbers(phone) == [1, 2, 3]


def test_alarm_is_settled_once_with_a_word_by_who_runs_the_gate(phone: FakePhone, world: GateWorld) -> None:
    phone.answers([scan(1), scan(3)])
    with use_scope(world.actor.scope):
        (alarm,) = open_alarms_for(world.actor)
        with pytest.raises(Invalid):
            settle_alarm(actor=world.actor, alarm_id=alarm.id, note=" ")
        settle_alarm(actor=world.actor, alarm_id=alarm.id, note="手机没电，已核对纸质登记")
        with pytest.raises(NotFound):
            settle_alarm(actor=world.actor, alarm_id=alarm.id, note="再来一次")
        assert list(open_alarms_for(world.actor)) == []
    phone.answers([scan(3)])
    assert alarms() == [("gap", 2)]


def test_alarm_of_another_county_is_not_there(phone: FakePhone) -> None:
    phone.answers([scan(1), scan(3)])
    with use_scope(FULL):
        (alarm,) = IngestAlarm.objects.all()
    with acting(area_code=FANGZI) as neighbour, pytest.raises(NotFound):
        settle_alarm(actor=neighbour, alarm_id=alarm.id, note="越界")
    with use_scope(FULL):
        assert IngestAlarm.objects.get().settled_at is None
