"""An estate, its people and their passes, as a manifest has them; made without a database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from shouwang.gates.rules import codec
from shouwang.gates.states import PassKind
from tests.gates.vectors import make

MORNING = datetime(2020, 3, 18, 0, 0, tzinfo=UTC)
"""08:00 in Weifang."""
ESTATE = 2
SECRET = "5e" * 32
ID_NUMBER = "11010519491231002X"
SLIP = {"on": "2020-03-18", "word": "海棠", "colour": "green"}
OPEN = {"resident": 2, "staff": 2, "helper": 2, "visitor": 1, "institution": 2, "elsewhere": 1, "unknown": 1}


def rule(**changes: Any) -> dict[str, Any]:
    plain = {
        "from": int(MORNING.timestamp()) - 86_400,
        "until": int(MORNING.timestamp()) + 3 * 86_400,
        "measures": [],
        "sentences": ["卡口管理：本小区居民放行；访客登记后进入"],
        "who": OPEN,
        "checks": 0,
        "fever_from_tenths": 373,
        "leave_hours": [0, 24],
        "exits": None,
        "declaration_every_days": None,
        "inside_leave": {"resident": 1, "staff": 1},
    }
    return plain | changes


def pass_text(
    pass_id: int, *, estate: int = ESTATE, private: bytes = make.KEY, kind: PassKind = PassKind.RESIDENT
) -> str:
    issued = MORNING - timedelta(days=10)
    facts = codec.PassFacts(pass_id, kind, estate, issued, issued, issued + timedelta(days=60))
    return codec.encode(facts, private)


def holder(number: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "pass": str(1000 + number),
        "kind": 1,
        "expires": int((MORNING + timedelta(days=50)).timestamp()),
        "name": "张*强",
        "tail": f"{number:04d}"[-4:],
        "building": "3",
        "room": str(500 + number),
        "initials": "zxq",
        "digest": None,
        "household": 100 + number,
        "declaration": "declared",
    }
    return plain | changes


def digest(number: str) -> str:
    whole = hmac.new(bytes.fromhex(SECRET), number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(whole[:16]).rstrip(b"=").decode()


def family() -> list[dict[str, Any]]:
    """Two neighbours, and a family of three of whom the grandmother has neither phone nor pass."""
    return [
        holder(1),
        holder(2, name="李*", initials="l", declaration="due"),
        holder(3, name="王*英", initials="wxy", room="601", household=9),
        holder(4, name="王*", initials="w", room="601", household=9),
        holder(5, name="陈*兰", initials="cgl", room="601", household=9, digest=digest(ID_NUMBER), **{"pass": None}),
    ]


def body(
    *, device: int, now: datetime, roster: Iterable[dict[str, Any]], rules: list[dict[str, Any]], **gate: Any
) -> dict[str, Any]:
    keys = [
        {"kid": k.kid, "point": k.point, "from": int(k.valid_from.timestamp()), "until": int(k.valid_until.timestamp())}
        for k in make.bureau_keys()
    ]
    plain = {
        "id": 3,
        "name": "南门",
        "estate": ESTATE,
        "estate_name": "鹿台花园",
        "community": "鹿台社区",
        "kind": "residential",
        "stale_after_hours": 24,
        "stale_policy": "admit_and_flag",
        "wipe_after_hours": 72,
    }
    return {
        "format": 1,
        "device": device,
        "compiled_at": int(now.timestamp()),
        "gate": plain | gate,
        "keys": keys,
        "rules": rules,
        "denied": {"after": 0, "number": 1, "passes": {"1999": "lost"}},
        "secret": SECRET,
        "roster": list(roster),
        "slips": [SLIP],
    }


def signed(manifest: dict[str, Any], private: bytes = make.KEY) -> dict[str, str]:
    text = json.dumps(manifest, ensure_ascii=False)
    signature = base64.urlsafe_b64encode(codec.sign_with(private, text.encode())).rstrip(b"=").decode()
    return {"signed": text, "kid": codec.key_id(codec.public_point(private)).hex(), "signature": signature}
