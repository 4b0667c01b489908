"""Promise 3: every yuan can be followed, and a table that does not add up cannot be published."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum

from shouwang.assistance.commands.batches import reconcile_batch
from shouwang.assistance.commands.corrections import reverse_payment
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import Payable, PaymentAttempt, PaymentBatch, PaymentOutcome
from shouwang.kernel import clock
from shouwang.ledger.models import Entry, Posting
from shouwang.ledger.public import verify_ledger
from shouwang.reporting.queries import figures_for
from tests.assistance.payments.setting import (
    PAID_ON,
    County,
    acting_as,
    answers,
    everywhere,
    lines_of,
    make_county,
    make_family,
    reread,
    take_over,
    walk,
)
from tests.factories import GUDI_VILLAGE, HANTING

pytestmark = pytest.mark.django_db

MARCH, SINCE = date(2020, 3, 1), date(2020, 1, 1)
GAOLI_VILLAGE = 370703_006_223_000
EVENING = clock.instant(2020, 3, 18, 20)
NEXT_MORNING = clock.instant(2020, 3, 19, 8)
"""The cut-off of the bulletin is the midnight between the two."""


@pytest.fixture
def county() -> County:
    """寒亭区 with three households in two townships: 450.00, 315.50 and 902.00 yuan a month."""
    with acting_as(everywhere()):
        made = make_county()
        families = [make_family(GUDI_VILLAGE), make_family(GUDI_VILLAGE, size=2), make_family(GAOLI_VILLAGE, size=3)]
    take_over(made, list(zip(families, (450_00, 315_50, 902_00), strict=True)))
    return made


def run_of_march(county: County) -> PaymentBatch:
    opener = county.officers.opener
    with acting_as(opener):
        run = run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING).run
        return PaymentBatch.objects.get(run=run)


def paid(county: County) -> PaymentBatch:
    """March's list, all of it arrived and reconciled."""
    batch = walk(run_of_march(county), county.officers)
    finance, last = county.officers.finance, county.officers.spare
    with acting_as(finance):
        receive_return(actor=finance, batch_id=batch.id, answers=answers(batch))
    with acting_as(last):
        reconcile_batch(actor=last, batch_id=batch.id)
    return reread(batch)


def dibao_amount(county: County, morning: int = 19) -> tuple[int, list[int]]:
    """(whole, parts) of the county as of a morning's midnight."""
    leader = county.officers.leader
    with clock.at(clock.instant(2020, 3, morning, 9)), acting_as(leader):
        cutoff = clock.instant(2020, 3, morning)
        table = figures_for(leader, area_code=HANTING, since=SINCE, as_of=cutoff, keys=["dibao.amount"])
    return table.figures[0].value, [unit.value for unit in table.figures[0].units]


def test_database_refuses_an_entry_that_does_not_balance(county: County) -> None:
    paid(county)
    with acting_as(everywhere()):
        posting = Posting.objects.select_related("entry", "account").first()
        assert posting is not None
        entry = Entry.objects.create(
            kind="plain",
            area_code=posting.area_code,
            occurred_on=PAID_ON,
            recorded_at=clock.now(),
            source="test:1",
            memo="",
        )
        with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
            Posting.objects.create(
                entry=entry, position=1, account=posting.account, quantity=100, area_code=posting.area_code
            )


def test_lines_of_a_list_add_up_to_what_the_book_says(county: County) -> None:
    batch = paid(county)
    with acting_as(everywhere()):
        outcomes = PaymentOutcome.objects.filter(attempt__batch=batch, kind="paid")
        by_entry = outcomes.values_list("entry_id").annotate(fen=Sum("amount_fen"))
        booked = Posting.objects.filter(entry__outcomes__attempt__batch=batch, account__kind="paid_out").distinct()
        assert dict(by_entry) == {posting.entry_id: posting.quantity for posting in booked}
        assert sum(posting.quantity for posting in booked) == batch.amount_fen == 1_667_50
        assert verify_ledger().holds


def test_figure_is_the_sum_of_its_units(county: County) -> None:
    with clock.at(EVENING):
        paid(county)
    whole, parts = dibao_amount(county)
    assert whole == sum(parts) == 1_667_50


def test_month_is_not_paid_twice(county: County) -> None:
    first = paid(county)
    again = run_of_march(county)
    assert again.id == first.id
    with acting_as(everywhere()):
        assert (Payable.objects.count(), PaymentAttempt.objects.count(), PaymentOutcome.objects.count()) == (3, 3, 3)


def test_reversed_payment_changes_the_figure_and_not_the_earlier_bulletin(county: County) -> None:
    with clock.at(EVENING):
        batch = paid(county)
    before = dibao_amount(county)
    with clock.at(NEXT_MORNING), acting_as(county.officers.leader) as leader:
        reverse_payment(actor=leader, attempt_id=lines_of(batch)[0].id, reason="错发")
    assert dibao_amount(county) == before
    whole, parts = dibao_amount(county, 20)
    assert whole == sum(parts) == 1_667_50 - lines_of(batch)[0].amount_fen
