"""Every address of the product. Each app brings its own `urls.py`."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("shouwang.web.urls")),
    path("", include("shouwang.accounts.urls")),
    path("areas/", include("shouwang.areas.urls")),
    path("registry/", include("shouwang.registry.urls")),
    path("ledger/", include("shouwang.ledger.urls")),
    path("response/", include("shouwang.response.urls")),
    path("gates/", include("shouwang.gates.urls")),
    path("gate/", include("shouwang.gates.app_urls")),
    path("assistance/", include("shouwang.assistance.urls")),
    path("reporting/", include("shouwang.reporting.urls")),
]
handler403 = "shouwang.web.views.forbidden"
handler404 = "shouwang.web.views.not_found"
handler500 = "shouwang.web.views.server_error"
