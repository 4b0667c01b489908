"""Signing keys: made, rotated, withdrawn.

Guarantees: there are two live keys at any time; the next one has been in manifests for at least seven days before it
signs, so that a phone that synced within a week believes what it signs; a key is believed until the last pass that it
can have signed has ended. The private half is sealed under the key ring and leaves the server never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import as_system
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotAllowed, NotFound

from ..models import SigningKey
from ..queries.keys import live_keys, signing_key
from ..rules.codec import key_id, new_private_key, public_point
from ..states import PASS_LIVES

PUBLISHED_BEFORE: Final = timedelta(days=7)
SIGNS_FOR: Final = timedelta(days=180)
BELIEVED_AFTER: Final = max(PASS_LIVES.values())
_TURN = 0x53_57_4B_59  # "SWKY"


@dataclass(frozen=True, slots=True)
class Rotation:
    """`made`: the keys that were made now; `signing` and `following`: which signs and which comes after it."""

    made: tuple[SigningKey, ...]
    signing: SigningKey
    following: SigningKey


def create_signing_key(*, actor: Actor, published_at: datetime, signs_from: datetime) -> SigningKey:
    """A new pair of keys. Raises NotAllowed for anybody but the system, Conflict for a next key published too late."""
    _require_system(actor)
    if signs_from != published_at and signs_from - published_at < PUBLISHED_BEFORE:
        days = {"days": PUBLISHED_BEFORE.days}
        raise Conflict(_("下一把密钥要提前 %(days)s 天写入名册") % days, reason="key.published_late")
    private = new_private_key()
    point = public_point(private)
    signs_until = signs_from + SIGNS_FOR
    with transaction.atomic():
        key = SigningKey.objects.create(
            kid=key_id(point),
            point=point,
            private=private.hex(),
            published_at=published_at,
            signs_from=signs_from,
            signs_until=signs_until,
            valid_until=signs_until + BELIEVED_AFTER,
        )
        data = {"from_at": signs_from.isoformat(), "until_at": key.valid_until.isoformat()}
        audit.record(actor=actor, action="signing_key.create", subject=f"signing_key:{key.id}", area_code=0, data=data)
    return key


@transaction.atomic
def rotate_keys(*, actor: Actor) -> Rotation:
    """The first key where there is none, and the next one where there is none: asked for again it makes nothing.

    A key that signs at once (the first, or after nobody rotated for half a year) is believed by a phone from its next
    sync on.
    """
    _require_system(actor)
    _take_turn()
    now = clock.now()
    made: list[SigningKey] = []
    if signing_key(now) is None:
        made.append(create_signing_key(actor=actor, published_at=now, signs_from=now))
    signing = signing_key(now)
    assert signing is not None
    following = live_keys(now).filter(signs_from__gt=now, withdrawn_at=None).first()
    if following is None:
        begins = max(signing.signs_until, now + PUBLISHED_BEFORE)
        following = create_signing_key(actor=actor, published_at=now, signs_from=begins)
        made.append(following)
    return Rotation(tuple(made), signing, following)


@transaction.atomic
def hasten_rotation(*, actor: Actor) -> Rotation:
    """The next key signs as soon as it has been published for seven days, and the present one no longer."""
    rotation = rotate_keys(actor=actor)
    begins = max(clock.now(), rotation.following.published_at + PUBLISHED_BEFORE)
    if begins < rotation.following.signs_from:
        _hand_over(actor, rotation.signing, rotation.following, begins)
    return rotation


@transaction.atomic
def withdraw_signing_key(*, actor: Actor, key_id: UUID, at: datetime | None = None) -> SigningKey:
    """No manifest names the key from `at` on (None: now), and it signs no more; the next key takes over at once.

    What it signed is signed anew when it is next shown or printed; printed cards are listed for printing anew.
    """
    _require_system(actor)
    _take_turn()
    key = SigningKey.objects.select_for_update().filter(id=key_id).first()
    if key is None:
        raise NotFound(_("没有这把密钥"), key_id=key_id)
    if key.withdrawn_at is not None:
        return key
    now = clock.now()
    following = live_keys(now).filter(signs_from__gt=now, withdrawn_at=None).exclude(id=key.id).first()
    if following is not None and signing_key(now) == key:
        _hand_over(actor, key, following, now)
    key.withdrawn_at = max(at or now, now)
    key.save(update_fields=["withdrawn_at"])
    data = {"at": key.withdrawn_at.isoformat()}
    audit.record(actor=actor, action="signing_key.withdraw", subject=f"signing_key:{key.id}", area_code=0, data=data)
    rotate_keys(actor=actor)
    return key


def _hand_over(actor: Actor, present: SigningKey, following: SigningKey, begins: datetime) -> None:
    """The following key signs from `begins` on, the present one until then."""
    following.signs_from, following.signs_until = begins, begins + SIGNS_FOR
    following.valid_until = following.signs_until + BELIEVED_AFTER
    following.save(update_fields=["signs_from", "signs_until", "valid_until"])
    if present.signs_from < begins:  # a key that never signed keeps its order
        present.signs_until = begins
        present.save(update_fields=["signs_until"])
    subject, data = f"signing_key:{following.id}", {"at": begins.isoformat()}
    audit.record(actor=actor, action="signing_key.start", subject=subject, area_code=0, data=data)


def key_that_signs() -> SigningKey:
    """The signing key; the first one is made here, by the system, when there is none."""
    found = signing_key(clock.now())
    if found is not None:
        return found
    with as_system("签发密钥轮换") as system:
        return rotate_keys(actor=system).signing


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])


def _require_system(actor: Actor) -> None:
    if actor.role != "system":
        raise NotAllowed(_("签发密钥由系统按期轮换，不由人指定"), reason="key.system_only")
