"""How dark a tile is: steps over the values that are there.

Values above zero are cut into at most five steps of equal numbers of units (quantiles); equal values never fall into
two steps. Where values lie on both sides of zero (what a change costs and saves), each side has up to three steps of its
own colour. Zero and "not reported" are no steps: they look different from each other and from every step.
The legend names the smallest and largest value of each step that is really there; no bound is invented.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = 5
STEPS_EACH_SIDE: Final = 3
ZERO, MISSING = "zero", "missing"


@dataclass(frozen=True, slots=True)
class Step:
    """One colour: its CSS class `tile-<key>` and the values it stands for, both ends included."""

    key: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The steps that occur, from low to high, and which of the two other states occur."""

    steps: tuple[Step, ...]
    has_zero: bool
    has_missing: bool

    def key_of(self, value: int | None) -> str:
        if value is None:
            return MISSING
        if value == 0:
            return ZERO
        return next(step.key for step in self.steps if step.low <= value <= step.high)


def scale_of(values: Iterable[int | None], *, thresholds: Sequence[int] | None = None) -> Scale:
    """The scale of these values. `thresholds` (ascending, above zero, at most four) are the lower bounds of the second
    step and on, where the trade has bounds of its own."""
    found = list(values)
    numbers = sorted(value for value in found if value)
    gains, losses = [n for n in numbers if n > 0], [-n for n in numbers if n < 0][::-1]
    if losses:
        below = [Step(f"n{step}", -high, -low) for step, low, high in _steps(losses, STEPS_EACH_SIDE, None)]
        above = [Step(f"p{step}", low, high) for step, low, high in _steps(gains, STEPS_EACH_SIDE, None)]
        steps = [*reversed(below), *above]
    else:
        steps = [Step(f"s{step}", low, high) for step, low, high in _steps(gains, STEPS, thresholds)]
    return Scale(tuple(steps), has_zero=0 in found, has_missing=None in found)


def _steps(numbers: list[int], most: int, thresholds: Sequence[int] | None) -> list[tuple[int, int, int]]:
    """(step from 1, smallest, largest) of each step that has values. Few distinct values are spread over the colours,
    so that the largest is always the darkest."""
    if not numbers:
        return []
    if thresholds is not None:
        if len(thresholds) >= most or list(thresholds) != sorted(set(thresholds)) or thresholds[0] <= 0:
            raise ValueError(f"thresholds {list(thresholds)} are not up to {most - 1} ascending numbers above zero")
        grouped = _grouped(numbers, [bisect_right(thresholds, number) for number in numbers])
        return [(1 + group, low, high) for group, low, high in grouped]
    distinct = sorted(set(numbers))
    count = min(most, len(distinct))
    first_at = {number: numbers.index(number) for number in distinct}
    if len(distinct) <= most:
        groups = [distinct.index(number) for number in numbers]
    else:
        groups = [first_at[number] * count // len(numbers) for number in numbers]
    grouped = _grouped(numbers, groups)
    darkest = len(grouped)
    return [(most - (darkest - 1 - rank), low, high) for rank, (_, low, high) in enumerate(grouped)]


def _grouped(numbers: list[int], groups: list[int]) -> list[tuple[int, int, int]]:
    found: dict[int, list[int]] = {}
    for number, group in zip(numbers, groups, strict=True):
        found.setdefault(group, []).append(number)
    return [(group, min(members), max(members)) for group, members in sorted(found.items())]
