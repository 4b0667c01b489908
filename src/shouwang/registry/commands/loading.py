"""The bulk load of the register: the one path of the spreadsheet importer and of the demo.

Guarantees: one transaction; what is equal to what the register says on that day writes nothing; a row is loaded whole or
refused whole, with a reason. It appends facts, it never removes a member, a fact or a value that the row leaves out.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from shouwang.kernel import audit
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import indexer

from .load_rows import HouseholdRow, LoadedHousehold, LoadResult, Outcome
from .load_writer import Writer
from .matching import look_up
from .refusals import refusal_of
from .staging import Staging

CHUNK_PERSONS = 10_000
"""Persons per round of matching and writing: large enough for COPY, small enough for memory."""

Indexes = list[list[bytes | None]]


@transaction.atomic
def load_register(
    *,
    actor: Actor,
    households: Iterable[HouseholdRow],
    source: str,
    is_synthetic: bool = False,
    progress: Callable[[int], None] | None = None,
    tell: Callable[[LoadedHousehold], None] | None = None,
) -> LoadResult:
    """Load household rows, as they stand, under one audit entry; `progress` is told how many rows are done.

    `households` may be a stream: its next rows are read while the server writes those before, so it asks nothing of the
    database itself.
    `tell` is given what became of each row, in their order, instead of a list of all of them in the result.
    `source` stands on every row written (an import's id, 演示数据). The clock stamps them.
    """
    result = LoadResult()
    keep = result.households.append if tell is None else tell
    with _collector_at_rest(), Staging() as staging:
        writer = Writer(actor, staging, source, is_synthetic)
        for chunk in _written(actor, writer, staging, households):
            for loaded in chunk:
                keep(loaded)
                setattr(result, loaded.outcome, getattr(result, loaded.outcome) + 1)
            if progress is not None:
                progress(result.row_count)
    result.persons_created, result.rows_appended = writer.persons_created, staging.row_count
    data = {
        "source": source,
        "fingerprint": staging.fingerprint,
        "rows": result.row_count,
        **{outcome.value: getattr(result, outcome) for outcome in Outcome},
        "persons_created": result.persons_created,
        "rows_appended": result.rows_appended,
    }
    subject = f"registry_load:{source}"[:100]
    audit.record(actor=actor, action="registry.load", subject=subject, area_code=actor.area_code, data=data)
    return result


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rows hold no cycles, and looking for them again and again among millions of live rows took 40% of a load."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _chunks(households: Iterable[HouseholdRow]) -> Iterator[tuple[list[HouseholdRow], Indexes]]:
    """Rows in chunks in which no ID number stands twice: a later row then finds what an earlier one wrote."""
    rows: list[HouseholdRow] = []
    indexes: Indexes = []
    seen: set[bytes] = set()
    index_of = indexer("id_number")
    for row in households:
        numbers = [member.person.id_number for member in row.members]
        own = [index_of(number) if number else None for number in numbers]
        if len(seen) >= CHUNK_PERSONS or not seen.isdisjoint(index for index in own if index is not None):
            yield rows, indexes
            rows, indexes, seen = [], [], set()
        rows.append(row)
        indexes.append(own)
        seen.update(index for index in own if index is not None)
    if rows:
        yield rows, indexes


def _written(
    actor: Actor, writer: Writer, staging: Staging, households: Iterable[HouseholdRow]
) -> Iterator[list[LoadedHousehold]]:
    """What became of each chunk of rows, once it is written."""
    loaded: list[LoadedHousehold] = []
    for rows, indexes in _chunks(households):
        staging.settle()
        if loaded:
            yield loaded
        loaded = _load_chunk(actor, writer, rows, indexes)
    staging.settle()
    if loaded:
        yield loaded


def _load_chunk(actor: Actor, writer: Writer, rows: Sequence[HouseholdRow], indexes: Indexes) -> list[LoadedHousehold]:
    known = look_up(actor, rows, indexes)
    refusals = [refusal_of(actor, row, own, known) for row, own in zip(rows, indexes, strict=True)]
    writer.reserve_numbers(len(rows) - sum(refusal is not None for refusal in refusals))
    loaded = [
        LoadedHousehold(Outcome.REFUSED, refusal=refusal) if refusal is not None else writer.write(row, own, known)
        for row, own, refusal in zip(rows, indexes, refusals, strict=True)
    ]
    writer.begin()
    return loaded
