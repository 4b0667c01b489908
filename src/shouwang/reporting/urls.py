from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.bulletin, name="bulletin"),
    path("issue/", views.bulletin_issue, name="bulletin_issue"),
    path("bulletins/", views.bulletin_list, name="bulletin_list"),
    path("bulletins/<uuid:bulletin_id>/", views.bulletin_detail, name="bulletin_detail"),
    path("figures/<str:key>/", views.figure_rows, name="figure_rows"),
]
