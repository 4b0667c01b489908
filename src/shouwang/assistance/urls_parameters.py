"""Addresses of the standards and parameters."""

from __future__ import annotations

from django.urls import path

from .views import parameter_notices, parameter_proposal, parameters

urlpatterns = [
    path("parameters/", parameters.parameter_list, name="parameter_list"),
    path("parameters/history/<str:key>/", parameters.parameter_history, name="parameter_history"),
    path("parameters/notices/", parameter_notices.parameter_notice_list, name="parameter_notice_list"),
    path("parameters/notices/new/", parameter_proposal.parameter_notice_new, name="parameter_notice_new"),
    path("parameters/notices/<uuid:notice_id>/", parameter_notices.parameter_notice_page, name="parameter_notice_page"),
    path(
        "parameters/notices/<uuid:notice_id>/announcement/",
        parameter_notices.parameter_announcement,
        name="parameter_announcement",
    ),
    path(
        "parameters/notices/<uuid:notice_id>/confirm/",
        parameter_notices.parameter_notice_decide,
        {"verdict": "confirm"},
        name="parameter_notice_confirm",
    ),
    path(
        "parameters/notices/<uuid:notice_id>/refuse/",
        parameter_notices.parameter_notice_decide,
        {"verdict": "refuse"},
        name="parameter_notice_refuse",
    ),
]
