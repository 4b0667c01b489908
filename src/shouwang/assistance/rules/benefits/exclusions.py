"""What may not be had together, as data (exclusions.yaml), and what it does to a table of lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "exclusions.yaml"


class Effect(StrEnum):
    EXCLUDED = "excluded"
    TOP_UP = "top_up"
    CHOOSE_HIGHER = "choose_higher"
    ONE_OF = "one_of"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`programme` and `other` as the tables `grants` and `holds` call them."""

    programme: str
    other: str
    effect: Effect
    source: str
    meaning: str


@lru_cache(maxsize=1)
def exclusions() -> Sequence[Exclusion]:
    """The matrix, in the order of the file."""
    stored = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Exclusion(one["programme"], one["other"], Effect(one["effect"]), one["source"], one["meaning"])
        for one in stored
    )


def others(programme: str, effect: Effect) -> tuple[str, ...]:
    """What has this effect on the programme."""
    return tuple(one.other for one in exclusions() if (one.programme, one.effect) == (programme, effect))


def excluding_of(programme: str) -> tuple[Exclusion, ...]:
    """What excludes the programme; the place of each is its bit in a line's `excluded_by`."""
    return tuple(one for one in exclusions() if (one.programme, one.effect) == (programme, Effect.EXCLUDED))


def excluded_because(programme: str, bits: int) -> list[str]:
    """Why not, in words: the meaning and the source of each exclusion in a line's `excluded_by`."""
    return [
        f"{one.meaning}（{one.source}）" for position, one in enumerate(excluding_of(programme)) if bits & 1 << position
    ]


def conflicts(held: Collection[str]) -> list[Exclusion]:
    """The pairs of which a person has both and may have one."""
    return [one for one in exclusions() if one.effect is Effect.ONE_OF and one.programme in held and one.other in held]
