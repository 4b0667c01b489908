"""Whom a month computed again leaves out: counted with the reason on its page, and listed one by one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from shouwang.assistance.commands.corrections import reverse_payment
from shouwang.assistance.commands.history import PaidBefore, record_history
from shouwang.assistance.commands.recomputing import owed_by_the_rules
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import Payable, PaymentAttempt, Recalculation, RecalculationOmission
from shouwang.assistance.queries.recalculations import get_recalculation_for, left_out_sums, months_before_go_live
from shouwang.assistance.states_follows import LeftOut
from shouwang.kernel import clock
from tests.assistance.parameters.setting import RURAL, make_bureau, notice, put_in_force, value
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    everywhere,
    make_county,
    make_family,
    record_death,
    take_over,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, HANTING, make_actor

from .test_recalculations import LATER, compute, confirm, make, set_standard
from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

JANUARY = date(2020, 1, 1)


@pytest.fixture
def county(db: None) -> County:
    """Of its three households one has no income recorded."""
    return make()


def left_out(told: UUID) -> list[tuple[str, int, int]]:
    with acting_as(everywhere()) as system:
        found = left_out_sums(system, get_recalculation_for(system, told))
    return [(one.why.value, one.count, one.paid_fen) for one in found]


def test_unknown_facts_are_counted_on_the_page(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("500")
        compute(county, told)
        compute(county, told)
        assert left_out(told) == [(LeftOut.UNKNOWN_FACTS, 1, 460_00)]
        client = client_of(county.officers.opener)
        page = client.get(reverse("recalculation_page", args=[told])).content.decode()
        assert "收入等资料没有登记，按规则算不出来" in page
        url = reverse("recalculation_left_out", args=[told])
        listed = client.get(url).content.decode()
        assert county.families[2].persons[0].name in listed
        export = client.get(url, {"format": "csv"})
        assert "460.00" in export.getvalue().decode("utf-8-sig")
        for close in export._resource_closers:
            close()
        assert client_of(make_actor("county_officer", FANGZI)).get(url).status_code == 404


def test_payment_taken_back_is_left_out_by_hand(county: County) -> None:
    with clock.at(LATER):
        with acting_as(everywhere()):
            line = PaymentAttempt.objects.get(payable__household=county.families[0].household)
        with acting_as(county.officers.finance) as finance:
            reverse_payment(actor=finance, attempt_id=line.id, reason="重复发放")
        told = set_standard("500")
        compute(county, told)
        assert left_out(told) == [(LeftOut.UNKNOWN_FACTS, 1, 460_00), (LeftOut.BY_HAND, 1, 460_00)]


def test_decided_omissions_are_never_edited(county: County) -> None:
    with clock.at(LATER):
        told = set_standard("500")
        compute(county, told)
        confirm(county, told)
    with acting_as(everywhere()), pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        RecalculationOmission.objects.filter(recalculation_id=told).delete()


def test_held_by_the_run_and_months_before_go_live_are_told() -> None:
    """One died before March; January was paid from the county's own books, and the notice reaches back to it."""
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        early, dead = make_family(), make_family()
        earn(early, 0)
        record_death(dead.persons[0], date(2020, 2, 10))
    take_over(made, [(early, 430_00), (dead, 460_00)])
    with acting_as(made.officers.opener) as opener:
        head = early.persons[0].id
        row = PaidBefore("dibao", JANUARY, early.household.id, None, (head,), head, 430_00, date(2020, 1, 8))
        record_history(actor=opener, document_id=made.document.id, rows=[row])
        run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
    proposed = notice(value(RURAL, "500", valid_from=JANUARY), effective_on=JANUARY, is_retroactive=True)
    with clock.at(LATER):
        put_in_force(make_bureau(), proposed, at=LATER)
        with acting_as(everywhere()):
            told = Recalculation.objects.get(programme="dibao", benefit_month=MARCH).id
        compute(made, told)
        assert left_out(told) == [(LeftOut.HELD, 1, 0)]
        with acting_as(everywhere()) as system:
            before = months_before_go_live(system, get_recalculation_for(system, told))
        assert [(one.month, one.count, one.paid_fen) for one in before] == [(JANUARY, 1, 430_00)]
        page = client_of(made.officers.opener).get(reverse("recalculation_page", args=[told])).content.decode()
        assert "2020-01 上线以前已由原渠道发放" in page


def test_unit_that_is_gone_says_nothing_and_others_are_still_told(county: County) -> None:
    """The tree has lost the county of the run: what should have been paid cannot be said, and nothing is made up."""
    with acting_as(everywhere()), clock.at(LATER):
        payables = list(Payable.objects.order_by("amount_fen"))
        assert sorted(owed_by_the_rules(payables).values()) == [460_00, 620_00]  # of the third no income is known
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("delete from areas_area where code = %s", [HANTING])
            assert owed_by_the_rules(payables) == {}
            transaction.set_rollback(True)
