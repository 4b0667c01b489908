from __future__ import annotations

from django.urls import URLPattern

from . import urls_gates, urls_residents

urlpatterns: list[URLPattern] = [
    *urls_gates.urlpatterns,
    *urls_residents.urlpatterns,
]
