"""The phones' calls alone, for a process of their own: `shouwang gates serve`.

Many threads wait here for one commit, so none of them may keep a connection of Django's: what needs one (enrolment,
manifests) takes its turn, a few at a time, and gives it back.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.config.settings")
django.setup()

from django.db import connections  # noqa: E402  # Django is set up first

from shouwang.kernel import clock, deployment  # noqa: E402

from .views.phones import PREFIX, PhoneRequest, answer  # noqa: E402

DJANGO_CONNECTIONS_MAX = 3
CLOCK_BELIEVED_SECONDS = 60.0

_turns = threading.BoundedSemaphore(DJANGO_CONNECTIONS_MAX)
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_clock_read_at: float | None = None
_clock_lock = threading.Lock()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    path: str = environ.get("PATH_INFO", "")
    length: str = environ.get("CONTENT_LENGTH") or ""
    call = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
    request = PhoneRequest(
        method=environ["REQUEST_METHOD"],
        call=call,
        query=environ.get("QUERY_STRING", ""),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        length=int(length) if length.isascii() and length.isdigit() else None,
        read=environ["wsgi.input"].read,
    )
    _read_clock()
    if call == "observations":
        answered = answer(request)
        connections.close_all()  # a revoked phone's batch is held through one
    else:
        with _turns:
            answered = answer(request)
            connections.close_all()
    headers = [*answered.headers.items(), ("Content-Length", str(len(answered.body)))]
    start_response(_STATUS[answered.status], headers)
    return [answered.body]


def _read_clock() -> None:
    """Take the clock's offset and correction from the database now and then, as each request of a page does."""
    global _clock_read_at
    if _clock_read_at is not None and clock.monotonic() - _clock_read_at < CLOCK_BELIEVED_SECONDS:
        return
    with _clock_lock:
        if _clock_read_at is not None and clock.monotonic() - _clock_read_at < CLOCK_BELIEVED_SECONDS:
            return
        deployment.forget()
        deployment.load()
        connections.close_all()
        _clock_read_at = clock.monotonic()
