"""What a pause of exits kept above the rules: listed by amount when it is lifted, and cut off by nobody but an officer."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import F
from django.urls import reverse

from shouwang.assistance.commands.grants import suspend_grant
from shouwang.assistance.commands.recalculations import compute_recalculation, open_recalculation
from shouwang.assistance.commands.reviews import apply_review, dismiss_review
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.models import BenefitRun, Grant, PostponedReview, RunLine
from shouwang.assistance.queries.lifted import LiftedRow, list_lifted_for
from shouwang.assistance.queries.run_records import explained
from shouwang.assistance.states import ChangeCause
from shouwang.kernel import clock
from shouwang.kernel.errors import StateConflict
from shouwang.kernel.ids import new_id
from shouwang.registry.public import record_death
from tests.asking import queries_of_page
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    everywhere,
    make_county,
    make_document,
    make_family,
    take_over,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, HANTING, make_actor
from tests.measures import issue_measure

from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

FEBRUARY, APRIL, MAY, JUNE = date(2020, 2, 1), date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1)
LIFTED = clock.instant(2020, 3, 25)
AFTER, MONTH_AFTER = clock.instant(2020, 3, 26, 9), clock.instant(2020, 4, 20, 9)


@pytest.fixture
def county(db: None) -> County:
    """Rural households of 寒亭区 (460 a head): over the standard, 200 too much, as the rules say. Exits are paused."""
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        over, less, same = make_family(), make_family(), make_family()
        earn(over, 900)
        earn(less, 260)
        earn(same, 0)
        issue_measure(
            actor=everywhere(),
            kind="exit_paused",
            parameters={},
            area_code=HANTING,
            from_at=clock.instant(2020, 3, 1),
            until_at=LIFTED,
            document_id=make_document().id,
        )
    take_over(made, [(over, 520_00), (less, 400_00), (same, 460_00)])
    run(made, MARCH)
    return made


def run(county: County, month: date) -> BenefitRun:
    with acting_as(county.officers.opener) as opener:
        return run_month(actor=opener, programme="dibao", benefit_month=month, area_code=HANTING).run


def listed(county: County) -> list[LiftedRow]:
    with acting_as(county.officers.opener) as opener:
        return list_lifted_for(opener)


def paid(county: County, run: BenefitRun) -> list[int]:
    """What the run pays each family, in their order."""
    with acting_as(everywhere()):
        lines = {line.subject_id: line for line in RunLine.objects.filter(run=run)}
        return [lines[family.household.id].amount_fen for family in county.families]


def test_kept_grants_are_listed_by_amount_with_their_reasons(county: County) -> None:
    rows = listed(county)
    assert [(row.paid_fen, row.ordinary_fen, row.difference_fen) for row in rows] == [
        (520_00, 0, 520_00),
        (400_00, 200_00, 200_00),
    ]
    assert "暂缓退出期间" in rows[0].why
    assert all(row.review_id and row.line_id for row in rows)
    with acting_as(make_actor("county_officer", FANGZI)) as neighbour:
        assert list_lifted_for(neighbour) == []


def test_run_after_the_pause_cuts_nobody_off(county: County) -> None:
    with clock.at(AFTER):
        april = run(county, APRIL)
        assert paid(county, april) == [520_00, 400_00, 460_00]
        assert len(listed(county)) == 2
        with acting_as(everywhere()):
            assert PostponedReview.objects.count() == 2  # asked once, however many months
            assert replay(april).difference_count == 0
            kept = explained(RunLine.objects.get(run=april, amount_fen=400_00)).explanation
            assert kept is not None
            assert "暂缓退出期间及其后复核以前不停发、不减发，按原数额发放" in kept.why


def test_bulk_run_obeys_what_the_officer_decided(county: County) -> None:
    over, less = (row.review_id for row in listed(county))
    assert over
    assert less
    with clock.at(AFTER), acting_as(county.officers.opener) as opener:
        apply_review(actor=opener, review_id=less, valid_from=APRIL, reason="已核实")
        dismiss_review(actor=opener, review_id=over, reason="已失业，收入待重新核对")
        assert paid(county, run(county, APRIL)) == [520_00, 200_00, 460_00]
    with clock.at(MONTH_AFTER):
        assert paid(county, run(county, MAY)) == [520_00, 200_00, 460_00]
        (left,) = listed(county)
        assert (left.paid_fen, left.review_id) == (520_00, None)  # still told, and asked no second time


def test_month_before_a_review_was_applied_keeps_what_the_pause_left(county: County) -> None:
    with clock.at(AFTER):
        run(county, APRIL)
    with clock.at(MONTH_AFTER), acting_as(county.officers.opener) as opener:
        for row in list_lifted_for(opener):
            assert row.review_id
            apply_review(actor=opener, review_id=row.review_id, valid_from=MAY, reason="已核实")
        told = open_recalculation(
            actor=opener, recalculation_id=new_id(), programme="dibao", month=APRIL, unit_code=HANTING, basis="再核"
        )
        found = compute_recalculation(actor=opener, recalculation_id=told.id)
        assert (found.compared_count, found.lines.count()) == (3, 0)


def test_review_says_nothing_of_the_months_before_its_own(county: County) -> None:
    with clock.at(AFTER):
        assert paid(county, run(county, FEBRUARY)) == [0, 200_00, 460_00]


def test_review_follows_what_the_latest_run_found(county: County) -> None:
    """The wages end while the reviews wait: the rules now give 460 to who has 520, and to who has 400."""
    over, less = (row.review_id for row in listed(county))
    assert over
    assert less
    client = client_of(county.officers.opener)
    with clock.at(AFTER):
        with acting_as(everywhere()):
            for family in county.families[:2]:
                earn(family, 0, since=MARCH)
        run(county, APRIL)
        assert {(row.review_id, row.paid_fen, row.ordinary_fen) for row in listed(county)} == {
            (over, 520_00, 460_00),
            (less, 460_00, 460_00),
        }
        page = client.get(reverse("review_page", args=[over])).content.decode()
        assert "不再发放" not in page
        assert "460.00" in page
        page = client.get(reverse("review_page", args=[less])).content.decode()
        assert "按规则不再少于现在的数额" in page
        assert reverse("review_settle", args=[less, "apply"]) not in page
        assert "460.00" in client.get(reverse("review_list")).content.decode()
    with clock.at(MONTH_AFTER):
        with acting_as(county.officers.opener) as opener:
            with pytest.raises(StateConflict, match="不予变更"):
                apply_review(actor=opener, review_id=less, valid_from=MAY, reason="已核实")
            apply_review(actor=opener, review_id=over, valid_from=MAY, reason="已核实")
            dismiss_review(actor=opener, review_id=less, reason="工资已停发")
        assert paid(county, run(county, MAY)) == [460_00, 460_00, 460_00]


def test_change_asked_for_a_later_month_is_no_answer_for_the_months_before(county: County) -> None:
    """A suspension from June waits; what the pause keeps in April is asked all the same, and kept in May."""
    with acting_as(everywhere()):
        late = make_family()
        earn(late, 260)
    take_over(county, [(late, 400_00)])
    with acting_as(county.officers.opener) as opener:
        kept = Grant.objects.get(household=late.household)
        suspend_grant(actor=opener, grant_id=kept.id, valid_from=JUNE, cause=ChangeCause.OTHER, reason="外出务工")
    assert paid(county, run(county, APRIL))[-1] == 400_00
    with acting_as(everywhere()):
        reviews = PostponedReview.objects.filter(grant=kept).order_by("valid_from")
        assert [(review.valid_from, review.is_kept) for review in reviews] == [(APRIL, True), (JUNE, False)]
    with clock.at(MONTH_AFTER):
        assert paid(county, run(county, MAY))[-1] == 400_00


def test_list_holds_what_somebody_can_decide(county: County) -> None:
    """Doubled price subsidy is nobody's to decide; an end that was applied is decided; a hand's review tells its month."""
    with acting_as(county.officers.opener) as opener:
        subsidy = run_month(actor=opener, programme="price_subsidy", benefit_month=MARCH, area_code=HANTING).run
        same = Grant.objects.get(household=county.families[2].household)
        suspend_grant(actor=opener, grant_id=same.id, valid_from=APRIL, cause=ChangeCause.OTHER, reason="外出务工")
    with acting_as(everywhere()):
        assert RunLine.objects.filter(run=subsidy, payable__isnull=False, amount_fen__gt=F("ordinary_fen")).count() == 3
    rows = listed(county)
    assert [(row.programme, row.month, row.paid_fen, row.ordinary_fen) for row in rows] == [
        ("dibao", MARCH, 520_00, 0),
        ("dibao", MARCH, 460_00, 0),
        ("dibao", MARCH, 400_00, 200_00),
    ]
    with clock.at(AFTER):
        assert rows[0].review_id
        with acting_as(county.officers.opener) as opener:
            apply_review(actor=opener, review_id=rows[0].review_id, valid_from=APRIL, reason="已核实")
        assert [row.paid_fen for row in listed(county)] == [460_00, 400_00]


def test_page_leads_to_the_decision(county: County) -> None:
    client = client_of(county.officers.opener)
    with clock.at(AFTER):
        page = client.get(reverse("lifted_list"))
        text = page.content.decode()
        assert reverse("review_page", args=[listed(county)[0].review_id]) in text
        assert text.index("520.00") < text.index("200.00")
        assert "照原数额发放" in text
        export = client.get(reverse("lifted_list"), {"format": "csv"})
        assert "720.00" in text
        assert export.getvalue().decode("utf-8-sig").count("\n") == 3
        for close in export._resource_closers:
            close()


def test_page_asks_as_much_for_one_row_as_for_two(county: County) -> None:
    client = client_of(county.officers.opener)
    asked = [queries_of_page(client, reverse("lifted_list"))]
    with clock.at(AFTER):
        (_over, less) = listed(county)
        assert less.review_id
        with acting_as(county.officers.opener) as opener:
            apply_review(actor=opener, review_id=less.review_id, valid_from=APRIL, reason="已核实")
        run(county, APRIL)
        assert len(listed(county)) == 1
        asked.append(queries_of_page(client, reverse("lifted_list")))
    assert asked[0] == asked[1]


def test_death_that_was_recorded_lifts_the_pause(county: County) -> None:
    """With a death the person leaves the household; the household is bereaved all the same."""
    with acting_as(everywhere()):
        pair = make_family(size=2)
        earn(pair, 300)
    take_over(county, [(pair, 620_00)])
    with acting_as(county.officers.opener) as opener:
        record_death(actor=opener, person_id=pair.persons[1].id, died_on=date(2020, 3, 5), source="殡仪馆名单")
    assert paid(county, run(county, APRIL)) == [520_00, 400_00, 460_00, 160_00]
