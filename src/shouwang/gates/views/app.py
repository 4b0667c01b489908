"""The keeper's phone as a web app: its page, its service worker, its manifest.

Guarantees: the page is the same for everybody and holds no data, so that a phone may keep it; the worker names exactly
the files of this build, so that a phone which has it lacks nothing offline. What the phone knows comes through the API.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

SCRIPT, WORKER, ICON = "gate/src/main.js", "gate/sw.js", "gate/icon.svg"
THEME = "#0b2a55"


@require_safe
def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_page())


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Served under /gate/, the path it may control. Its version is what it keeps."""
    kept = [reverse("gate_app"), reverse("gate_app_manifest"), *_addresses()]
    body = (_folder() / _build()[WORKER].file).read_text(encoding="utf-8")
    version = hashlib.sha256("\n".join([*kept, _page(), body]).encode()).hexdigest()[:16]
    shell = json.dumps({"version": version, "assets": kept})
    return HttpResponse(f"const SHELL = {shell}\n{body}", content_type="text/javascript; charset=utf-8")


@require_safe
def web_manifest(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": _("守望卡口"),
            "short_name": _("卡口"),
            "lang": "zh-CN",
            "start_url": reverse("gate_app"),
            "scope": reverse("gate_app"),
            "display": "standalone",
            "background_color": "#f1f3f5",
            "theme_color": THEME,
            "icons": [{"src": _address(_icon()), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
        },
        content_type="application/manifest+json",
    )


@dataclass(frozen=True, slots=True)
class _Built:
    """One entry of what Vite made: its file, and the files it needs."""

    file: str
    css: Sequence[str]
    assets: Sequence[str]


def _page() -> str:
    """Without the request: nothing of a session or a user can get into what a phone keeps."""
    built = _build()[SCRIPT]
    return render_to_string(
        "gates/app.html",
        {
            "script": _address(built.file),
            "styles": [_address(name) for name in built.css],
            "icon": _address(_icon()),
            "theme": THEME,
        },
    )


def _addresses() -> list[str]:
    built = _build()[SCRIPT]
    return sorted({_address(name) for name in (built.file, *built.css, *built.assets, _icon())})


def _icon() -> str:
    return _build()[ICON].file


def _address(name: str) -> str:
    return static(f"{settings.DJANGO_VITE['default']['static_url_prefix']}/{name}")


def _folder() -> Path:
    return Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).parent


@cache
def _build() -> Mapping[str, _Built]:
    """It does not change while a process lives."""
    entries = json.loads((_folder() / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: _Built(entry["file"], tuple(entry.get("css", ())), tuple(entry.get("assets", ())))
        for name, entry in entries.items()
    }
