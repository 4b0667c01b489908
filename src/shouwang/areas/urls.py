from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("search", views.area_search, name="area_search"),
    path("children", views.area_children, name="area_children"),
]
