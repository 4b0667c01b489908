from __future__ import annotations

from django.urls import include, path

from .views import documents, measures

urlpatterns = [
    path("", include("shouwang.response.urls_command")),
    path("measures/", measures.measures_in_force, name="measures_in_force"),
    path("measures/all/", measures.measure_list, name="measure_list"),
    path("measures/issue/<slug:kind>/", measures.measure_issue, name="measure_issue"),
    path("measures/<uuid:measure_id>/", measures.measure_detail, name="measure_detail"),
    path("measures/<uuid:measure_id>/lift/", measures.measure_lift, name="measure_lift"),
    path("documents/", documents.document_list, name="document_list"),
    path("documents/new/", documents.document_new, name="document_new"),
    path("documents/<uuid:document_id>/", documents.document_detail, name="document_detail"),
    path("documents/<uuid:document_id>/file/", documents.document_file, name="document_file"),
]
