"""The working-day page: a year, and a day to change with its notice."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.commands.workdays import set_working_day
from shouwang.accounts.public import Role
from shouwang.kernel import workdays
from shouwang.kernel.errors import DomainError
from shouwang.kernel.models import AuditEntry, WorkingDay
from shouwang.kernel.scope import FULL, use_scope
from tests.accounts.clients import client_of
from tests.factories import HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db
DAY = date(2020, 3, 20)


def test_changed_day_moves_the_deadlines_and_is_audited() -> None:
    assert workdays.add_working_days(date(2020, 3, 19), 1).on == DAY
    set_working_day(actor=make_actor(Role.SYSADMIN, WEIFANG), day=DAY, is_working=False, note="鲁政办〔2020〕1号")
    assert workdays.add_working_days(date(2020, 3, 19), 1).on == date(2020, 3, 23)
    with use_scope(FULL):
        entry = AuditEntry.objects.get(action="workdays.set")
    assert (entry.subject, entry.data["is_working"], entry.data["before"]["is_working"]) == (
        "working_day:2020-03-20", False, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "day", "note", "reason"),
    [
        (Role.COUNTY_LEADER, DAY, "试", "workdays.sysadmin_only"),
        (Role.SYSADMIN, DAY, " ", "workdays.note"),
        (Role.SYSADMIN, date(2018, 12, 31), "试", "workdays.year"),
    ],
)
def test_day_that_may_not_be_changed(role: str, day: date, note: str, reason: str) -> None:
    actor = make_actor(role, HANTING)
    with pytest.raises(DomainError) as refusal:
        set_working_day(actor=actor, day=day, is_working=False, note=note)
    assert refusal.value.reason == reason
    assert not WorkingDay.objects.filter(source="人工录入").exists()
    with use_scope(FULL):
        assert not AuditEntry.objects.filter(action="workdays.set").exists()


def test_page_shows_the_year_and_says_when_it_is_provisional() -> None:
    client = client_of(make_actor(Role.SYSADMIN, WEIFANG))
    page = client.get(reverse("workdays")).content.decode()
    assert ("2020 年工作日历" in page, "全年 249 个工作日" in page, "还没有放假安排" in page) == (True, True, False)
    assert "还没有放假安排" in client.get(reverse("workdays"), {"year": "2098"}).content.decode()
    assert 'value="2020-01-19"' in client.get(reverse("workdays"), {"day": "2020-01-19"}).content.decode()


@pytest.mark.parametrize("query", [{"year": "x"}, {"year": "0001"}, {"day": "2020-13-01"}, {"day": "9999-12-31"}])
def test_page_asked_for_nonsense_shows_a_year_that_it_has(query: dict[str, str]) -> None:
    assert client_of(make_actor(Role.SYSADMIN, WEIFANG)).get(reverse("workdays"), query).status_code == 200


def test_page_changes_a_day() -> None:
    client = client_of(make_actor(Role.SYSADMIN, WEIFANG))
    answer = client.post(reverse("workdays"), {"day": "2020-03-20", "is_working": "0", "note": "通知"}, follow=True)
    assert "2020-03-20 已改为休息" in answer.content.decode()
    assert client.post(reverse("workdays"), {"day": "2020-03-20", "is_working": "0"}).status_code == 422
