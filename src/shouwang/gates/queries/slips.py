"""The day slips of an estate: its gates show the same words that the community prints."""

from __future__ import annotations

from datetime import date, timedelta

from shouwang.kernel import crypto

from ..rules.slips import Slip, slip_of


def slip_secret(estate_id: int) -> bytes:
    """Of one estate, made from the server's own key: it is stored nowhere and says nothing of other estates."""
    return crypto.blind_index("day_slip", str(estate_id))


def slips_of(estate_id: int, first: date, days: int) -> list[Slip]:
    """The slips of so many days from a day on."""
    secret = slip_secret(estate_id)
    return [slip_of(secret, first + timedelta(days=step)) for step in range(days)]
