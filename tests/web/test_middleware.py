"""What every answer carries, and how a refusal is told."""

from __future__ import annotations

import json

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from shouwang.kernel.errors import NotAllowed, StateConflict
from shouwang.web import csp, middleware

HTMX = {"HX-Request": "true"}


def answer(response: HttpResponse, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/relief/", headers=headers)
    return middleware.HeadersMiddleware(lambda _: response)(request)  # type: ignore[return-value]


def test_headers_stand_on_every_answer() -> None:
    headers = answer(HttpResponse("x", status=500)).headers
    assert headers["Content-Security-Policy"] == csp.POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Vary"] == "HX-Request"


def test_policy_allows_nothing_inline_and_nothing_foreign() -> None:
    assert "unsafe" not in csp.POLICY
    assert "http" not in csp.POLICY


def test_cache_control_of_the_view_is_kept() -> None:
    assert answer(HttpResponse(headers={"Cache-Control": "max-age=60"})).headers["Cache-Control"] == "max-age=60"


def test_redirect_of_a_partial_request_moves_the_whole_page() -> None:
    response = answer(HttpResponseRedirect("/sign-in?next=/relief/"), **HTMX)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/sign-in?next=/relief/"
    assert "Location" not in response.headers


def test_redirect_of_a_page_stays_a_redirect() -> None:
    response = answer(HttpResponseRedirect("/relief/1"))
    assert (response.status_code, response.headers["Location"]) == (302, "/relief/1")


def refused(error: Exception, **headers: str) -> HttpResponse | None:
    request: HttpRequest = RequestFactory().get("/relief/1/approve", headers=headers)
    return middleware.DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(request, error)


def test_refusal_of_a_partial_request_is_a_message_and_replaces_nothing() -> None:
    response = refused(StateConflict("已由李敏批准"), **HTMX)
    assert response is not None
    assert response.status_code == 409
    assert response.headers["HX-Reswap"] == "none"
    assert json.loads(response.headers["HX-Trigger"]) == {
        "shouwang:toast": {"message": "已由李敏批准", "tone": "overdue"}
    }


@pytest.mark.django_db
def test_refusal_of_a_page_says_why_and_leads_back() -> None:
    response = refused(NotAllowed("要由分管负责人批准"), Referer="http://testserver/relief/1?tab=2")
    assert response is not None
    assert response.status_code == 403
    page = response.content.decode()
    assert "要由分管负责人批准" in page
    assert 'href="/relief/1?tab=2"' in page


def test_other_exceptions_are_left_to_crash() -> None:
    assert refused(ValueError("a mistake of ours")) is None


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://testserver/relief/?q=1", "/relief/?q=1"),
        ("http://elsewhere.example/relief/", ""),
        ("http://testserver/relief/1/approve", ""),
        ("", ""),
    ],
)
def test_came_from(referer: str, path: str) -> None:
    request = RequestFactory().get("/relief/1/approve", headers={"Referer": referer})
    assert middleware.came_from(request) == path


def report(body: bytes) -> int:
    request = RequestFactory().post(csp.REPORT_PATH, body, content_type="application/csp-report")
    return csp.report(request).status_code


def test_csp_report_is_logged_without_the_search(caplog: pytest.LogCaptureFixture) -> None:
    details = {
        "document-uri": "http://testserver/search?q=370703198001011486",
        "violated-directive": "script-src",
        "blocked-uri": "inline",
    }
    assert report(json.dumps({"csp-report": details}).encode()) == 204
    assert "script-src" in caplog.text
    assert "370703198001011486" not in caplog.text


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"csp-report": "' + b"x" * 9000 + b'"}'])
def test_csp_report_of_nonsense_is_refused(body: bytes) -> None:
    assert report(body) == 400
