from __future__ import annotations

from django.urls import URLPattern

from . import urls_residents

urlpatterns: list[URLPattern] = [
    *urls_residents.urlpatterns,
]
