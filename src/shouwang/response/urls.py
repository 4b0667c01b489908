from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("measures/", views.measures_in_force, name="measures_in_force"),
    path("measures/all/", views.measure_list, name="measure_list"),
    path("measures/issue/<slug:kind>/", views.measure_issue, name="measure_issue"),
    path("measures/<uuid:measure_id>/", views.measure_detail, name="measure_detail"),
    path("measures/<uuid:measure_id>/lift/", views.measure_lift, name="measure_lift"),
    path("documents/", views.document_list, name="document_list"),
    path("documents/new/", views.document_new, name="document_new"),
    path("documents/<uuid:document_id>/", views.document_detail, name="document_detail"),
    path("documents/<uuid:document_id>/file/", views.document_file, name="document_file"),
]
