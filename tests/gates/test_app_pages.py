"""The keeper's phone as it is served: open to everybody, the same for everybody, complete when kept offline."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from shouwang.web import csp

pytestmark = pytest.mark.django_db


def asked(path: str) -> HttpResponse:
    response = Client().get(path)
    assert response.status_code == 200
    return response  # type: ignore[return-value]


def test_only_the_phone_may_compile_and_use_the_camera() -> None:
    phone, other = asked("/gate/").headers, asked("/sign-in").headers
    assert phone["Content-Security-Policy"] == csp.GATE_POLICY
    assert "script-src 'self' 'wasm-unsafe-eval';" in csp.GATE_POLICY
    assert phone["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
    assert other["Content-Security-Policy"] == csp.POLICY
    assert other["Permissions-Policy"] == "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    assert csp.headers_for("/gate/sw.js") == csp.headers_for("/gates/") == (csp.POLICY, csp.PERMISSIONS)


def test_page_is_the_same_for_everybody_and_sets_nothing() -> None:
    first, second = asked("/gate/"), asked("/gate/")
    assert first.content == second.content
    assert (first.cookies, "csrf" in first.content.decode()) == ({}, False)


def test_worker_keeps_the_page_and_every_file_of_the_build() -> None:
    response = asked("/gate/sw.js")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    [shell] = re.findall(r"^const SHELL = (.*)$", response.content.decode(), re.MULTILINE)
    kept = json.loads(shell)["assets"]
    files = [path for path in kept if path.startswith(settings.STATIC_URL)]
    assert [path for path in kept if path not in files] == ["/gate/", "/gate/manifest.webmanifest"]
    assert sorted(path.rpartition(".")[2] for path in files) == ["css", "js", "svg", "wasm"]
    assert [path for path in files if finders.find(path.removeprefix(settings.STATIC_URL)) is None] == []
    page = asked("/gate/").content.decode()
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) <= set(kept)


def test_manifest_installs_the_phone_under_its_own_path() -> None:
    response = asked("/gate/manifest.webmanifest")
    manifest = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/gate/", "/gate/", "standalone")


@pytest.mark.parametrize("path", ["/gate/", "/gate/sw.js", "/gate/manifest.webmanifest"])
def test_nothing_can_be_sent_to_the_phone_s_pages(path: str) -> None:
    assert Client().post(path).status_code == 405
