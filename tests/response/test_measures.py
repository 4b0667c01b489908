"""Which measures hold where, when, and as known when; and what several of them say together."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from shouwang.accounts.public import Role
from shouwang.assistance import measures as assistance
from shouwang.kernel import clock
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import EventRecord
from shouwang.response.models import Measure, MeasureEnd
from shouwang.response.public import (
    MeasureKind,
    Parameter,
    effective,
    lift_measure,
    measures_in_force,
    register_document,
    register_kind,
)
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting
from tests.measures import issue_measure

pytestmark = pytest.mark.django_db

ZONE_XIASHAN = 370792_000_000_000
ZONE_TOWNSHIP = 370704_008_000_000
"""太保庄街道: under 坊子区 in the tree, run by the zone 峡山."""
SHANDONG_OTHER_CITY = 370600_000_000_000

START = clock.instant(2020, 2, 5, 14)
END = clock.instant(2020, 3, 1)
TICK = timedelta(microseconds=1)


def issue(
    area_code: int = HANTING,
    *,
    kind: str = assistance.RELIEF_FIRST,
    parameters: dict[str, int] | None = None,
    from_at: datetime = START,
    until_at: datetime | None = END,
    role: str = Role.CITY_OFFICER,
    by: int = WEIFANG,
    **more,
) -> Measure:
    """Ordered by the city unless said otherwise."""
    with acting(role, by) as actor:
        return issue_measure(
            actor=actor,
            kind=kind,
            parameters={"papers_due_working_days": 10} if parameters is None else parameters,
            area_code=area_code,
            from_at=from_at,
            until_at=until_at,
            document_id=document().id,
            **more,
        )


def document(number: str = "潍民〔2020〕8号"):
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        return register_document(
            actor=actor, number=number, title="关于做好疫情防控期间社会救助工作的通知", issuer="潍坊市民政局",
            issued_on=date(2020, 2, 4), area_code=WEIFANG,
        )  # fmt: skip


def holding(area_code: int, on: date | datetime = START, **more) -> list:
    return [measure.id for measure in measures_in_force(assistance.RELIEF_FIRST, area_code, on, **more)]


@pytest.mark.parametrize(
    ("target", "place", "holds"),
    [
        (HANTING, HANTING, True),
        (HANTING, GUDI, True),
        (HANTING, GUDI_VILLAGE, True),
        (GUDI, GUDI_VILLAGE, True),
        (WEIFANG, GUDI_VILLAGE, True),
        (HANTING, WEIFANG, False),
        (GUDI, HANTING, False),
        (HANTING, FANGZI, False),
        (WEIFANG, SHANDONG_OTHER_CITY, False),
        (FANGZI, ZONE_TOWNSHIP, False),
        (ZONE_XIASHAN, ZONE_TOWNSHIP, True),
        (ZONE_XIASHAN, ZONE_XIASHAN, True),
        (ZONE_XIASHAN, FANGZI, False),
        (WEIFANG, ZONE_TOWNSHIP, True),
    ],
)
def test_measure_holds_in_its_area_and_below(target: int, place: int, holds: bool) -> None:
    measure = issue(target)
    assert holding(place) == ([measure.id] if holds else [])


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (START - TICK, False),
        (START, True),
        (END - TICK, True),
        (END, False),
        (date(2020, 2, 4), False),
        (date(2020, 2, 5), True),
        (date(2020, 2, 29), True),
        (date(2020, 3, 1), False),
    ],
)
def test_measure_holds_from_its_start_until_before_its_end(on: date | datetime, holds: bool) -> None:
    measure = issue()
    assert holding(HANTING, on) == ([measure.id] if holds else [])


def test_measure_without_a_term_holds_until_it_is_lifted() -> None:
    measure = issue(until_at=None)
    far = clock.instant(2031, 1, 1)
    assert holding(HANTING, far) == [measure.id]
    lifted_at = clock.instant(2020, 3, 20, 12)
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        lift_measure(actor=actor, measure_id=measure.id, at=lifted_at, reason="响应级别下调")
    assert holding(HANTING, lifted_at - TICK) == [measure.id]
    assert holding(HANTING, lifted_at) == []
    assert holding(HANTING, far) == []
    (in_force,) = measures_in_force(assistance.RELIEF_FIRST, HANTING, START)
    assert in_force.until_at == lifted_at


def test_measure_lifted_at_its_start_never_held() -> None:
    measure = issue(from_at=clock.instant(2020, 4, 1), until_at=None)
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        lift_measure(actor=actor, measure_id=measure.id, at=measure.from_at, reason="发错了")
    assert holding(HANTING, measure.from_at) == []
    assert holding(HANTING, date(2020, 4, 1)) == []


def test_what_is_recorded_later_was_not_known_before() -> None:
    recorded, lifted = clock.instant(2020, 2, 6), clock.instant(2020, 2, 20)
    with clock.at(recorded):
        measure = issue(until_at=None)
    with clock.at(lifted), acting(Role.CITY_OFFICER, WEIFANG) as actor:
        lift_measure(actor=actor, measure_id=measure.id, at=clock.instant(2020, 2, 15), reason="补录")
    on = clock.instant(2020, 2, 18)
    assert holding(HANTING, on, known_at=recorded) == []
    assert holding(HANTING, on, known_at=recorded + TICK) == [measure.id]
    assert holding(HANTING, on, known_at=lifted) == [measure.id]
    assert holding(HANTING, on, known_at=lifted + TICK) == []


def test_exercise_counts_only_when_asked_for() -> None:
    measure = issue(is_exercise=True)
    assert holding(HANTING) == []
    assert holding(HANTING, include_exercises=True) == [measure.id]
    assert effective(assistance.RELIEF_FIRST, HANTING, START) is None


def test_strictest_cannot_be_loosened_below() -> None:
    city = issue(WEIFANG, parameters={"papers_due_working_days": 10})
    county = issue(HANTING, parameters={"papers_due_working_days": 15})
    both = effective(assistance.RELIEF_FIRST, GUDI, START)
    assert both is not None
    assert both.parameters == {"papers_due_working_days": 10}
    assert both.measure_ids == (county.id, city.id)


def test_nearest_decides_and_alone_is_used() -> None:
    issue(WEIFANG, kind=assistance.PETTY_RESERVE, parameters={"limit_fen": 100_000})
    county = issue(HANTING, kind=assistance.PETTY_RESERVE, parameters={"limit_fen": 200_000})
    later = issue(
        HANTING, kind=assistance.PETTY_RESERVE, parameters={"limit_fen": 150_000}, from_at=START + timedelta(days=1)
    )
    first_day = effective(assistance.PETTY_RESERVE, GUDI, START)
    next_day = effective(assistance.PETTY_RESERVE, GUDI, START + timedelta(days=1))
    assert first_day is not None
    assert next_day is not None
    assert (first_day.parameters, first_day.measure_ids) == ({"limit_fen": 200_000}, (county.id,))
    assert (next_day.parameters, next_day.measure_ids) == ({"limit_fen": 150_000}, (later.id,))


def test_union_names_every_measure() -> None:
    city = issue(WEIFANG, kind=assistance.EXIT_PAUSED, parameters={})
    county = issue(HANTING, kind=assistance.EXIT_PAUSED, parameters={})
    both = effective(assistance.EXIT_PAUSED, GUDI, START)
    assert both is not None
    assert (both.parameters, both.measure_ids) == ({}, (county.id, city.id))


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        (assistance.RELIEF_FIRST, {}, "measure.missing_parameter"),
        (assistance.RELIEF_FIRST, {"papers_due_working_days": 0}, "measure.out_of_range"),
        (assistance.RELIEF_FIRST, {"papers_due_working_days": 61}, "measure.out_of_range"),
        (assistance.RELIEF_FIRST, {"papers_due_working_days": "10"}, "measure.not_an_integer"),
        (assistance.RELIEF_FIRST, {"papers_due_working_days": True}, "measure.not_an_integer"),
        (assistance.RELIEF_FIRST, {"papers_due_working_days": 10, "days": 1}, "measure.unknown_parameter"),
        (assistance.EXIT_PAUSED, {"months": 3}, "measure.unknown_parameter"),
    ],
)
def test_measure_with_wrong_parameters_is_refused(kind: str, parameters: dict, reason: str) -> None:
    document()
    before = Measure.objects.count(), EventRecord.objects.count()
    with pytest.raises(Invalid) as refused:
        issue(kind=kind, parameters=parameters)
    assert refused.value.reason == reason
    assert (Measure.objects.count(), EventRecord.objects.count()) == before


def test_measure_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NotFound) as refused:
        issue(kind="close_all_gates", parameters={})
    assert refused.value.reason == "measure.unknown_kind"
    with pytest.raises(NotFound):
        measures_in_force("close_all_gates", HANTING, START)


def test_union_kind_with_parameters_cannot_be_declared() -> None:
    parameter = Parameter("days", "天数", "天", minimum=1, maximum=2)
    with pytest.raises(ValueError, match="union"):
        register_kind(MeasureKind("sample", "样例", (parameter,), "union", lambda values: ""))
    with pytest.raises(ValueError, match="already"):
        register_kind(assistance.KINDS[0])


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("relief_first", {"papers_due_working_days": 10}, "先行救助：可先行给付，手续在 10 个工作日内补齐"),
        ("exit_paused", {}, "暂缓退出：在保对象暂不停发、不减发；死亡和骗取的除外"),
        ("review_paused", {}, "暂缓复核：在保家庭的定期复核推迟到措施解除以后"),
        ("simplified_approval", {}, "简化审批：新申请可以不开民主评议会，以电话、视频代替入户调查"),
        ("petty_reserve", {"limit_fen": 100_000}, "乡镇备用金：乡镇（街道）可以直接支付，单笔不超过 1,000.00 元"),
        ("gradual_exit", {"months": 3}, "低保渐退：收入超过标准的家庭，低保金再发 3 个月"),
    ],
)
def test_kind_speaks_plain_words(kind: str, parameters: dict, sentence: str) -> None:
    issue(kind=kind, parameters=parameters)
    (measure,) = measures_in_force(kind, GUDI, START)
    assert measure.sentence == sentence


@pytest.mark.parametrize(
    ("role", "by", "target", "allowed"),
    [
        (Role.COUNTY_LEADER, HANTING, HANTING, True),
        (Role.COUNTY_LEADER, HANTING, GUDI, True),
        (Role.COUNTY_LEADER, HANTING, WEIFANG, False),
        (Role.COUNTY_LEADER, HANTING, FANGZI, False),
        (Role.CITY_OFFICER, WEIFANG, WEIFANG, True),
        (Role.CITY_OFFICER, WEIFANG, HANTING, True),
        (Role.COUNTY_OFFICER, HANTING, HANTING, False),
        (Role.TOWNSHIP_HEAD, GUDI, GUDI, False),
        (Role.FINANCE, HANTING, HANTING, False),
        (Role.AUDITOR, WEIFANG, WEIFANG, False),
        (Role.SYSADMIN, WEIFANG, WEIFANG, False),
    ],
)
def test_only_the_authority_of_the_whole_area_orders_and_lifts(role: str, by: int, target: int, allowed: bool) -> None:
    standing = issue(target, kind=assistance.EXIT_PAUSED, parameters={})
    before = Measure.objects.count(), MeasureEnd.objects.count(), EventRecord.objects.count()
    with acting(role, by) as actor:
        signed = AuditEntry.objects.filter(action__in=("order.sign", "measure.lift")).count()
    document_id = standing.document_id
    arguments = {
        "kind": assistance.REVIEW_PAUSED, "parameters": {}, "area_code": target, "from_at": START, "until_at": None,
        "document_id": document_id,
    }  # fmt: skip
    with acting(role, by) as actor:
        if allowed:
            measure = issue_measure(actor=actor, **arguments)
            assert measure.area_code == target
            assert lift_measure(actor=actor, measure_id=standing.id, at=START, reason="解除").measure_id == standing.id
            return
        with pytest.raises(NotAllowed):
            issue_measure(actor=actor, **arguments)
        with pytest.raises(NotAllowed):
            lift_measure(actor=actor, measure_id=standing.id, at=START, reason="解除")
        assert AuditEntry.objects.filter(action__in=("order.sign", "measure.lift")).count() == signed
    assert (Measure.objects.count(), MeasureEnd.objects.count(), EventRecord.objects.count()) == before


def test_measure_is_lifted_once_within_its_term_and_with_a_reason() -> None:
    measure = issue()
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        for at, reason, error in (
            (START, " ", Invalid),
            (START - TICK, "太早", Invalid),
            (END, "太晚", StateConflict),
        ):
            with pytest.raises(error):
                lift_measure(actor=actor, measure_id=measure.id, at=at, reason=reason)
        lift_measure(actor=actor, measure_id=measure.id, at=START, reason="解除")
        with pytest.raises(StateConflict):
            lift_measure(actor=actor, measure_id=measure.id, at=START, reason="再解除")
        with pytest.raises(NotFound):
            lift_measure(actor=actor, measure_id=new_id(), at=START, reason="没有的")


def test_issuing_and_lifting_travel_as_events() -> None:
    measure = issue(kind=assistance.EXIT_PAUSED, parameters={})
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        lift_measure(actor=actor, measure_id=measure.id, at=START, reason="解除")
        kinds = list(EventRecord.objects.order_by("id").values_list("kind", "payload__measure_kind", "area_code"))
    assert sorted(kinds) == [("measure.issued", "exit_paused", HANTING), ("measure.lifted", "exit_paused", HANTING)]


def test_measure_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Invalid):
        issue(until_at=START)
