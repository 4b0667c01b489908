"""Every request runs as somebody, or sees nothing.

Guarantees: `request.actor` is the signed-in user in a post in force, and the connection's scope is that actor's for
exactly this request, streamed answers included; without one the scope is closed. Refuses every page that is not
listed as public: a person is sent to sign in (an API call gets 401), a session ends with its last post, and a first
password opens nothing but the page that changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shouwang.kernel import deployment
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import CLOSED, Scope, use_scope

from . import sessions
from .acting import actor_of
from .models import User

PUBLIC_PAGES = frozenset({"sign_in", "sign_in_demo", "health", "csp_report"}) | {
    # What is in force is for everybody to read.
    "measures_today",
    # What a resident opens without an account; each takes the scope of one household's community by itself.
    "register_find", "register_household", "own_page_open", "own_page", "own_declare", "own_guest", "own_step",
    "own_pass_code",
    # The keeper's phone, which holds nothing before it is enrolled.
    "gate_app", "gate_app_worker", "gate_app_manifest",
}  # fmt: skip
"""Names of the addresses that answer without a sign-in."""

FIRST_PASSWORD_PAGES = PUBLIC_PAGES | {"change_password", "sign_out"}

NextHandler = Callable[[HttpRequest], HttpResponseBase]


class ActorMiddleware:
    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        deployment.load()
        user = sessions.user_of(request)
        actor = actor_of(user_id=user.id, post_id=sessions.chosen_post(request)) if user else None
        request.account, request.actor = user, actor  # type: ignore[attr-defined]
        scope = actor.scope if actor else CLOSED
        with use_scope(scope):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _within(scope, iter(response.streaming_content))  # type: ignore[arg-type]
        return response

    def process_view(self, request: HttpRequest, *_view_and_arguments: object) -> HttpResponseBase | None:
        page = request.resolver_match.url_name if request.resolver_match else None
        user: User | None = request.account  # type: ignore[attr-defined]
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if page in PUBLIC_PAGES:
            return None
        if user is None:
            return _send_to_sign_in(request)
        if actor is None:
            sessions.end(request)
            messages.warning(request, _("您没有在任的岗位，已退出。请联系系统管理员。"), extra_tags="waiting")
            return _send_to_sign_in(request)
        if user.must_change_password and page not in FIRST_PASSWORD_PAGES:
            return _refuse_api(request) or redirect("change_password")
        return None


def _within(scope: Scope, chunks: Iterator[Any]) -> Iterator[Any]:
    """The body of a streamed answer is read after the middleware has returned: its rows need the scope again."""
    with use_scope(scope):
        yield from chunks


def _send_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Where a page came from is kept in `next`; a partial request is moved as a whole by `HeadersMiddleware`."""
    refused = _refuse_api(request)
    if refused is not None:
        return refused
    wanted = request.get_full_path() if request.method == "GET" and "HX-Request" not in request.headers else ""
    query = f"?{urlencode({'next': wanted})}" if wanted not in ("", "/") else ""
    return redirect(resolve_url("sign_in") + query)


def _refuse_api(request: HttpRequest) -> HttpResponse | None:
    if not request.path.startswith("/api/"):
        return None
    return JsonResponse({"code": "not_signed_in", "message": _("请先登录")}, status=401)
