"""Filters of the household list that higher apps offer, so that the register knows none of their tables.

A filter is one drop-down. Its function answers, for the code chosen, which households and which persons are meant, as
queries that are never run by themselves: the list stays one statement, and the persons' households are the register's
to find. Apps register theirs at start-up (`AppConfig.ready`), lowest `order` first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import QuerySet

from shouwang.kernel.actor import Actor

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Label: TypeAlias = "str | _StrPromise"


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a choice means. `is_excluded`: every household but these."""

    household_ids: QuerySet[Any, Any]
    person_ids: QuerySet[Any, Any]
    is_excluded: bool = False


Narrow = Callable[[Actor, str], Meant]


@dataclass(frozen=True, slots=True)
class HouseholdFilter:
    """One drop-down of the query bar; `key` is its name in the address."""

    order: int
    key: str
    label: Label
    choices: Sequence[tuple[str, Label]]
    narrow: Narrow


_household: dict[str, HouseholdFilter] = {}


def household_filter(
    key: str, *, label: Label, choices: Sequence[tuple[str, Label]], order: int
) -> Callable[[Narrow], Narrow]:
    """Offer the decorated function's choices above every list of households."""

    def register(narrow: Narrow) -> Narrow:
        _household[key] = HouseholdFilter(order, key, label, choices, narrow)
        return narrow

    return register


def household_filters() -> list[HouseholdFilter]:
    return sorted(_household.values(), key=lambda one: (one.order, one.key))
