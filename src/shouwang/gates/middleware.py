"""The phones' calls among the pages: taken out of the way of sessions, forms and actors before these begin."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from shouwang.kernel import deployment

from .views.phones import PREFIX, PhoneRequest, answer


class PhonesMiddleware:
    """Stands after what redirects to https, before everything that knows a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        deployment.load()
        length = request.META.get("CONTENT_LENGTH") or ""
        answered = answer(
            PhoneRequest(
                method=request.method or "",
                call=request.path_info.removeprefix(PREFIX),
                query=request.META.get("QUERY_STRING", ""),
                authorization=request.META.get("HTTP_AUTHORIZATION", ""),
                length=int(length) if length.isascii() and length.isdigit() else None,
                read=request.read,
            )
        )
        headers = {**answered.headers, "Content-Length": str(len(answered.body))}
        return HttpResponse(answered.body, status=answered.status, headers=headers)
