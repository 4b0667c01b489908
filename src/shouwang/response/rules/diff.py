"""What an order would change: a pure function of its items and of the measures that hold or come in their areas.

Rehearsing and signing call the same function; `fingerprint` is what the second officer's signature is good for. A
contradiction is told before anybody signs: an item that an authority above has made stricter already, a part of the area
where something else is ordered, two items of one order that say different things about one place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shouwang.kernel.scope import Span

Values = Mapping[str, int]


class Combines(Protocol):
    """How measures of a kind are one: `kinds.MeasureKind`."""

    def combined(self, measures: Sequence[Values]) -> dict[str, int]: ...

    @property
    def combine(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stated:
    """A measure, or an item that would become one: what, for whom, from when until before when."""

    id: UUID
    kind: str
    parameters: Values
    spans: tuple[Span, ...]
    org_kinds: tuple[str, ...]
    org_ids: tuple[UUID, ...]
    from_at: datetime
    until_at: datetime | None
    amends_id: UUID | None = None

    def meets_in_time(self, other: Stated) -> bool:
        starts_before = other.until_at is None or self.from_at < other.until_at
        return starts_before and (self.until_at is None or other.from_at < self.until_at)

    @property
    def places(self) -> tuple[tuple[str, ...], tuple[UUID, ...]]:
        """Which organisations; two empty ones mean the area as a whole."""
        return self.org_kinds, self.org_ids

    @property
    def size(self) -> int:
        return sum(high - low for low, high in self.spans)


class Note(StrEnum):
    NO_CHANGE = "no_change"
    """What holds already says the same."""
    STRICTER_ABOVE = "stricter_above"
    """An authority above has ordered a stricter value of some parameter, which stays."""
    OTHER_INSIDE = "other_inside"
    """In a part of the area another measure of the kind holds."""
    TWICE = "twice"
    """Two items of this order are about one place and time and say different things."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one item changes in the whole of its target. `before` is None where no measure of the kind held."""

    item_id: UUID
    before: dict[str, int] | None
    after: dict[str, int]
    around: tuple[UUID, ...]
    inside: tuple[UUID, ...]
    notes: tuple[Note, ...]


def diff(items: Sequence[Stated], holding: Sequence[Stated], kinds: Mapping[str, Combines]) -> list[Change]:
    """The change of each item, in their order; `holding` may hold measures of other kinds, places and times."""
    return [_change(item, items, holding, kinds[item.kind]) for item in items]


def _change(item: Stated, items: Sequence[Stated], holding: Sequence[Stated], kind: Combines) -> Change:
    related = [m for m in holding if m.kind == item.kind and m.places == item.places and m.meets_in_time(item)]
    related = [measure for measure in related if _touch(measure.spans, item.spans)]
    around = _nearest_first(measure for measure in related if _covers(measure.spans, item.spans))
    inside = _nearest_first(measure for measure in related if not _covers(measure.spans, item.spans))
    kept = [measure for measure in around if measure.id != item.amends_id]
    before = kind.combined([measure.parameters for measure in around]) if around else None
    after = kind.combined([measure.parameters for measure in _nearest_first([item, *kept])])
    return Change(
        item_id=item.id,
        before=before,
        after=after,
        around=tuple(measure.id for measure in around),
        inside=tuple(measure.id for measure in inside if measure.id != item.amends_id),
        notes=tuple(_notes(item, items, before, after, inside)),
    )


def _notes(
    item: Stated,
    items: Sequence[Stated],
    before: Mapping[str, int] | None,
    after: Mapping[str, int],
    inside: Sequence[Stated],
) -> Iterable[Note]:
    if before is not None and before == after:
        yield Note.NO_CHANGE
    if after != dict(item.parameters):
        yield Note.STRICTER_ABOVE
    if any(measure.id != item.amends_id and dict(measure.parameters) != after for measure in inside):
        yield Note.OTHER_INSIDE
    others = (other for other in items if other.id != item.id and other.kind == item.kind)
    if any(
        other.places == item.places
        and _touch(other.spans, item.spans)
        and other.meets_in_time(item)
        and dict(other.parameters) != dict(item.parameters)
        for other in others
    ):
        yield Note.TWICE


def _nearest_first(measures: Iterable[Stated]) -> list[Stated]:
    """The smallest area first; of two as large, the one that begins last: the order that `combined` takes."""
    return sorted(sorted(measures, key=lambda m: (m.from_at, m.id), reverse=True), key=lambda m: m.size)


def _touch(left: Sequence[Span], right: Sequence[Span]) -> bool:
    return any(a < d and c < b for a, b in left for c, d in right)


def _covers(outer: Sequence[Span], inner: Sequence[Span]) -> bool:
    return all(any(low <= a and b <= high for low, high in outer) for a, b in inner)


def fingerprint(items: Sequence[Stated], changes: Sequence[Change], site_ids: Iterable[UUID], about: object) -> bytes:
    """SHA-256 of what was shown: the items, what they change, the sites they name, and the order's own facts."""
    content = {
        "items": [asdict(item) for item in items],
        "changes": [asdict(change) for change in changes],
        "sites": sorted(map(str, site_ids)),
        "about": about,
    }
    text = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
