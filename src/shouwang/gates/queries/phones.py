"""Which phone calls: its key checked in constant time, its profile's calls, and that it was not revoked.

A phone's key never changes, so it is remembered for a while; whether it was revoked is asked again after
KNOWN_FOR_SECONDS, and for scans at their commit, by `gates_take` itself.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwang.kernel import clock

from ..errors import DeviceRefused
from ..policies import CALLS
from .gate_database import gate_dsn, pool

KNOWN_FOR_SECONDS = 5.0
KEY_KNOWN_FOR_SECONDS = 600.0
KNOWN_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Phone:
    """A device as its key is checked; `area_code` is its gate's."""

    id: int
    token_digest: bytes
    profile: str
    gate_id: int
    area_code: int
    is_revoked: bool
    must_wipe: bool


_known: dict[tuple[str, int], tuple[float, Phone | None]] = {}
_NOBODY = hashlib.sha256(b"nobody").digest()


def digest_of(secret: str) -> bytes:
    """How the secret half of a key is kept: it is random, so one SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


def phone_of(authorization: str, *, believed_seconds: float = KNOWN_FOR_SECONDS) -> Phone:
    """The phone whose key this is, revoked or not as of so many seconds ago.

    Raises DeviceRefused for everybody else, in the same words.
    """
    scheme, _space, key = authorization.partition(" ")
    number, _dot, secret = key.partition(".")
    is_shaped = scheme == "Bearer" and number.isascii() and number.isdigit() and len(number) <= 9
    phone = _look_up(int(number), believed_seconds) if is_shaped else None
    if not hmac.compare_digest(digest_of(secret), phone.token_digest if phone else _NOBODY) or phone is None:
        raise DeviceRefused(_("这部手机没有登记，请重新登记"), reason="device.unknown")
    return phone


def authorised_phone(authorization: str, call: str) -> Phone:
    """The phone, if it is in use and its profile may make this call. Raises DeviceRefused."""
    is_checked_again = call == "observations"
    phone = phone_of(authorization, believed_seconds=KEY_KNOWN_FOR_SECONDS if is_checked_again else KNOWN_FOR_SECONDS)
    if phone.is_revoked:
        raise revoked(must_wipe=phone.must_wipe)
    if call not in CALLS[phone.profile]:
        raise DeviceRefused(_("这部手机没有此项权限"), reason="device.call")
    return phone


def revoked(*, must_wipe: bool) -> DeviceRefused:
    return DeviceRefused(_("这部手机已停用，请交回社区"), reason="device.revoked", wipe=must_wipe)


def forget_phones() -> None:
    """Ask anew at the next call: a phone was revoked by this process, or the database is another one."""
    _known.clear()


def _look_up(device_id: int, believed_seconds: float) -> Phone | None:
    key, now = (gate_dsn(), device_id), clock.monotonic()
    found = _known.get(key)
    if found is not None and now - found[0] < believed_seconds:
        return found[1]
    with pool().connection() as connection:
        row = connection.execute("select * from gates_phone(%s)", [device_id]).fetchone()
    phone = None
    if row is not None:
        digest, profile, gate_id, area_code, is_revoked, must_wipe = row
        phone = Phone(device_id, bytes(digest), profile, gate_id, area_code, is_revoked, must_wipe)
    if len(_known) >= KNOWN_MAX:
        _known.clear()
    _known[key] = (now, phone)
    return phone
