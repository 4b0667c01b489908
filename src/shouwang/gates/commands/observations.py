"""Taking in what a phone saw: each scan once, with an answer for each, and alarms for what a person must look at.

Guarantees: an answer means that the scan is on the disk; sent again it is the scan that is there; what cannot be taken
is named and its phone keeps it. No permission is asked beyond the phone's key: what was seen at a gate has happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Json

from shouwang.kernel import clock, crypto
from shouwang.kernel.ids import new_id

from ..models import VisitorEntry
from ..queries.gate_database import pool
from ..queries.phones import Phone
from ..rules.batches import Batch, read_batch
from ..states import CLOCK_ALARM, AlarmKind
from .writer import Member, Taken, is_far, writer

GAPS_TOLD_MAX = 100
_OUTCOMES = ("created", "exists", "rejected:sequence_reused")
_ENTRY = VisitorEntry._meta.get_field("entry")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a batch: by item of what was sent, and what is missing of the phone's numbers so far."""

    received_at: datetime
    answers: Sequence[str]
    through: int
    missing: Sequence[tuple[int, int]]


def take_observations(*, phone: Phone, body: bytes) -> Receipt:
    """Raises rules.batches.NoBatch and TooManyItems (nothing was taken), errors.Busy (send it again)."""
    batch = read_batch(body)
    received_at = clock.now()
    member = Member(phone, batch, received_at, sealed_visitors(phone, batch))
    taken = writer().take(member)
    alarms = alarms_of(phone, batch, taken, received_at)
    if alarms:
        raise_alarms(alarms)
    answers = _answers(batch, taken, member.refused)
    return Receipt(received_at, answers, taken.through, taken.missing[:GAPS_TOLD_MAX])


def sealed_visitors(phone: Phone, batch: Batch) -> list[dict[str, object]]:
    """Rows for `gates_take`: what a keeper wrote down leaves this process sealed."""
    rows: list[dict[str, object]] = []
    for place, item in enumerate(batch.items, start=1):
        if item.visitor is not None:
            words = msgspec.json.encode(item.visitor).decode()
            sealed = crypto.encrypt(words, purpose=_ENTRY.purpose)
            rows.append(
                {
                    "id": new_id(),
                    "device": phone.id,
                    "seq": item.seq,
                    "day": item.day,
                    "area": phone.area_code,
                    "entry": sealed.hex(),
                    "place": place,
                }
            )
    return rows


def alarms_of(phone: Phone, batch: Batch, taken: Taken, received_at: datetime) -> list[dict[str, object]]:
    """What a sync brought up. A gap is one when the phone says that nothing more waits on it."""
    found: list[tuple[AlarmKind, int | None, dict[str, Any]]] = []
    if any(outcome == 2 for outcome in taken.outcomes):
        for item, outcome in zip(batch.items, taken.outcomes, strict=True):
            if outcome == 2:
                details = {"day": item.day.isoformat(), "at_ms": item.at_ms, "verdict": item.verdict}
                found.append((AlarmKind.SEQUENCE_REUSED, item.seq, details))
    found += [(AlarmKind.SEQUENCE_REUSED, seq, {"within_batch": True}) for seq in batch.reused]
    for day in sorted(day for day in batch.days if is_far(day, received_at)):
        numbers = [item.seq for item in batch.items if item.day == day]
        found.append((AlarmKind.FAR_DAY, min(numbers), {"day": day.isoformat(), "count": len(numbers)}))
    offset_ms = batch.clock_ms - int(received_at.timestamp() * 1000)
    if abs(offset_ms) >= CLOCK_ALARM.total_seconds() * 1000:
        found.append((AlarmKind.CLOCK, None, {"offset_ms": offset_ms}))
    if taken.missing and batch.waiting == 0:
        gaps = [list(gap) for gap in taken.missing[:GAPS_TOLD_MAX]]
        found.append((AlarmKind.GAP, taken.missing[0][0], {"missing": gaps}))
    return [
        {
            "id": new_id(),
            "device": phone.id,
            "kind": str(kind),
            "seq": seq,
            "details": details,
            "area": phone.area_code,
            "at": received_at,
        }
        for kind, seq, details in found
    ]


def raise_alarms(alarms: Sequence[dict[str, object]]) -> None:
    """Committed before the phone has its answer: without the answer it sends again, and the alarm is raised again."""
    with pool().connection() as connection:
        connection.execute("select gates_raise_alarms(%s)", [Json(alarms, dumps=msgspec.json.encode)])


def _answers(batch: Batch, taken: Taken, refused_alone: dict[int, str]) -> list[str]:
    answers = [_OUTCOMES[outcome] for outcome in taken.outcomes]
    for place, answer in refused_alone.items():
        answers[place] = answer
    if not batch.refused:
        return answers
    by_place = dict(zip(batch.places, answers, strict=True)) | dict(batch.refused)
    return [by_place[place] for place in range(batch.sent_count)]
