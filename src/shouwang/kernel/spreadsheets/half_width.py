"""Full-width characters, as Chinese input methods type them, to the half-width ones that machines compare.

Not Unicode NFKC: that would also replace rare characters of names by their look-alikes.
"""

from __future__ import annotations

import re

_ALL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0x3002: 0x2E}
_LETTERS = {
    code: code - 0xFEE0 for span in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*span)
} | {0x3000: 0x20}
_ANY_LETTER = re.compile("[０-９Ａ-Ｚａ-ｚ\u3000]")


def to_half_width(text: str) -> str:
    """Letters, digits, punctuation, the blank, ￥ and 。: for codes, numbers and labels."""
    return text if text.isascii() else text.translate(_ALL)


def with_half_width_letters(text: str) -> str:
    """Letters, digits and the blank only: in running text Chinese punctuation is right as it is."""
    return text.translate(_LETTERS) if _ANY_LETTER.search(text) else text
