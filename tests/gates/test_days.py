"""The table of scans by days: closed but for its parent, purged by days, counts stay."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from shouwang.accounts.public import as_system
from shouwang.gates.commands.days import make_days_ahead, purge_scans
from shouwang.gates.models import Observation, PassageCount, VisitorEntry
from shouwang.gates.queries.gate_database import gate_dsn
from shouwang.gates.queries.passages import passages_of_gate_day, passages_of_pass
from shouwang.kernel import clock
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.scope import FULL, use_scope
from tests.conftest import OPENING
from tests.factories import FANGZI, acting

from .gate_world import FakePhone, GateWorld, day, enrol, scan


def partitions() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'gates_observation'::regclass order by 1"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
def test_days_ahead_are_made_once() -> None:
    assert (make_days_ahead(), make_days_ahead()) == (3, 0)


def test_no_role_reads_or_writes_past_the_policy(phone: FakePhone) -> None:
    phone.answers([scan(1), scan(2, day="1999-01-01")])
    assert partitions() == ["gates_observation_20200318", "gates_observation_far"]
    statements = [f"select * from {name}" for name in partitions()]
    statements += ["delete from gates_observation", "update gates_observation set party = 2"]
    statements += ["insert into gates_observation select * from gates_observation", "delete from gates_visitorentry"]
    with use_scope(FULL):
        for statement in statements:
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)
    assert Observation.objects.count() == 0
    with psycopg.connect(gate_dsn(), autocommit=True) as gate:
        assert gate.execute("select current_user::text, current_setting('synchronous_commit')").fetchone() == (
            "shouwang_gate",
            "on",
        )
        for statement in (*statements, "select * from gates_device", "select * from registry_person"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                gate.execute(statement)


def test_neighbour_sees_no_scan(phone: FakePhone, world: GateWorld) -> None:
    phone.answers([scan(1)])
    with acting(area_code=FANGZI) as neighbour:
        assert Observation.objects.count() == 0
        with pytest.raises(NotFound):
            passages_of_gate_day(neighbour, gate_id=world.gate.id, on=day("2020-03-18"))
    with use_scope(world.actor.scope):
        assert Observation.objects.count() == 1


def test_gates_day_by_hours_leaves_out_what_was_taken_back(phone: FakePhone, world: GateWorld) -> None:
    other = enrol(world)
    phone.answers(
        [
            scan(1),
            scan(2, dir=2, party=3),
            scan(3, verdict=3, reason=40),
            scan(4, verdict=4, reason=50, temp=381),
            scan(5),
            scan(6, annuls=5),
        ]
    )
    other.answers([scan(1, at_ms=1_584_489_600_000 + 5 * 3_600_000), scan(2, day="2020-03-17")])
    with use_scope(world.actor.scope):
        hours = passages_of_gate_day(world.actor, gate_id=world.gate.id, on=day("2020-03-18"))
        assert [(one.hour, one.entered, one.left, one.turned_back, one.fever) for one in hours] == [
            (7, 1, 3, 1, 1),
            (13, 1, 0, 0, 0),
        ]
        seen = passages_of_pass(10**15 + 1)
        assert [(one.gate_name, one.direction) for one in seen] == [("南门", 1), ("南门", 1)]
        assert passages_of_pass(10**15 + 5) == []


def test_purge_drops_whole_days_and_keeps_their_counts(phone: FakePhone, world: GateWorld) -> None:
    visitor = {"name": "李四"}
    phone.answers([scan(1), scan(2, dir=2, party=2), scan(3, visitor=visitor), scan(4, day="1999-01-01")])
    late = enrol(world)
    with clock.at(OPENING + timedelta(days=29)):
        late.answers([scan(1, day="2020-04-16")])
        with use_scope(world.actor.scope):
            before = passages_of_gate_day(world.actor, gate_id=world.gate.id, on=day("2020-03-18"))
            with pytest.raises(NotAllowed):
                purge_scans(actor=world.actor)
        with as_system("测试") as system:
            assert purge_scans(actor=system).days == (day("2020-03-18"), day("1999-01-01"))
            assert purge_scans(actor=system).days == ()
            assert (Observation.objects.count(), VisitorEntry.objects.count()) == (1, 0)
            kept = list(
                PassageCount.objects.order_by("on", "direction").values_list("on", "hour", "direction", "persons")
            )
        with use_scope(world.actor.scope):
            assert passages_of_gate_day(world.actor, gate_id=world.gate.id, on=day("2020-03-18")) == before
    assert kept == [(day("1999-01-01"), 7, 1, 1), (day("2020-03-18"), 7, 1, 2), (day("2020-03-18"), 7, 2, 2)]
    assert phone.answers([scan(1)]) == ["exists"]


def test_scan_that_waited_in_the_default_partition_moves_into_its_day(phone: FakePhone) -> None:
    assert phone.answers([scan(1, day="2020-04-20")]) == ["created"]
    with clock.at(OPENING + timedelta(days=33)):
        assert phone.answers([scan(2, day="2020-04-20")]) == ["created"]
        assert phone.answers([scan(1, day="2020-04-20")]) == ["exists"]
    with connections["owner"].cursor() as cursor:
        cursor.execute("select seq from gates_observation_20200420 order by seq")
        assert cursor.fetchall() == [(1,), (2,)]
