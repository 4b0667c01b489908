"""Addresses of the keeper's phone. Its service worker has to lie under the path that it serves."""

from __future__ import annotations

from django.urls import path

from .views import app

urlpatterns = [
    path("", app.page, name="gate_app"),
    path("sw.js", app.worker, name="gate_app_worker"),
    path("manifest.webmanifest", app.web_manifest, name="gate_app_manifest"),
]
