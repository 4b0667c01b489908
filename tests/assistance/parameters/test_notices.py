"""One officer proposes, another confirms; what is confirmed counts from that moment on, and is never edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from shouwang.accounts.public import Role
from shouwang.assistance.commands.parameters import decide_parameters, propose_parameters
from shouwang.assistance.models import ParameterDecision, ParameterNotice, ParameterValue, PaymentBatch
from shouwang.assistance.queries.parameters import parameters_known, placeholders_behind, standards_for
from shouwang.assistance.rules.benefits.parameters import MissingParameter, ParametersRefused
from shouwang.assistance.states import NoticeVerdict
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.setting import make_fund
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor

from .setting import APRIL, RURAL, URBAN, Bureau, decide, make_bureau, notice, propose, put_in_force, recorded, value

pytestmark = pytest.mark.django_db

ZONE = 370791_000_000_000
MARCH, MAY = date(2020, 3, 1), date(2020, 5, 1)
CHAIN = (HANTING, WEIFANG, 370000_000_000_000)


@pytest.fixture
def county() -> Bureau:
    return make_bureau()


@pytest.fixture
def city() -> Bureau:
    return make_bureau(WEIFANG)


def city_notice(**values: str) -> object:
    return notice(
        *(value(key, text, area_code=WEIFANG) for key, text in ((URBAN, "580"), (RURAL, "440"))),
        area_code=WEIFANG,
        number="潍民〔2020〕1号",
    )


def test_proposed_value_does_not_count_before_it_is_confirmed(county: Bureau) -> None:
    made = propose(county, notice())
    assert parameters_known().find(URBAN, CHAIN, APRIL) is None
    decide(county, made.id)
    row = parameters_known().find(URBAN, CHAIN, APRIL)
    assert row is not None
    assert (row.text, row.source, row.area_code) == ("600", "寒民〔2020〕7号", HANTING)
    assert parameters_known().find(URBAN, CHAIN, MARCH) is None


def test_confirmed_value_is_known_since_its_decision_and_not_since_its_proposal(county: Bureau) -> None:
    at = clock.instant(2020, 3, 10, 9)
    with clock.at(at):
        made = propose(county, notice())
    with clock.at(at + timedelta(days=2)):
        decide(county, made.id)
    assert parameters_known(at + timedelta(days=2)).find(URBAN, CHAIN, APRIL) is None
    assert parameters_known(at + timedelta(days=2, seconds=1)).find(URBAN, CHAIN, APRIL) is not None


def test_refused_notice_never_counts(county: Bureau) -> None:
    made = propose(county, notice())
    decide(county, made.id, NoticeVerdict.REFUSED, "与市文件不符")
    assert parameters_known().find(URBAN, CHAIN, APRIL) is None
    with use_scope(FULL):
        assert not EventRecord.objects.filter(kind="parameters.confirmed").exists()


def test_confirming_is_audited_and_told(county: Bureau) -> None:
    made = put_in_force(county, notice(value(), value(RURAL, "460")))
    with use_scope(FULL):
        actions = list(AuditEntry.objects.filter(subject=f"parameters:{made.id}").values_list("action", flat=True))
        (event,) = EventRecord.objects.filter(kind="parameters.confirmed")
    assert sorted(actions) == ["parameters.decide", "parameters.propose"]
    assert event.payload["keys"] == [RURAL, URBAN]
    assert (event.payload["valid_from"], event.payload["paid_months"]) == ("2020-04-01", [])


def refused(act: Callable[[], object]) -> DomainError:
    before = recorded()
    with pytest.raises(DomainError) as refusal:
        act()
    assert recorded() == before
    return refusal.value


def test_same_proposal_sent_twice_is_one_and_with_other_content_is_refused(county: Bureau) -> None:
    key = new_id()
    first = propose(county, notice(), key)
    assert propose(county, notice(), key).id == first.id
    assert recorded()[:2] == [1, 1]
    for other in (notice(value(text="610")), notice(title="另一份"), notice(announcement="改了")):
        refusal = refused(lambda other=other: propose(county, other, key))
        assert (type(refusal), refusal.reason) == (Conflict, "parameter_notice.differs")


def test_same_decision_said_twice_is_one_and_another_is_refused(county: Bureau) -> None:
    made = propose(county, notice())
    first = decide(county, made.id)
    assert decide(county, made.id).id == first.id
    refusal = refused(lambda: decide(county, made.id, NoticeVerdict.REFUSED, "反悔"))
    assert (type(refusal), refusal.reason, refusal.data["who"]) == (Conflict, "parameter_notice.decided", "负责人")


def test_refusing_needs_a_reason(county: Bureau) -> None:
    made = propose(county, notice())
    assert refused(lambda: decide(county, made.id, NoticeVerdict.REFUSED, " ")).reason == "parameter_notice.no_reason"


def test_nobody_confirms_their_own_notice(city: Bureau) -> None:
    made = propose(city, city_notice())
    own = Bureau(city.officer, city.officer, WEIFANG)
    assert refused(lambda: decide(own, made.id)).reason == "parameter_notice.own"
    decide(city, made.id)


def test_database_itself_refuses_ones_own_decision_and_what_does_not_fit(county: Bureau) -> None:
    made = propose(county, notice(value(), value(RURAL, "460")))
    right = {
        "notice": made,
        "verdict": "confirmed",
        "decider_name": "谁",
        "recorded_at": clock.now(),
        "recorded_by": county.decider.user_id,
        "area_code": HANTING,
    }
    wrong = ({"recorded_by": made.recorded_by}, {"area_code": WEIFANG}, {"recorded_at": clock.instant(2020, 1, 1)})
    with use_scope(FULL):
        for change in (*wrong, {"verdict": "refused"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                ParameterDecision.objects.create(**right | change)
        ParameterDecision.objects.create(**right)


def test_database_refuses_another_value_for_a_notice_and_every_edit(county: Bureau) -> None:
    made = propose(county, notice())
    with use_scope(FULL):
        stored = ParameterValue.objects.get()
        stored.id, stored.position, stored.key = new_id(), 1, RURAL
        with pytest.raises(DatabaseError, match="all its values"), transaction.atomic():
            stored.save(force_insert=True)
    decide(county, made.id)
    with use_scope(FULL), connection.cursor() as cursor:
        for table in ("notice", "value", "decision"):
            for statement in ("delete from assistance_parameter{}", "update assistance_parameter{} set area_code = 1"):
                cursor.execute(statement.format(table))
                assert cursor.rowcount == 0


@pytest.mark.parametrize(
    ("role", "area_code", "error"),
    [
        (Role.COUNTY_LEADER, HANTING, NotAllowed),
        (Role.FINANCE, HANTING, NotAllowed),
        (Role.TOWNSHIP_ASSISTANT, 370703_003_000_000, NotAllowed),
        (Role.COUNTY_OFFICER, FANGZI, NotFound),
    ],
)
def test_notice_is_proposed_by_officers_of_the_area_only(role: str, area_code: int, error: type[Exception]) -> None:
    actor, before = make_actor(role, area_code), recorded()
    with use_scope(actor.scope), pytest.raises(error):
        propose_parameters(actor=actor, notice_id=new_id(), proposed=notice())
    assert recorded() == before


@pytest.mark.parametrize(
    ("role", "area_code", "error"),
    [
        (Role.COUNTY_OFFICER, HANTING, NotAllowed),
        (Role.FINANCE, HANTING, NotAllowed),
        (Role.COUNTY_LEADER, FANGZI, NotFound),
    ],
)
def test_notice_is_decided_by_the_areas_leader_or_the_city(
    county: Bureau, role: str, area_code: int, error: type[Exception]
) -> None:
    made = propose(county, notice())
    actor, before = make_actor(role, area_code), recorded()
    with use_scope(actor.scope), pytest.raises(error):
        decide_parameters(actor=actor, notice_id=made.id, verdict=NoticeVerdict.CONFIRMED)
    assert recorded() == before
    second = make_actor(Role.CITY_OFFICER, WEIFANG)
    with use_scope(second.scope):
        decide_parameters(actor=second, notice_id=made.id, verdict=NoticeVerdict.CONFIRMED)


def test_county_cannot_set_the_citys_value_in_the_command_nor_in_the_database(county: Bureau) -> None:
    wanted = notice(value(area_code=WEIFANG))
    assert isinstance(refused(lambda: propose(county, wanted)), NotFound)
    made = propose(county, notice(value(), value(RURAL, "460")))
    with use_scope(county.officer.scope):
        stored = ParameterValue.objects.filter(notice=made).first()
        assert stored is not None
        stored.id, stored.area_code = new_id(), WEIFANG
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            stored.save(force_insert=True)


def test_city_sets_a_countys_value_but_not_in_a_countys_notice(city: Bureau) -> None:
    beyond = notice(value(area_code=WEIFANG))
    assert refused(lambda: propose(city, beyond)).reason == "parameter_notice.beyond"
    put_in_force(city, notice(value(), area_code=WEIFANG))
    (row,) = standards_for([HANTING], APRIL)
    assert row.number(URBAN) == 600_00


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (value("dibao.standard.suburban"), "parameter.unknown"),
        (value(text="60000"), "parameter.absurd"),
        (value(text="6oo"), "money.not_a_number"),
        (value(unit="岁"), "parameter.unit"),
        (value("dibao.rounding", "五入", unit="选项"), "parameter.choice"),
        (value("price_index.cpi", "4.3", unit="%", valid_from=date(2020, 3, 15)), "parameter.not_a_month"),
        (value(text=None, unit="岁"), "parameter.unit"),
    ],
)
def test_value_that_cannot_be_is_refused(county: Bureau, wanted: object, reason: str) -> None:
    refusal = refused(lambda: propose(county, notice(value(RURAL, "460"), wanted)))  # type: ignore[arg-type]
    assert (type(refusal), refusal.reason) == (ParametersRefused, reason)


def test_every_problem_is_told_at_once(county: Bureau) -> None:
    refusal = refused(lambda: propose(county, notice(value(text="9"), value("x"), value(RURAL, "460"))))
    assert len(refusal.data["problems"]) == 2  # type: ignore[arg-type]


def test_head_of_a_notice_is_complete(county: Bureau) -> None:
    assert refused(lambda: propose(county, notice(number=" "))).reason == "parameter_notice.incomplete"
    empty = replace(notice(), values=())
    assert refused(lambda: propose(county, empty)).reason == "parameter_notice.size"
    assert isinstance(refused(lambda: propose(county, notice(value(), value()))), Invalid)


def test_overlap_with_what_is_in_force_is_refused_unless_it_is_a_correction(county: Bureau) -> None:
    put_in_force(county, notice())
    again = notice(value(text="620"), number="寒民〔2020〕8号")
    assert refused(lambda: propose(county, again)).reason == "parameter.overlap"
    put_in_force(county, replace(again, is_retroactive=True), at=clock.now() + timedelta(minutes=1))
    (row,) = standards_for([HANTING], APRIL)
    assert row.number(URBAN) == 620_00
    (before,) = standards_for([HANTING], APRIL, clock.now() + timedelta(seconds=30))
    assert before.number(URBAN) == 600_00


def test_notice_that_no_longer_fits_when_it_is_decided_is_refused(county: Bureau) -> None:
    first, second = (propose(county, notice(number=number)) for number in ("寒民〔2020〕7号", "寒民〔2020〕8号"))
    decide(county, first.id)
    assert refused(lambda: decide(county, second.id)).reason == "parameter.overlap"
    decide(county, second.id, NoticeVerdict.REFUSED, "重复")


@pytest.fixture
def paid_march() -> None:
    """寒亭区 has a list of dibao for March."""
    with use_scope(FULL):
        PaymentBatch.objects.create(
            number="DB202003-370703-1",
            programme="dibao",
            benefit_month=MARCH,
            area_code=HANTING,
            fund=make_fund(HANTING, money_fen=0),
            state="drafted",
            line_count=3,
            part_count=1,
            amount_fen=1,
            recorded_at=clock.now(),
        )


@pytest.mark.parametrize(
    ("day", "is_fine"), [(date(2020, 2, 1), False), (MARCH, False), (date(2020, 3, 2), True), (APRIL, True)]
)
def test_value_from_a_paid_month_is_refused_unless_it_is_asked_for(
    county: Bureau, paid_march: None, day: date, is_fine: bool
) -> None:
    wanted = notice(value(valid_from=day))
    if is_fine:
        propose(county, wanted)
        return
    assert refused(lambda: propose(county, wanted)).reason == "parameter.retroactive"
    made = put_in_force(county, replace(wanted, is_retroactive=True))
    with use_scope(FULL):
        (event,) = EventRecord.objects.filter(kind="parameters.confirmed")
    assert (made.is_retroactive, event.payload["paid_months"]) == (True, ["2020-03-01"])


def test_month_paid_by_the_county_closes_it_for_the_citys_value_too(
    county: Bureau, city: Bureau, paid_march: None
) -> None:
    early = notice(value(area_code=WEIFANG, valid_from=MARCH), area_code=WEIFANG)
    assert refused(lambda: propose(city, early)).reason == "parameter.retroactive"
    other = notice(value(area_code=FANGZI, valid_from=MARCH), area_code=WEIFANG)
    propose(city, other)
    of_another_programme = notice(value("tekun.care.dispersed.self", "30", valid_from=MARCH))
    propose(county, of_another_programme)


def test_standards_come_from_the_nearest_area_and_a_zone_follows_the_city(county: Bureau, city: Bureau) -> None:
    put_in_force(city, city_notice())
    put_in_force(county, notice())
    rows = standards_for([ZONE, HANTING, WEIFANG, FANGZI], APRIL, keys=[URBAN, RURAL])
    assert [row.unit_code for row in rows] == [ZONE, HANTING, WEIFANG, FANGZI]
    assert [row.number(URBAN) for row in rows] == [580_00, 600_00, 580_00, 580_00]
    assert [row.rows[URBAN].area_code for row in rows] == [WEIFANG, HANTING, WEIFANG, WEIFANG]


def test_area_that_follows_the_one_above_again_has_its_value(county: Bureau, city: Bureau) -> None:
    put_in_force(city, city_notice())
    put_in_force(county, notice())
    put_in_force(county, notice(value(text=None, valid_from=MAY), number="寒民〔2020〕9号"))
    months = [standards_for([HANTING], month)[0].number(URBAN) for month in (APRIL, MAY)]
    assert months == [600_00, 580_00]


def test_missing_standard_names_area_month_and_key() -> None:
    with pytest.raises(MissingParameter) as refusal:
        standards_for([HANTING], APRIL, keys=[URBAN])
    assert refusal.value.data == {"key": URBAN, "area_code": HANTING, "month": "2020-04-01"}
    assert "寒亭区" in refusal.value.message
    assert "2020年4月" in refusal.value.message
    assert "城市低保标准" in refusal.value.message


def test_standards_of_every_unit_take_few_queries(city: Bureau, django_assert_num_queries: Callable) -> None:
    put_in_force(city, city_notice())
    for units in ([HANTING], [HANTING, FANGZI, ZONE]):
        with django_assert_num_queries(7):
            standards_for(units, APRIL)


def test_placeholders_are_those_that_an_amount_rests_on(county: Bureau) -> None:
    put_in_force(county, notice(value(status="placeholder"), value("dibao.surcharge.basis", "定额", unit="选项")))
    behind = {row.key for row in placeholders_behind("dibao", HANTING, APRIL)}
    assert URBAN in behind
    assert "dibao.rounding" in behind
    assert not {key for key in behind if key.endswith(".percent")}
    put_in_force(county, notice(value(valid_from=MAY), number="寒民〔2020〕10号"))
    assert URBAN not in {row.key for row in placeholders_behind("dibao", HANTING, MAY)}


def test_what_is_proposed_is_seen_by_its_own_area_and_what_is_confirmed_by_everybody(county: Bureau) -> None:
    made = propose(county, notice())
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    for scope, seen in ((county.officer.scope, 1), (neighbour.scope, 0)):
        with use_scope(scope):
            assert (ParameterNotice.objects.count(), ParameterValue.objects.count()) == (seen, seen)
    decide(county, made.id)
    with use_scope(neighbour.scope):
        counts = [model.objects.count() for model in (ParameterNotice, ParameterValue, ParameterDecision)]
    assert counts == [1, 1, 1]
