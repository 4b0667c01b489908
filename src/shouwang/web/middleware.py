"""What every answer carries, and how a refusal is told.

Guarantees: the security headers stand on every answer; nothing dynamic is kept by a browser or a proxy (shared desks,
ID numbers); a redirect answered to a partial request moves the whole page; a DomainError becomes a page or a short
message in the user's words, with its own status.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from shouwang.kernel.errors import DomainError

from . import csp

NextHandler = Callable[[HttpRequest], HttpResponseBase]


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks, and only a part of the page will be replaced."""
    return request.headers.get("HX-Request") == "true"


class HeadersMiddleware:
    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_partial(request) and response.status_code in (301, 302, 303):
            # fetch() would follow it and put a whole page (the sign-in page, say) into a list.
            response.headers["HX-Redirect"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 204
        policy, permissions = csp.headers_for(request.path)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", permissions)
        patch_vary_headers(response, ["HX-Request"])
        return response


class DomainErrorMiddleware:
    def __init__(self, get_response: NextHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a DomainError; any other exception is left to crash."""
        if not isinstance(error, DomainError):
            return None
        if is_partial(request):
            message = {"shouwang:toast": {"message": error.message, "tone": "overdue"}}
            return HttpResponse(status=error.status, headers={"HX-Reswap": "none", "HX-Trigger": json.dumps(message)})
        context = {"error": error, "back_url": came_from(request)}
        return render(request, "refused.html", context, status=error.status)


def came_from(request: HttpRequest) -> str:
    """The page of ours the person came from, as a path; empty when it is unknown, foreign or this very address."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host() or parts.path == request.path:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
