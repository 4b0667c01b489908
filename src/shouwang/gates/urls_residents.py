"""Addresses of registration and passes: first those of residents, without an account."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import public_pages

urlpatterns: list[URLPattern] = [
    path("register/", public_pages.register_find, name="register_find"),
    path("register/<int:estate_id>/", public_pages.register_household, name="register_household"),
    path("mine/", public_pages.own_page_open, name="own_page_open"),
    path("mine/<str:signed>/", public_pages.own_page, name="own_page"),
    path("mine/<str:signed>/declare/", public_pages.own_declare, name="own_declare"),
    path("mine/<str:signed>/guest/", public_pages.own_guest, name="own_guest"),
    path("mine/<str:signed>/pass/<int:pass_id>.svg", public_pages.own_pass_code, name="own_pass_code"),
    path("mine/<str:signed>/<str:verb>/", public_pages.own_step, name="own_step"),
]
