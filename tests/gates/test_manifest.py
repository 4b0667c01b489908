"""What a phone carries: signed, of its own estate only, with the rules that measures in force make."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest

from shouwang.accounts.public import Role
from shouwang.gates.models import Gate, Pass, PassDenial, Registration, Resident, SigningKey
from shouwang.gates.queries.manifest import denied_since, manifest_body, rule_segments
from shouwang.gates.queries.phones import Phone
from shouwang.gates.rules.codec import _is_signed
from shouwang.gates.rules.gate_rules import InForce, compiled
from shouwang.gates.states import EstateKind, PassKind
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from shouwang.response.public import lift_measure, register_document
from tests.conftest import OPENING
from tests.factories import FANGZI, HANTING, acting, id_number
from tests.measures import issue_measure

from .gate_world import MANIFEST, FakePhone, GateWorld, make_signing_key, make_world

CONTROL = {
    "residents": 2, "staff": 2, "helpers": 2, "visitors": 1, "others": 0, "temperature": 1, "mask": 1, "credentials": 0,
    "fever_from_tenths": 373, "leave_from_hour": 6, "leave_until_hour": 22, "exits": 1, "exit_days": 2,
    "single_entrance": 0,
}  # fmt: skip


def order(kind: str, parameters: dict[str, int], area_code: int = HANTING, **span: Any) -> Any:
    with acting(Role.COUNTY_LEADER, area_code) as leader:
        document = register_document(
            actor=leader, number=f"测〔2020〕{new_id().hex}", title="通告", issuer="指挥部", issued_on=date(2020, 3, 1),
            area_code=area_code,
        )  # fmt: skip
        span = {"from_at": OPENING - timedelta(days=1), "until_at": None} | span
        return issue_measure(
            actor=leader, kind=kind, parameters=parameters, area_code=area_code, document_id=document.id, **span
        )


def segments(world: GateWorld) -> list[dict[str, Any]]:
    with use_scope(world.actor.scope):
        return rule_segments(Gate.objects.select_related("estate").get(id=world.gate.id), clock.now())


@pytest.mark.django_db
def test_without_a_measure_everybody_passes_for_three_days() -> None:
    (only,) = segments(make_world())
    now = int(OPENING.timestamp())
    assert (only["from"], only["until"]) == (now, now + 72 * 3600)
    assert set(only["who"].values()) == {2}
    assert (only["checks"], only["exits"], only["leave_hours"], only["measures"]) == (0, None, [0, 24], [])


@pytest.mark.django_db
def test_rules_turn_where_a_measure_begins_ends_and_is_lifted() -> None:
    world = make_world()
    first = order("gate_control", CONTROL, until_at=OPENING + timedelta(hours=20))
    second = order("gate_control", CONTROL | {"others": 1, "mask": 0}, from_at=OPENING + timedelta(hours=10))
    with acting(Role.COUNTY_LEADER, HANTING) as leader:
        lift_measure(actor=leader, measure_id=second.id, at=OPENING + timedelta(hours=30), reason="解除")
    found = segments(world)
    hours = [((one["from"] - OPENING.timestamp()) / 3600, (one["until"] - OPENING.timestamp()) / 3600) for one in found]
    assert hours == [(0, 10), (10, 20), (20, 30), (30, 72)]
    assert [one["checks"] for one in found] == [3, 3, 1, 0]
    assert [one["who"]["unknown"] for one in found] == [0, 0, 1, 2]
    assert [one["measures"] for one in found] == [
        [str(first.id)],
        [str(second.id), str(first.id)],
        [str(second.id)],
        [],
    ]
    assert found[0]["exits"] == {"count": 1, "days": 2}


@pytest.mark.django_db
def test_exercise_and_another_countys_order_change_nothing() -> None:
    world = make_world()
    before = segments(world)
    order("gate_control", CONTROL, is_exercise=True)
    order("gate_control", CONTROL, FANGZI)
    assert segments(world) == before


def test_compiled_rule_of_an_institutions_door() -> None:
    orders = InForce(
        gate_control=CONTROL | {"visitors": 2},
        closed_management={"outsiders": 1, "staff_leave": 0, "residents_leave": 0},
    )
    rule = compiled(EstateKind.INSTITUTION, orders)
    assert rule["who"] == {
        "resident": 2, "staff": 2, "helper": 1, "visitor": 1, "institution": 2, "elsewhere": 0, "unknown": 0,
    }  # fmt: skip
    assert rule["inside_leave"] == {"resident": 0, "staff": 0}
    assert (rule["exits"], rule["leave_hours"]) == (None, [0, 24])
    residential = compiled(EstateKind.RESIDENTIAL, orders)
    assert residential["inside_leave"] == {"resident": 1, "staff": 1}
    assert residential["leave_hours"] == [6, 22]


def make_resident(world: GateWorld, name: str, number: str | None = None, **of: Any) -> Resident:
    now = clock.now()
    registration = Registration.objects.create(
        estate=world.estate, building="3", room=of.pop("room", "502"), area_code=world.estate.area_code,
        state=of.pop("state", "confirmed"), source="proxy", consent_version="1", consented_at=now,
        forget_on=date(2020, 9, 1), recorded_at=now, decided_at=of.pop("decided_at", now),
    )  # fmt: skip
    return Resident.objects.create(
        registration=registration, area_code=world.estate.area_code, position=1, name=name, initials="zsf",
        id_number=number, id_index=b"x" * 16 if number else None, id_tail=number[-4:] if number else "",
        no_id_reason="" if number else "newborn", **of,
    )  # fmt: skip


def make_pass(world: GateWorld, key: SigningKey, number: int, **of: Any) -> Pass:
    now = clock.now()
    return Pass.objects.create(
        id=number, kind=of.pop("kind", PassKind.RESIDENT), estate=world.estate, area_code=world.estate.area_code,
        issued_at=now, valid_from=now, expires_at=now + timedelta(days=of.pop("days", 30)), key=key, text="SW1:X", **of,
    )  # fmt: skip


def test_manifest_is_signed_and_carries_no_name_and_no_number(world: GateWorld, phone: FakePhone) -> None:
    key = make_signing_key()
    number = id_number()
    with use_scope(FULL):
        resident = make_resident(world, "张小芳", number)
        make_resident(world, "待确认", state="pending", decided_at=None)
        make_resident(world, "已迁走", left_on=date(2020, 3, 1))
        make_pass(world, key, 41, holder=resident, days=10)
        make_pass(world, key, 42, holder=resident)
        make_pass(world, key, 43, kind=PassKind.HELPER, holder_name="王志愿", holder_tail="123X")
    answer = phone.get(MANIFEST).json()
    point = bytes(key.point)
    signature = base64.urlsafe_b64decode(answer["signature"] + "==")
    assert _is_signed(answer["signed"].encode(), signature, point)
    assert answer["kid"] == bytes(key.kid).hex()
    body = json.loads(answer["signed"])
    assert (body["format"], body["device"], body["gate"]["id"]) == (1, phone.device_id, world.gate.id)
    holder, helper = body["roster"]
    assert (holder["pass"], holder["name"], holder["tail"]) == ("42", "张*芳", number[-4:])
    assert (holder["building"], holder["room"], holder["initials"]) == ("3", "502", "zsf")
    assert (helper["pass"], helper["name"], helper["kind"]) == ("43", "王*愿", 4)
    assert [slip["on"] for slip in body["slips"]] == [f"2020-03-{day}" for day in range(18, 25)]
    for secret in ("张小芳", number, "待确认", "已迁走", "王志愿"):
        assert secret not in answer["signed"]


def test_without_a_signing_key_the_manifest_says_what_is_missing(phone: FakePhone) -> None:
    answer = phone.get(MANIFEST)
    assert (answer.status_code, answer.json()["code"]) == (503, "key.none")


@pytest.mark.parametrize("denied", ["-1", "x", "1" * 30])
def test_manifest_refuses_a_number_that_is_none(phone: FakePhone, denied: str) -> None:
    assert phone.get(f"{MANIFEST}?denied={denied}").status_code == 400


@pytest.mark.django_db
def test_deny_list_is_a_delta_of_every_area_and_repeats_the_last_minute() -> None:
    near, far = make_world(), make_world(370704003009000, name="远处小区")
    key = make_signing_key()
    now = clock.now()
    with use_scope(FULL):
        for number, world, days, ago in (
            (1, near, 30, 3600),
            (2, far, 30, 3600),
            (3, near, 30, 30),
            (4, near, 1, 3600),
        ):
            denied = make_pass(world, key, number, holder_name="某人", days=days)
            at = now - timedelta(seconds=ago)
            PassDenial.objects.create(
                number=number, denied=denied, reason="lost", area_code=world.estate.area_code, recorded_at=at
            )
    later = now + timedelta(days=2)
    assert denied_since(0, now)["passes"].keys() == {"1", "2", "3", "4"}
    assert denied_since(1, now) == {"after": 1, "number": 4, "passes": {"2": "lost", "3": "lost", "4": "lost"}}
    assert denied_since(0, later)["passes"].keys() == {"1", "2", "3"}


@pytest.mark.django_db
def test_manifest_of_one_gate_tells_nothing_of_another_estate() -> None:
    near, far = make_world(), make_world(name="对面小区")
    make_signing_key()
    with use_scope(FULL):
        make_resident(near, "张小芳")
        make_resident(far, "李大明")
    phone = Phone(1, b"", "gate", near.gate.id, near.gate.area_code, False, False)
    body = manifest_body(phone=phone, denied_after=0, now=clock.now())
    assert [one["name"] for one in body["roster"]] == ["张*芳"]
    other = Phone(2, b"", "gate", far.gate.id, far.gate.area_code, False, False)
    assert manifest_body(phone=other, denied_after=0, now=clock.now())["slips"] != body["slips"]
