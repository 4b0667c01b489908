"""A real server for the browser tests of the shell: our middleware, the styleguide's addresses, a county officer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse

from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import Scope

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

HANTING = 370_703_000_000_000


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def county_officer(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: whoever asks is an officer of Hanting."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.actor = Actor(  # type: ignore[attr-defined]
            user_id=None, post_id=None, name="王建国", role="county_officer", area_code=HANTING, scope=Scope(spans=())
        )
        return get_response(request)

    return handle


@contextmanager
def served(
    port: int = 0, before: Callable[[Application], Application] = lambda application: application
) -> Iterator[str]:
    """The address of a server in a thread of this process, on a free port unless told; `before` wraps what it serves."""
    application = before(StaticFilesHandler(WSGIHandler()))
    server = make_server("127.0.0.1", port, application, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
