"""The community's gates on pages: estates, entrances open and sealed, phones, today by the hour, figures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.areas.public import get_area
from shouwang.gates.commands.alarms import settle_alarm
from shouwang.gates.commands.devices import create_enrolment_code
from shouwang.gates.commands.estates import create_building, create_estate, create_gate, set_gate_status
from shouwang.gates.models import Device, EnrolmentCode, Estate, Gate, GateStatus, IngestAlarm, PassageCount
from shouwang.gates.queries.board import board_of, coverage_in, coverage_of
from shouwang.gates.states import GateState
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.figures import get_figure, leaves, make_cut
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.response.kinds import get_kind
from shouwang.response.public import Target
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, make_actor

from .gate_world import FakePhone, GateWorld, scan
from .households import confirmed


@pytest.fixture
def worker(db: None) -> Actor:
    return make_actor(Role.GRID_WORKER, GUDI_VILLAGE)


@pytest.fixture
def client(worker: Actor) -> Client:
    return client_of(worker)


def made_gate(worker: Actor, name: str = "翠园小区") -> Gate:
    with use_scope(worker.scope):
        estate = create_estate(actor=worker, name=name, area_code=GUDI_VILLAGE)
        create_building(actor=worker, estate_id=estate.id, name="3", household_count=40)
        return create_gate(actor=worker, estate_id=estate.id, name="南门")


@pytest.mark.django_db
def test_estate_with_building_and_gate_is_set_up_on_pages(client: Client, worker: Actor) -> None:
    values = {"name": "翠园小区", "kind": "residential", "area": str(GUDI_VILLAGE // 1000), "address": "固堤路1号"}
    assert client.post(reverse("estate_new"), values).status_code == 302
    estate = Estate.objects.get()
    assert (
        client.post(reverse("building_new", args=[estate.id]), {"name": "3", "household_count": "40"}).status_code
        == 302
    )
    gate_values = {"name": "南门", "stale_after_hours": "24", "stale_policy": "refuse"}
    assert client.post(reverse("gate_new", args=[estate.id]), gate_values).status_code == 302
    again = client.post(reverse("gate_new", args=[estate.id]), gate_values)
    assert (again.status_code, "已有" in again.content.decode()) == (422, True)
    with use_scope(worker.scope):
        gate = Gate.objects.get()
    shown = client.get(reverse("gate_detail", args=[gate.id])).content.decode()
    assert "按平时管理" in shown or "现在执行的通行要求" in shown
    assert "南门" in client.get(reverse("estate_list")).content.decode()


@pytest.mark.django_db
def test_entrance_is_sealed_only_with_a_way_in_for_fire_engines(client: Client, worker: Actor) -> None:
    gate = made_gate(worker)
    address = reverse("gate_status", args=[gate.id])
    assert client.post(address, {"state": "sealed", "emergency_note": ""}).status_code == 422
    assert client.post(address, {"state": "sealed", "emergency_note": "物业值班室有钥匙"}).status_code == 302
    shown = client.get(reverse("gate_detail", args=[gate.id])).content.decode()
    assert "物业值班室有钥匙" in shown
    with use_scope(worker.scope):
        assert list(GateStatus.objects.order_by("recorded_at").values_list("state", flat=True)) == ["open", "sealed"]


@pytest.mark.django_db
def test_code_of_a_phone_is_shown_once_and_kept_as_a_digest(client: Client, worker: Actor) -> None:
    gate = made_gate(worker)
    answer = client.post(reverse("gate_code", args=[gate.id])).content.decode()
    assert "只显示这一次" in answer
    assert "只显示这一次" not in client.get(reverse("gate_detail", args=[gate.id])).content.decode()
    assert EnrolmentCode.objects.count() == 1


@pytest.mark.django_db
def test_neighbour_finds_no_gate_and_settles_no_alarm(worker: Actor) -> None:
    gate = made_gate(worker)
    with use_scope(worker.scope):
        create_enrolment_code(actor=worker, gate_id=gate.id)
        alarm = IngestAlarm.objects.create(
            device_id=1, kind="gap", seq=4, details={}, area_code=GUDI_VILLAGE, recorded_at=clock.now()
        )
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    assert client_of(neighbour).get(reverse("gate_detail", args=[gate.id])).status_code == 404
    with use_scope(neighbour.scope), pytest.raises(NotFound):
        settle_alarm(actor=neighbour, alarm_id=alarm.id, note="看过")
    with use_scope(worker.scope):
        audits = AuditEntry.objects.count()
        settle_alarm(actor=worker, alarm_id=alarm.id, note="手机没电，已补传")
        alarm.refresh_from_db()
        assert (alarm.settled_note, AuditEntry.objects.count()) == ("手机没电，已补传", audits + 1)
        with pytest.raises(NotFound):
            settle_alarm(actor=worker, alarm_id=alarm.id, note="再看")


@pytest.mark.django_db
def test_coverage_counts_households_by_building(worker: Actor) -> None:
    gate = made_gate(worker)
    with use_scope(worker.scope):
        confirmed(worker, gate.estate)
        confirmed(worker, gate.estate, room="503")
        create_building(actor=worker, estate_id=gate.estate_id, name="12", household_count=10)
        confirmed(worker, gate.estate, building="12", room="101")
        shown = [(one.building, one.counted, one.registered) for one in coverage_of(gate.estate_id)]
        assert shown == [("3", 40, 2), ("12", 10, 1)]
        assert coverage_in(worker, get_area(GUDI_VILLAGE)) == (3, 50)


@pytest.mark.django_db
def test_board_asks_as_much_for_one_gate_as_for_three(client: Client, worker: Actor) -> None:
    made_gate(worker)
    one = queries_of_page(client, reverse("gate_board"))
    made_gate(worker, "桃园小区")
    made_gate(worker, "杏园小区")
    assert queries_of_page(client, reverse("gate_board")) == one


def value(key: str, area: int = GUDI_VILLAGE) -> int:
    cut = make_cut(get_area(area).span, since=date(2020, 1, 1), as_of=clock.now() + timedelta(minutes=1))
    return sum(leaf.value for leaf in leaves(get_figure(key), cut))


@pytest.mark.django_db
def test_stocks_of_gates_are_as_of_the_cut_off(worker: Actor) -> None:
    gate = made_gate(worker)
    with use_scope(worker.scope):
        confirmed(worker, gate.estate)
        with clock.at(clock.now() + timedelta(seconds=1)):
            set_gate_status(actor=worker, gate_id=gate.id, state=GateState.SEALED, emergency_note="物业有钥匙")
        assert [value(f"gates.{key}") for key in ("households", "persons", "open", "sealed")] == [1, 1, 0, 1]


def test_board_and_figures_count_what_phones_saw_and_nothing_taken_back(world: GateWorld, phone: FakePhone) -> None:
    items = [
        scan(1),
        scan(2, dir=2, party=3),
        scan(3, verdict=3, reason=40, **{"pass": None}),
        scan(4, verdict=4, reason=50, temp=378),
        scan(5),
        scan(6, annuls=5),
    ]
    assert phone.answers(items) == ["created"] * 6
    with use_scope(world.actor.scope):
        board = board_of(world.actor, get_area(GUDI_VILLAGE), date(2020, 3, 18))
        total = board.total
        assert (total.entered, total.left, total.turned_back, total.fever) == (1, 3, 1, 1)
        assert [(line.gate.name, line.phones, line.missing) for line in board.lines] == [("南门", 1, 0)]
        assert Device.objects.count() == 1
        assert [value(f"gates.{key}") for key in ("passages", "turned_back", "fever")] == [2, 1, 1]


@pytest.mark.django_db
def test_rehearsal_of_gate_control_tells_open_entrances_and_households(worker: Actor) -> None:
    gate = made_gate(worker)
    with use_scope(worker.scope):
        confirmed(worker, gate.estate)
        create_gate(actor=worker, estate_id=gate.estate_id, name="东门")
    officer = make_actor(Role.COUNTY_OFFICER, HANTING)
    target = Target(HANTING, tuple(get_area(HANTING).span), (), (), clock.now(), None)
    with use_scope(officer.scope):
        effects = get_kind("gate_control").rehearse(officer, target, {})
    assert [effect.count for effect in effects] == [2, 1]


def test_board_of_a_day_whose_scans_are_gone_shows_the_counts_that_stay(world: GateWorld) -> None:
    on = date(2020, 2, 1)
    with use_scope(world.actor.scope):
        PassageCount.objects.create(
            gate=world.gate, on=on, hour=9, direction=1, verdict=1, passages=3, persons=4, area_code=GUDI_VILLAGE
        )
        board = board_of(world.actor, get_area(GUDI_VILLAGE), on)
    assert (board.total.entered, [hour for hour, _passed in board.hours]) == (4, [9])
