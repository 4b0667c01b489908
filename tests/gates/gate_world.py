"""An estate with one gate, phones enrolled there, and what they send."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client

from shouwang.accounts.public import Role
from shouwang.gates.commands.devices import create_enrolment_code
from shouwang.gates.commands.estates import create_estate, create_gate
from shouwang.gates.commands.writer import close_writers
from shouwang.gates.models import Estate, Gate, SigningKey
from shouwang.gates.queries.gate_database import close_pools
from shouwang.gates.queries.phones import forget_phones
from shouwang.gates.rules.codec import key_id, new_private_key, public_point
from shouwang.gates.states import DeviceProfile
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import use_scope
from tests.factories import GUDI_VILLAGE, make_actor

OBSERVATIONS, MANIFEST, ENROL, WIPED = (
    f"/api/v1/gate/{call}" for call in ("observations", "manifest", "enrol", "wiped")
)
MORNING_MS = 1_584_489_600_000
"""2020-03-18 08:00 in Asia/Shanghai."""


@dataclass(frozen=True, slots=True)
class GateWorld:
    """The community worker who runs it."""

    actor: Actor
    estate: Estate
    gate: Gate


@dataclass(frozen=True, slots=True)
class FakePhone:
    """A phone as the server meets it: its key, and the calls it makes."""

    device_id: int
    key: str

    def post(self, address: str, body: bytes | dict[str, Any], **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client().post(
            address, content, content_type="application/json", headers={"Authorization": f"Bearer {self.key}"} | headers
        )

    def get(self, address: str) -> Any:
        return Client().get(address, headers={"Authorization": f"Bearer {self.key}"})

    def send(self, items: Sequence[dict[str, Any]], **envelope: Any) -> Any:
        return self.post(OBSERVATIONS, batch(items, **envelope))

    def answers(self, items: Sequence[dict[str, Any]], **envelope: Any) -> list[str]:
        answer = self.send(items, **envelope)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["answers"])


def batch(items: Sequence[dict[str, Any]], **envelope: Any) -> dict[str, Any]:
    told = {
        "clock_ms": MORNING_MS,
        "waiting": 0,
        "quarantined": 0,
        "manifest_at": None,
        "persisted": True,
        "app": "1.0",
    }
    return told | envelope | {"items": list(items)}


def scan(seq: int, **changed: Any) -> dict[str, Any]:
    """Somebody let in by a pass."""
    item = {
        "seq": seq,
        "day": "2020-03-18",
        "at_ms": MORNING_MS - 3_600_000 + seq,
        "pass": str(10**15 + seq),
        "dir": 1,
        "verdict": 1,
        "reason": 0,
        "how": 1,
        "checks": 3,
        "temp": 365,
        "party": 1,
        "annuls": None,
        "manifest_at": 1_584_489_000,
    }
    return item | changed


def scans(first: int, last: int) -> list[dict[str, Any]]:
    return [scan(seq) for seq in range(first, last + 1)]


def make_world(area_code: int = GUDI_VILLAGE, *, name: str = "翠园小区") -> GateWorld:
    actor = make_actor(Role.GRID_WORKER, area_code)
    with use_scope(actor.scope):
        estate = create_estate(actor=actor, name=name, area_code=area_code)
        gate = create_gate(actor=actor, estate_id=estate.id, name="南门")
    return GateWorld(actor, estate, gate)


def enrol(world: GateWorld, *, profile: DeviceProfile = DeviceProfile.GATE, name: str = "南门1号机") -> FakePhone:
    with use_scope(world.actor.scope):
        code = create_enrolment_code(actor=world.actor, gate_id=world.gate.id, profile=profile)
    answer = Client().post(ENROL, {"code": code, "name": name, "clock_ms": MORNING_MS}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return FakePhone(answer.json()["device"], answer.json()["key"])


def make_signing_key(*, published_at: datetime | None = None, signs_days: int = 180) -> SigningKey:
    """A key that signs from its publication on."""
    private = new_private_key()
    point = public_point(private)
    begins = published_at or clock.now() - timedelta(days=8)
    return SigningKey.objects.create(
        kid=key_id(point),
        point=point,
        private=private.hex(),
        published_at=begins,
        signs_from=begins,
        signs_until=begins + timedelta(days=signs_days),
        valid_until=begins + timedelta(days=signs_days + 90),
    )


@contextmanager
def own_connections() -> Iterator[None]:
    """The writer's and the look-ups' connections end with the block: before a database is dropped."""
    forget_phones()
    try:
        yield
    finally:
        close_writers()
        close_pools()
        forget_phones()


def day(text: str) -> date:
    return date.fromisoformat(text)
