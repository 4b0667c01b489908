"""Anchors of the audit's chain: a block as it is noted outside the database, on paper or in a file."""

from __future__ import annotations

from dataclasses import dataclass

ANCHOR_DIGITS_MIN = 12
ANCHOR_DIGITS_PRINTED = 16


@dataclass(frozen=True, slots=True)
class Anchor:
    """A block's number and its hash in hexadecimal digits, or the first of them, as somebody noted it."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @property
    def printed(self) -> str:
        """The first digits in groups of four: what a printed paper carries, to be typed back by hand."""
        short = self.digest[:ANCHOR_DIGITS_PRINTED]
        return " ".join(short[start : start + 4] for start in range(0, len(short), 4))


def parse_anchor(text: str) -> Anchor:
    """`12:3f2a91bc77d012ab`, blanks between the digits allowed. Raises ValueError, also for too few digits."""
    number, separator, digest = text.partition(":")
    digest = "".join(digest.split()).lower()
    if not separator or not number.strip().isdecimal() or not ANCHOR_DIGITS_MIN <= len(digest) <= 64:
        raise ValueError(f"{text!r} is no anchor: NUMBER:HASH with at least {ANCHOR_DIGITS_MIN} digits of the hash")
    int(digest, 16)
    return Anchor(int(number), digest)
