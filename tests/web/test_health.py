"""A short answer for machines, a page of checks for the operator, no personal data on either."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.kernel import audit, clock
from shouwang.web.health import all_checks
from tests.accounts.clients import client_of
from tests.factories import GUDI, HANTING, acting, make_actor

pytestmark = pytest.mark.django_db


def tones() -> dict[str, str]:
    return {str(check.label): check.tone for check in all_checks()}


def test_machine_is_answered_without_a_sign_in() -> None:
    answer = Client().get(reverse("health"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_page_is_the_administrators() -> None:
    assert client_of(make_actor(Role.SYSADMIN, HANTING)).get(reverse("system_health")).status_code == 200
    assert client_of(make_actor(Role.COUNTY_OFFICER)).get(reverse("system_health")).status_code == 403


def test_tables_are_the_newest_and_the_database_answers() -> None:
    assert (tones()["数据库"], tones()["表结构"]) == ("done", "done")


def test_silent_worker_is_told_with_what_to_do() -> None:
    check = next(check for check in all_checks() if check.label == "后台任务")
    assert (check.tone, check.advice) == ("overdue", "运行 shouwang worker")


def test_audit_that_was_not_sealed_for_long_is_told() -> None:
    audit.seal()
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI) as actor:
        audit.record(actor=actor, action="test", subject="test:1", area_code=GUDI, data={})
    assert tones()["审计封存"] == "done"
    with clock.at(clock.instant(2020, 3, 18, 8, 11)):
        assert tones()["审计封存"] == "waiting"


def test_calendar_that_ends_soon_is_told() -> None:
    assert tones()["工作日历"] == "done"
    with clock.at(clock.instant(2099, 1, 1)):
        assert tones()["工作日历"] == "waiting"
