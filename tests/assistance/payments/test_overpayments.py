"""Paid for a month that a death had ended already: noted, set off against the next payment, recovered, written off."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.areas.public import children
from shouwang.assistance.commands.corrections import reverse_payment, withdraw_line
from shouwang.assistance.commands.grants import GrantChange, change_grants
from shouwang.assistance.commands.overpayments import recover_overpayment, write_off_overpayment
from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import Overpayment, OverpaymentStep, Payable, PaymentBatch, PaymentOutcome
from shouwang.assistance.queries.overpayments import list_overpayments_for
from shouwang.assistance.queries.problems import list_problems_for
from shouwang.assistance.states import BatchState, ChangeCause, GrantChangeKind
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Account, AccountKind, balance_of, verify_ledger
from shouwang.registry.models import BankAccount
from shouwang.registry.public import move_household, record_death
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor

from .setting import (
    County,
    acting_as,
    answers,
    everywhere,
    give_account,
    lines_of,
    make_fund,
    reread,
    walk,
)

pytestmark = pytest.mark.django_db

APRIL, MAY = date(2020, 4, 1), date(2020, 5, 1)
LATE_MARCH = clock.instant(2020, 3, 30, 9)
LATE_APRIL = clock.instant(2020, 4, 20, 9)


def drafted(county: County, month: date) -> PaymentBatch:
    with acting_as(county.officers.opener) as opener:
        result = run_month(actor=opener, programme="dibao", benefit_month=month, area_code=HANTING)
    assert result.is_new
    return reread(result.batches[0])


def paid(county: County, batch: PaymentBatch) -> PaymentBatch:
    batch = walk(batch, county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, on=clock.today()))
    return reread(batch)


def die(county: County, family: int, member: int, on: date) -> None:
    with acting_as(county.officers.opener) as opener:
        record_death(
            actor=opener, person_id=county.families[family].persons[member].id, died_on=on, source="殡仪馆名单"
        )


def cut(county: County, family: int, fen: int, since: date = APRIL) -> None:
    with acting_as(county.officers.opener) as opener:
        grant_id = county.families[family].household.grants.get().id
        change = GrantChange(grant_id, GrantChangeKind.CHANGE, since, fen, ChangeCause.DEATH, "成员去世，重新核定")
        change_grants(actor=opener, changes=[change])


def register(*, settled: bool = False) -> list[tuple[int, int]]:
    """(amount, still open) of the register, in fen."""
    with use_scope(everywhere().scope):
        rows = list_overpayments_for(everywhere(), is_settled=settled)
        return [(row.amount_fen, row.open_fen) for row in rows]  # type: ignore[attr-defined]


def sums_hold() -> None:
    with use_scope(everywhere().scope):
        assert verify_ledger().findings == []


@pytest.fixture
def prepaid(county: County) -> County:
    """April was paid on 18 March, and the single person of the first household has died on 28 March."""
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_MARCH):
        die(county, 0, 0, date(2020, 3, 28))
    return county


def test_payment_for_a_month_after_the_death_is_noted_once(prepaid: County) -> None:
    assert register() == [(450_00, 450_00)]
    with use_scope(everywhere().scope):
        row = Overpayment.objects.get()
        assert (row.cause, row.person_id, row.area_code) == (
            "death",
            prepaid.families[0].persons[0].id,
            prepaid.families[0].household.area_code,
        )
        outcomes = PaymentOutcome.objects.filter(payable=row.payable)
        assert [(one.kind, one.amount_fen) for one in outcomes] == [("paid", 450_00)]  # paid was paid
    with clock.at(LATE_MARCH):
        cut(prepaid, 0, 1_00)
    assert register() == [(450_00, 450_00)]
    with acting_as(make_actor("county_officer", FANGZI)) as neighbour:
        assert list(list_overpayments_for(neighbour)) == []


def test_death_on_the_first_of_the_month_is_no_overpayment(county: County) -> None:
    """Who lives on the first is paid the month (rules.monthly): the last day that counts, and the first that does not."""
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        die(county, 0, 0, APRIL)
        die(county, 1, 0, date(2020, 3, 31))
    assert register() == []  # of the second household somebody lives, and its amount is the review's to change
    with clock.at(LATE_APRIL):
        cut(county, 1, 200_00)
    assert register() == [(115_50, 115_50)]


def test_next_payment_of_the_household_offsets_it(county: County) -> None:
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, 600_00)
        assert register() == [(302_00, 302_00)]
        batch = drafted(county, MAY)
        assert batch.amount_fen == 450_00 + 315_50 + 298_00 == sum(line.amount_fen for line in lines_of(batch))
        assert (register(), register(settled=True)) == ([], [(302_00, 0)])
        after = paid(county, batch)
        assert after.state == BatchState.RETURNED
        with use_scope(everywhere().scope):
            may = Payable.objects.get(household=county.families[2].household, benefit_month=MAY)
            assert may.amount_fen == 600_00
            assert [one.amount_fen for one in PaymentOutcome.objects.filter(payable=may)] == [298_00]
    sums_hold()


def test_offset_that_takes_the_whole_line_takes_it_off_the_list(county: County) -> None:
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, 100_00)  # 802.00 too much
        batch = drafted(county, MAY)
        assert (batch.line_count, batch.amount_fen) == (2, 450_00 + 315_50)
        assert register() == [(802_00, 702_00)]
        with acting_as(county.officers.opener) as opener:
            assert list_problems_for(opener).count() == 0  # nothing of it waits to be paid
        paid(county, batch)
    sums_hold()


def test_withdrawn_line_opens_what_it_was_to_offset(county: County) -> None:
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, 600_00)
        line = next(line for line in lines_of(drafted(county, MAY)) if line.amount_fen == 298_00)
        with acting_as(county.officers.townships[0]) as township:
            withdraw_line(actor=township, attempt_id=line.id, reason="全户迁出")
    assert register() == [(302_00, 302_00)]


def test_money_that_comes_back_is_booked_once(prepaid: County) -> None:
    with use_scope(everywhere().scope):
        row = Overpayment.objects.get()
    step_id = new_id()
    with acting_as(prepaid.officers.finance) as finance:
        for _time in range(2):
            recover_overpayment(
                actor=finance, overpayment_id=row.id, amount_fen=200_00, reason="家属退回", step_id=step_id
            )
        with pytest.raises(Conflict):
            recover_overpayment(actor=finance, overpayment_id=row.id, amount_fen=1, reason="家属退回", step_id=step_id)
        with pytest.raises(Invalid, match="最多 250"):
            recover_overpayment(actor=finance, overpayment_id=row.id, amount_fen=250_01, reason="家属退回")
        with pytest.raises(NotAllowed):
            write_off_overpayment(actor=finance, overpayment_id=row.id, reason="无人继承")
    assert register() == [(450_00, 250_00)]
    with acting_as(make_actor("county_leader", FANGZI)) as neighbour, pytest.raises(NotFound):
        write_off_overpayment(actor=neighbour, overpayment_id=row.id, reason="无人继承")
    with acting_as(prepaid.officers.leader) as leader:
        write_off_overpayment(actor=leader, overpayment_id=row.id, reason="无人继承")
        with pytest.raises(StateConflict):
            write_off_overpayment(actor=leader, overpayment_id=row.id, reason="无人继承")
    assert (register(), register(settled=True)) == ([], [(450_00, 0)])
    with use_scope(everywhere().scope):
        assert sorted(OverpaymentStep.objects.values_list("kind", "amount_fen")) == [
            ("recovered", 200_00),
            ("written_off", 250_00),
        ]
    sums_hold()


def test_payment_reversed_whole_is_no_overpayment_any_more(prepaid: County) -> None:
    with use_scope(everywhere().scope):
        line = Overpayment.objects.get().payable.attempts.get()
    with acting_as(prepaid.officers.leader) as leader:
        reverse_payment(actor=leader, attempt_id=line.id, reason="银行追回")
    assert (register(), register(settled=True)) == ([], [(450_00, 0)])
    sums_hold()


def test_death_told_while_the_list_is_at_the_bank_is_noted_with_the_answer(county: County) -> None:
    batch = walk(drafted(county, APRIL), county.officers)
    with clock.at(LATE_MARCH):
        die(county, 0, 0, date(2020, 3, 28))
        assert register() == []
        with acting_as(county.officers.sender) as sender:
            receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, on=clock.today()))
    assert register() == [(450_00, 450_00)]


def test_register_shows_the_age_and_takes_the_money_back(prepaid: County) -> None:
    with use_scope(everywhere().scope):
        row = Overpayment.objects.get()
    url = reverse("overpayment_page", args=[row.id])
    with clock.at(clock.instant(2020, 4, 9, 9)):
        client = client_of(prepaid.officers.finance)
        listed = client.get(reverse("overpayment_list")).content.decode()
        assert "待追回" in listed
        assert "450.00" in listed
        assert '<td class="num">10</td>' in listed  # noted on 30 March
        export = client.get(reverse("overpayment_list"), {"format": "csv"})
        assert "450.00" in b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
        settle = reverse("overpayment_settle", args=[row.id, "recover"])
        refused = client.post(settle, {"request_id": new_id(), "amount": "451", "reason": "家属退回"})
        assert (refused.status_code, "最多 450.00 元" in refused.content.decode()) == (422, True)
        assert client.post(settle, {"request_id": new_id(), "amount": "450", "reason": "家属退回"}).status_code == 302
        page = client.get(url).content.decode()
        assert "家属退回" in page
        assert 'name="amount"' not in page
        settled = client.get(reverse("overpayment_list"), {"state": "settled"}).content.decode()
        assert "450.00" in settled


def test_register_asks_as_much_for_one_row_as_for_three(county: County) -> None:
    paid(county, drafted(county, APRIL))
    client = client_of(county.officers.finance)
    asked = []
    for family in (0, 2):
        with clock.at(LATE_APRIL):
            die(county, family, 0, date(2020, 3, 28))
            cut(county, family, 1_00)
            asked.append(queries_of_page(client, reverse("overpayment_list")))
    assert asked[0] == asked[1]


def close_account(county: County, family: int) -> None:
    """The head is paid on no account any more."""
    head = county.families[family].persons[0]
    with use_scope(everywhere().scope):
        BankAccount.objects.create(
            person=head,
            bank_name="",
            holder_name="",
            account="无",
            account_index=b"",
            account_tail="",
            valid_from=date(2020, 4, 1),
            recorded_at=clock.now(),
            source="销户",
            area_code=head.area_code,
        )


def open_account(county: County, family: int) -> None:
    with use_scope(everywhere().scope):
        give_account(county.families[family].persons[0], valid_from=clock.today())


def reissued(county: County, month: date = MAY) -> list[PaymentBatch]:
    with acting_as(county.officers.opener) as opener:
        batches = reissue_lines(actor=opener, programme="dibao", benefit_month=month, area_code=HANTING)
    return [reread(batch) for batch in batches]


def overpaid_without_an_account(county: County, fen: int) -> None:
    """April of the third household was paid 902.00 and should have been `fen`; in May it is owed and on no list."""
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        close_account(county, 2)
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, fen)
        paid(county, drafted(county, MAY))


def test_payable_that_is_listed_later_offsets_it_then(county: County) -> None:
    overpaid_without_an_account(county, 600_00)
    assert register() == [(302_00, 302_00)]
    with clock.at(clock.instant(2020, 5, 6, 9)):
        open_account(county, 2)
        (supplement,) = reissued(county)
        assert (supplement.amount_fen, register(), register(settled=True)) == (298_00, [], [(302_00, 0)])
        paid(county, supplement)
    sums_hold()


def test_payable_that_is_wholly_set_off_is_on_no_list_and_waits_no_more(county: County) -> None:
    overpaid_without_an_account(county, 100_00)
    with clock.at(clock.instant(2020, 5, 6, 9)):
        open_account(county, 2)
        assert reissued(county) == []
        assert register() == [(802_00, 702_00)]
        with acting_as(county.officers.opener) as opener:
            assert list_problems_for(opener).count() == 0
    sums_hold()


def test_returned_line_is_shortened_when_it_goes_out_again(county: County) -> None:
    """What was overpaid became known while the next month was at the bank; the money kept back is the treasury's."""
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_APRIL):
        batch = walk(drafted(county, MAY), county.officers)
        number = next(line.line_number for line in lines_of(batch) if line.amount_fen == 902_00)
        with acting_as(county.officers.sender) as sender:
            receive_return(
                actor=sender, batch_id=batch.id, answers=answers(batch, failing=[number or 0], on=clock.today())
            )
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, 600_00)
        assert register() == [(302_00, 302_00)]
        open_account(county, 2)
        (again,) = reissued(county)
        assert (again.is_reissue, again.amount_fen, register()) == (True, 600_00, [])
        paid(county, again)
    with use_scope(everywhere().scope):
        returned = Account.objects.get(fund=county.fund, kind=AccountKind.RETURNED)
        assert balance_of(returned.id).posted_fen == 0
    sums_hold()


def test_line_withdrawn_from_a_second_list_gives_its_money_back(county: County) -> None:
    batch = walk(drafted(county, APRIL), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, failing=[1], on=clock.today()))
    with clock.at(LATE_APRIL):
        open_account(county, 0)
        open_account(county, 1)
        open_account(county, 2)
        (again,) = reissued(county, APRIL)
        with acting_as(county.officers.townships[0]) as township:
            withdraw_line(actor=township, attempt_id=lines_of(again)[0].id, reason="全户迁出")
    with use_scope(everywhere().scope):
        returned = Account.objects.get(fund=county.fund, kind=AccountKind.RETURNED)
        assert balance_of(returned.id).posted_fen == 0
    sums_hold()


def move_away(county: County, family: int) -> None:
    """To the neighbouring county; the grant goes with the household."""
    with clock.at(LATE_APRIL), acting_as(make_actor("city_officer", WEIFANG)) as city:
        move_household(
            actor=city,
            household_id=county.families[family].household.id,
            to_area_code=children(children(FANGZI)[0].code)[0].code,
            moved_on=date(2020, 4, 15),
            source="迁居",
        )


@pytest.fixture
def moved(county: County) -> County:
    """The third household was paid 302.00 too much for April, and lives in the next county by now."""
    paid(county, drafted(county, APRIL))
    with clock.at(LATE_MARCH):
        die(county, 2, 2, date(2020, 3, 28))
        cut(county, 2, 600_00)
    move_away(county, 2)
    return county


def test_office_that_paid_still_sees_and_settles_it_after_the_household_has_moved(moved: County) -> None:
    name = f">{moved.families[2].persons[0].name}<"
    with clock.at(LATE_APRIL):
        neighbour = client_of(make_actor("finance", FANGZI))
        assert name not in neighbour.get(reverse("overpayment_list")).content.decode()
        client = client_of(moved.officers.finance)
        assert name in client.get(reverse("overpayment_list")).content.decode()
        with acting_as(moved.officers.finance) as finance:
            row = list_overpayments_for(finance).get()
            assert name in client.get(reverse("overpayment_page", args=[row.id])).content.decode()
            recover_overpayment(actor=finance, overpayment_id=row.id, amount_fen=302_00, reason="家属退回")
    assert (register(), register(settled=True)) == ([], [(302_00, 0)])
    sums_hold()


def test_another_countys_payment_offsets_nothing(moved: County) -> None:
    """Also when the city drafts the lists of both counties at once: who paid recovers."""
    with use_scope(everywhere().scope):
        make_fund(FANGZI, money_fen=10_000_00)
    with clock.at(LATE_APRIL), acting_as(make_actor("city_officer", WEIFANG)) as city:
        result = run_month(actor=city, programme="dibao", benefit_month=MAY, area_code=WEIFANG)
        assert {batch.area_code: batch.amount_fen for batch in result.batches} == {
            HANTING: 450_00 + 315_50,
            FANGZI: 600_00,
        }
    assert register() == [(302_00, 302_00)]


def test_death_told_where_the_family_moved_to_is_noted_where_it_was_paid(county: County) -> None:
    paid(county, drafted(county, APRIL))
    person = county.families[0].persons[0]
    move_away(county, 0)
    with clock.at(LATE_APRIL):
        with acting_as(make_actor("county_officer", FANGZI)) as neighbour:
            record_death(actor=neighbour, person_id=person.id, died_on=date(2020, 3, 28), source="殡仪馆名单")
            assert list_overpayments_for(neighbour).count() == 0
        with acting_as(county.officers.finance) as finance:
            row = list_overpayments_for(finance).get()
            assert (row.amount_fen, row.payee_name, row.person_name) == (450_00, person.name, person.name)
