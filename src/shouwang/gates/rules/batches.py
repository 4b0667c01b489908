"""A batch of observations as a phone sends it: what is valid, and what of it may go on although something is not.

Guarantees: what `read_batch` returns fits the table's columns, one number occurs once, and what the keeper wrote down
of a visitor stands apart from the scans, which carry no name. One bad item refuses itself, never its batch. Refuses a
body that is no batch at all, and one of more than SCANS_IN_A_BATCH_MAX items, whole: then nothing was taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from ..states import SCANS_IN_A_BATCH_MAX, Direction, How, Reason, Verdict

BODY_BYTES_MAX = 512 * 1024
"""200 items with a visitor each are about 120 KB."""
DIGEST_FROM_ITEMS = 10
"""A smaller batch is compared sooner than remembered."""

_INT32_MAX = 2**31 - 1
_MILLISECONDS_MAX = 253_402_300_799_000
"""The end of the year 9999: a clock may be wrong by that much and the scan is still a fact."""

Words = Annotated[str, Meta(max_length=100)]
_Count = Annotated[int, Meta(ge=0, le=_INT32_MAX)]
if TYPE_CHECKING:
    _Direction: TypeAlias = int
    _Verdict: TypeAlias = int
    _Reason: TypeAlias = int
    _How: TypeAlias = int
else:  # the numbers that have a meaning
    _Direction, _Verdict, _Reason, _How = (Literal[tuple(words.values)] for words in (Direction, Verdict, Reason, How))


class Visitor(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who was let in by being written down."""

    name: Words
    phone: Annotated[str, Meta(max_length=30)] = ""
    building: Words = ""
    room: Words = ""
    purpose: Words = ""


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One scan; docs/gate-formats.md, format 4."""

    seq: Annotated[int, Meta(ge=1, le=_INT32_MAX - 1)]
    day: date
    at_ms: Annotated[int, Meta(ge=0, le=_MILLISECONDS_MAX)]
    dir: _Direction
    verdict: _Verdict
    how: _How
    checks: Annotated[int, Meta(ge=0, le=31)]
    party: Annotated[int, Meta(ge=1, le=50)]
    manifest_at: _Count
    reason: _Reason = 0
    pass_: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = msgspec.field(default=None, name="pass")
    temp: Annotated[int, Meta(ge=300, le=450)] | None = None
    annuls: Annotated[int, Meta(ge=1, le=_INT32_MAX)] | None = None
    visitor: Visitor | None = None


class _Envelope(msgspec.Struct):
    clock_ms: Annotated[int, Meta(ge=0, le=_MILLISECONDS_MAX)]
    items: msgspec.Raw
    waiting: _Count = 0
    quarantined: _Count = 0
    manifest_at: _Count | None = None
    persisted: bool | None = None
    app: Annotated[str, Meta(max_length=20)] = ""


class NoBatch(ValueError):
    """The body is no batch: nothing of it was taken. The text says at which place it is wrong."""


class TooManyItems(ValueError):
    """More items than a batch may have: nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What may be taken of a batch, and what must be refused.

    `raw` is the JSON array of `items` without any visitor's words; `places` are the items' places in what was sent,
    and `refused` tells for the other places the answer to give; `reused` are numbers that stood in it twice with another
    content. `digest` names the content, None when it is small.
    """

    items: Sequence[Item]
    raw: bytes
    places: Sequence[int]
    refused: Mapping[int, str]
    reused: Sequence[int]
    sent_count: int
    clock_ms: int
    waiting: int
    quarantined: int
    manifest_at: int | None
    is_persisted: bool | None
    app: str
    digest: bytes | None
    days: frozenset[date] = field(default_factory=frozenset)

    @property
    def spans(self) -> str:
        """The numbers of the items, as PostgreSQL's text of a multirange."""
        numbers = sorted(item.seq for item in self.items)
        if numbers and numbers[-1] - numbers[0] + 1 == len(numbers):
            return f"{{[{numbers[0]},{numbers[-1] + 1})}}"
        return "{" + ",".join(f"[{number},{number + 1})" for number in numbers) + "}"


_envelopes = msgspec.json.Decoder(_Envelope)
# Not strict: a pass id travels as a string of digits, because it passes 2^53.
_items = msgspec.json.Decoder(list[Item], strict=False)
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_item = msgspec.json.Decoder(Item, strict=False)
_encoder = msgspec.json.Encoder()


def read_batch(body: bytes) -> Batch:
    """Raises NoBatch and TooManyItems."""
    try:
        envelope = _envelopes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoBatch(str(error)) from None
    raw = bytes(envelope.items)
    places: Sequence[int]
    refused: dict[int, str] = {}
    reused: Sequence[int] = ()
    try:
        items = _items.decode(raw)
    except (msgspec.ValidationError, RecursionError):
        places, items, refused, sent_count = _item_by_item(raw)
    except msgspec.DecodeError as error:
        raise NoBatch(str(error)) from None
    else:
        sent_count = len(items)
        places = range(sent_count)
    if sent_count > SCANS_IN_A_BATCH_MAX:
        raise TooManyItems(f"{sent_count} items")
    if len({item.seq for item in items}) < len(items) or any(item.annuls and item.annuls >= item.seq for item in items):
        places, items, refused, reused = _first_of_each(places, items, refused)
    digest = None
    if len(items) >= DIGEST_FROM_ITEMS and not refused:
        digest = hashlib.sha256(raw).digest()[:16]
    if refused or any(item.visitor is not None for item in items):
        raw = canonical(items)
    return Batch(
        items=items,
        raw=raw,
        places=places,
        refused=refused,
        reused=reused,
        sent_count=sent_count,
        clock_ms=envelope.clock_ms,
        waiting=envelope.waiting,
        quarantined=envelope.quarantined,
        manifest_at=envelope.manifest_at,
        is_persisted=envelope.persisted,
        app=envelope.app,
        digest=digest,
        days=frozenset({item.day for item in items}),
    )


def canonical(items: Sequence[Item]) -> bytes:
    """The items in our own spelling, without any visitor."""
    return _encoder.encode([_without_visitor(item) for item in items])


def _without_visitor(item: Item) -> dict[str, object]:
    told = msgspec.to_builtins(item)
    del told["visitor"]
    return dict(told)


def _item_by_item(raw: bytes) -> tuple[list[int], list[Item], dict[int, str], int]:
    try:
        pieces = _raw_items.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NoBatch(str(error)) from None
    if len(pieces) > SCANS_IN_A_BATCH_MAX:
        raise TooManyItems(f"{len(pieces)} items")
    places, items, refused = [], [], {}
    for place, piece in enumerate(pieces):
        try:
            items.append(_item.decode(piece))
        except (msgspec.DecodeError, RecursionError) as error:
            refused[place] = f"rejected:invalid:{_field_of(error)}"
        else:
            places.append(place)
    return places, items, refused, len(pieces)


def _first_of_each(
    places: Sequence[int], items: Sequence[Item], refused: Mapping[int, str]
) -> tuple[list[int], list[Item], dict[int, str], list[int]]:
    """A number that stands twice in a batch is the first of them: the same again exists, another content is refused."""
    answers = dict(refused)
    reused: list[int] = []
    first: dict[int, tuple[int, Item]] = {}
    for place, item in zip(places, items, strict=True):
        if item.annuls and item.annuls >= item.seq:
            answers[place] = "rejected:invalid:annuls"
        elif item.seq not in first:
            first[item.seq] = (place, item)
        elif first[item.seq][1] == item:
            answers[place] = "exists"
        else:
            answers[place] = "rejected:sequence_reused"
            reused.append(item.seq)
    kept = list(first.values())
    return [place for place, _item_ in kept], [item for _place, item in kept], answers, reused


def _field_of(error: Exception) -> str:
    """The name of the field that a decoder complains about, of one of ours: `$.temp` -> temp."""
    _words, _at, path = str(error).rpartition("$.")
    name = path.strip("`").split(".")[0].split("[")[0]
    return name if name.isidentifier() and name.isascii() else "item"
