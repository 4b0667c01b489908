"""The bureau's signing keys: which signs now, and which phones are to believe. Public halves only leave the server."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from ..models import SigningKey
from ..rules.codec import TrustedKey


def live_keys(now: datetime) -> QuerySet[SigningKey]:
    """Published, not over, not withdrawn; in the order in which they sign."""
    in_use = Q(withdrawn_at=None) | Q(withdrawn_at__gt=now)
    return SigningKey.objects.filter(in_use, published_at__lte=now, valid_until__gt=now).order_by("signs_from", "id")


def keys_to_trust(now: datetime) -> list[TrustedKey]:
    """What a manifest names: every live key, the next one included.

    A key vouches from its publication on, so that a phone still believes it when it has to sign sooner than planned.
    """
    return [TrustedKey(bytes(key.point), key.published_at, key.valid_until) for key in live_keys(now)]


def signing_key(now: datetime) -> SigningKey | None:
    """The key that signs now; None before the first was made."""
    return live_keys(now).filter(signs_from__lte=now, signs_until__gt=now, withdrawn_at=None).last()
