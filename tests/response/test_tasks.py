"""Tasks: to one or many units, along the table, late and up the line, recalled staff counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from shouwang.accounts.public import Role
from shouwang.areas.public import reporting_units
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.kernel.worklist import work_for
from shouwang.response.files import IncomingFile
from shouwang.response.models import Assignment, AssignmentFile, AssignmentMove, Task
from shouwang.response.public import Recipient, Said, assign_line, end_event, take_step
from shouwang.response.queries.home import command_panel_for
from shouwang.response.queries.tasks import (
    coverage_of,
    get_task_for,
    late_for,
    list_assignments_for,
    open_by_field,
    steps_for,
)
from shouwang.response.rules.escalation import LADDER, rung_of
from shouwang.response.states_command import TASK_STEPS, Side, TaskState, TaskVerb
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor

from .command import again, city, document, formed, given, joined, only, opened, step

pytestmark = pytest.mark.django_db

WAY_TO: dict[TaskState, tuple[str, ...]] = {
    TaskState.OPEN: (),
    TaskState.RECEIVED: ("receive",),
    TaskState.DONE: ("receive", "finish"),
    TaskState.RETURNED: ("receive", "finish", "return"),
    TaskState.CONFIRMED: ("receive", "finish", "confirm"),
    TaskState.CANCELLED: ("cancel",),
}
DUE = clock.instant(2020, 3, 18, 18)


def side_of(verb: str) -> Side:
    return next(one.side for one in TASK_STEPS if one.verb == verb)


class Sides:
    """The city, which gives, and the county, which does."""

    def __init__(self) -> None:
        self.city, self.county = city(), make_actor(Role.COUNTY_OFFICER, HANTING)

    def walk(self, assignment: Assignment, *verbs: str) -> Assignment:
        for verb in verbs:
            assignment = step(self.of(verb), assignment, verb)
        return assignment

    def of(self, verb: str) -> Actor:
        return self.city if side_of(verb) == Side.ISSUER else self.county


def rows() -> tuple[int, int, int]:
    with use_scope(city().scope):
        return (
            AssignmentMove.objects.count(),
            Assignment.objects.filter(version=1).count(),
            AuditEntry.objects.filter(action__startswith="task.").count(),
        )


@pytest.mark.parametrize("verb", [one.verb for one in TASK_STEPS])
@pytest.mark.parametrize("state", list(TaskState))
def test_every_pair_of_state_and_verb(state: TaskState, verb: TaskVerb) -> None:
    sides = Sides()
    assignment = sides.walk(only(sides.city, given(sides.city)), *WAY_TO[state])
    assert assignment.state == state if WAY_TO[state] else True
    before = rows()
    allowed = next(one for one in TASK_STEPS if one.verb == verb)
    if state in allowed.from_states:
        moved = step(sides.of(verb), assignment, verb)
        assert moved.state == (allowed.to_state or state)
        with use_scope(sides.city.scope):
            last = moved.moves.order_by("-position").first()
        assert last is not None
        assert (last.verb, last.from_state, last.to_state, last.position) == (verb, state, moved.state, moved.version)
        return
    with pytest.raises(StateConflict):
        step(sides.of(verb), assignment, verb)
    assert rows() == before


@pytest.mark.parametrize("verb", [one.verb for one in TASK_STEPS])
def test_step_is_taken_by_its_side_only_and_shown_to_it_only(verb: TaskVerb) -> None:
    sides = Sides()
    state = next(state for state in WAY_TO if state in next(one for one in TASK_STEPS if one.verb == verb).from_states)
    assignment = sides.walk(only(sides.city, given(sides.city)), *WAY_TO[state])
    other_county, finance = make_actor(Role.COUNTY_OFFICER, FANGZI), make_actor(Role.FINANCE, HANTING)
    wrong = sides.city if side_of(verb) == Side.DOER else sides.county
    before = rows()
    for actor, error in ((wrong, NotAllowed), (finance, NotAllowed), (other_county, NotFound)):
        with pytest.raises(error), use_scope(actor.scope):
            take_step(
                actor=actor, assignment_id=assignment.id, verb=verb, expected_version=assignment.version,
                move_id=new_id(), said=Said("x"),
            )  # fmt: skip
    assert rows() == before
    with use_scope(sides.city.scope):
        fresh = Assignment.objects.select_related("task").get(id=assignment.id)
        offered = {actor: {one.verb for one in steps_for(actor, fresh)} for actor in (sides.of(verb), wrong)}
    assert verb in offered[sides.of(verb)]
    assert verb not in offered[wrong]


def test_nobody_confirms_what_they_reported() -> None:
    actor, colleague = city(), city()
    assignment = only(actor, given(actor, Recipient(WEIFANG)))
    for verb in ("receive", "finish"):
        assignment = step(actor, assignment, verb)
    with pytest.raises(NotAllowed) as refused:
        step(actor, assignment, "confirm")
    assert refused.value.reason == "task.own_report"
    with use_scope(actor.scope):
        assert TaskVerb.CONFIRM not in {one.verb for one in steps_for(actor, assignment)}
    assert step(colleague, assignment, "confirm").state == TaskState.CONFIRMED


def test_task_goes_to_many_units_in_one_step_and_each_signs_for_itself() -> None:
    sides = Sides()
    with use_scope(sides.city.scope):
        units = [code for code, _name, _spans in reporting_units(WEIFANG) if code != WEIFANG]
    task = given(sides.city, *(Recipient(code) for code in units), event_id=opened(sides.city).id)
    assert len(units) == 16
    with use_scope(sides.county.scope):
        mine = list(list_assignments_for(sides.county, view="mine"))
        assert [row.area_code for row in mine] == [HANTING]
        assert get_task_for(sides.county, task.id).id == task.id
        assert Assignment.objects.count() == 1
    sides.walk(mine[0], "receive")
    other = make_actor(Role.COUNTY_OFFICER, FANGZI)
    with use_scope(other.scope):
        row = list_assignments_for(other, view="mine").get()
    step(other, row, "receive")
    step(other, row, "finish", quantity=40)
    with use_scope(sides.city.scope):
        covered = coverage_of(sides.city, task)
    assert (covered.total, covered.done, covered.received, covered.late, covered.quantity) == (16, 1, 2, 0, 40)
    assert {row.area_code for row in covered.gaps} == set(units) - {FANGZI}


def test_task_reaches_nobody_it_was_not_given_to() -> None:
    actor = city()
    task = given(actor, Recipient(HANTING))
    for role, area in ((Role.COUNTY_LEADER, FANGZI), (Role.TOWNSHIP_ASSISTANT, GUDI), (Role.PARTNER, WEIFANG)):
        other = make_actor(role, area)
        with use_scope(other.scope):
            assert (Task.objects.count(), Assignment.objects.count()) == (0, 0)
            with pytest.raises(NotFound):
                get_task_for(other, task.id)


@pytest.mark.parametrize(
    ("role", "by", "to", "allowed"),
    [
        (Role.CITY_OFFICER, WEIFANG, HANTING, True),
        (Role.COUNTY_OFFICER, HANTING, GUDI, True),
        (Role.TOWNSHIP_HEAD, GUDI, GUDI_VILLAGE, True),
        (Role.COUNTY_OFFICER, HANTING, FANGZI, False),
        (Role.COUNTY_OFFICER, HANTING, WEIFANG, False),
        (Role.TOWNSHIP_ASSISTANT, GUDI, GUDI_VILLAGE, False),
        (Role.AUDITOR, WEIFANG, HANTING, False),
        (Role.SYSADMIN, WEIFANG, HANTING, False),
        (Role.PARTNER, WEIFANG, HANTING, False),
    ],
)
def test_task_is_given_downwards_by_who_leads(role: str, by: int, to: int, allowed: bool) -> None:
    actor = make_actor(role, by)
    if allowed:
        assert only(actor, given(actor, Recipient(to))).area_code == to
        return
    before = rows()
    with pytest.raises((NotAllowed, NotFound)):
        given(actor, Recipient(to))
    assert rows() == before


@pytest.mark.parametrize(
    ("changes", "recipient", "reason"),
    [
        ({"title": " "}, Recipient(HANTING), "task.incomplete"),
        ({"due_at": clock.instant(2020, 3, 18, 8)}, Recipient(HANTING), "task.due_past"),
        ({"kind": "wish"}, Recipient(HANTING), "task.kind"),
        ({"source": "document"}, Recipient(HANTING), "task.document"),
        ({"source": "event"}, Recipient(HANTING), "task.event"),
        ({"kind": "recall"}, Recipient(HANTING), "task.recall_target"),
        ({"kind": "recall"}, Recipient(HANTING, target=0), "task.recall_target"),
        ({}, Recipient(HANTING, group_id=new_id()), "task.group"),
        ({}, Recipient(HANTING, doer_id=new_id()), "task.person"),
    ],
)
def test_task_that_cannot_be_is_refused(changes: dict[str, Any], recipient: Recipient, reason: str) -> None:
    actor, before = city(), rows()
    with pytest.raises((Invalid, NotFound)) as refused:
        given(actor, recipient, **changes)
    assert refused.value.reason == reason
    assert rows() == before


def test_task_sent_twice_is_one_task_and_another_with_its_id_is_refused() -> None:
    actor, task_id = city(), new_id()
    first = given(actor, task_id=task_id, due_at=DUE)
    before = rows()
    assert given(actor, task_id=task_id, due_at=DUE).id == first.id
    with pytest.raises(Conflict):
        given(actor, task_id=task_id, due_at=DUE, title="另一项")
    assert rows() == before


def test_step_sent_twice_is_one_step_and_a_stale_one_is_refused() -> None:
    sides, move_id = Sides(), new_id()
    assignment = only(sides.city, given(sides.city))
    with use_scope(sides.county.scope):
        call = {"actor": sides.county, "assignment_id": assignment.id, "expected_version": 1}
        for _ in range(2):
            take_step(**call, verb="receive", move_id=move_id, said=Said())  # type: ignore[arg-type]
        assert AssignmentMove.objects.filter(assignment=assignment).count() == 2
        with pytest.raises(Conflict):
            take_step(**call, verb="progress", move_id=new_id(), said=Said("x"))  # type: ignore[arg-type]


def test_task_from_a_document_and_an_event_names_both() -> None:
    actor = city()
    source, event = document(actor), opened(actor)
    task = given(actor, source="document", document_id=source.id, event_id=event.id)
    assert (task.document_id, task.event_id) == (source.id, event.id)
    with use_scope(actor.scope):
        end_event(actor=actor, event_id=event.id, expected_version=1, at=clock.now(), reason="终止")
    with pytest.raises(StateConflict):
        given(actor, event_id=event.id)


def test_group_gets_a_task_in_two_hands_by_its_line() -> None:
    actor, doer = city(), make_actor(Role.COUNTY_OFFICER, HANTING)
    event = opened(actor)
    groups = formed(actor, event)
    head = joined(actor, groups["general"], "孙平", "head")
    member = joined(actor, groups["general"], doer)
    with use_scope(actor.scope):
        assign_line(
            actor=actor, group_id=groups["general"].id, field="statistics", what="每日汇总上报", rhythm="",
            responsible_id=head.id, doer_id=member.id,
        )  # fmt: skip
    task = given(actor, Recipient(WEIFANG, groups["general"].id), event_id=event.id, field="statistics")
    row = only(actor, task)
    assert (row.responsible_name, row.responsible_id, row.doer_id) == ("孙平", None, doer.user_id)
    with use_scope(again(doer).scope):
        assert [item.url.split("/")[-2] for item in work_for(again(doer))] == [str(row.id)]
    assert step(again(doer), row, "receive").state == TaskState.RECEIVED
    by_group = given(actor, Recipient(WEIFANG, groups["control"].id), event_id=event.id)
    outsider = make_actor(Role.PARTNER, WEIFANG)
    joined(actor, groups["control"], outsider)
    assert step(again(outsider), only(actor, by_group), "receive").state == TaskState.RECEIVED
    with pytest.raises(NotAllowed):
        step(again(outsider), row, "finish")


def test_two_hands_are_two_persons() -> None:
    actor, officer = city(), make_actor(Role.COUNTY_OFFICER, HANTING)
    with pytest.raises(Invalid):
        given(actor, Recipient(HANTING, responsible_id=officer.user_id, doer_id=officer.user_id))
    row = only(actor, given(actor, Recipient(HANTING, doer_id=officer.user_id)))
    assert row.doer_name == officer.name
    with use_scope(actor.scope), pytest.raises(DatabaseError), transaction.atomic():
        Assignment.objects.filter(id=row.id).update(responsible_id=officer.user_id)
    with use_scope(actor.scope), pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(
            task=row.task, area_code=HANTING, responsible_id=officer.user_id, doer_id=officer.user_id, due_at=row.due_at
        )


def test_head_of_a_group_gives_tasks_while_the_event_lasts() -> None:
    actor, partner = city(), make_actor(Role.PARTNER, WEIFANG)
    event = opened(actor)
    joined(actor, formed(actor, event)["leading"], partner, "deputy")
    task = given(again(partner), Recipient(HANTING), area_code=WEIFANG, event_id=event.id)
    assert only(actor, task).area_code == HANTING
    with pytest.raises(NotAllowed):
        given(again(partner), Recipient(HANTING), area_code=WEIFANG)
    with use_scope(actor.scope):
        end_event(actor=actor, event_id=event.id, expected_version=1, at=clock.now(), reason="终止")
    with pytest.raises(NotFound):
        given(again(partner), Recipient(HANTING), area_code=WEIFANG, event_id=event.id)


def test_recall_counts_arrivals_up_to_who_was_called() -> None:
    sides = Sides()
    task = given(sides.city, Recipient(HANTING, target=50), kind="recall", title="提前到岗")
    row = step(sides.county, only(sides.city, task), "receive")
    row = step(sides.county, row, "progress", "上午到岗", quantity=30)
    with pytest.raises(Invalid) as refused:
        step(sides.county, row, "progress", "下午到岗", quantity=21)
    assert refused.value.reason == "task.recall_over"
    row = step(sides.county, row, "finish", "4 人在外地隔离", quantity=16)
    assert (row.quantity, row.target, task.result_label) == (46, 50, "到岗人数")


def test_evidence_is_kept_byte_for_byte_and_a_wrong_file_changes_nothing() -> None:
    sides = Sides()
    row = step(sides.county, only(sides.city, given(sides.city)), "receive")
    before = rows()
    with pytest.raises(Invalid):
        step(sides.county, row, "finish", file=IncomingFile("照片.png", b"<script>"))
    assert rows() == before
    step(sides.county, row, "finish", file=IncomingFile("结果.pdf", b"%PDF-1.4 x"))
    with use_scope(sides.city.scope):
        kept = AssignmentFile.objects.get()
        assert (kept.name, bytes(kept.content), kept.area_code) == ("结果.pdf", b"%PDF-1.4 x", HANTING)
    with use_scope(make_actor(Role.COUNTY_LEADER, FANGZI).scope):
        assert AssignmentFile.objects.count() == 0


@pytest.mark.parametrize("verb", ["progress", "finish"])
def test_report_without_words_is_refused(verb: str) -> None:
    sides = Sides()
    row = step(sides.county, only(sides.city, given(sides.city)), "receive")
    with pytest.raises(Invalid):
        step(sides.county, row, verb, " ")


@pytest.mark.parametrize(
    ("hours", "rung"),
    [(-1, None), (0, None), (1, "doer"), (3.9, "doer"), (4, "responsible"), (24, "group_head"), (47, "group_head"),
     (48, "office"), (72, "upper"), (900, "upper")],
)  # fmt: skip
def test_late_task_climbs_by_the_hour(hours: float, rung: str | None) -> None:
    found = rung_of(DUE, DUE + timedelta(hours=hours))
    assert (found.key if found else None) == rung


def test_ladder_goes_up() -> None:
    assert [one.late_for for one in LADDER] == sorted({one.late_for for one in LADDER})


def test_late_task_says_whom_to_call_and_an_exercise_calls_nobody() -> None:
    actor = city()
    event, drill = opened(actor), opened(actor, is_exercise=True)
    groups = formed(actor, event)
    joined(actor, groups["general"], "孙平", "head")
    office = joined(actor, groups["office"], "周静", "head")
    task = given(actor, Recipient(WEIFANG, groups["general"].id), event_id=event.id, due_at=DUE)
    given(actor, Recipient(WEIFANG), event_id=drill.id, due_at=DUE)
    told = []
    for hours in (1, 5, 30, 50, 80):
        with clock.at(DUE + timedelta(hours=hours)), use_scope(actor.scope):
            (late,) = late_for(actor)
            told.append((late.rung.key, late.name))
            assert late.assignment.task_id == task.id
    assert told == [
        ("doer", "孙平"), ("responsible", "孙平"), ("group_head", "孙平"), ("office", "周静"), ("upper", ""),
    ]  # fmt: skip
    with clock.at(DUE + timedelta(hours=50)), use_scope(actor.scope):
        panel = command_panel_for(actor)
        assert [row.call.id for row in panel.late if row.call] == [office.id]
        assert ([one.id for one in panel.events], panel.hole_count > 5, len(panel.holes)) == ([event.id], True, 5)


def test_work_waits_for_the_unit_then_for_who_gave_it() -> None:
    sides = Sides()
    row = only(sides.city, given(sides.city, title="摸排", due_at=DUE))

    def waits(actor: Actor) -> list[tuple[str, str]]:
        with use_scope(actor.scope):
            return [(item.title, item.action) for item in work_for(actor)]

    assert (waits(sides.county), waits(sides.city)) == ([("摸排", "签收")], [])
    sides.walk(row, "receive")
    assert waits(sides.county) == [("摸排", "报进展或报完成")]
    sides.walk(row, "finish")
    assert (waits(sides.county), waits(sides.city)) == ([], [("摸排", "确认办结（1 个单位报了完成）")])
    sides.walk(row, "return")
    assert waits(sides.county) == [("摸排", "重办后再报完成")]
    with use_scope(sides.county.scope), clock.at(DUE + timedelta(days=1)):
        assert [item.is_overdue for item in work_for(sides.county)] == [True]


def test_list_is_by_what_waits_then_by_due_time() -> None:
    sides = Sides()
    late = given(sides.city, title="甲", due_at=clock.now() + timedelta(hours=1))
    soon = given(sides.city, title="乙", due_at=clock.now() + timedelta(hours=3))
    done = given(sides.city, title="丙", due_at=clock.now() + timedelta(hours=2))
    sides.walk(only(sides.city, done), "receive", "finish", "confirm")
    with clock.at(clock.now() + timedelta(hours=2)), use_scope(sides.city.scope):

        def titles(**wanted: Any) -> list[str]:
            return [row.task.title for row in list_assignments_for(sides.city, **wanted)]

        assert titles() == [late.title, soon.title, done.title]
        assert titles(view="late") == ["甲"]
        assert titles(view="given", text="乙") == ["乙"]
        assert titles(state="confirmed") == ["丙"]


def test_matrix_counts_what_a_line_has_to_do() -> None:
    actor = city()
    event = opened(actor)
    for hours in (1, 5):
        given(
            actor, Recipient(WEIFANG), event_id=event.id, field="charity", due_at=clock.now() + timedelta(hours=hours)
        )
    with use_scope(actor.scope), clock.at(clock.now() + timedelta(hours=2)):
        count, late, first = open_by_field(actor, event.id, WEIFANG)["charity"]
    assert (count, late, first) == (2, 1, clock.instant(2020, 3, 18, 9))


def test_what_was_asked_and_done_is_not_edited() -> None:
    sides = Sides()
    row = sides.walk(only(sides.city, given(sides.city)), "receive")
    with use_scope(sides.city.scope):
        for model, change in (
            (Task, {"due_at": DUE + timedelta(days=9)}),
            (Assignment, {"due_at": DUE + timedelta(days=9)}),
            (AssignmentMove, {"text": "x"}),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.update(**change)
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.all().delete()
    assert row.state == TaskState.RECEIVED
