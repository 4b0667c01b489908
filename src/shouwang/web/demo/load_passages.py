"""Two weeks of passages at the demo's south gates, sent each evening by the keeper's phone as phones send them.

Out in the morning and home again within the hours that follow; now and then a visitor who is written down, somebody of
elsewhere who is turned back, a fever. Every number is of a fixed pattern: two loads show the same board.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from shouwang.gates.public import (
    Direction,
    EnrolmentRequest,
    How,
    Reason,
    Verdict,
    authorised_phone,
    enrol_device,
    take_observations,
)
from shouwang.kernel import clock

from .diary import Diary, moment

STAGE = "卡口通行"
FIRST_DAY, LAST_DAY = date(2020, 3, 4), date(2020, 3, 17)
_BATCH = 200
_USUAL, _FEVER = 365, 378
_CHECKED = 3
"""Temperature and mask: what the measure of the demo asks for."""


@dataclass(slots=True)
class KeepersPhone:
    """One phone at one gate; its numbers go on from day to day."""

    key: str
    last_seq: int = 0
    passes: Sequence[int] = field(default_factory=tuple)

    @classmethod
    def enrolled(cls, code: str, name: str) -> KeepersPhone:
        request = EnrolmentRequest(code=code, clock_ms=_ms(clock.now()), name=name)
        return cls(enrol_device(request=request).key)

    def send_day(self, day: date) -> None:
        """The day's scans, in the order in which they were made, in batches as a phone sends them."""
        seen = sorted(_seen(day, self.passes), key=lambda item: int(item["at_ms"]))
        for place, item in enumerate(seen, self.last_seq + 1):
            item["seq"] = place
        self.last_seq += len(seen)
        for first in range(0, len(seen), _BATCH):
            items = seen[first : first + _BATCH]
            waiting = max(len(seen) - first - _BATCH, 0)
            body = {"clock_ms": _ms(clock.now()), "waiting": waiting, "manifest_at": _day_start(day), "items": items}
            phone = authorised_phone(f"Bearer {self.key}", "observations")
            take_observations(phone=phone, body=json.dumps(body | {"persisted": True, "app": "1.0"}).encode())


PhoneOf = Callable[[date], KeepersPhone]
"""The phone of a gate, knowing the passes that are out on a day."""


def write_passages(diary: Diary, phone_of: PhoneOf) -> None:
    """Every evening of the two weeks."""
    for offset in range((LAST_DAY - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=offset)
        diary.write(moment(day, 21), STAGE, partial(_send, phone_of, day))


def _send(phone_of: PhoneOf, day: date) -> None:
    phone_of(day).send_day(day)


def _seen(day: date, passes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Two persons of three go out; one scan in ninety is a fever."""
    for place, pass_id in enumerate(passes):
        if (place + day.day) % 3 == 0:
            continue
        leaves = moment(day, 7) + timedelta(minutes=(place * 7 + day.day * 11) % 540)
        yield _item(day, leaves, Direction.OUT, pass_id=pass_id)
        has_fever = (place + day.day * 5) % 90 == 89
        verdict, reason = (Verdict.FEVER_CLINIC, Reason.FEVER) if has_fever else (Verdict.ADMIT, Reason.NONE)
        home = leaves + timedelta(minutes=35 + place % 25)
        temperature = _FEVER if has_fever else _USUAL
        yield _item(day, home, Direction.IN, pass_id=pass_id, verdict=verdict, reason=reason, temp=temperature)
    for place in range(day.day % 4 + 1):
        at = moment(day, 10 + place * 2, 15)
        visitor = {"name": "来访亲属", "building": str(place + 1), "room": "101", "purpose": "送生活用品"}
        written = _item(
            day, at, Direction.IN, verdict=Verdict.ADMIT_AFTER_ENTRY, reason=Reason.ENTRY_ASKED, how=How.VISITOR
        )
        yield written | {"visitor": visitor}
        later = at + timedelta(minutes=20)
        yield _item(
            day, later, Direction.IN, verdict=Verdict.TURN_BACK, reason=Reason.NO_MASK, how=How.VISITOR, checks=1
        )


def _item(
    day: date,
    at: datetime,
    direction: Direction,
    *,
    pass_id: int | None = None,
    verdict: Verdict = Verdict.ADMIT,
    reason: Reason = Reason.NONE,
    how: How = How.QR,
    temp: int = _USUAL,
    checks: int = _CHECKED,
) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "at_ms": _ms(at),
        "pass": str(pass_id) if pass_id is not None else None,
        "dir": int(direction),
        "verdict": int(verdict),
        "reason": int(reason),
        "how": int(how),
        "checks": checks,
        "temp": temp,
        "party": 1,
        "annuls": None,
        "manifest_at": _day_start(day),
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _day_start(day: date) -> int:
    return int(clock.day_start(day).timestamp())
