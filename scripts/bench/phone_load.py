"""Many phones at a server: requests made beforehand, sent over kept connections, their answers read and counted."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import perf_counter
from typing import Any

MORNING_MS = 1_584_489_600_000
DAY = "2020-03-18"


@dataclass(frozen=True, slots=True)
class Phone:
    id: int
    key: str


@dataclass(slots=True)
class Sent:
    """What came back: answers by word, statuses, and how long each request took."""

    answers: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    left: list[bytes] = field(default_factory=list)
    retry_after: int = 0


def item(seq: int, chance: random.Random) -> dict[str, Any]:
    """A scan as gates make them: most by a pass, most measured, a few turned back."""
    is_pass = chance.random() < 0.9
    return {
        "seq": seq,
        "day": DAY,
        "at_ms": MORNING_MS + seq * 4_000 % 57_600_000,
        "pass": str(chance.getrandbits(62) + 1) if is_pass else None,
        "dir": chance.choice((1, 2)),
        "verdict": 1 if chance.random() < 0.98 else 3,
        "reason": 0,
        "how": 1 if is_pass else 3,
        "checks": 3,
        "temp": 360 + chance.randrange(12) if chance.random() < 0.8 else None,
        "party": 1,
        "annuls": None,
        "manifest_at": 1_584_489_000,
    }


def request(phone: Phone, items: Sequence[dict[str, Any]], *, waiting: int = 0) -> bytes:
    """A whole HTTP request of one batch."""
    told = {
        "clock_ms": MORNING_MS,
        "waiting": waiting,
        "quarantined": 0,
        "manifest_at": 1_584_489_000,
        "persisted": True,
        "app": "1.0",
        "items": items,
    }
    body = json.dumps(told, separators=(",", ":")).encode()
    head = (
        f"POST /api/v1/gate/observations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {phone.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send(port: int, requests: Iterable[bytes], *, at_once: int, patient: bool = True) -> Sent:
    """Each request until it is answered 200; impatient, once: what was shed or lost is `left`."""
    queue: SimpleQueue[bytes | None] = SimpleQueue()
    for one in requests:
        queue.put(one)
    sent, lock = Sent(), threading.Lock()
    threads = [threading.Thread(target=_work, args=(port, queue, sent, lock, patient)) for _number in range(at_once)]
    for _thread in threads:
        queue.put(None)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def _work(port: int, queue: SimpleQueue[bytes | None], sent: Sent, lock: threading.Lock, patient: bool) -> None:
    connection: socket.socket | None = None
    while (asked := queue.get()) is not None:
        while True:
            began = perf_counter()
            try:
                connection = connection or socket.create_connection(("127.0.0.1", port), timeout=60)
                connection.sendall(asked)
                status, head, body = _answer(connection)
            except OSError:
                if connection is not None:
                    connection.close()
                connection, status, head, body = None, 0, b"", b""
            with lock:
                sent.statuses[status] += 1
                sent.retry_after += b"retry-after:" in head
                if status == 200:
                    sent.seconds.append(perf_counter() - began)
                    sent.answers.update(json.loads(body)["answers"])
                elif not patient:
                    sent.left.append(asked)
            if status == 200 or not patient:
                break
            threading.Event().wait(0.2)
    if connection is not None:
        connection.close()


def _answer(connection: socket.socket) -> tuple[int, bytes, bytes]:
    """Status, headers and body. Raises OSError when the server went away."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _blank, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _some(connection)
    return int(head.split(b" ", 2)[1]), head.lower(), body


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionResetError("the server closed the connection")
    return received
