"""Codes that people read aloud and type: no letter that looks like a digit, in groups of four."""

from __future__ import annotations

import unicodedata

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
"""31^8, some 40 bits: enough where attempts are counted (commands.public_limits)."""


def code_from(digest: bytes) -> str:
    """Eight characters of a digest that nobody else can make."""
    number = int.from_bytes(digest, "big")
    letters = []
    for _position in range(CODE_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(letters)


def shown_code(code: str) -> str:
    """ABCD2345 -> ABCD-2345."""
    return f"{code[:4]}-{code[4:]}"


def tidy_code(text: str) -> str:
    """As it was made: capitals, half width, without blanks and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())[:CODE_LENGTH]
