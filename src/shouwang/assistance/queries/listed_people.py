"""Whom the rows of a list mean: found by the whole ID number alone, in the register that the actor sees."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from shouwang.kernel import crypto
from shouwang.kernel.actor import Actor
from shouwang.registry.public import persons_for

from .subjects import chunks


def persons_by_number(actor: Actor, id_numbers: Mapping[int, str]) -> dict[int, tuple[UUID, str]]:
    """The record and its name by row; a number that nobody here has is left out."""
    index = crypto.indexer("id_number")
    asked = {row: index(id_number) for row, id_number in id_numbers.items()}
    holders: dict[bytes, tuple[UUID, str]] = {}
    for piece in chunks(list(set(asked.values()))):
        known = persons_for(actor).filter(id_index__in=piece).values_list("id_index", "id", "name")
        holders.update((bytes(number), (person_id, name)) for number, person_id, name in known if number)
    return {row: holders[one] for row, one in asked.items() if one in holders}
