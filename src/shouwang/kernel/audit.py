"""The audit: one append-only table, written in each command's transaction, sealed block by block into a hash chain.

Commands do not queue behind one another: the worker seals what has been committed. `verify` recomputes the chain and
names the first broken row and how many rows wait for their seal. A chain cannot tell that its end was cut off, or that
all of it was made anew: for that an anchor, a block's number and hash, is noted outside the database, on paper for
instance, and `verify` is asked whether the block still stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection, transaction

from . import clock
from .actor import Actor
from .anchors import Anchor
from .ids import new_id
from .models import AuditBlock, AuditEntry
from .scope import FULL, use_scope

BLOCK_ENTRIES_MAX = 5_000
_APPEND = """
    insert into kernel_auditentry
           (id, recorded_at, user_id, post_id, actor_name, action, subject, area_code, data)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""
"""By hand, because every command pays for it: the model's own insert costs as much as the statement itself."""

_GENESIS = hashlib.sha256(b"shouwang audit").digest()
_SEAL_LOCK = 0x53_57_41_55  # "SWAU"


def record(
    *, actor: Actor, action: str, subject: str, area_code: int, data: Mapping[str, object] | None = None
) -> UUID:
    """Append one entry. Call it inside the command's transaction; a bulk command makes one entry with its counts.

    `action` is "aggregate.verb", `subject` "aggregate:id". `data` holds no personal data in the clear.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry belongs into the command's transaction")
    entry_id = new_id()
    said = json.dumps(dict(data or {}), default=str, ensure_ascii=False)
    who = (actor.user_id, actor.post_id, actor.name)
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [entry_id, clock.now(), *who, action, subject, area_code, said])
    return entry_id


def entry_hash(entry: AuditEntry) -> bytes:
    """SHA-256 over everything the entry says."""
    content = [
        str(entry.id),
        entry.recorded_at.astimezone(clock.TZ).isoformat(),
        str(entry.user_id),
        str(entry.post_id),
        entry.actor_name,
        entry.action,
        entry.subject,
        entry.area_code,
        entry.data,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _chain_hash(number: int, previous: bytes, entry_ids: list[UUID], hashes: list[bytes]) -> bytes:
    digest = hashlib.sha256(number.to_bytes(8, "big") + previous)
    for entry_id, one in zip(entry_ids, hashes, strict=True):
        digest.update(entry_id.bytes + one)
    return digest.digest()


def seal() -> int:
    """Seal what is committed and unsealed into new blocks; returns the number of entries sealed.

    An entry that commits late, with an older id, goes into the next block: the chain holds
    what was there at each sealing and needs no order between transactions.
    """
    sealed = 0
    with use_scope(FULL):
        while block := _seal_block():
            sealed += block
    return sealed


@transaction.atomic
def _seal_block() -> int:
    _take_turn()
    entries = list(AuditEntry.objects.filter(block_number=None).order_by("id")[:BLOCK_ENTRIES_MAX])
    if not entries:
        return 0
    last = AuditBlock.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    previous = bytes(last.hash) if last else _GENESIS
    entry_ids = [entry.id for entry in entries]
    hashes = [entry_hash(entry) for entry in entries]
    AuditBlock.objects.create(
        number=number,
        sealed_at=clock.now(),
        entry_ids=entry_ids,
        entry_hashes=hashes,
        previous_hash=previous,
        hash=_chain_hash(number, previous, entry_ids, hashes),
    )
    AuditEntry.objects.filter(id__in=entry_ids).update(block_number=number)
    return len(entries)


def _take_turn() -> None:
    """One sealer, or one verifier, at a time: what is sealed does not change while it is read."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_SEAL_LOCK])


def last_anchor() -> Anchor | None:
    """The last block that was sealed; None before the first."""
    last = AuditBlock.objects.order_by("-number").values_list("number", "hash").first()
    return Anchor(last[0], bytes(last[1]).hex()) if last else None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `verify` found. `broken` names the first broken row or block in words; None when the chain holds.

    `anchor` is the last block as NUMBER:HASH; None when nothing is sealed.
    """

    blocks: int
    entries: int
    unsealed: int
    broken: str | None
    anchor: str | None


def verify(anchors: Sequence[Anchor] = ()) -> AuditReport:
    """Recompute the whole chain, over every area, and look for the blocks that were noted outside.

    Sealing waits meanwhile; commands do not.
    """
    with use_scope(FULL), transaction.atomic():
        _take_turn()
        report = _recompute()
        broken = report.broken or next(filter(None, map(_broken_anchor, anchors)), None)
    return replace(report, broken=broken)


def _broken_anchor(anchor: Anchor) -> str | None:
    block = AuditBlock.objects.filter(number=anchor.number).first()
    if block is None:
        return f"block {anchor.number} is missing: it was noted as {anchor}"
    if not bytes(block.hash).hex().startswith(anchor.digest):
        return f"block {anchor.number}: it was noted as {anchor}, and has another hash now"
    return None


def _recompute() -> AuditReport:
    previous = _GENESIS
    blocks = entries = 0
    broken: str | None = None
    for block in AuditBlock.objects.order_by("number").iterator(chunk_size=50):
        blocks += 1
        hashes = [bytes(one or b"") for one in block.entry_hashes]
        if broken is None:
            broken = _broken_link(block, blocks, previous, hashes) or _broken_entry(block, hashes)
        previous = bytes(block.hash)
        entries += len(hashes)
    stray = AuditEntry.objects.filter(block_number__gt=blocks).order_by("id").first()
    if broken is None and stray is not None:
        broken = f"entry {stray.id}: says block {stray.block_number}, which is not there"
    sealed_rows = AuditEntry.objects.exclude(block_number=None).count()
    if broken is None and sealed_rows != entries:
        broken = f"{sealed_rows} rows say they are sealed, the blocks hold {entries}"
    unsealed = AuditEntry.objects.filter(block_number=None).count()
    last = last_anchor()
    return AuditReport(blocks, entries, unsealed, broken, anchor=str(last) if last else None)


def _broken_link(block: AuditBlock, expected_number: int, previous: bytes, hashes: list[bytes]) -> str | None:
    if block.number != expected_number:
        return f"block {expected_number} is missing"
    if bytes(block.previous_hash) != previous:
        return f"block {block.number}: does not follow the block before it"
    entry_ids = list(block.entry_ids)
    if len(entry_ids) != len(hashes) or None in entry_ids:
        return f"block {block.number}: its entries and their digests do not pair"
    if bytes(block.hash) != _chain_hash(block.number, previous, entry_ids, hashes):
        return f"block {block.number}: its hash does not fit its entries"
    return None


def _broken_entry(block: AuditBlock, hashes: list[bytes]) -> str | None:
    rows = AuditEntry.objects.in_bulk(block.entry_ids)
    for entry_id, expected in zip(block.entry_ids, hashes, strict=True):
        row = rows.get(entry_id)
        if row is None:
            return f"entry {entry_id} in block {block.number}: removed"
        if entry_hash(row) != expected:
            return f"entry {entry_id} in block {block.number}: changed ({row.action} {row.subject})"
    return None
