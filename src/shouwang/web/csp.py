"""The content security policy and the address browsers report a breach of it to.

Guarantees: no inline script or style, nothing from another origin, no framing, forms post only here. The keeper's phone,
and it alone, may compile WebAssembly (the code reader that we serve) and use the camera. A report is logged
without the query string, which may carry what a person searched for; it is never stored.
"""

from __future__ import annotations

import json
import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger("shouwang.csp")

REPORT_PATH = "/csp-report"
REPORT_BYTES_MAX = 8 * 1024

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        f"report-uri {REPORT_PATH}",
    )
)
GATE_PATH = "/gate/"
GATE_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
GATE_PERMISSIONS = PERMISSIONS.replace("camera=()", "camera=(self)")


def headers_for(path: str) -> tuple[str, str]:
    """Content-Security-Policy and Permissions-Policy of an address."""
    return (GATE_POLICY, GATE_PERMISSIONS) if path == GATE_PATH else (POLICY, PERMISSIONS)


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Log one report; whatever is not one is refused with 400."""
    body = request.read(REPORT_BYTES_MAX + 1)
    try:
        details = json.loads(body)["csp-report"]
        page = str(details["document-uri"]).partition("?")[0]
        directive = str(details["violated-directive"])
        blocked = str(details["blocked-uri"]).partition("?")[0]
    except (ValueError, KeyError, TypeError):
        return HttpResponse(status=400)
    logger.warning("csp breach on %r: %r blocked %r", page[:200], directive[:100], blocked[:200])
    return HttpResponse(status=204)
