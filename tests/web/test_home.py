"""今天: what waits for me, what is in force here, where the figures stand; and nothing of it for the administrator."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.public import Programme
from shouwang.kernel import clock
from shouwang.kernel.scope import use_scope
from tests.accounts.clients import client_of
from tests.assistance.relief.world import Officers, make_family, opened, order
from tests.factories import FANGZI, GUDI, HANTING, acting, make_actor
from tests.reporting.world import make_family as make_paid_family
from tests.reporting.world import pay

pytestmark = pytest.mark.django_db


def test_work_that_waits_is_listed_with_its_next_step() -> None:
    officers = Officers()
    case = opened(officers, make_family())
    page = client_of(officers.assistant).get(reverse("home"))
    assert [(item.url, item.due_on) for item in page.context["work"]] == [
        (reverse("relief_case", args=[case.id]), case.step_due_on)
    ]
    assert case.number in page.content.decode()


def test_work_of_another_township_does_not_wait_here() -> None:
    opened(Officers(), make_family())
    page = client_of(make_actor(Role.TOWNSHIP_ASSISTANT, 370704_003_000_000)).get(reverse("home"))
    assert page.context["work"] == []
    assert "没有待办事项" in page.content.decode()


def test_overdue_work_is_counted() -> None:
    officers = Officers()
    case = opened(officers, make_family())
    with use_scope(officers.assistant.scope):
        case.step_due_on = date(2020, 3, 17)
        case.save(update_fields=["step_due_on"])
    page = client_of(officers.assistant).get(reverse("home"))
    assert page.context["overdue_count"] == 1
    assert "超期 1 个工作日" in page.content.decode()


def test_measures_in_force_here_are_told_in_words() -> None:
    order("relief_first", papers_due_working_days=10)
    page = client_of(make_actor(Role.TOWNSHIP_HEAD, GUDI)).get(reverse("home"))
    assert "手续在 10 个工作日内补齐" in page.content.decode()


def test_figures_are_those_of_the_persons_own_area() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        household, persons = make_paid_family(actor, 1)
        pay(actor, household, persons, programme=Programme.DIBAO, paid_on=date(2020, 3, 10))
    for area_code, people in ((HANTING, 2), (FANGZI, 0)):
        table = client_of(make_actor(Role.COUNTY_OFFICER, area_code)).get(reverse("home_figures")).context["table"]
        assert {value.figure.key: value.value for value in table.figures}["dibao.people"] == people
        assert table.as_of == clock.day_start(date(2020, 3, 18))


def test_administrator_sees_neither_work_nor_figures() -> None:
    client = client_of(make_actor(Role.SYSADMIN, HANTING))
    page = client.get(reverse("home"))
    assert page.context["work"] == []
    assert "系统管理岗位不接触业务数据" in page.content.decode()
    assert reverse("home_figures") not in page.content.decode()
    assert client.get(reverse("home_figures")).status_code == 404
