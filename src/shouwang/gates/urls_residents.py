"""Addresses of registration and passes: first those of residents, without an account."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import passes, proxy, public_pages, registrations

urlpatterns: list[URLPattern] = [
    path("register/", public_pages.register_find, name="register_find"),
    path("register/<int:estate_id>/", public_pages.register_household, name="register_household"),
    path("mine/", public_pages.own_page_open, name="own_page_open"),
    path("mine/<str:signed>/", public_pages.own_page, name="own_page"),
    path("mine/<str:signed>/declare/", public_pages.own_declare, name="own_declare"),
    path("mine/<str:signed>/guest/", public_pages.own_guest, name="own_guest"),
    path("mine/<str:signed>/pass/<int:pass_id>.svg", public_pages.own_pass_code, name="own_pass_code"),
    path("mine/<str:signed>/<str:verb>/", public_pages.own_step, name="own_step"),
    path("registrations/", registrations.registration_list, name="registration_list"),
    path("registrations/confirm/", registrations.registration_confirm_many, name="registration_confirm_many"),
    path("registrations/new/", proxy.registration_new, name="registration_new"),
    path("registrations/import/", proxy.registration_import, name="registration_import"),
    path("registrations/import/template/", proxy.registration_template, name="registration_template"),
    path("registrations/import/<uuid:sheet_id>/refused/", proxy.registration_refused, name="registration_refused"),
    path("registrations/<uuid:registration_id>/", registrations.registration_detail, name="registration_detail"),
    path("registrations/<uuid:registration_id>/add/", registrations.resident_add, name="resident_add"),
    path(
        "registrations/<uuid:registration_id>/declare/", registrations.registration_declare, name="registration_declare"
    ),
    path("registrations/<uuid:registration_id>/<str:verb>/", registrations.registration_step, name="registration_step"),
    path("residents/<uuid:resident_id>/left/", registrations.resident_left, name="resident_left"),
    path("passes/", passes.pass_list, name="pass_list"),
    path("passes/new/", passes.pass_new, name="pass_new"),
    path("passes/cards/", passes.pass_cards, name="pass_cards"),
    path("passes/papers/", passes.paper_list, name="paper_list"),
    path("passes/<int:pass_id>/", passes.pass_detail, name="pass_detail"),
    path("passes/<int:pass_id>/replace/", passes.pass_replace, name="pass_replace"),
    path("estates/<int:estate_id>/papers/<str:paper>/", passes.estate_paper, name="estate_paper"),
    path("denials/", passes.denial_list, name="denial_list"),
    path("denials/new/", passes.denial_new, name="denial_new"),
    path("denials/<uuid:proposal_id>/", passes.denial_proposal, name="denial_proposal"),
    path("denials/<uuid:proposal_id>/decide/", passes.denial_decide, name="denial_decide"),
]
