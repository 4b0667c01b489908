"""Months that were paid in parts, set off whole or taken back: what of them is too much, noted once and of the right part."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from shouwang.assistance.commands.overpayments import recover_overpayment
from shouwang.assistance.commands.recalculations import open_recalculation
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import Overpayment, Payable, PaymentAttempt, Recalculation, RecalculationLine
from shouwang.assistance.queries.recalculations import line_behind
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.ledger.public import verify_ledger
from shouwang.registry.models import Person
from shouwang.registry.public import merge_persons, record_death
from tests.assistance.parameters.setting import RURAL, make_bureau, notice, put_in_force, value
from tests.assistance.payments.setting import MARCH, County, Family, acting_as, everywhere, make_family, take_over
from tests.factories import HANTING, WEIFANG

from .setting import family, grant, make_programme_county
from .setting import run as run_programme
from .test_recalculations import FEBRUARY, LATER, compute, confirm, county, pay, set_standard
from .test_runs_by_rules import earn

__all__ = ["county"]

pytestmark = pytest.mark.django_db

APRIL = date(2020, 4, 1)
NEXT_DAY = clock.instant(2020, 3, 29, 9)


def set_another(text: str | None, *, told: UUID, area_code: int = HANTING) -> UUID:
    """The rural standard from March on by a second notice; the recalculation that follows."""
    changed = value(RURAL, text, valid_from=MARCH, area_code=area_code)
    proposed = notice(changed, effective_on=MARCH, is_retroactive=True, number="寒民〔2020〕8号", area_code=area_code)
    put_in_force(make_bureau(area_code), proposed)
    with acting_as(everywhere()):
        return Recalculation.objects.exclude(id=told).get().id


def opened(county: County, month: date, *, programme: str = "dibao") -> UUID:
    with acting_as(county.officers.opener) as opener:
        return open_recalculation(
            actor=opener, recalculation_id=new_id(), programme=programme, month=month, unit_code=HANTING, basis="补登"
        ).id


def noted(family: Family) -> list[tuple[str, int]]:
    """(monthly or arrears, fen) of what was noted, in the order of writing."""
    with acting_as(everywhere()):
        rows = Overpayment.objects.filter(payable__household=family.household).order_by("recorded_at", "-amount_fen")
        return [(row.payable.reason_key.split(":")[0], row.amount_fen) for row in rows.select_related("payable")]


def with_arrears(county: County) -> UUID:
    """The standard was raised to 500: 40 and 80 of arrears stand on a drafted list."""
    told = set_standard("500")
    compute(county, told)
    confirm(county, told)
    return told


def pay_arrears(county: County) -> None:
    with acting_as(everywhere()):
        batch = PaymentAttempt.objects.filter(payable__reason_key__startswith="arrears")[0].batch
    assert batch is not None
    pay(county, batch)


def test_downward_line_waits_for_every_part_and_takes_the_latest_first(county: County) -> None:
    with clock.at(LATER):
        first = with_arrears(county)
    with clock.at(NEXT_DAY):
        told = set_another("400", told=first)
        compute(county, told)
        with acting_as(everywhere()):
            assert set(RecalculationLine.objects.filter(recalculation=told).values_list("waits", flat=True)) == {
                "not_arrived"
            }
        pay_arrears(county)
        assert compute(county, told).overpaid_fen == 100_00 + 200_00
        confirm(county, told)
    assert sorted(noted(county.families[0])) == [("arrears", 40_00), ("monthly", 60_00)]
    assert sorted(noted(county.families[1])) == [("arrears", 80_00), ("monthly", 120_00)]
    with acting_as(everywhere()):
        rows = list(Overpayment.objects.select_related("payable"))
        assert {line.recalculation_id for row in rows if (line := line_behind(row))} == {told}
        assert all(row.payee_name for row in rows)
        assert AuditEntry.objects.filter(action="overpayment.note").count() == 4
        assert AuditEntry.objects.filter(action="recalculation.open").count() == 2


def test_month_that_was_wholly_set_off_has_arrived(county: County) -> None:
    single = county.families[0]
    with clock.at(LATER):
        told = set_standard("200")
        compute(county, told)
        confirm(county, told)
        with acting_as(county.officers.opener) as opener:
            run_month(actor=opener, programme="dibao", benefit_month=APRIL, area_code=HANTING)
        with acting_as(everywhere()):
            april = Payable.objects.get(household=single.household, benefit_month=APRIL)
            assert not PaymentAttempt.objects.filter(payable=april).exists()
            earn(single, 50, since=FEBRUARY)
        again = opened(county, APRIL)
        compute(county, again)
        confirm(county, again)
        with acting_as(everywhere()):
            row = Overpayment.objects.get(payable=april)
            assert row.amount_fen == 50_00
        with acting_as(county.officers.finance) as finance:
            recover_overpayment(actor=finance, overpayment_id=row.id, amount_fen=50_00, reason="退回")
        with acting_as(everywhere()):
            assert verify_ledger().findings == []


def die(county: County) -> None:
    """The member of the pair without income had died in February."""
    with acting_as(county.officers.opener) as opener:
        record_death(
            actor=opener, person_id=county.families[1].persons[1].id, died_on=date(2020, 2, 20), source="殡仪馆名单"
        )


def test_arrears_that_arrive_after_a_death_are_measured_with_the_month(county: County) -> None:
    with clock.at(LATER):
        with_arrears(county)
        die(county)
        assert noted(county.families[1]) == [("monthly", 620_00 - 200_00)]
        pay_arrears(county)
    assert noted(county.families[1]) == [("monthly", 420_00), ("arrears", 80_00)]


def test_death_is_recorded_where_no_standard_is_known_any_more(county: County) -> None:
    withdrawn = [value(RURAL, None, valid_from=MARCH, area_code=area) for area in (WEIFANG, HANTING)]
    proposed = notice(*withdrawn, effective_on=MARCH, is_retroactive=True, area_code=WEIFANG)
    with clock.at(LATER):
        put_in_force(make_bureau(WEIFANG), proposed)
        die(county)
    assert noted(county.families[1]) == []  # of the pair somebody lives, and the decided amount says nothing else


def merge(county: County, duplicate: Person, survivor: Person) -> None:
    with acting_as(county.officers.opener) as opener:
        merge_persons(actor=opener, duplicate_id=duplicate.id, survivor_id=survivor.id, reason="同一人两份档案")


def waits(told: UUID) -> list[str]:
    with acting_as(everywhere()):
        return sorted(RecalculationLine.objects.filter(recalculation=told).values_list("waits", flat=True))


def test_who_was_paid_under_another_record_is_owed_no_arrears(county: County) -> None:
    with acting_as(everywhere()):
        refused = make_family()
        earn(refused, 700)
    take_over(county, [(refused, 100_00)])
    with acting_as(county.officers.opener) as opener:
        run_month(actor=opener, programme="dibao", benefit_month=APRIL, area_code=HANTING)
    with clock.at(LATER):
        merge(county, county.families[0].persons[0], refused.persons[0])
        put_in_force(
            make_bureau(),
            notice(value(RURAL, "900", valid_from=APRIL), effective_on=APRIL, is_retroactive=True),
        )
        told = opened(county, APRIL)
        compute(county, told)
        confirm(county, told)
    with acting_as(everywhere()):
        line = RecalculationLine.objects.get(recalculation=told, subject_id=refused.household.id)
        assert (line.should_fen, line.waits, line.arrears_id) == (200_00, "covered", None)


def test_one_person_with_two_grants_is_owed_the_arrears_once() -> None:
    made = make_programme_county()
    twins = [family(born=[date(1945, 1, 1)]), family(born=[date(1945, 1, 1)])]
    for one in twins:
        grant(made, "old_age", one.persons[0], 50_00)
    run_programme(made, "old_age")
    with clock.at(LATER):
        with acting_as(everywhere()):
            for one in twins:
                Person.objects.filter(id=one.persons[0].id).update(birth_on=date(1935, 1, 1))
        merge(made, twins[0].persons[0], twins[1].persons[0])
        told = opened(made, MARCH, programme="old_age")
        compute(made, told)
        confirm(made, told)
    assert waits(told) == ["", "covered"]


def test_line_is_not_moved_out_of_a_decided_recalculation(county: County) -> None:
    with clock.at(LATER):
        first = with_arrears(county)
        other = opened(county, MARCH)
    with acting_as(everywhere()):
        line = RecalculationLine.objects.filter(recalculation=first)[0]
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            RecalculationLine.objects.filter(id=line.id).update(recalculation_id=other)
