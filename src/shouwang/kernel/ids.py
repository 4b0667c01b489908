"""Ids are UUIDv7: made anywhere, ordered by time, unique without asking the database."""

from __future__ import annotations

import secrets
import struct
import uuid

from . import clock


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562) stamped by the one clock."""
    value = (clock.epoch_ms() & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def new_ids(count: int) -> list[str]:
    """`count` UUIDv7 of one instant, ascending, as 32 hexadecimal digits: what a bulk load writes.

    Ascending ids fill an index from left to right. Each is the one before plus a random step (RFC 9562, 6.2, method 2).
    """
    prefix = f"{clock.epoch_ms() & 0xFFFF_FFFF_FFFF:012x}7"
    low = secrets.randbits(73)  # a clear top bit: `count` steps of 32 bits never overflow the 74 random ones
    made = []
    for step in struct.unpack(f"{count}I", secrets.token_bytes(4 * count)):
        low += step + 1
        made.append(f"{prefix}{low >> 62:03x}{0x8000_0000_0000_0000 | low & 0x3FFF_FFFF_FFFF_FFFF:016x}")
    return made
