"""The styleguide, whatever DEBUG says, and what the shell needs around it."""

from django.urls import path

from shouwang.web import csp, styleguide

urlpatterns = [
    *styleguide.urlpatterns,
    path(csp.REPORT_PATH.lstrip("/"), csp.report, name="csp_report"),
    path("area-search/", styleguide.areas, name="area_search"),
    path("area-children/", styleguide.areas, name="area_children"),
    path("search/", styleguide.styleguide, name="search"),
    path("sign-out/", styleguide.styleguide, name="sign_out"),
    path("relief/", styleguide.styleguide, name="relief_list"),
]
