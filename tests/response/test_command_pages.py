"""Pages of events, groups and tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shouwang.accounts.models import EventPost
from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.response.models import Assignment, Event, Group, GroupLine, GroupMember, Task
from shouwang.response.public import Recipient
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

from .command import city, document, formed, given, joined, only, opened, step

pytestmark = pytest.mark.django_db


def shown(actor: Actor, name: str, *arguments: object, **query: str) -> str:
    answer = client_of(actor).get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def test_event_is_opened_lowered_and_ended_on_its_pages() -> None:
    actor = city()
    client = client_of(actor)
    values = {
        "request_id": str(new_id()), "kind": "epidemic", "title": "新冠肺炎疫情", "area": "370700000000", "level": "1",
        "started_at": "2020-01-24T12:00", "reason": "省启动一级响应",
    }  # fmt: skip
    assert client.get(reverse("event_open")).status_code == 200
    assert client.post(reverse("event_open"), values | {"level": ""}).status_code == 422
    for _ in range(2):
        assert client.post(reverse("event_open"), values).status_code == 302
    with use_scope(actor.scope):
        event = Event.objects.get()
    lower = {"version": "1", "level": "2", "at": "2020-03-08T09:00", "reason": "疫情缓解"}
    url = reverse("event_level", args=[event.id])
    assert client.post(url, lower | {"at": "2020-01-01T00:00"}).status_code == 422
    assert client.post(url, lower).status_code == 302
    stale = client.post(url, lower | {"level": "3"})
    assert (stale.status_code, "刚有变动" in stale.content.decode()) == (422, True)
    page = shown(actor, "event_detail", event.id)
    assert "下调级别 Ⅱ级" in page
    assert "还没有成立领导小组" in page
    end = {"version": "2", "at": "2020-03-18T07:00", "reason": "终止响应"}
    assert client.post(reverse("event_end", args=[event.id]), end).status_code == 302
    page = shown(actor, "event_detail", event.id)
    assert "已结束" in page
    assert "结束响应</button>" not in page


def test_groups_are_formed_filled_and_dissolved_on_their_pages() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    event, client = opened(actor), client_of(actor)
    url = reverse("group_form", args=[event.id])
    assert "office_four" in client.get(url).content.decode()
    answer = client.post(url, {"area": "370700000000", "template": "five_groups"})
    assert (answer.status_code, answer.headers["Location"]) == (
        302, reverse("event_groups", args=[event.id]) + "?area=370700000000",
    )  # fmt: skip
    with use_scope(actor.scope):
        leading = Group.objects.get(kind="leading")
    add = reverse("group_member_add", args=[leading.id])
    head = {"request_id": str(new_id()), "role": "head", "user": str(partner.user_id), "phone": "13812345678"}
    assert client.post(add, head).status_code == 302
    assert client.post(add, {"request_id": str(new_id()), "role": "deputy", "name": "李明"}).status_code == 422
    deputy = {"request_id": str(new_id()), "role": "deputy", "name": "<b>李明", "organisation": "=1+1"}
    assert client.post(add, deputy).status_code == 302
    with use_scope(actor.scope):
        first, second = GroupMember.objects.order_by("recorded_at", "id")
    line = {"field": "statistics", "what": "每日汇总", "responsible": str(first.id), "doer": str(second.id)}
    lines = reverse("group_line_assign", args=[leading.id])
    assert client.post(lines, line | {"doer": str(first.id)}).status_code == 422
    assert client.post(lines, line).status_code == 302
    page = shown(actor, "group_detail", leading.id)
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "&lt;b&gt;李明" in page
    assert EventPost.objects.filter(until_on=None).count() == 1
    assert client.post(reverse("group_member_end", args=[second.id]), {"reason": ""}).status_code == 422
    assert client.post(reverse("group_member_end", args=[second.id]), {"reason": "调离"}).status_code == 302
    page = shown(actor, "group_detail", leading.id)
    assert "暂缺" in page
    assert "调离" in page
    assert client.post(reverse("group_dissolve", args=[leading.id]), {"reason": "合并"}).status_code == 302
    assert EventPost.objects.filter(until_on=None).count() == 0
    with use_scope(actor.scope):
        assert GroupLine.objects.filter(group=leading, until_on=None).count() == 0
    assert "以前的工作组" in shown(actor, "event_groups", event.id)


def test_partner_sees_the_event_its_groups_and_tasks_and_no_person() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    event = opened(actor)
    groups = formed(actor, event)
    assert client_of(partner).get(reverse("event_detail", args=[event.id])).status_code == 404
    joined(actor, groups["leading"], partner, "deputy")
    given(actor, Recipient(WEIFANG, groups["leading"].id), event_id=event.id, title="开会商")
    page = client_of(partner).get("/")
    assert [item.title for item in page.context["work"]] == ["开会商"]
    assert "home-figures" not in page.content.decode()
    assert "应急工作领导小组" in shown(partner, "event_groups", event.id)
    assert "开会商" in shown(partner, "task_list", view="mine")
    assert client_of(partner).get(reverse("household_list")).context["page"].paginator.count == 0


def test_call_tree_is_masked_and_a_phone_is_shown_for_a_reason() -> None:
    actor = city()
    event = opened(actor)
    member = joined(actor, formed(actor, event)["leading"], "王建国", "head")
    page = shown(actor, "call_tree", event.id)
    assert "138****0000" in page
    assert "13800000000" not in page
    url = reverse("group_member_phone", args=[member.id])
    assert "13800000000" not in shown(actor, "group_member_phone", member.id)
    assert client_of(actor).post(url, {"reason": ""}).status_code == 422
    assert "13800000000" in client_of(actor).post(url, {"reason": "contact"}).content.decode()
    with use_scope(actor.scope):
        assert AuditEntry.objects.filter(action="field.reveal").count() == 1
    auditor = make_actor(Role.AUDITOR, WEIFANG)
    assert client_of(auditor).get(url).status_code == 403
    assert url not in shown(auditor, "call_tree", event.id)


def test_units_below_are_listed_with_their_gaps_first() -> None:
    actor = city()
    event = opened(actor)
    formed(actor, event, HANTING)
    page = shown(actor, "event_units", event.id)
    assert "17 个单位中，1 个成立了领导小组，17 个有缺口" in " ".join(page.split())
    assert page.index("坊子区</a>") < page.index("寒亭区</a>")
    county = make_actor(Role.COUNTY_LEADER, HANTING)
    assert "固堤街道" in shown(county, "event_units", event.id)
    assert client_of(county).get(reverse("event_units", args=[event.id]), {"area": "370704000000"}).status_code == 404


def test_duty_matrix_names_who_what_and_when() -> None:
    actor = city()
    event = opened(actor)
    formed(actor, event)
    given(actor, Recipient(WEIFANG), event_id=event.id, field="statistics", due_at=clock.instant(2020, 3, 18, 17))
    page = shown(actor, "duty_matrix", event.id)
    for word in ("统计上报", "每日汇总上报", "综合组", "每天", "1 项，最近时限 2020-03-18 17:00", "暂缺"):
        assert word in page


def test_task_goes_out_to_units_and_comes_back_on_pages() -> None:
    actor, county = city(), make_actor(Role.COUNTY_OFFICER, HANTING)
    event, source = opened(actor), document(actor)
    values = {
        "request_id": str(new_id()), "kind": "ordinary", "title": "摸排困难群众", "text": "<b>逐户</b>", "event": str(event.id),
        "field": "assistance", "source": "document", "document": str(source.id), "due_at": "2020-03-20T18:00",
        "result_label": "摸排户数", "result_unit": "户", "target": "100",
        "units": [str(HANTING), str(FANGZI)],
    }  # fmt: skip
    client, url = client_of(actor), reverse("task_new")
    assert client.get(url, {"event": str(event.id)}).status_code == 200
    assert client.post(url, values | {"units": []}).status_code == 422
    assert client.post(url, values | {"doer": str(county.user_id)}).status_code == 422
    assert client.post(url, values | {"due_at": "2020-03-01T00:00"}).status_code == 422
    for _ in range(2):
        assert client.post(url, values).status_code == 302
    with use_scope(actor.scope):
        task = Task.objects.get()
        row = task.assignments.get(area_code=HANTING)
    page = shown(actor, "task_detail", task.id)
    assert "2 个单位中 0 个已完成" in page
    assert "&lt;b&gt;逐户" in page
    for verb, said in (
        ("receive", {}),
        ("progress", {"text": "上午", "quantity": "60"}),
        ("finish", {"text": "全部走访", "quantity": "40", "file": SimpleUploadedFile("表.pdf", b"%PDF-1.4 x")}),
    ):
        page = shown(county, "assignment_detail", row.id)
        assert f'id="step-{verb}"' in page
        with use_scope(county.scope):
            version = Assignment.objects.get(id=row.id).version
        step_url = reverse("assignment_step", args=[row.id, verb])
        sent = {"request_id": str(new_id()), "version": str(version)} | said
        assert client_of(county).post(step_url, sent).status_code == 302
    page = shown(county, "assignment_detail", row.id)
    assert "摸排户数 40 户" in page
    assert "表.pdf" in page
    with use_scope(county.scope):
        move = Assignment.objects.get(id=row.id).moves.get(verb="finish")
    answer = client_of(actor).get(reverse("assignment_file", args=[move.id]))
    assert (answer.content, answer.headers["Content-Disposition"][:10]) == (b"%PDF-1.4 x", "attachment")
    wrong = client_of(county).post(
        reverse("assignment_step", args=[row.id, "confirm"]), {"request_id": str(new_id()), "version": "4"}
    )
    assert (wrong.status_code, "由下达任务的单位办理" in wrong.content.decode()) == (422, True)
    assert "2 个单位中 1 个已完成" in shown(actor, "task_detail", task.id)


def test_deputy_called_up_from_home_gives_tasks_where_the_group_is() -> None:
    actor, head = city(), make_actor(Role.TOWNSHIP_HEAD, GUDI)
    event = opened(actor)
    joined(actor, formed(actor, event)["leading"], head, "deputy")
    client, url = client_of(head), reverse("task_new") + "?area=370700000000"
    assert "从哪里下达" in client.get(url).content.decode()
    values = {
        "request_id": str(new_id()), "kind": "ordinary", "title": "报数", "field": "other", "source": "none",
        "event": str(event.id), "due_at": "2020-03-20T18:00", "units": [str(FANGZI)],
    }  # fmt: skip
    assert client.post(reverse("task_new"), values).status_code == 422
    assert client.post(url, values).status_code == 302
    with use_scope(actor.scope):
        assert Task.objects.get().area_code == WEIFANG


def test_unit_sees_its_own_part_of_a_task_only() -> None:
    actor, county = city(), make_actor(Role.COUNTY_OFFICER, HANTING)
    task = given(actor, Recipient(HANTING), Recipient(FANGZI))
    page = shown(county, "task_detail", task.id)
    assert "寒亭区" in page
    assert "坊子区" not in page
    assert (
        client_of(make_actor(Role.TOWNSHIP_HEAD, GUDI)).get(reverse("task_detail", args=[task.id])).status_code == 404
    )


def test_home_shows_what_is_late_and_whom_to_call() -> None:
    actor = city()
    event = opened(actor)
    groups = formed(actor, event)
    head = joined(actor, groups["leading"], "王建国", "head")
    joined(actor, groups["general"], "孙平", "head")
    given(
        actor,
        Recipient(WEIFANG, groups["general"].id),
        event_id=event.id,
        title="报数",
        due_at=clock.instant(2020, 3, 18, 9),
    )
    with clock.at(clock.instant(2020, 3, 21, 10)):
        page = client_of(actor).get("/").content.decode()
    for word in (
        "超期任务和该找的人",
        "报数",
        "由交办单位督办",
        "缺口",
        "新冠肺炎疫情",
        reverse("group_member_phone", args=[head.id]),
    ):
        assert word in page
    reader = client_of(make_actor(Role.FINANCE, HANTING)).get("/").content.decode()
    assert "新冠肺炎疫情" in reader
    assert "超期任务和该找的人" not in reader


def test_exercise_shows_nothing_on_the_home_pages() -> None:
    actor = city()
    formed(actor, opened(actor, is_exercise=True, title="地震演练", kind="earthquake"))
    assert "地震演练" not in client_of(actor).get("/").content.decode()
    assert "演练" in shown(actor, "event_list")


@pytest.mark.parametrize(
    ("name", "role", "area"),
    [
        ("event_open", Role.COUNTY_OFFICER, HANTING),
        ("task_new", Role.TOWNSHIP_ASSISTANT, GUDI),
        ("task_new", Role.AUDITOR, WEIFANG),
        ("task_new", Role.PARTNER, WEIFANG),
    ],
)
def test_forms_are_for_who_leads(name: str, role: str, area: int) -> None:
    assert client_of(make_actor(role, area)).get(reverse(name)).status_code == 403


def test_number_of_queries_does_not_grow() -> None:
    actor = city()
    event = opened(actor)
    groups = formed(actor, event)
    joined(actor, groups["leading"], "甲", "head")
    first = given(actor, Recipient(HANTING), event_id=event.id)
    client = client_of(actor)
    addresses = [
        reverse("event_list"), reverse("group_list"), reverse("task_list"), reverse("home"),
        *(reverse(name, args=[event.id]) for name in ("event_detail", "event_groups", "call_tree", "duty_matrix", "event_units")),
        reverse("group_detail", args=[groups["leading"].id]), reverse("task_detail", args=[first.id]),
    ]  # fmt: skip
    few = {address: queries_of_page(client, address) for address in addresses}
    for number in range(3):
        opened(actor, title=f"洪水{number}", kind="key_tasks", level=None)
        joined(actor, groups["leading"], f"乙{number}", "deputy")
        formed(actor, event, (HANTING, FANGZI, GUDI)[number])
        given(actor, Recipient(WEIFANG, groups["general"].id), Recipient(FANGZI), event_id=event.id, field="statistics")
    assert {address: queries_of_page(client, address) for address in addresses} == few


def test_task_list_is_exported_with_its_words_only() -> None:
    actor = city()
    row = only(actor, given(actor, title="=1+1", due_at=clock.now() + timedelta(hours=1)))
    step(make_actor(Role.COUNTY_OFFICER, HANTING), row, "receive")
    answer = client_of(actor).get(reverse("task_list"), {"format": "csv"})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("'=1+1,,")
    assert "办理中" in lines[1]
