"""The auditor reads who did what in their areas, and nothing about the people served."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

from shouwang.accounts.audit_words import PAGES, SUBJECTS, VERBS, action_words, data_words, subject_url
from shouwang.accounts.public import Role
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db


def record(action: str, area_code: int = HANTING, *, name: str = "经办甲", **data: object) -> None:
    actor = make_actor(Role.COUNTY_OFFICER, area_code, name=name)
    with use_scope(actor.scope), transaction.atomic():
        audit.record(actor=actor, action=action, subject=f"person:{new_id()}", area_code=area_code, data=data)


def shown(actor: Actor, **query: str) -> str:
    answer = client_of(actor).get(reverse("audit_log"), query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return re.sub(r"\s+", " ", answer.content.decode().partition("<main")[2])


def listed(actor: Actor, **query: str) -> list[str]:
    return [what for _entry, what, _data, _url in client_of(actor).get(reverse("audit_log"), query).context["rows"]]


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.AUDITOR, Role.CITY_OFFICER}))
def test_only_the_auditor_reads_it(role: str) -> None:
    seats = {Role.GRID_WORKER: 370703003200000, Role.TOWNSHIP_ASSISTANT: 370703003000000}
    actor = make_actor(role, seats.get(Role(role), HANTING))
    assert client_of(actor).get(reverse("audit_log")).status_code == 403


def test_auditor_sees_their_areas_only_also_in_exports() -> None:
    record("batch.confirm", HANTING, name="寒亭经办")
    record("batch.approve", FANGZI, name="坊子经办")
    county, city = make_actor(Role.AUDITOR, HANTING), make_actor(Role.AUDITOR, WEIFANG)
    assert "坊子经办" not in shown(county)
    assert "寒亭经办" in shown(county)
    assert {"清册 · 确认", "清册 · 审批"} <= set(listed(city))
    assert listed(city, area="370704000000", what="batch") == ["清册 · 审批"]
    exported = b"".join(client_of(county).get(reverse("audit_log"), {"format": "csv"})).decode("utf-8-sig")
    assert "寒亭经办" in exported
    assert "坊子经办" not in exported


def test_filtered_by_officer_matter_and_day() -> None:
    with clock.at(clock.instant(2020, 1, 5, 9)):
        record("person.correct", name="李早")
    record("person.merge", name="王晚")
    auditor = make_actor(Role.AUDITOR, HANTING)
    assert listed(auditor, what="person") == ["人员 · 合并"]
    assert listed(auditor, what="person", since="2020-01-01") == ["人员 · 合并", "人员 · 更正"]
    assert listed(auditor, since="2020-01-05", until="2020-01-05") == ["人员 · 更正"]
    assert listed(auditor, since="2020-01-01", who="李早") == ["人员 · 更正"]
    assert "结束日期不能早于开始日期" in shown(auditor, since="2020-02-01", until="2020-01-01")


def words(**data: object) -> str:
    return data_words(AuditEntry(data=data))


def test_counts_amounts_days_and_papers_are_told() -> None:
    told = words(amount_fen=120_000, lines=3, month="2020-03", programme="dibao", number="寒2020-03-低保-1")
    assert told == "金额 1,200.00 元；笔数 3；月份 2020-03；项目 低保；编号 寒2020-03-低保-1"
    assert words(from_at="2020-02-05 00:00:00+08:00", role="finance") == "开始 2020-02-05 00:00；岗位 财务"


@pytest.mark.parametrize(
    "text", ["张三丰因病住院", "370703196005010123", "13812345678", "62170012345678901", "zhangsan", "张三 138"]
)
@pytest.mark.parametrize("key", ["reason", "note", "name", "story", "unknown"])
def test_what_was_typed_is_never_told(key: str, text: str) -> None:
    assert text not in words(**{key: text, "nested": [text]})


def test_what_has_no_word_is_left_out() -> None:
    assert words(by="password", at="2020-03-10 00:00:00+08:00", is_working=True, drafts=3) == (
        "方式 密码登录；自 2020-03-10 00:00"
    )


def test_reason_chosen_from_a_list_is_told_and_a_written_one_is_named() -> None:
    assert "银行账号" in words(field="account", reason="verify")
    assert "核对身份" in words(field="account", reason="verify")
    assert words(amount_fen=1, reason="张三要求") == "金额 0.01 元；另有文字说明，在原记录查看"


def test_every_record_that_has_a_page_leads_to_it() -> None:
    for kind in PAGES:
        assert subject_url(f"{kind}:{new_id()}").startswith("/")
    assert subject_url("person:many") == subject_url("working_day:2020-01-01") == ""


def test_every_action_of_the_product_has_words() -> None:
    source = Path(audit.__file__).parent.parent
    pattern = re.compile(r"""(?:action=|touch\(\w+, \w+, |_audit\(\w+, (?:\w+, )?)"([a-z_]+\.[a-z_]+)\"""")
    actions = {found for path in source.rglob("commands/**/*.py") for found in pattern.findall(path.read_text())}
    assert len(actions) > 40
    unnamed = {action for action in actions if action_words(action).isascii() or not _is_named(action)}
    assert unnamed == set()


def _is_named(action: str) -> bool:
    aggregate, _dot, verb = action.partition(".")
    return aggregate in SUBJECTS and (action in VERBS or verb in VERBS)


def test_number_of_queries_does_not_grow() -> None:
    auditor = make_actor(Role.AUDITOR, HANTING)
    client = client_of(auditor)

    record("batch.confirm")
    few = queries_of_page(client, reverse("audit_log"))
    for number in range(60):
        record("batch.approve", 370703_001_000_000 if number % 2 else HANTING)
    assert queries_of_page(client, reverse("audit_log")) == few


def test_page_opens_on_the_last_thirty_days() -> None:
    with clock.at(clock.instant(2020, 2, 17)):
        record("person.correct")
    with clock.at(clock.instant(2020, 2, 16, 23)):
        record("person.merge")
    assert listed(make_actor(Role.AUDITOR, HANTING)) == ["人员 · 更正"]
    assert clock.today() == date(2020, 3, 18)
