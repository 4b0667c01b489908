"""Addresses of the register. They carry UUIDs, never a name or a number of a person."""

from __future__ import annotations

from django.urls import path

from .views import custody, households, imports, members, organisations, person_care, persons

urlpatterns = [
    path("households/", households.household_list, name="household_list"),
    path("households/new/", households.household_new, name="household_new"),
    path("households/<uuid:household_id>/", households.household_detail, name="household_detail"),
    path("households/<uuid:household_id>/members/new/", members.household_add_member, name="household_add_member"),
    path("households/<uuid:household_id>/members/<uuid:person_id>/head/", members.member_head, name="member_head"),
    path(
        "households/<uuid:household_id>/members/<uuid:person_id>/relation/",
        members.member_relation,
        name="member_relation",
    ),
    path("households/<uuid:household_id>/members/<uuid:person_id>/leave/", members.member_leave, name="member_leave"),
    path("households/<uuid:household_id>/facts/<str:kind>/", households.household_fact, name="household_fact"),
    path("households/<uuid:household_id>/move/", households.household_move, name="household_move"),
    path("persons/", persons.person_list, name="person_list"),
    path("persons/duplicates/", custody.duplicate_list, name="duplicate_list"),
    path("persons/<uuid:person_id>/", persons.person_detail, name="person_detail"),
    path("persons/<uuid:person_id>/correct/", persons.person_correct, name="person_correct"),
    path("persons/<uuid:person_id>/facts/new/", persons.person_fact, name="person_fact"),
    path("persons/facts/<uuid:fact_id>/correct/", persons.person_fact_correct, name="person_fact_correct"),
    path("persons/<uuid:person_id>/death/", persons.person_death, name="person_death"),
    path("persons/<uuid:person_id>/account/", persons.person_account, name="person_account"),
    path("persons/<uuid:person_id>/certificate/", person_care.person_certificate, name="person_certificate"),
    path("persons/<uuid:person_id>/needs/", person_care.person_need, name="person_need"),
    path("persons/<uuid:person_id>/reveal/<str:field>/", persons.person_reveal, name="person_reveal"),
    path("persons/<uuid:survivor_id>/merge/<uuid:duplicate_id>/", custody.person_merge, name="person_merge"),
    path("persons/<uuid:person_id>/unmerge/", custody.person_unmerge, name="person_unmerge"),
    path("transfers/", custody.transfer_list, name="transfer_list"),
    path("transfers/new/", custody.transfer_new, name="transfer_new"),
    path("transfers/<uuid:transfer_id>/answer/", custody.transfer_answer, name="transfer_answer"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation_detail, name="organisation_detail"),
    path("organisations/<uuid:organisation_id>/edit/", organisations.organisation_edit, name="organisation_edit"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/template/", imports.import_template, name="import_template"),
    path("imports/<uuid:batch_id>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:batch_id>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<uuid:batch_id>/check/", imports.import_check, name="import_check"),
    path("imports/<uuid:batch_id>/load/", imports.import_load, name="import_load"),
    path("imports/<uuid:batch_id>/decide/", imports.import_decide, name="import_decide"),
    path("imports/<uuid:batch_id>/refused/", imports.import_refused, name="import_refused"),
    path("imports/<uuid:batch_id>/undo/", imports.import_undo, name="import_undo"),
]
