"""Initials of a name, by which a keeper finds a person without a pass."""

from __future__ import annotations

from shouwang.kernel.search import name_terms

INITIALS_LENGTH_MAX = 20


def initials_of(name: str) -> str:
    """张晓庆 -> zxq; of a surname read in two ways the first by the alphabet; a Latin name by its letters."""
    plain = len(name.replace("·", "").replace(" ", ""))
    by_length = sorted(term for term in name_terms(name) if term.isascii() and len(term) == plain)
    return (by_length[0] if by_length else name.lower())[:INITIALS_LENGTH_MAX]
