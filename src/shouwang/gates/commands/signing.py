"""Putting a pass into words: signed by the key that signs now, and signed anew when its key is believed no longer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import Actor

from ..models import Estate, Pass, Resident, SigningKey
from ..rules.codec import PassFacts, encode
from ..states import PASS_LIVES, PassKind
from .keys import key_that_signs

_ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WantedPass:
    """A pass before it is signed. `holder`, or else a name and the last four of an ID number. It may end
    sooner than the kind's life, never later."""

    kind: PassKind
    holder: Resident | None = None
    holder_name: str = ""
    holder_tail: str = ""
    host: Resident | None = None
    purpose: str = ""
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    pass_id: int | None = None


def pass_id_of(request_id: UUID) -> int:
    """The id of the pass that a form asks for: sent twice, the form gives one pass."""
    return int.from_bytes(crypto.blind_index("pass_request", str(request_id))[:8], "big") % _ID_MAX + 1


def write_passes(actor: Actor, estate: Estate, wanted: Sequence[WantedPass]) -> list[Pass]:
    """Sign and store them, in the caller's transaction; the caller audits."""
    key = key_that_signs()
    now = _whole_second(clock.now())
    passes = [_signed(actor, estate, one, key, now) for one in wanted]
    return Pass.objects.bulk_create(passes)


def _signed(actor: Actor, estate: Estate, wanted: WantedPass, key: SigningKey, now: datetime) -> Pass:
    valid_from = max(now, wanted.valid_from or now)
    latest = min(valid_from + PASS_LIVES[wanted.kind], _whole_second(key.valid_until))
    made = Pass(
        id=wanted.pass_id or secrets.randbelow(_ID_MAX) + 1,
        kind=wanted.kind,
        estate=estate,
        area_code=estate.area_code,
        holder=wanted.holder,
        holder_name=wanted.holder_name,
        holder_tail=wanted.holder_tail,
        host=wanted.host,
        purpose=wanted.purpose,
        issued_at=now,
        valid_from=valid_from,
        expires_at=min(latest, wanted.expires_at or latest),
        key=key,
        recorded_by=actor.user_id,
    )
    made.text = _text(made, key)
    return made


def with_current_text(passes: Iterable[Pass]) -> list[Pass]:
    """The same passes, each under a key that phones believe for its whole life: what a withdrawn key signed is signed anew.

    A card that was printed before it was signed anew is one to print again (`printed_at` lies before `issued_at`).
    """
    shown = list(passes)
    stale = [one for one in shown if one.key.withdrawn_at is not None and one.expires_at > clock.now()]
    if stale:
        key = key_that_signs()
        now = _whole_second(clock.now())
        for one in stale:
            one.key = key
            one.valid_from = max(one.valid_from, now)
            one.issued_at = now
            one.text = _text(one, key)
        Pass.objects.bulk_update(stale, ["key", "valid_from", "issued_at", "text"])
    return shown


def with_longer_life(passes: Iterable[Pass]) -> list[Pass]:
    """The same passes, each with a full life of its kind from now on: the number stays, so a card printed before is known
    at the gate until the day that is printed on it, and the passages of a person stay together."""
    key, now = key_that_signs(), _whole_second(clock.now())
    renewed = list(passes)
    for one in renewed:
        one.key, one.issued_at, one.valid_from = key, now, now
        one.expires_at = min(now + PASS_LIVES[one.kind], _whole_second(key.valid_until))
        one.text = _text(one, key)
    Pass.objects.bulk_update(renewed, ["key", "issued_at", "valid_from", "expires_at", "text"])
    return renewed


def _text(one: Pass, key: SigningKey) -> str:
    facts = PassFacts(one.id, PassKind(one.kind), one.estate_id, one.issued_at, one.valid_from, one.expires_at)
    return encode(facts, bytes.fromhex(key.private))


def _whole_second(moment: datetime) -> datetime:
    """Instants of a pass are whole seconds."""
    return moment.replace(microsecond=0)
