"""Relief through the bank: a list of approved cases goes along the chain, and its answers pay the cases."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.commands.batches import approve_batch, approve_funds, confirm_townships, send_batch
from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.relief import create_relief_batch
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import PaymentAttempt, PaymentBatch, ReliefCase
from shouwang.assistance.public import LineAnswer
from shouwang.kernel import clock, figures
from shouwang.kernel.errors import Invalid, NotAllowed, StateConflict
from shouwang.kernel.models import EventRecord
from shouwang.kernel.scope import FULL, use_scope
from tests.accounts.clients import client_of
from tests.factories import GUDI, HANTING, make_actor

from .test_refusals import refused
from .world import Officers, approved, as_actor, give_account, make_family, make_reserve, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers() -> Officers:
    return Officers()


def ready(officers: Officers, name: str) -> ReliefCase:
    household = make_family((name, "王秀兰"))
    give_account(household)
    return approved(officers, household, channel="bank")


def send(officers: Officers, *cases: ReliefCase) -> PaymentBatch:
    with as_actor(officers.officer) as officer:
        (batch,) = create_relief_batch(actor=officer, area_code=HANTING, case_ids=[case.id for case in cases])
    return walk(officers, batch)


def walk(officers: Officers, batch: PaymentBatch) -> PaymentBatch:
    sender = make_actor(Role.COUNTY_OFFICER, HANTING)
    for actor, step in (
        (officers.assistant, confirm_townships),
        (officers.leader, approve_batch),
        (officers.finance, approve_funds),
        (sender, send_batch),
    ):
        with as_actor(actor):
            step(actor=actor, batch_id=batch.id)
    return batch


def answer(officers: Officers, batch: PaymentBatch, *returned: ReliefCase) -> None:
    with as_actor(officers.finance) as finance:
        lines = PaymentAttempt.objects.filter(batch=batch).select_related("payable").order_by("line_number")
        answers = [
            LineAnswer(
                batch_number=batch.number,
                line_number=line.line_number,
                amount_fen=line.amount_fen,
                is_paid=line.payable.case_id not in {case.id for case in returned},
                on=date(2020, 3, 18),
                reason="账户已销户" if line.payable.case_id in {case.id for case in returned} else "",
            )
            for line in lines
        ]
        receive_return(actor=finance, batch_id=batch.id, answers=answers)


def test_arrived_lines_pay_their_cases_and_count(officers: Officers) -> None:
    make_reserve(officers, fen=0)
    first, second = ready(officers, "徐春生"), ready(officers, "李春生")
    batch = send(officers, first, second)
    answer(officers, batch, second)
    with use_scope(FULL):
        states = dict(ReliefCase.objects.values_list("id", "state"))
        assert states == {first.id: "paid", second.id: "approved"}
        assert ReliefCase.objects.get(id=first.id).paid_on == date(2020, 3, 18)
        assert EventRecord.objects.filter(kind="relief.paid").count() == 1
        cut = figures.make_cut(FULL.spans, since=date(2020, 1, 1), as_of=clock.instant(2020, 3, 19))
        values = {
            key: sum(leaf.value for leaf in figures.leaves(figures.get_figure(key), cut))
            for key in ("relief.person_times", "relief.households", "relief.persons", "relief.amount")
        }
    assert values == {
        "relief.person_times": 2,
        "relief.households": 1,
        "relief.persons": 2,
        "relief.amount": 100_000,
    }


def test_relief_that_came_back_is_issued_again_to_the_applicants_new_account(officers: Officers) -> None:
    make_reserve(officers, fen=0)
    household = make_family(("徐春生", "王秀兰"))
    give_account(household)
    case = approved(officers, household, channel="bank")
    answer(officers, send(officers, case), case)
    give_account(household, valid_from=date(2020, 3, 1))
    with as_actor(officers.officer) as officer:
        (again,) = reissue_lines(
            actor=officer, programme="temporary_relief", benefit_month=date(2020, 3, 1), area_code=HANTING
        )
    answer(officers, walk(officers, again))
    with use_scope(FULL):
        assert ReliefCase.objects.get(id=case.id).state == "paid"
        states = (
            PaymentAttempt.objects.filter(payable__case=case)
            .order_by("recorded_at", "id")
            .values_list("state", flat=True)
        )
        assert sorted(states) == ["returned", "succeeded"]


def test_cash_counts_in_the_same_figures(officers: Officers) -> None:
    make_reserve(officers)
    paid(officers, make_family())
    with use_scope(FULL), clock.at(clock.instant(2020, 3, 18, 9)):
        cut = figures.make_cut(FULL.spans, since=date(2020, 1, 1), as_of=clock.instant(2020, 3, 19))
        value = sum(leaf.value for leaf in figures.leaves(figures.get_figure("relief.amount"), cut))
        filled = sum(leaf.value for leaf in figures.leaves(figures.get_figure("petty_reserve.allocated"), cut))
    assert (value, filled) == (100_000, 1_000_000)


def test_list_is_refused_to_other_roles_and_for_cases_that_cannot_go(officers: Officers) -> None:
    make_reserve(officers)
    case = ready(officers, "徐春生")
    cash = approved(officers, make_family(("钱春生",)))
    poor = approved(officers, make_family(("孙春生",)), channel="bank")
    arguments = {"area_code": HANTING}
    refused(officers.assistant, create_relief_batch, NotAllowed, case_ids=[case.id], **arguments)
    assert (
        refused(officers.officer, create_relief_batch, StateConflict, case_ids=[case.id, cash.id], **arguments).reason
        == "relief.needs_bank"
    )
    assert (
        refused(officers.officer, create_relief_batch, Invalid, case_ids=[poor.id], **arguments).reason
        == "relief.no_account"
    )
    assert (
        refused(officers.officer, create_relief_batch, Invalid, case_ids=[], **arguments).reason == "relief.none_chosen"
    )
    with as_actor(officers.officer) as officer:
        create_relief_batch(actor=officer, case_ids=[case.id], **arguments)
    assert (
        refused(officers.officer, create_relief_batch, StateConflict, case_ids=[case.id], **arguments).reason
        == "relief.listed"
    )


def test_figure_of_filled_reserves_leads_its_readers_only_into_the_book(officers: Officers) -> None:
    make_reserve(officers)
    cut = {"from": "2020-01-01", "as_of": "2020-03-18T24:00"}
    url = reverse("figure_rows", args=["petty_reserve.allocated"])
    with clock.at(clock.instant(2020, 3, 19, 9)):
        for actor, may_read in ((officers.officer, True), (officers.assistant, False)):
            shown = client_of(actor).get(url, cut | {"area": GUDI})
            text = shown.content.decode()
            assert (shown.status_code, "10,000.00" in text) == (200, True)
            assert ("/ledger/entries/" in text) == may_read
