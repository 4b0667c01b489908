from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from . import csp, styleguide, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("figures/", views.home_figures, name="home_figures"),
    path("search/", views.search, name="search"),
    path("health", views.health, name="health"),
    path("system/health/", views.system_health, name="system_health"),
    path(csp.REPORT_PATH.lstrip("/"), csp.report, name="csp_report"),
]
if settings.DEBUG:
    urlpatterns += styleguide.urlpatterns
