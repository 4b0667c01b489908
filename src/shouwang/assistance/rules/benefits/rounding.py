"""Rounding to the yuan, once more in plain integers: what a chain is re-derived with."""

from __future__ import annotations


def round_yuan(fen: int, mode: str) -> int:
    """fen >= 0; the modes of arithmetic.MODES."""
    rest = fen % 100
    if mode == "half_up":
        return fen - rest + (100 if rest >= 50 else 0)
    if mode == "ceil":
        return fen - rest + (100 if rest else 0)
    return fen - rest if mode == "floor" else fen


def share(fen: int, basis_points: int) -> int:
    """Rounded half up to the fen; fen >= 0."""
    return (fen * basis_points + 5_000) // 10_000


def ratio_to_fen(numerator: int, per_fen: int, mode: str) -> int:
    """numerator / per_fen fen, rounded once: to the yuan by `mode`, to the nearest fen for `exact`."""
    per_yuan = per_fen * 100
    if mode == "half_up":
        return (numerator + per_yuan // 2) // per_yuan * 100
    if mode == "ceil":
        return (numerator + per_yuan - 1) // per_yuan * 100
    if mode == "floor":
        return numerator // per_yuan * 100
    return (numerator + per_fen // 2) // per_fen
