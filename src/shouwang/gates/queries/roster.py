"""The people of an estate as its gates know them: masked name, tail of the ID, where they live, their pass.

Never a whole name, an ID number or a phone: a keeper compares what a person shows with this, and a lost phone tells
little. Rows outside the connection's scope are not there.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.kernel import clock
from shouwang.kernel.crypto import mask_name

from ..models import Estate, Pass, Resident
from ..states import PassKind, RegistrationState
from .declarations import declaration_states

DIGEST_BYTES = 16


def roster_of(*, estate: Estate, secret: bytes, now: datetime) -> list[dict[str, Any]]:
    """Holders in the order of their homes; then who has a pass of this estate without living in it."""
    passes = _passes_of(estate, now)
    residents = list(
        Resident.objects.filter(registration__estate=estate, registration__state=RegistrationState.CONFIRMED, left_on=None)
        .order_by("registration__building", "registration__room", "registration_id", "position")
        .values_list(
            "id", "name", "initials", "id_number", "id_tail", "registration_id", "registration__building",
            "registration__room",
        )
    )  # fmt: skip
    told = declaration_states([row[0] for row in residents], now.astimezone(clock.TZ).date()) if residents else {}
    kind = PassKind.RESIDENT
    roster: list[dict[str, Any]] = []
    for resident_id, name, initials, id_number, tail, registration_id, building, room in residents:
        held = passes.get(resident_id)
        roster.append(
            {
                "pass": str(held.id) if held else None,
                "kind": held.kind if held else int(kind),
                "expires": int(held.expires_at.timestamp()) if held else 0,
                "name": mask_name(name),
                "tail": tail,
                "building": building,
                "room": room,
                "initials": initials,
                "digest": id_digest(secret, str(id_number)) if id_number else None,
                "household": household_number(registration_id),
                "declaration": told.get(resident_id, "none"),
            }
        )
    return roster + [_guest(one) for one in _passes_without_resident(estate, now)]


def household_number(registration_id: UUID) -> int:
    """The same in every manifest, since phones count exits by it; below 2^53, as JavaScript counts. Its bits are random."""
    return registration_id.int & (2**48 - 1)


def id_digest(secret: bytes, id_number: str) -> str:
    """How a phone finds whose ID card is typed into it, keyed by its gate's secret: base64url without padding."""
    digest = hmac.digest(secret, id_number.encode(), "sha256")[:DIGEST_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _passes_of(estate: Estate, now: datetime) -> dict[UUID, Pass]:
    """By resident, the live pass that lasts longest."""
    live = Pass.objects.filter(estate=estate, denial=None, expires_at__gt=now, holder__isnull=False)
    fields = ("id", "kind", "expires_at", "holder_id")
    return {one.holder_id: one for one in live.only(*fields).order_by("expires_at", "id") if one.holder_id}


def _passes_without_resident(estate: Estate, now: datetime) -> list[Pass]:
    live = Pass.objects.filter(estate=estate, denial=None, expires_at__gt=now, holder=None)
    return list(live.only("id", "kind", "expires_at", "holder_name", "holder_tail").order_by("expires_at", "id"))


def _guest(one: Pass) -> dict[str, Any]:
    return {
        "pass": str(one.id),
        "kind": one.kind,
        "expires": int(one.expires_at.timestamp()),
        "name": mask_name(one.holder_name),
        "tail": one.holder_tail,
        "building": "",
        "room": "",
        "initials": "",
        "digest": None,
        "household": 0,
        "declaration": "none",
    }
