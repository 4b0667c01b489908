"""Every list goes out as xlsx and as csv."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import shouwang
from shouwang.accounts.public import Role, User
from tests.factories import HANTING, make_actor

TEMPLATES = Path(shouwang.__file__).parent
NO_LIST = frozenset({"relief/to_bank.html"})
"""A form: which of the approved cases go to the bank. The same cases stand on the list of relief, which goes out."""


def test_every_table_with_a_count_offers_its_exports() -> None:
    without = [
        path.name
        for path in TEMPLATES.rglob("templates/**/*.html")
        if re.search(r"{% table_tools (?!.*export_url)", path.read_text())
        and not any(str(path).endswith(one) for one in NO_LIST)
    ]
    assert without == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.COUNTY_OFFICER, ("bulletin", "bulletin_list", "transfer_list", "duplicate_list", "go_live_list")),
        (Role.COUNTY_OFFICER, ("measure_list", "document_list", "ledger_account_list", "household_list")),
        (Role.COUNTY_OFFICER, ("person_list", "organisation_list", "import_list", "grant_list", "relief_list")),
        (
            Role.COUNTY_OFFICER,
            ("run_list", "problem_list", "review_list", "lifted_list", "recalculation_list", "petty_reserve_list"),
        ),
        (Role.COUNTY_OFFICER, ("registration_list", "pass_list", "denial_list")),
        (Role.COUNTY_OFFICER, ("event_list", "group_list", "task_list", "order_list", "receipt_list", "estate_list")),
        (Role.AUDITOR, ("audit_log",)),
        (Role.SYSADMIN, ("user_list",)),
    ],
)
def test_lists_go_out_in_both_forms_and_no_third(role: str, names: tuple[str, ...]) -> None:
    client = Client()
    client.force_login(User.objects.get(id=make_actor(role, HANTING).user_id))
    for name in names:
        for file_format in ("xlsx", "csv"):
            answer = client.get(reverse(name), {"format": file_format})
            assert (name, answer.status_code) == (name, 200)
            assert f".{file_format}" in answer.headers["Content-Disposition"]
            start = b"PK" if file_format == "xlsx" else "\ufeff".encode()
            assert b"".join(answer).startswith(start), name  # type: ignore[arg-type]
        assert client.get(reverse(name), {"format": "exe"}).status_code == 422
