"""Reaching an exact sum with steps of given sizes: how the last differences to the published figures are closed."""

from __future__ import annotations

from collections.abc import Sequence


def reach(total: int, steps: Sequence[tuple[int, int]]) -> list[int] | None:
    """How often to take each step (size, times available) so that they add up to `total`; None if they cannot.

    Takes time in proportion to total x steps: for the last few thousand yuan, not for millions.
    """
    if total < 0:
        return None
    came_by: list[int | None] = [None] * (total + 1)
    is_reached = [True] + [False] * total
    for index, (size, available) in enumerate(steps):
        taken = [0] * (total + 1)
        for value in range(size, total + 1):
            before = value - size
            if not is_reached[value] and is_reached[before] and taken[before] < available:
                is_reached[value] = True
                taken[value] = taken[before] + 1
                came_by[value] = index
    if not is_reached[total]:
        return None
    counts = [0] * len(steps)
    while total:
        last = came_by[total]
        assert last is not None
        counts[last] += 1
        total -= steps[last][0]
    return counts
