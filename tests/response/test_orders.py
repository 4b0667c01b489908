"""Measures from a draft to their lifting: two officers, a rehearsal that the signature is good for, sites that answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import OrganisationDetails, OrganisationKind, record_organisation
from shouwang.response.commands.orders import change_order, drop_order
from shouwang.response.models import Measure, MeasureEnd, Order, OrderItem, SiteReceipt
from shouwang.response.public import (
    OrderDetails,
    PlannedMeasure,
    confirm_measure,
    draft_order,
    effective,
    effective_in,
    lift_measure,
    measures_in_force,
    receive_measure,
    register_document,
    rehearse_order,
    sign_order,
)
from shouwang.response.queries.receipts import receipt_counts
from shouwang.response.rules.diff import Note
from shouwang.response.states import ORDER_MOVES, OrderState
from tests.asking import queries_of
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting, make_actor
from tests.measures import issue_measure

pytestmark = pytest.mark.django_db

NOW = clock.instant(2020, 2, 3, 9)
START = clock.instant(2020, 2, 4)


@pytest.fixture(autouse=True)
def _morning() -> None:
    with clock.at(NOW):
        yield


@pytest.fixture
def officer() -> Actor:
    return make_actor(Role.COUNTY_OFFICER, HANTING)


@pytest.fixture
def leader() -> Actor:
    return make_actor(Role.COUNTY_LEADER, HANTING)


@pytest.fixture
def document_id(officer: Actor) -> UUID:
    with use_scope(officer.scope):
        return register_document(
            actor=officer, number="寒民〔2020〕2号", title="关于封闭管理的通知", issuer="寒亭区民政局",
            issued_on=clock.today(), area_code=HANTING,
        ).id  # fmt: skip


def planned(kind: str = "exit_paused", area_code: int = HANTING, **more) -> PlannedMeasure:
    arguments = {"parameters": {}, "from_at": START, "until_at": None} | more
    return PlannedMeasure(kind, area_code=area_code, **arguments)


def draft(officer: Actor, document_id: UUID | None, *measures: PlannedMeasure, **details) -> Order:
    with use_scope(officer.scope):
        return draft_order(
            actor=officer,
            order_id=new_id(),
            details=OrderDetails("全区措施", document_id, **details),
            measures=measures or [planned()],
        )


def rehearse(officer: Actor, order: Order):
    with use_scope(officer.scope):
        return rehearse_order(actor=officer, order_id=order.id)


def sign(actor: Actor, order: Order) -> list[Measure]:
    with use_scope(actor.scope):
        return sign_order(actor=actor, order_id=order.id, expected_version=order.version)


def home(officer: Actor, name: str, area_code: int = GUDI_VILLAGE, kind: str = OrganisationKind.NURSING_HOME):
    with use_scope(officer.scope):
        details = OrganisationDetails(name=name, area_code=area_code, kind=kind)
        return record_organisation(actor=officer, organisation_id=new_id(), details=details)


def test_order_moves_as_its_table_says_and_no_other_way(officer: Actor, leader: Actor, document_id: UUID) -> None:
    def attempt(order: Order, verb: str) -> None:
        with use_scope(leader.scope):
            if verb == "change":
                change_order(
                    actor=officer, order_id=order.id, expected_version=order.version,
                    details=OrderDetails("改过", document_id), measures=[planned()],
                )  # fmt: skip
            elif verb == "rehearse":
                rehearse_order(actor=officer, order_id=order.id)
            elif verb == "sign":
                sign_order(actor=leader, order_id=order.id, expected_version=order.version)
            else:
                drop_order(actor=officer, order_id=order.id, expected_version=order.version)

    for state in OrderState:
        for verb in ("change", "rehearse", "sign", "drop"):
            order = draft(officer, document_id)
            rehearse(officer, order)
            if state == OrderState.SIGNED:
                sign(leader, order)
            elif state == OrderState.DROPPED:
                with use_scope(officer.scope):
                    drop_order(actor=officer, order_id=order.id, expected_version=order.version)
            order = _again(leader, order)
            if (state, verb) in ORDER_MOVES:
                attempt(order, verb)
                assert _again(leader, order).state == ORDER_MOVES[state, verb]
            else:
                with pytest.raises(StateConflict):
                    attempt(order, verb)
                assert _again(leader, order).state == state


def _again(actor: Actor, order: Order) -> Order:
    with use_scope(actor.scope):
        return Order.objects.get(id=order.id)


def test_order_is_signed_by_another_officer_than_who_drafted_it(leader: Actor, document_id: UUID) -> None:
    order = draft(leader, document_id)
    rehearse(leader, order)
    events = EventRecord.objects.count()
    with pytest.raises(Invalid, match="另一位负责人"):
        sign(leader, order)
    assert (Measure.objects.count(), EventRecord.objects.count()) == (0, events)
    other = make_actor(Role.COUNTY_LEADER, HANTING)
    assert [measure.kind for measure in sign(other, order)] == ["exit_paused"]


def test_who_rewrites_a_draft_has_drafted_it(officer: Actor, leader: Actor, document_id: UUID) -> None:
    order = draft(officer, document_id)
    with use_scope(leader.scope):
        order = change_order(
            actor=leader, order_id=order.id, expected_version=1, details=OrderDetails("改过", document_id),
            measures=[planned("review_paused")],
        )  # fmt: skip
    rehearse(leader, order)
    with pytest.raises(Invalid, match="另一位负责人"):
        sign(leader, order)


def test_database_refuses_one_hand_for_both_and_a_signed_order_rewritten(
    officer: Actor, leader: Actor, document_id: UUID
) -> None:
    order = draft(officer, document_id)
    rehearse(officer, order)
    with use_scope(officer.scope), pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(id=order.id).update(
            state="signed", signed_at=NOW, signed_by=officer.user_id, fingerprint=b"x" * 32
        )
    sign(leader, order)
    for write in (
        lambda: Order.objects.filter(id=order.id).update(title="改写"),
        lambda: OrderItem.objects.filter(order_id=order.id).update(area_code=FANGZI),
        lambda: OrderItem.objects.filter(order_id=order.id).delete(),
    ):
        with (
            use_scope(make_actor(Role.CITY_OFFICER, WEIFANG).scope),
            pytest.raises(DatabaseError),
            transaction.atomic(),
        ):
            write()


def test_order_without_rehearsal_or_document_is_not_signed(officer: Actor, leader: Actor, document_id: UUID) -> None:
    with pytest.raises(StateConflict, match="推演"):
        sign(leader, draft(officer, document_id))
    order = draft(officer, None)
    rehearse(officer, order)
    with pytest.raises(Invalid, match="依据文件"):
        sign(leader, order)
    assert Measure.objects.count() == 0


def test_signing_is_refused_when_something_changed_since_the_rehearsal(
    officer: Actor, leader: Actor, document_id: UUID
) -> None:
    order = draft(officer, document_id)
    rehearse(officer, order)
    city = make_actor(Role.CITY_OFFICER, WEIFANG)
    with use_scope(city.scope):
        issue_measure(
            actor=city, kind="exit_paused", parameters={}, area_code=WEIFANG, from_at=START, until_at=None,
            document_id=document_id,
        )  # fmt: skip
    with pytest.raises(Conflict, match="重新推演"):
        sign(leader, order)
    assert Measure.objects.count() == 1
    rehearsal = rehearse(officer, order)
    assert rehearsal.rehearsed[0].change.notes == (Note.NO_CHANGE,)
    sign(leader, order)
    assert Measure.objects.count() == 2


def test_new_site_between_rehearsal_and_signature_is_a_change(officer: Actor, leader: Actor, document_id: UUID) -> None:
    home(officer, "第一养老院")
    order = draft(officer, document_id, planned("service_suspended", org_kinds=("nursing_home",)))
    rehearse(officer, order)
    home(officer, "第二养老院")
    with pytest.raises(Conflict, match="重新推演"):
        sign(leader, order)
    rehearse(officer, order)
    [measure] = sign(leader, order)
    with use_scope(leader.scope):
        assert SiteReceipt.objects.filter(measure=measure).count() == 2


def test_contradictions_are_told_before_anybody_signs(officer: Actor, document_id: UUID) -> None:
    city = make_actor(Role.CITY_OFFICER, WEIFANG)
    with use_scope(city.scope):
        issue_measure(
            actor=city, kind="relief_first", parameters={"papers_due_working_days": 5}, area_code=WEIFANG,
            from_at=START, until_at=None, document_id=document_id,
        )  # fmt: skip
        issue_measure(
            actor=city, kind="relief_first", parameters={"papers_due_working_days": 3}, area_code=GUDI,
            from_at=START, until_at=None, document_id=document_id,
        )  # fmt: skip
    looser = planned("relief_first", parameters={"papers_due_working_days": 10})
    other = planned("relief_first", parameters={"papers_due_working_days": 20}, from_at=START + timedelta(days=1))
    [first, second] = rehearse(officer, draft(officer, document_id, looser, other)).rehearsed
    assert first.change.before == {"papers_due_working_days": 5}
    assert first.change.after == {"papers_due_working_days": 5}
    assert set(first.change.notes) == {Note.NO_CHANGE, Note.STRICTER_ABOVE, Note.OTHER_INSIDE, Note.TWICE}
    assert Note.TWICE in second.change.notes


def test_all_measures_of_an_order_come_in_one_step(officer: Actor, leader: Actor, document_id: UUID) -> None:
    order = draft(officer, document_id, planned(), planned("review_paused"), planned("simplified_approval"))
    rehearse(officer, order)
    measures = sign(leader, order)
    assert {measure.kind for measure in measures} == {"exit_paused", "review_paused", "simplified_approval"}
    assert {measure.recorded_at for measure in measures} == {NOW}
    with use_scope(leader.scope):
        entry = AuditEntry.objects.get(action="order.sign")
    assert (entry.data["measures"], entry.area_code) == (3, HANTING)


def test_start_in_the_past_needs_a_reason(officer: Actor, leader: Actor, document_id: UUID) -> None:
    early = planned(from_at=clock.instant(2020, 1, 20))
    order = draft(officer, document_id, early)
    rehearse(officer, order)
    with pytest.raises(Invalid, match="追溯执行"):
        sign(leader, order)
    told = draft(officer, document_id, early, backdate_reason="按县指挥部1月20日口头通知执行")
    rehearse(officer, told)
    [measure] = sign(leader, told)
    before_signing = measure.recorded_at
    assert measures_in_force("exit_paused", GUDI, clock.instant(2020, 1, 25), known_at=before_signing) == []
    assert [m.id for m in measures_in_force("exit_paused", GUDI, clock.instant(2020, 1, 25))] == [measure.id]


def test_measure_amended_gives_way_to_its_successor(officer: Actor, leader: Actor, document_id: UUID) -> None:
    order = draft(officer, document_id, planned("gradual_exit", parameters={"months": 3}))
    rehearse(officer, order)
    [first] = sign(leader, order)
    later = START + timedelta(days=5)
    with use_scope(officer.scope):
        change = planned("gradual_exit", parameters={"months": 6}, from_at=later, amends_id=first.id)
    order = draft(officer, document_id, change)
    rehearsal = rehearse(officer, order)
    assert (rehearsal.rehearsed[0].change.before, rehearsal.rehearsed[0].change.after) == ({"months": 3}, {"months": 6})
    [second] = sign(leader, order)
    assert effective("gradual_exit", GUDI, later - timedelta(hours=1)).parameters == {"months": 3}
    assert effective("gradual_exit", GUDI, later).parameters == {"months": 6}
    assert MeasureEnd.objects.get(measure=first).at == later
    assert second.amends_id == first.id
    with pytest.raises(Invalid, match="还没有解除"):
        draft(officer, document_id, replace(change, amends_id=first.id))


def test_measure_for_a_kind_of_organisation_says_nothing_of_the_place(
    officer: Actor, leader: Actor, document_id: UUID
) -> None:
    inside, other = home(officer, "固堤养老院"), home(officer, "固堤婚姻登记处", kind=OrganisationKind.MARRIAGE_OFFICE)
    order = draft(officer, document_id, planned("service_suspended", org_kinds=("nursing_home",)))
    rehearse(officer, order)
    sign(leader, order)
    assert effective("service_suspended", GUDI, START) is None
    assert effective("service_suspended", GUDI, START, site=inside) is not None
    assert effective("service_suspended", GUDI, START, site=other) is None
    [told] = measures_in_force("service_suspended", GUDI, START)
    assert told.org_kind_labels == ["养老机构"]


def test_kind_refuses_organisations_that_it_is_not_for(officer: Actor, document_id: UUID) -> None:
    with pytest.raises(Invalid, match="不能针对这类机构"):
        draft(officer, document_id, planned("exit_paused", org_kinds=("nursing_home",)))
    with pytest.raises(Invalid, match="只能选一种"):
        draft(
            officer,
            document_id,
            planned("duty", parameters={"people": 2}, org_kinds=("nursing_home",), org_ids=(new_id(),)),
        )
    assert OrderItem.objects.count() == 0


def test_sites_receive_then_confirm_by_proxy_and_the_late_are_listed(
    officer: Actor, leader: Actor, document_id: UUID
) -> None:
    for name in ("甲养老院", "乙养老院", "丙养老院"):
        home(officer, name)
    order = draft(
        officer, document_id, planned("service_suspended", org_kinds=("nursing_home",)), confirm_within_hours=24
    )
    rehearse(officer, order)
    [measure] = sign(leader, order)
    assistant = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    with use_scope(assistant.scope):
        first, second, _third = SiteReceipt.objects.filter(measure=measure).order_by("id")
        assert receive_measure(actor=assistant, receipt_ids=[first.id]) == 1
        assert confirm_measure(actor=assistant, receipt_ids=[second.id], note="电话核实，大门已封闭") == 1
        assert confirm_measure(actor=assistant, receipt_ids=[second.id]) == 0
        with clock.at(START + timedelta(hours=24)):
            counts = receipt_counts(assistant, measure)
        assert (counts.sites, counts.received, counts.confirmed, counts.overdue) == (3, 2, 1, 2)
        second.refresh_from_db()
        assert (second.is_by_proxy, second.note) == (True, "电话核实，大门已封闭")


def test_site_of_another_area_is_not_answered_for(officer: Actor, leader: Actor, document_id: UUID) -> None:
    home(officer, "甲养老院")
    order = draft(officer, document_id, planned("service_suspended", org_kinds=("nursing_home",)))
    rehearse(officer, order)
    sign(leader, order)
    with use_scope(leader.scope):
        receipt = SiteReceipt.objects.get()
        audits = AuditEntry.objects.count()
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    with use_scope(neighbour.scope), pytest.raises(NotFound):
        confirm_measure(actor=neighbour, receipt_ids=[receipt.id])
    finance = make_actor(Role.FINANCE, HANTING)
    with use_scope(finance.scope), pytest.raises(NotAllowed):
        confirm_measure(actor=finance, receipt_ids=[receipt.id])
    with use_scope(leader.scope):
        receipt.refresh_from_db()
        assert (receipt.confirmed_at, AuditEntry.objects.count()) == (None, audits)


def test_exercise_changes_nothing_outside_itself(officer: Actor, leader: Actor, document_id: UUID) -> None:
    order = draft(officer, document_id, planned(), is_exercise=True)
    rehearsal = rehearse(officer, order)
    sign(leader, order)
    assert rehearsal.rehearsed[0].effects == ()
    assert effective("exit_paused", GUDI, START) is None
    assert effective_in("exit_paused", [GUDI], START) == {}
    assert len(measures_in_force("exit_paused", GUDI, START, include_exercises=True)) == 1


def test_list_of_places_is_asked_in_one_statement(officer: Actor, leader: Actor, document_id: UUID) -> None:
    order = draft(officer, document_id, planned("gradual_exit", GUDI, parameters={"months": 3}))
    rehearse(officer, order)
    sign(leader, order)
    places = [HANTING, GUDI, GUDI_VILLAGE, FANGZI]
    with acting(Role.CITY_OFFICER, WEIFANG):
        assert queries_of(lambda: effective_in("gradual_exit", places, START)) == 1
        found = effective_in("gradual_exit", places, START)
    assert {code: one.parameters for code, one in found.items()} == {GUDI: {"months": 3}, GUDI_VILLAGE: {"months": 3}}


def test_draft_sent_twice_is_one_draft(officer: Actor, document_id: UUID) -> None:
    order_id = new_id()
    details = OrderDetails("全区措施", document_id)
    with use_scope(officer.scope):
        for _ in range(2):
            draft_order(actor=officer, order_id=order_id, details=details, measures=[planned()])
        with pytest.raises(Conflict):
            draft_order(
                actor=officer, order_id=order_id, details=replace(details, title="另一份"), measures=[planned()]
            )
        assert (Order.objects.count(), OrderItem.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("role", "by", "target"),
    [
        (Role.TOWNSHIP_HEAD, GUDI, GUDI),
        (Role.FINANCE, HANTING, HANTING),
        (Role.COUNTY_OFFICER, HANTING, FANGZI),
        (Role.COUNTY_OFFICER, HANTING, WEIFANG),
    ],
)
def test_who_may_not_draft_for_a_place_leaves_no_trace(role: str, by: int, target: int, document_id: UUID) -> None:
    actor = make_actor(role, by)
    with use_scope(actor.scope):
        audits = AuditEntry.objects.count()
        with pytest.raises(NotAllowed):
            draft(actor, document_id, planned(area_code=target))
        assert (Order.objects.count(), AuditEntry.objects.count()) == (0, audits)


def test_measure_lifted_at_once_restores_what_held_before(officer: Actor, leader: Actor, document_id: UUID) -> None:
    first = draft(officer, document_id, planned("gradual_exit", parameters={"months": 3}))
    rehearse(officer, first)
    sign(leader, first)
    second = draft(officer, document_id, planned("gradual_exit", GUDI, parameters={"months": 6}))
    rehearse(officer, second)
    [nearer] = sign(leader, second)
    at: datetime = START + timedelta(days=2)
    assert effective("gradual_exit", GUDI, at).parameters == {"months": 6}
    with use_scope(leader.scope):
        lift_measure(actor=leader, measure_id=nearer.id, at=at, reason="恢复全区规定")
    assert effective("gradual_exit", GUDI, at).parameters == {"months": 3}
