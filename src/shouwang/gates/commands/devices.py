"""Phones: enrolled once by a code, revoked, told to wipe themselves.

Guarantees: a code enrols one phone, once, within CODE_LIVES; its key is shown to that phone only and kept as a digest;
enrolled anew a phone is a new device whose numbers begin at 1; a revocation holds for scans at their next commit, for everything
else within queries.phones.KNOWN_FOR_SECONDS, in every process.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.kernel.scope import Scope, use_scope

from ..errors import DeviceRefused
from ..models import Device, DeviceReport, EnrolmentCode
from ..policies import require_keeper
from ..queries.devices import get_device_for, get_gate_for
from ..queries.phones import Phone, digest_of, forget_phones
from ..states import DeviceProfile

CODE_LIVES: Final = timedelta(minutes=30)
CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 and O, no 1 and I: it is read from a screen and typed on a phone."""
CODE_LENGTH: Final = 10
"""50 bits, alive for half an hour: not to be guessed through the web."""


class EnrolmentRequest(msgspec.Struct):
    """What a phone sends to be enrolled; docs/gate-formats.md, format 5."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    clock_ms: Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_000)]
    name: Annotated[str, msgspec.Meta(max_length=40)] = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`key` is told once, to the phone."""

    device: Device
    key: str


@transaction.atomic
def create_enrolment_code(*, actor: Actor, gate_id: int, profile: DeviceProfile = DeviceProfile.GATE) -> str:
    """A code to type or scan on the phone, told once."""
    gate = get_gate_for(actor, gate_id)
    require_keeper(actor, gate.area_code)
    code = "".join(secrets.choice(CODE_LETTERS) for _letter in range(CODE_LENGTH))
    now = clock.now()
    EnrolmentCode.objects.create(
        gate=gate,
        profile=DeviceProfile(profile),
        digest=_code_digest(code),
        expires_at=now + CODE_LIVES,
        area_code=gate.area_code,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    audit.record(actor=actor, action="device.invite", subject=f"gate:{gate.id}", area_code=gate.area_code)
    return code


@transaction.atomic
def enrol_device(*, request: EnrolmentRequest) -> Enrolled:
    """Who holds the code is let in, once. Raises DeviceRefused, in the same words for a wrong, used and old code."""
    now = clock.now()
    digest = _code_digest(request.code.strip().upper().replace("-", "").replace(" ", ""))
    code = EnrolmentCode.objects.select_for_update().filter(digest=digest).first()
    if code is None or code.used_at is not None or code.expires_at <= now:
        raise DeviceRefused(_("登记码不对或已失效，请到社区重新领取"), reason="device.code")
    code.used_at = now
    code.save(update_fields=["used_at"])
    secret = secrets.token_urlsafe(32)
    with use_scope(scope_of(code.area_code)):
        device = Device.objects.create(
            gate=code.gate,
            name=request.name.strip() or code.gate.name,
            profile=code.profile,
            token_digest=digest_of(secret),
            area_code=code.area_code,
            enrolled_at=now,
            enrolled_by=code.recorded_by,
        )
        DeviceReport.objects.create(
            device=device,
            area_code=device.area_code,
            seen_at=now,
            clock_offset_ms=request.clock_ms - int(now.timestamp() * 1000),
        )
        actor = phone_actor(device.id, device.area_code)
        data = {"gate": device.gate_id, "profile": device.profile}
        subject = f"device:{device.id}"
        audit.record(actor=actor, action="device.enrol", subject=subject, area_code=device.area_code, data=data)
    forget_phones()
    return Enrolled(device, f"{device.id}.{secret}")


@transaction.atomic
def revoke_device(*, actor: Actor, device_id: int, reason: str, wipe: bool = False) -> Device:
    """The phone syncs no more; what it still sends is held for a person to judge. Asked for again it adds the wipe only."""
    device = get_device_for(actor, device_id)
    require_keeper(actor, device.area_code)
    device = Device.objects.select_for_update().get(id=device.id)
    if not reason.strip():
        raise Invalid(_("请写明停用的原因"), reason="device.reason_missing")
    now = clock.now()
    if device.revoked_at is not None and not (wipe and device.wipe_asked_at is None):
        return device
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by, device.revoke_reason = now, actor.user_id, reason.strip()[:100]
    if wipe and device.wipe_asked_at is None:
        device.wipe_asked_at = now
    device.save(update_fields=["revoked_at", "revoked_by", "revoke_reason", "wipe_asked_at"])
    data = {"wipe": wipe}
    subject = f"device:{device.id}"
    audit.record(actor=actor, action="device.revoke", subject=subject, area_code=device.area_code, data=data)
    transaction.on_commit(forget_phones)
    return device


@transaction.atomic
def note_wiped(*, phone: Phone) -> Device:
    """The phone says that nothing is left on it. Raises StateConflict when nobody asked it to."""
    device = Device.objects.select_for_update().get(id=phone.id)
    if device.wipe_asked_at is None:
        raise StateConflict(_("没有要求这部手机清除数据"), reason="device.not_asked")
    if device.wiped_at is None:
        device.wiped_at = clock.now()
        device.save(update_fields=["wiped_at"])
        actor = phone_actor(phone.id, phone.area_code)
        audit.record(actor=actor, action="device.wipe", subject=f"device:{device.id}", area_code=device.area_code)
    return device


def scope_of(area_code: int) -> Scope:
    """What a phone may touch: its gate's area."""
    return Scope(spans=((area_code, area_code + 1),))


def phone_actor(device_id: int, area_code: int) -> Actor:
    """A phone in the audit: nobody's post, its gate's area."""
    return Actor(
        user_id=None,
        post_id=None,
        name=f"卡口手机 {device_id}",
        role="phone",
        area_code=area_code,
        scope=scope_of(area_code),
    )


def _code_digest(code: str) -> bytes:
    return crypto.blind_index("enrolment", code)
