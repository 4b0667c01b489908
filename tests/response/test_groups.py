"""Groups: formed from templates, re-formed with history; places whose rights end with the event; holes; the call tree."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from shouwang.accounts.models import EventPost
from shouwang.accounts.public import Role
from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.response.commands.groups import dissolve_group, reveal_member_phone
from shouwang.response.group_templates import GROUP_TEMPLATES
from shouwang.response.models import Group, GroupLine, GroupMember
from shouwang.response.public import NewPlace, add_member, assign_line, end_event, end_member, form_groups
from shouwang.response.queries.groups import (
    call_tree,
    get_group_for,
    history_of,
    holes_for,
    responsibility_lines,
    rollup,
    roster,
)
from shouwang.response.states_command import SIX_LINES, GroupKind
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor

from .command import again, city, formed, joined, opened

pytestmark = pytest.mark.django_db


def words(actor: Actor, event: Any, area_code: int) -> list[tuple[str, str]]:
    with use_scope(actor.scope):
        return [(hole.group.name if hole.group else "", hole.what) for hole in holes_for(actor, event, area_code)]


@pytest.mark.parametrize("template", GROUP_TEMPLATES, ids=lambda template: template.key)
def test_template_is_formed_whole_with_its_lines_and_once(template: Any) -> None:
    actor = city()
    event = opened(actor)
    groups = formed(actor, event, template=template.key)
    assert list(groups) == [shape.key for shape in template.groups]
    assert formed(actor, event, template=template.key) == groups
    with use_scope(actor.scope):
        assert GroupLine.objects.count() == sum(len(shape.lines) for shape in template.groups)


@pytest.mark.parametrize(
    "template", [template for template in GROUP_TEMPLATES if template.is_whole], ids=lambda t: t.key
)
def test_whole_template_covers_the_six_lines(template: Any) -> None:
    fields = {line.field for shape in template.groups for line in shape.lines}
    assert set(SIX_LINES) <= fields
    assert template.groups[0].kind == GroupKind.LEADING


@pytest.mark.parametrize(
    ("role", "by", "area", "allowed"),
    [
        (Role.CITY_OFFICER, WEIFANG, WEIFANG, True),
        (Role.CITY_OFFICER, WEIFANG, HANTING, True),
        (Role.COUNTY_OFFICER, HANTING, HANTING, True),
        (Role.COUNTY_LEADER, HANTING, GUDI, True),
        (Role.TOWNSHIP_HEAD, GUDI, GUDI, True),
        (Role.TOWNSHIP_HEAD, GUDI, HANTING, False),
        (Role.COUNTY_OFFICER, HANTING, FANGZI, False),
        (Role.COUNTY_OFFICER, HANTING, WEIFANG, False),
        (Role.COUNTY_OFFICER, HANTING, GUDI_VILLAGE, False),
        (Role.TOWNSHIP_ASSISTANT, GUDI, GUDI, False),
        (Role.AUDITOR, WEIFANG, WEIFANG, False),
        (Role.PARTNER, WEIFANG, WEIFANG, False),
        (Role.SYSADMIN, WEIFANG, WEIFANG, False),
    ],
)
def test_groups_are_formed_by_who_leads_there(role: str, by: int, area: int, allowed: bool) -> None:
    event, actor = opened(city()), make_actor(role, by)
    if allowed:
        assert len(formed(actor, event, area)) == 6
        return
    with pytest.raises((NotAllowed, NotFound)):
        formed(actor, event, area)
    with use_scope(city().scope):
        assert (Group.objects.count(), AuditEntry.objects.filter(action="group.form").count()) == (0, 0)


def test_group_outside_the_event_is_not_formed() -> None:
    actor = city()
    event = opened(actor, HANTING)
    with pytest.raises(NotAllowed):
        formed(actor, event, FANGZI)


def test_groups_are_seen_in_their_area_only() -> None:
    actor = city()
    groups = formed(actor, opened(actor), HANTING)
    neighbour = make_actor(Role.COUNTY_LEADER, FANGZI)
    with use_scope(neighbour.scope):
        assert Group.objects.count() == 0
        with pytest.raises(NotFound):
            get_group_for(neighbour, groups["leading"].id)
        with pytest.raises(NotFound):
            joined(neighbour, groups["leading"], "x", "head")


def test_event_role_begins_with_the_place_and_ends_with_the_event() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    assistant = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    event = opened(actor)
    groups = formed(actor, event)
    joined(actor, groups["leading"], partner, "deputy")
    joined(actor, groups["general"], assistant)
    assert again(partner).scope.event_spans == actor.scope.spans
    seeing = again(assistant)
    assert (seeing.role, seeing.scope.spans) == (Role.TOWNSHIP_ASSISTANT, assistant.scope.spans)
    with use_scope(seeing.scope):
        assert Group.objects.count() == 6
    with use_scope(actor.scope):
        end_event(actor=actor, event_id=event.id, expected_version=1, at=event.started_at, reason="终止响应")
    for who in (partner, assistant):
        assert again(who).scope.event_spans == ()
        with use_scope(again(who).scope):
            assert (Group.objects.count(), GroupMember.objects.count()) == (0, 0)
    with use_scope(actor.scope):
        assert set(Group.objects.values_list("end_reason", flat=True)) == {"事件结束"}
        assert not GroupMember.objects.filter(until_on=None).exists()
        assert not GroupLine.objects.filter(until_on=None).exists()
    assert not EventPost.objects.filter(until_on=None).exists()
    with pytest.raises(StateConflict):
        formed(actor, event)


def test_deputy_from_another_bureau_arranges_groups_while_the_event_lasts() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    groups = formed(actor, opened(actor), HANTING)
    member = joined(actor, groups["leading"], partner, "deputy")
    joined(again(partner), groups["general"], "孙平")
    with pytest.raises((NotAllowed, NotFound)):
        formed(again(partner), opened(actor), HANTING)
    with use_scope(actor.scope):
        end_member(actor=actor, member_id=member.id, reason="调离")
    with pytest.raises(NotFound):
        joined(again(partner), groups["general"], "李平")


def test_plain_member_sees_the_group_and_arranges_nothing() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    groups = formed(actor, opened(actor))
    joined(actor, groups["general"], partner)
    with pytest.raises(NotAllowed):
        joined(again(partner), groups["general"], "孙平")
    with use_scope(actor.scope):
        assert GroupMember.objects.count() == 1


def test_right_lasts_as_long_as_the_last_place_in_the_area() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    groups = formed(actor, opened(actor))
    first, second = (joined(actor, groups[key], partner) for key in ("general", "control"))
    with use_scope(actor.scope):
        end_member(actor=actor, member_id=first.id, reason="调整分工")
        assert again(partner).scope.event_spans == actor.scope.spans
        dissolve_group(actor=actor, group_id=groups["control"].id, reason="合并")
    assert again(partner).scope.event_spans == ()
    with use_scope(actor.scope):
        second.refresh_from_db()
        assert second.end_reason == "合并"
        with pytest.raises(StateConflict):
            end_member(actor=actor, member_id=first.id, reason="再结束")


def test_exercise_gives_nobody_a_right() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    groups = formed(actor, opened(actor, is_exercise=True))
    joined(actor, groups["leading"], partner, "head")
    assert (EventPost.objects.count(), again(partner).scope.event_spans) == (0, ())


def test_auditor_takes_no_place() -> None:
    actor = city()
    groups = formed(actor, opened(actor))
    with pytest.raises(NotFound):
        joined(actor, groups["supervision"], make_actor(Role.AUDITOR, WEIFANG))


@pytest.mark.parametrize(
    ("place", "error"),
    [
        (NewPlace("head", name="", organisation="卫健委"), Invalid),
        (NewPlace("head", name="王", organisation=" "), Invalid),
        (NewPlace("chief", name="王", organisation="卫健委"), Invalid),
        (NewPlace("head", name="王" * 41, organisation="卫健委"), Invalid),
        (NewPlace("head", name="王", organisation="卫健委", phone="=1+1"), Invalid),
        (NewPlace("head", user_id=new_id()), NotFound),
    ],
)
def test_place_that_cannot_be_is_refused(place: NewPlace, error: type[DomainError]) -> None:
    actor = city()
    group = formed(actor, opened(actor))["leading"]
    with use_scope(actor.scope), pytest.raises(error):
        add_member(actor=actor, group_id=group.id, member_id=new_id(), place=place)
    with use_scope(actor.scope):
        assert GroupMember.objects.count() == 0


def test_group_has_one_head_and_nobody_twice() -> None:
    actor = city()
    group = formed(actor, opened(actor))["leading"]
    member = joined(actor, group, "王建国", "head")
    with pytest.raises(Conflict) as refused:
        joined(actor, group, "李建国", "head")
    assert refused.value.reason == "group.head_taken"
    with pytest.raises(Conflict):
        joined(actor, group, "王建国")
    with use_scope(actor.scope):
        end_member(actor=actor, member_id=member.id, reason="调离")
    assert joined(actor, group, "李建国", "head").role == "head"


def test_duties_of_donations_are_in_four_hands() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    groups = formed(actor, opened(actor), template="donation_four")
    joined(actor, groups["donation"], partner, "head")
    for who in (partner, "周会计"):
        held = joined(actor, groups["donation_receive"], who)
        for key in ("donation_allocate", "donation_publish", "donation_audit"):
            with pytest.raises(Conflict) as refused:
                joined(actor, groups[key], who)
            assert refused.value.reason == "group.duty_split"
    with use_scope(actor.scope):
        held.refresh_from_db()
        again_elsewhere = GroupMember(
            group=groups["donation_audit"], event_id=held.event_id, area_code=held.area_code, duty="audit",
            person_key=held.person_key, name=held.name, organisation=held.organisation, role="member", position=9,
            from_on=held.from_on, recorded_at=held.recorded_at,
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            again_elsewhere.save(force_insert=True)
        end_member(actor=actor, member_id=held.id, reason="换人")
    assert joined(actor, groups["donation_audit"], "周会计").duty == "audit"


def test_groups_are_re_formed_and_what_stood_is_kept() -> None:
    actor = city()
    event = opened(actor)
    first = formed(actor, event)
    joined(actor, first["leading"], "王建国", "head")
    with pytest.raises(Conflict):
        formed(actor, event, template="seven_groups")
    with use_scope(actor.scope):
        with pytest.raises(Invalid):
            form_groups(actor=actor, event_id=event.id, area_code=WEIFANG, template_key="seven_groups", replaces=True)
        seven = form_groups(
            actor=actor, event_id=event.id, area_code=WEIFANG, template_key="seven_groups", replaces=True,
            reason="区领导小组会议调整",
        )  # fmt: skip
        assert [group.name for group in seven][1:3] == ["局机关防控工作组", "民政服务机构防控工作组"]
        past = history_of(actor, event, WEIFANG)
        assert {group.id for group in past} == {group.id for group in first.values()}
        assert {group.end_reason for group in past} == {"区领导小组会议调整"}
        assert GroupMember.objects.get().until_on is not None


def test_line_has_two_persons_and_a_change_begins_a_new_row() -> None:
    actor = city()
    groups = formed(actor, opened(actor))
    head, doer, other = (joined(actor, groups["general"], name) for name in ("王", "李", "赵"))
    said = {"field": "statistics", "what": "每日汇总上报", "rhythm": "每天 17:00"}
    with use_scope(actor.scope):
        for wrong, error in (
            ({"responsible_id": head.id, "doer_id": head.id}, Invalid),
            ({"responsible_id": new_id(), "doer_id": None}, NotFound),
            ({"responsible_id": head.id, "doer_id": doer.id, "what": " "}, Invalid),
        ):
            with pytest.raises(error):
                assign_line(actor=actor, group_id=groups["general"].id, **(said | wrong))  # type: ignore[arg-type]
        pair = {"responsible_id": head.id, "doer_id": doer.id}
        line = assign_line(actor=actor, group_id=groups["general"].id, **(said | pair))  # type: ignore[arg-type]
        same = assign_line(actor=actor, group_id=groups["general"].id, **(said | pair))  # type: ignore[arg-type]
        assert same.id == line.id
        changed = assign_line(
            actor=actor, group_id=groups["general"].id, **(said | {"responsible_id": head.id, "doer_id": other.id})
        )  # type: ignore[arg-type]
        past = GroupLine.objects.get(id=line.id)
        assert (past.until_on is None, past.doer_id, changed.doer_id) == (False, doer.id, other.id)
        with pytest.raises(IntegrityError), transaction.atomic():
            GroupLine.objects.create(
                group=groups["general"], area_code=WEIFANG, field="other", what="x", responsible=head, doer=head,
                from_on=changed.from_on, recorded_at=changed.recorded_at,
            )  # fmt: skip


def test_holes_are_posts_without_people_and_lines_without_owners() -> None:
    actor = city()
    event = opened(actor)
    assert words(actor, event, WEIFANG) == [("", "还没有成立领导小组")]
    groups = formed(actor, event)
    found = words(actor, event, WEIFANG)
    assert found[:2] == [("应急工作领导小组", "缺组长"), ("应急工作领导小组", "缺副组长 2 名")]
    assert ("综合组", "“每日汇总上报”缺责任人、承办人") in found
    assert len(found) == 4 + 4 * 1 + len(SIX_LINES)
    head = joined(actor, groups["leading"], "王建国", "head")
    for name in ("李明", "赵强"):
        joined(actor, groups["leading"], name, "deputy")
    lead = joined(actor, groups["general"], "孙平", "head")
    doer = joined(actor, groups["general"], "周静")
    with use_scope(actor.scope):
        assign_line(
            actor=actor, group_id=groups["general"].id, field="statistics", what="每日汇总上报", rhythm="",
            responsible_id=lead.id, doer_id=doer.id,
        )  # fmt: skip
    found = words(actor, event, WEIFANG)
    assert not [hole for hole in found if hole[0] in ("应急工作领导小组", "综合组")]
    with use_scope(actor.scope):
        end_member(actor=actor, member_id=doer.id, reason="隔离")
        end_member(actor=actor, member_id=head.id, reason="调离")
        dissolve_group(actor=actor, group_id=groups["supervision"].id, reason="并入综合组")
    found = words(actor, event, WEIFANG)
    assert ("应急工作领导小组", "缺组长") in found
    assert ("综合组", "“每日汇总上报”缺承办人") in found
    assert ("", "“监督检查”没有工作组负责") in found


def test_head_without_a_phone_is_a_hole() -> None:
    actor = city()
    event = opened(actor)
    joined(actor, formed(actor, event)["leading"], make_actor(Role.COUNTY_LEADER, HANTING), "head")
    assert ("应急工作领导小组", "组长没有登记电话") in words(actor, event, WEIFANG)


def test_call_tree_goes_down_and_says_who_is_next() -> None:
    actor = city()
    event = opened(actor)
    groups = formed(actor, event)
    joined(actor, groups["general"], "孙平", "head")
    joined(actor, groups["leading"], "赵强", "deputy")
    joined(actor, groups["leading"], "王建国", "head")
    joined(actor, groups["office"], "王建国", "head")
    with use_scope(actor.scope):
        calls = call_tree(roster(actor, event, [WEIFANG]))
    assert [(call.member.name, call.next.name if call.next else None) for call in calls] == [
        ("王建国", "赵强"), ("赵强", "孙平"), ("孙平", None),
    ]  # fmt: skip


def test_responsibility_matrix_has_the_six_lines_also_when_nobody_has_one() -> None:
    actor = city()
    event = opened(actor)
    with use_scope(actor.scope):
        empty = responsibility_lines(roster(actor, event, [WEIFANG]))
    assert [(row.field, row.line) for row in empty] == [(field, None) for field in SIX_LINES]
    formed(actor, event)
    with use_scope(actor.scope):
        rows = responsibility_lines(roster(actor, event, [WEIFANG]))
    assert [row.field for row in rows] == list(SIX_LINES)
    assert {row.group.name for row in rows if row.group} == {"综合组", "管控组", "督导组", "业务工作组"}


def test_roll_up_names_who_has_formed_and_who_has_not() -> None:
    actor = city()
    event = opened(actor)
    formed(actor, event, HANTING)
    formed(actor, event, GUDI)
    with use_scope(actor.scope):
        rows = rollup(actor, event, get_area(WEIFANG))
    assert len(rows) == 17
    row = next(row for row in rows if row.code == HANTING)
    assert (row.formed_on is None, row.group_count, row.below_count, rows[-1].code) == (False, 6, 1, HANTING)
    assert [hole.what for hole in rows[0].holes] == ["还没有成立领导小组"]
    county = make_actor(Role.COUNTY_LEADER, HANTING)
    with use_scope(county.scope):
        townships = rollup(county, event, get_area(HANTING))
    assert [row.code for row in townships if row.formed_on] == [HANTING, GUDI]


def test_phone_is_sealed_and_a_look_at_it_is_logged() -> None:
    actor = city()
    member = joined(actor, formed(actor, opened(actor))["leading"], "王建国", "head")
    with use_scope(actor.scope):
        with connection.cursor() as cursor:
            cursor.execute("select phone from response_groupmember")
            assert b"13800000000" not in bytes(cursor.fetchone()[0])
        assert reveal_member_phone(actor=actor, member_id=member.id, reason="contact") == "13800000000"
        assert AuditEntry.objects.filter(action="field.reveal", subject=f"group_member:{member.id}").count() == 1
        with pytest.raises(Invalid):
            reveal_member_phone(actor=actor, member_id=member.id, reason="")
    for role, area in ((Role.AUDITOR, WEIFANG), (Role.COUNTY_LEADER, HANTING)):
        other = make_actor(role, area)
        with use_scope(other.scope), pytest.raises((NotAllowed, NotFound)):
            reveal_member_phone(actor=other, member_id=member.id, reason="contact")
    with use_scope(actor.scope):
        assert AuditEntry.objects.filter(action="field.reveal").count() == 1
