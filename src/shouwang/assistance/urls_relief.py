"""Addresses of temporary relief and of the petty reserves."""

from __future__ import annotations

from django.urls import path

from .views import petty_reserve, relief, relief_opening

urlpatterns = [
    path("relief/", relief.relief_list, name="relief_list"),
    path("relief/new/", relief_opening.relief_open, name="relief_open"),
    path("relief/new/person/", relief_opening.relief_open_new, name="relief_open_new"),
    path("relief/new/<uuid:person_id>/", relief_opening.relief_open_for, name="relief_open_for"),
    path("relief/to-bank/", relief.relief_to_bank, name="relief_to_bank"),
    path("relief/<uuid:case_id>/", relief.relief_case, name="relief_case"),
    path("relief/<uuid:case_id>/receipt/", relief.relief_receipt, name="relief_receipt"),
    path("relief/<uuid:case_id>/letter/", relief.relief_letter, name="relief_letter"),
    path("relief/<uuid:case_id>/reveal/<slug:field>/", relief.relief_reveal, name="relief_reveal"),
    path("relief/<uuid:case_id>/<slug:verb>/", relief.relief_step, name="relief_step"),
    path("petty-reserve/", petty_reserve.petty_reserve_list, name="petty_reserve_list"),
    path("petty-reserve/fill/", petty_reserve.petty_reserve_fill, name="petty_reserve_fill"),
    path("petty-reserve/<int:area_code>/", petty_reserve.petty_reserve_detail, name="petty_reserve_detail"),
    path(
        "petty-reserve/entries/<uuid:entry_id>/take-back/",
        petty_reserve.petty_reserve_take_back,
        name="petty_reserve_take_back",
    ),
]
