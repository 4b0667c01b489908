"""The signed pass: a CWT in a COSE_Sign1, ES256, base45, prefix `SW1:` (RFC 8392, RFC 9052, RFC 9285).

Guarantees: no name and no ID number in it; at most 144 bytes before base45, so that its QR code is no larger than
version 10 at level Q; one pass has one encoding (deterministic CBOR), so nothing can be hidden in it. Refuses every
text that is not exactly what `encode` would have made under one of the keys given. The keeper's phone has the same
function in JavaScript (frontend/gate); both are driven by one file of vectors (tests/gates/vectors).

Layout: tag 18 [ protected h'{1: -7, 4: kid}', {}, payload, signature ]; payload
{4: exp, 5: nbf, 6: iat, 7: cti (pass id, 8 bytes), -70000: [kind, estate]}; instants are seconds since 1970.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils.translation import gettext as _

from ..errors import PassRefused
from ..states import PassKind

PREFIX = "SW1:"
BYTES_MAX = 144
TEXT_MAX = len(PREFIX) + BYTES_MAX // 2 * 3
KID_BYTES, ID_BYTES, SIGNATURE_BYTES = 8, 8, 64

_COSE_SIGN1 = 18
_ALGORITHM, _KID, _ES256 = 1, 4, -7
_EXP, _NBF, _IAT, _CTI, _OURS = 4, 5, 6, 7, -70_000
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What a pass says. `pass_id` is random, 1 to 2^63 - 1; `estate` the number of the estate it was issued for."""

    pass_id: int
    kind: PassKind
    estate: int
    issued_at: datetime
    valid_from: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key (x and y, 64 bytes) and the span in which it vouches; passes end with their key."""

    point: bytes
    valid_from: datetime
    valid_until: datetime

    @property
    def kid(self) -> bytes:
        return key_id(self.point)


def key_id(point: bytes) -> bytes:
    """The first 8 bytes of SHA-256 of x and y. Two keys can share one: a verifier tries all that have it."""
    return hashlib.sha256(point).digest()[:KID_BYTES]


def new_private_key() -> bytes:
    """32 bytes, the scalar of a new P-256 key."""
    return ec.generate_private_key(_CURVE).private_numbers().private_value.to_bytes(32, "big")


def public_point(private: bytes) -> bytes:
    """x and y of the key, 64 bytes."""
    numbers = _signer(private).public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def encode(facts: PassFacts, private: bytes) -> str:
    """The pass as the text of a QR code."""
    signer = _signer(private)
    protected = cbor2.dumps({_ALGORITHM: _ES256, _KID: key_id(public_point(private))}, canonical=True)
    payload = _payload(facts)
    signature = sign(_to_be_signed(protected, payload), signer)
    whole = cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, [protected, {}, payload, signature]), canonical=True)
    if len(whole) > BYTES_MAX:
        raise ValueError(f"a pass of {len(whole)} bytes is longer than {BYTES_MAX}")
    return PREFIX + base45.b45encode(whole).decode()


def decode(text: str, keys: Sequence[TrustedKey], now: datetime) -> PassFacts:
    """What a text says, once it has proved to be a pass of ours that holds at `now`.

    Raises PassRefused with reason pass.unreadable, pass.unknown_version, pass.bad_signature, pass.not_yet_valid or
    pass.expired: in this order, so that nothing unsigned is ever told about.
    """
    protected, payload, signature = _parts(text)
    kid = _kid_of(protected)
    message = _to_be_signed(protected, payload)
    vouching = [key for key in keys if key.kid == kid and _is_signed(message, signature, key.point)]
    if not vouching:
        raise PassRefused(_("不是本系统签发的通行证"), reason="pass.bad_signature")
    facts = _facts(payload)
    key = vouching[0]
    if facts.expires_at > key.valid_until or facts.issued_at < key.valid_from:
        raise PassRefused(_("不是本系统签发的通行证"), reason="pass.bad_signature")
    if now < facts.valid_from:
        raise PassRefused(_("通行证尚未生效"), reason="pass.not_yet_valid", valid_from=facts.valid_from)
    if now >= facts.expires_at:
        raise PassRefused(_("通行证已过期"), reason="pass.expired", expires_at=facts.expires_at)
    return facts


def sign(message: bytes, signer: ec.EllipticCurvePrivateKey) -> bytes:
    """ES256: r and s, 64 bytes. Deterministic (RFC 6979), and s the lower of the two that would verify."""
    r, s = decode_dss_signature(signer.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
    s = min(s, _ORDER - s)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sign_with(private: bytes, message: bytes) -> bytes:
    """ES256 of anything else of ours that a phone must believe: the manifest."""
    return sign(message, _signer(private))


@lru_cache(maxsize=8)
def _signer(private: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private, "big"), _CURVE)


@lru_cache(maxsize=32)
def _verifier(point: bytes) -> ec.EllipticCurvePublicKey:
    x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
    return ec.EllipticCurvePublicNumbers(x, y, _CURVE).public_key()


def _is_signed(message: bytes, signature: bytes, point: bytes) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if s > _ORDER // 2:  # (r, n - s) verifies too: without this a pass would have two texts
        return False
    try:
        _verifier(point).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)


def _payload(facts: PassFacts) -> bytes:
    claims = {
        _EXP: int(facts.expires_at.timestamp()),
        _NBF: int(facts.valid_from.timestamp()),
        _IAT: int(facts.issued_at.timestamp()),
        _CTI: facts.pass_id.to_bytes(ID_BYTES, "big"),
        _OURS: [int(facts.kind), facts.estate],
    }
    return cbor2.dumps(claims, canonical=True)


def _unreadable() -> PassRefused:
    return PassRefused(_("不是通行码"), reason="pass.unreadable")


def _parts(text: str) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of a text that has the shape of a pass."""
    if len(text) > TEXT_MAX or text.endswith("\n"):  # base45 forgives a line end
        raise _unreadable()
    if not text.startswith(PREFIX):
        if re.match(r"SW[0-9]:", text):
            raise PassRefused(_("通行码版本较新，请更新卡口程序"), reason="pass.unknown_version")
        raise _unreadable()
    try:
        whole = base45.b45decode(text[len(PREFIX) :])
        message = cbor2.loads(whole)
    except (ValueError, cbor2.CBORError, RecursionError):
        raise _unreadable() from None
    match message:
        case cbor2.CBORTag(
            tag=18, value=[bytes() as protected, {**rest}, bytes() as payload, bytes() as signature]
        ) if not rest and len(signature) == SIGNATURE_BYTES and cbor2.dumps(message, canonical=True) == whole:
            return protected, payload, signature
    raise _unreadable()


def _kid_of(protected: bytes) -> bytes:
    try:
        header = cbor2.loads(protected)
    except (ValueError, cbor2.CBORError, RecursionError):
        raise _unreadable() from None
    if not isinstance(header, dict) or header.keys() != {_ALGORITHM, _KID} or header[_ALGORITHM] != _ES256:
        raise _unreadable()
    kid = header[_KID]
    if not isinstance(kid, bytes) or len(kid) != KID_BYTES or cbor2.dumps(header, canonical=True) != protected:
        raise _unreadable()
    return kid


def _facts(payload: bytes) -> PassFacts:
    """Of a payload that one of our keys signed: what does not read then is an older or newer format of ours."""
    try:
        claims = cbor2.loads(payload)
        kind, estate = claims[_OURS]
        facts = PassFacts(
            pass_id=int.from_bytes(claims[_CTI], "big"),
            kind=PassKind(kind),
            estate=estate,
            issued_at=_instant(claims[_IAT]),
            valid_from=_instant(claims[_NBF]),
            expires_at=_instant(claims[_EXP]),
        )
    except (ValueError, TypeError, LookupError, OverflowError, cbor2.CBORError, RecursionError):
        raise PassRefused(_("通行码版本较新，请更新卡口程序"), reason="pass.unknown_version") from None
    if type(estate) is not int or estate < 1 or facts.pass_id >> 63 or _payload(facts) != payload:
        raise PassRefused(_("通行码版本较新，请更新卡口程序"), reason="pass.unknown_version")
    return facts


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
