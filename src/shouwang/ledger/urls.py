from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.ledger_accounts, name="ledger_accounts"),
    path("accounts/", views.ledger_account_list, name="ledger_account_list"),
    path("accounts/<uuid:account_id>/", views.ledger_statement, name="ledger_statement"),
    path("entries/<uuid:entry_id>/", views.ledger_entry, name="ledger_entry"),
    path("entries/<uuid:entry_id>/reverse/", views.ledger_reverse, name="ledger_reverse"),
    path("received/", views.ledger_receive, name="ledger_receive"),
    path("transfer/", views.ledger_transfer, name="ledger_transfer"),
    path("funds/new/", views.ledger_fund_new, name="ledger_fund_new"),
]
