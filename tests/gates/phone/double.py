"""The gate API by the letter of docs/gate-formats.md, in memory, with the ways in which a network fails.

It stands in for the server in tests of the phone: it can die before a commit, or lose the answer after one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from tests.web.serving import Application

from . import worlds

CODE = "KD7M-2Q4X"
DEVICE, KEY = 7, "7.c2VjcmV0"


@dataclass
class Double:
    """`next_failures`: what becomes of the next batches with scans: "uncommitted", "answer_lost", "phone_dies" (after the
    commit, before it hears); then all is well."""

    roster: list[dict[str, Any]] = field(default_factory=worlds.family)
    rules: list[dict[str, Any]] = field(default_factory=lambda: [worlds.rule()])
    gate: dict[str, Any] = field(default_factory=dict)
    now: datetime = worlds.MORNING
    next_failures: list[str] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    doubled: list[int] = field(default_factory=list)
    batches: list[list[int]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    is_revoked: bool = False
    must_wipe: bool = False
    held: list[int] = field(default_factory=list)
    is_used: bool = False
    is_wiped: bool = False
    on_death: Callable[[], None] = lambda: None
    started: float = field(default_factory=monotonic)

    def before(self, application: Application) -> Application:
        def handle(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            if not environ["PATH_INFO"].startswith("/api/v1/gate/"):
                return application(environ, start)
            size = int(environ.get("CONTENT_LENGTH") or 0)
            status, answer = self._answer(environ, json.loads(environ["wsgi.input"].read(size) or b"null"))
            start(f"{status} .", [("Content-Type", "application/json")])
            return [json.dumps(answer).encode()]

        return handle

    def clock(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self.started)

    def _answer(self, environ: dict[str, Any], body: Any) -> tuple[int, dict[str, Any]]:
        path = environ["PATH_INFO"].removeprefix("/api/v1/gate/")
        if path == "enrol":
            return self._enrol(body)
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {KEY}":
            return 401, {"code": "device.unknown", "message": "不认识这部手机"}
        if path == "wiped":
            self.is_wiped = True
            return 200, {}
        if self.is_revoked:
            return 401, {
                "code": "device.revoked",
                "message": "这部手机已停用",
                "wipe": self.must_wipe,
                "held": self._hold(body),
            }
        if path == "manifest":
            return 200, worlds.signed(self.manifest())
        return self._take(body)

    def _hold(self, body: Any) -> bool:
        """A revoked phone's batch, for a person to judge."""
        items = body["items"] if body else []
        self.held.extend(item["seq"] for item in items)
        return bool(items)

    def manifest(self) -> dict[str, Any]:
        return worlds.body(device=DEVICE, now=self.clock(), roster=self.roster, rules=self.rules, **self.gate)

    def _enrol(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["code"] != CODE or self.is_used:
            return 422, {"code": "invalid", "message": "登记码不对，或已经用过"}
        self.is_used = True
        manifest = self.manifest()
        answer = {"device": DEVICE, "key": KEY, "profile": "gate", "keys": manifest["keys"], "gate": manifest["gate"]}
        return 200, answer

    def _take(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        items = body["items"]
        failure = self.next_failures.pop(0) if items and self.next_failures else ""
        if failure == "uncommitted":
            return 500, {}
        self.reports.append({key: value for key, value in body.items() if key != "items"})
        self.batches.append([item["seq"] for item in items])
        answers = [self._keep(item) for item in items]
        if failure == "answer_lost":
            return 504, {}
        if failure == "phone_dies":
            self.on_death()
        received = {"through": max(self.rows, default=0), "missing": self._missing()}
        stamp = round(self.clock().timestamp() * 1000)
        return 200, {"received_ms": stamp, "answers": answers, "received": received, "wipe": self.must_wipe}

    def _keep(self, item: dict[str, Any]) -> str:
        if item["seq"] in self.rejected:
            return f"rejected:{self.rejected[item['seq']]}"
        if item["seq"] not in self.rows:
            self.rows[item["seq"]] = item
            return "created"
        if self.rows[item["seq"]] != item:
            self.doubled.append(item["seq"])
            return "rejected:sequence_reused"
        return "exists"

    def _missing(self) -> list[list[int]]:
        return [[seq, seq] for seq in range(1, max(self.rows, default=0)) if seq not in self.rows]
