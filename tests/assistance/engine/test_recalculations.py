"""Standards, incomes and deaths that become known after a month was paid: arrears and recovery, by the rules."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from shouwang.assistance.commands.overpayments import recover_overpayment
from shouwang.assistance.commands.recalculations import (
    compute_recalculation,
    confirm_recalculation,
    open_recalculation,
    refuse_recalculation,
)
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import (
    Overpayment,
    Payable,
    PayablePerson,
    PaymentBatch,
    Recalculation,
    RecalculationLine,
)
from shouwang.assistance.queries.publications import owed_in
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import verify_ledger
from shouwang.registry.public import record_death
from tests.assistance.parameters.setting import RURAL, make_bureau, notice, put_in_force, value
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    answers,
    everywhere,
    make_county,
    make_document,
    make_family,
    take_over,
    walk,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor
from tests.measures import issue_measure

from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

FEBRUARY, APRIL = date(2020, 2, 1), date(2020, 4, 1)
LATER = clock.instant(2020, 3, 28, 9)


@pytest.fixture
def county(db: None) -> County:
    return make()


def make() -> County:
    """Three rural households of 寒亭区, 460 yuan a head; March is paid: 460, 2 x 460 - 300, and 460 as decided."""
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        single, pair, unknown = make_family(), make_family(size=2), make_family()
        earn(single, 0)
        earn(pair, 300)
    take_over(made, [(single, 460_00), (pair, 620_00), (unknown, 460_00)])
    with acting_as(made.officers.opener) as opener:
        (batch,) = run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING).batches
    pay(made, batch)
    return made


def pay(county: County, batch: PaymentBatch) -> None:
    batch = walk(batch, county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, on=clock.today()))


def set_standard(text: str) -> UUID:
    """The rural standard of 寒亭区 from March on, told on 28 March; the recalculation that follows."""
    proposed = notice(value(RURAL, text, valid_from=MARCH), effective_on=MARCH, is_retroactive=True)
    put_in_force(make_bureau(), proposed, at=LATER)
    with acting_as(everywhere()):
        return Recalculation.objects.get(programme="dibao").id


def compute(county: County, told: UUID) -> Recalculation:
    with acting_as(county.officers.opener) as opener:
        return compute_recalculation(actor=opener, recalculation_id=told)


def confirm(county: County, told: UUID) -> Recalculation:
    with acting_as(county.officers.leader) as leader:
        return confirm_recalculation(actor=leader, recalculation_id=told)


def lines(told: UUID) -> list[tuple[int, int]]:
    """(paid, should have been), the largest paid first."""
    with acting_as(everywhere()):
        found = RecalculationLine.objects.filter(recalculation_id=told).order_by("-paid_fen")
        return list(found.values_list("paid_fen", "should_fen"))


def test_raised_standard_is_paid_as_arrears_through_the_whole_chain(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("500")
        assert compute(county, told).arrears_fen == 3 * 40_00
        assert lines(told) == [(620_00, 700_00), (460_00, 500_00)]  # who has no income recorded is not computed
        confirm(county, told)
        confirm(county, told)
        with acting_as(everywhere()):
            batch = PaymentBatch.objects.get(amount_fen=120_00)
            arrears = Payable.objects.filter(reason_key=f"arrears:{told}").order_by("amount_fen")
            assert [(one.benefit_month, one.amount_fen) for one in arrears] == [(MARCH, 40_00), (MARCH, 80_00)]
            assert PayablePerson.objects.filter(payable__in=arrears).count() == 3
            assert not Overpayment.objects.exists()
            board = owed_in(everywhere(), area_code=GUDI_VILLAGE, programme="dibao", month=MARCH)
            assert board == 620_00 + 460_00 + 460_00  # each household once, with the month's amount
        assert (batch.benefit_month, batch.state, batch.line_count) == (MARCH, "drafted", 2)
        pay(county, batch)
        with acting_as(county.officers.opener) as opener:
            again = open_recalculation(
                actor=opener,
                recalculation_id=new_id(),
                programme="dibao",
                month=MARCH,
                unit_code=HANTING,
                basis="再核一次",
            )
        compute(county, again.id)
        assert lines(again.id) == []  # the month agrees with the rules, its arrears included
        with acting_as(everywhere()):
            assert verify_ledger().findings == []


def test_lowered_standard_goes_into_the_register_and_is_told_once(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("400")
        assert compute(county, told).overpaid_fen == 3 * 60_00
        confirm(county, told)
        with acting_as(everywhere()):
            rows = Overpayment.objects.order_by("amount_fen")
            assert [(row.amount_fen, row.cause) for row in rows] == [(60_00, "standard"), (120_00, "standard")]
            assert not Payable.objects.filter(reason_key__startswith="arrears").exists()
            row = rows[0]
        with acting_as(county.officers.opener) as opener:
            again = open_recalculation(
                actor=opener,
                recalculation_id=new_id(),
                programme="dibao",
                month=MARCH,
                unit_code=HANTING,
                basis="再核一次",
            )
        compute(county, again.id)
        assert lines(again.id) == []
        with acting_as(county.officers.finance) as finance:
            recover_overpayment(actor=finance, overpayment_id=row.id, amount_fen=60_00, reason="退回")
        page = client_of(county.officers.finance).get(reverse("overpayment_page", args=[row.id])).content.decode()
        assert "寒民〔2020〕7号" in page


def test_income_known_later_is_compared_by_the_rules(county: County) -> None:
    with clock.at(LATER), acting_as(everywhere()):
        earn(county.families[0], 100, since=FEBRUARY)  # of the first household: 100 too much
        earn(county.families[1], 200, since=FEBRUARY)  # of the second: 100 too little
    with clock.at(LATER):
        with acting_as(county.officers.opener) as opener:
            told = open_recalculation(
                actor=opener,
                recalculation_id=new_id(),
                programme="dibao",
                month=MARCH,
                unit_code=HANTING,
                basis="收入核对结果",
            )
        found = compute(county, told.id)
        assert (found.arrears_fen, found.overpaid_fen) == (100_00, 100_00)
        assert lines(told.id) == [(620_00, 720_00), (460_00, 360_00)]


def test_two_officers_and_neighbours(county: County) -> None:
    told = set_standard("500")
    with acting_as(make_actor("city_officer", 370700_000_000_000)) as city:
        compute_recalculation(actor=city, recalculation_id=told)
        with pytest.raises(NotAllowed):
            confirm_recalculation(actor=city, recalculation_id=told)
    with acting_as(county.officers.opener) as opener, pytest.raises(NotAllowed):
        confirm_recalculation(actor=opener, recalculation_id=told)
    with acting_as(make_actor("county_leader", FANGZI)) as neighbour, pytest.raises(NotFound):
        confirm_recalculation(actor=neighbour, recalculation_id=told)
    with acting_as(county.officers.leader) as leader:
        refuse_recalculation(actor=leader, recalculation_id=told, reason="等待市局解释")
    with acting_as(everywhere()):
        assert not Payable.objects.filter(reason_key__startswith="arrears").exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            Recalculation.objects.filter(id=told).update(state="computed", decided_at=None)


def test_payment_that_changed_since_stops_the_decision(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("400")
        compute(county, told)
        with acting_as(county.officers.opener) as opener:
            record_death(
                actor=opener,
                person_id=county.families[1].persons[1].id,
                died_on=date(2020, 2, 20),
                source="殡仪馆名单",
            )
        with pytest.raises(Conflict, match="重新核算"):
            confirm(county, told)
        compute(county, told)
        confirm(county, told)
        with acting_as(everywhere()):
            noted = Overpayment.objects.filter(payable__household=county.families[1].household)
            assert sum(row.amount_fen for row in noted) == 620_00 - (400_00 - 300_00)


def test_standard_that_changed_since_stops_the_decision(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("500")
        compute(county, told)
    with clock.at(clock.instant(2020, 3, 29, 9)):
        corrected = notice(
            value(RURAL, "480", valid_from=MARCH), effective_on=MARCH, is_retroactive=True, number="寒民〔2020〕8号"
        )
        put_in_force(make_bureau(), corrected)
        with pytest.raises(Conflict, match="重新核算"):
            confirm(county, told)
        assert compute(county, told).arrears_fen == 3 * 20_00
        confirm(county, told)
        with acting_as(everywhere()):
            other = Recalculation.objects.exclude(id=told).get()
        compute(county, other.id)
        assert lines(other.id) == []  # what the first one settled is not settled again


def test_late_death_is_compared_with_the_rules_for_who_remains(county: County) -> None:
    """The pair was paid 2 x 460 - 300; the member without income had died in February: one of 460 - 300 was due."""
    with clock.at(LATER), acting_as(county.officers.opener) as opener:
        for _time in range(2):
            record_death(
                actor=opener,
                person_id=county.families[1].persons[1].id,
                died_on=date(2020, 2, 20),
                source="殡仪馆名单",
            )
    with acting_as(everywhere()):
        row = Overpayment.objects.get()
        assert (row.amount_fen, row.cause) == (620_00 - 160_00, "death")


def test_linked_programme_waits_to_be_settled_by_hand(county: County) -> None:
    """The price subsidy is a share of the standard, too: the raised one reaches what was paid for March."""
    officer, leader = client_of(county.officers.opener), client_of(county.officers.leader)
    with clock.at(LATER):
        with acting_as(county.officers.opener) as opener:
            run_month(actor=opener, programme="price_subsidy", benefit_month=MARCH, area_code=HANTING)
        set_standard("500")
        with acting_as(everywhere()):
            told = Recalculation.objects.get(programme="price_subsidy").id
        with pytest.raises(StateConflict, match="人工核定"):
            compute(county, told)
        with acting_as(county.officers.opener) as opener, pytest.raises(StateConflict, match="人工核定"):
            open_recalculation(
                actor=opener,
                recalculation_id=new_id(),
                programme="price_subsidy",
                month=MARCH,
                unit_code=HANTING,
                basis="再核",
            )
        assert "要人工核定的月份 1 个" in officer.get("/").content.decode()
        url = reverse("recalculation_page", args=[told])
        assert "一次性补助不由系统重算" in leader.get(url).content.decode()
        assert reverse("recalculation_step", args=[told, "compute"]) not in officer.get(url).content.decode()
        close = leader.post(reverse("recalculation_step", args=[told, "refuse"]), {"reason": "已逐户补发"})
        assert close.status_code == 302
        assert "已人工办结" in officer.get(reverse("recalculation_list")).content.decode()


def test_grant_with_a_line_of_the_county_and_of_the_city_is_compared_once(county: County) -> None:
    """The county found nothing owed; then exits were paused and the city's run kept what was decided."""
    with clock.at(LATER):
        with acting_as(everywhere()):
            over = make_family()
            earn(over, 900)
        take_over(county, [(over, 520_00)])
        with acting_as(county.officers.opener) as opener:
            run_month(actor=opener, programme="dibao", benefit_month=APRIL, area_code=HANTING)
        with acting_as(everywhere()) as system:
            issue_measure(
                actor=system,
                kind="exit_paused",
                parameters={},
                area_code=HANTING,
                from_at=LATER,
                until_at=clock.instant(2020, 5, 1),
                document_id=make_document().id,
            )
            city = run_month(actor=system, programme="dibao", benefit_month=APRIL, area_code=WEIFANG)
            assert city.run.amount_fen == 520_00
        with acting_as(county.officers.opener) as opener:
            told = open_recalculation(
                actor=opener, recalculation_id=new_id(), programme="dibao", month=APRIL, unit_code=HANTING, basis="再核"
            )
        assert compute(county, told.id).compared_count == 4
        assert lines(told.id) == []


def test_pages_compute_and_confirm(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("500")
        officer, leader = client_of(county.officers.opener), client_of(county.officers.leader)
        assert "要核算补差的月份 1 个" in officer.get("/").content.decode()
        url = reverse("recalculation_page", args=[told])
        assert officer.post(reverse("recalculation_step", args=[told, "compute"])).status_code == 302
        page = officer.get(url).content.decode()
        assert "120.00" in page
        assert "不能自己复核" in page
        assert leader.post(reverse("recalculation_step", args=[told, "confirm"])).status_code == 302
        with acting_as(everywhere()):
            line = RecalculationLine.objects.get(should_fen=700_00)
        card = officer.get(reverse("recalculation_line", args=[line.id])).content.decode()
        assert "每人 500 元 × 2 人 − 月收入 300 元 = 700 元" in card
        assert "寒民〔2020〕7号" in card
        export = officer.get(url, {"format": "csv"})
        assert "700.00" in export.getvalue().decode("utf-8-sig")
        for close in export._resource_closers:
            close()
        listed = officer.get(reverse("recalculation_list")).content.decode()
        assert "已确认" in listed
        sent = {"request_id": new_id(), "programme": "dibao", "month": "2020-01", "area": HANTING, "basis": "补登"}
        refused = officer.post(reverse("recalculation_list"), sent)
        assert (refused.status_code, "没有在本系统" in refused.content.decode()) == (422, True)
        made = officer.post(reverse("recalculation_list"), {**sent, "month": "2020-03"})
        assert made.status_code == 302
