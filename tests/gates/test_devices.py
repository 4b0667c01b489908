"""Estates, gates and phones: who runs them, how a phone is enrolled, revoked and wiped."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client

from shouwang.accounts.public import Role
from shouwang.gates.commands.devices import CODE_LIVES, create_enrolment_code, revoke_device
from shouwang.gates.commands.estates import create_building, create_estate, create_gate, set_gate_status
from shouwang.gates.models import Device, DeviceReport, EnrolmentCode, Estate, GateStatus
from shouwang.gates.queries.devices import gaps_in, gates_for, get_device_for, uploads_of
from shouwang.gates.states import GateState
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from tests.conftest import OPENING
from tests.factories import FANGZI, GUDI_VILLAGE, acting

from .gate_world import ENROL, MORNING_MS, WIPED, FakePhone, GateWorld, enrol, make_world, scan


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "area_code"), [(Role.FINANCE, 370_703_000_000_000), (Role.COUNTY_OFFICER, FANGZI)])
def test_estate_is_put_down_by_who_runs_it_there(role: str, area_code: int) -> None:
    with acting(Role.GRID_WORKER, GUDI_VILLAGE) as worker:
        create_estate(actor=worker, name="翠园小区", area_code=GUDI_VILLAGE)
        with pytest.raises(Conflict):
            create_estate(actor=worker, name=" 翠园小区 ", area_code=GUDI_VILLAGE)
    noted = AuditEntry.objects.count()
    with acting(role, area_code) as other, pytest.raises(NotAllowed):
        create_estate(actor=other, name="别处小区", area_code=GUDI_VILLAGE)
    assert (Estate.objects.count(), AuditEntry.objects.count()) == (1, noted)


@pytest.mark.django_db
def test_neighbour_finds_no_estate_to_build_on() -> None:
    world = make_world()
    with acting(Role.COUNTY_OFFICER, FANGZI) as neighbour:
        for command in (
            lambda: create_gate(actor=neighbour, estate_id=world.estate.id, name="北门"),
            lambda: create_building(actor=neighbour, estate_id=world.estate.id, name="1", household_count=1),
            lambda: create_enrolment_code(actor=neighbour, gate_id=world.gate.id),
            lambda: set_gate_status(actor=neighbour, gate_id=world.gate.id, state=GateState.OPEN),
        ):
            with pytest.raises(NotFound):
                command()
    assert EnrolmentCode.objects.count() == 0


@pytest.mark.django_db
def test_sealed_gate_says_how_a_fire_engine_gets_in() -> None:
    world = make_world()
    with use_scope(world.actor.scope):
        with pytest.raises(Invalid):
            set_gate_status(actor=world.actor, gate_id=world.gate.id, state=GateState.SEALED)
        with clock.at(OPENING + timedelta(minutes=1)):
            set_gate_status(
                actor=world.actor,
                gate_id=world.gate.id,
                state=GateState.SEALED,
                emergency_note="拆除围挡，钥匙在门卫室",
            )
            (gate,) = gates_for(world.actor)
        assert (gate.state, gate.emergency_note) == ("sealed", "拆除围挡，钥匙在门卫室")  # type: ignore[attr-defined]
        assert GateStatus.objects.count() == 2


def post_code(code: str) -> tuple[int, str]:
    answer = Client().post(ENROL, {"code": code, "clock_ms": MORNING_MS}, content_type="application/json")
    return answer.status_code, answer.json().get("code", "")


def test_code_enrols_one_phone_once(world: GateWorld) -> None:
    with use_scope(world.actor.scope):
        code = create_enrolment_code(actor=world.actor, gate_id=world.gate.id)
        late = create_enrolment_code(actor=world.actor, gate_id=world.gate.id)
    first = Client().post(
        ENROL,
        {"code": f" {code.lower()} ", "name": "1号机", "clock_ms": MORNING_MS + 7},
        content_type="application/json",
    )
    told = first.json()
    assert (first.status_code, told["profile"], told["gate"]["name"]) == (200, "gate", "南门")
    assert told["gate"]["community"] != ""
    assert post_code(code) == (401, "device.code")
    assert post_code("ABCDEFGHJK") == (401, "device.code")
    with clock.at(OPENING + CODE_LIVES):
        assert post_code(late) == (401, "device.code")
    with use_scope(FULL):
        (device,) = Device.objects.all()
        assert told["key"].startswith(f"{device.id}.")
        assert told["key"].partition(".")[2].encode() not in bytes(device.token_digest)
        assert DeviceReport.objects.get().clock_offset_ms == 7
        assert bytes(EnrolmentCode.objects.exclude(used_at=None).get().digest) != code.encode()


def test_phone_enrolled_anew_is_another_device_whose_numbers_begin_at_one(world: GateWorld) -> None:
    before, after = enrol(world), enrol(world)
    assert before.answers([scan(1)]) == ["created"]
    assert after.answers([scan(1, temp=366)]) == ["created"]
    assert before.device_id != after.device_id


def test_revoked_phone_is_told_to_wipe_and_says_when_it_has(phone: FakePhone, world: GateWorld) -> None:
    assert (phone.post(WIPED, {}).status_code, phone.answers([scan(1)])) == (409, ["created"])
    with use_scope(world.actor.scope):
        with pytest.raises(Invalid):
            revoke_device(actor=world.actor, device_id=phone.device_id, reason=" ")
        revoke_device(actor=world.actor, device_id=phone.device_id, reason="遗失")
    assert phone.send([]).json()["wipe"] is False
    with use_scope(world.actor.scope):
        revoke_device(actor=world.actor, device_id=phone.device_id, reason="遗失", wipe=True)
    assert phone.send([]).json()["wipe"] is True
    assert phone.post(WIPED, {}).json() == {"wiped": True}
    assert phone.post(WIPED, {}).status_code == 200
    with use_scope(FULL):
        device = Device.objects.get(id=phone.device_id)
        assert (device.revoke_reason, device.wiped_at) == ("遗失", OPENING)
        entries = AuditEntry.objects.filter(subject=f"device:{device.id}")
        verbs = Counter(entries.values_list("action", flat=True))
    assert verbs == {"device.enrol": 1, "device.revoke": 2, "device.wipe": 1}


def test_uploads_show_what_is_missing_and_who_is_silent(phone: FakePhone, world: GateWorld) -> None:
    phone.answers([scan(1), scan(2), scan(5)], waiting=7)
    with use_scope(world.actor.scope), clock.at(OPENING + timedelta(hours=13)):
        device = get_device_for(world.actor, phone.device_id)
        uploads = uploads_of([device])[device.id]
    assert (uploads.through, uploads.missing, uploads.missing_count) == (5, [(3, 4)], 2)
    assert (uploads.waiting, uploads.is_silent) == (7, True)


@pytest.mark.parametrize(
    ("received", "gaps"),
    [((), []), (((1, 5),), []), (((2, 5),), [(1, 1)]), (((1, 2), (4, 6), (9, 10)), [(2, 3), (6, 8)])],
)
def test_gaps_lie_between_what_is_in(received: tuple[tuple[int, int], ...], gaps: list[tuple[int, int]]) -> None:
    assert gaps_in(received) == gaps
