"""The first door, and what a grant pays from when; a pause of exits postpones cuts, but not death and fraud."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from shouwang.assistance.commands.grants import (
    TakenOver,
    change_grant_amount,
    end_grant,
    suspend_grant,
    take_over_grants,
)
from shouwang.assistance.models import Grant, GrantAmount, PostponedReview
from shouwang.assistance.queries.grants import amounts_as_of, list_grants_for
from shouwang.assistance.states import ChangeCause
from shouwang.kernel import clock, events
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import RecordsMoved
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor
from tests.measures import issue_measure

from .setting import County, acting_as, everywhere, make_document, make_family

pytestmark = pytest.mark.django_db

APRIL = date(2020, 4, 1)


def pause_exits(area_code: int = WEIFANG) -> None:
    city = make_actor("city_officer", WEIFANG)
    with use_scope(city.scope):
        issue_measure(
            actor=city,
            kind="exit_paused",
            parameters={},
            area_code=area_code,
            from_at=clock.instant(2020, 2, 1),
            until_at=None,
            document_id=make_document(WEIFANG).id,
        )


def grant_of(county: County, index: int = 0) -> UUID:
    with use_scope(everywhere().scope):
        return Grant.objects.get(household=county.families[index].household).id


def paid_from(grant_id: UUID, month: date) -> int | None:
    with use_scope(everywhere().scope):
        return amounts_as_of([grant_id], month=month)[grant_id].monthly_fen


def test_taking_over_keeps_officer_and_document(county: County) -> None:
    with use_scope(everywhere().scope):
        grant = Grant.objects.get(id=grant_of(county))
    assert (grant.origin, grant.document_id, grant.recorded_by) == (
        "taken_over",
        county.document.id,
        county.officers.opener.user_id,
    )


@pytest.mark.parametrize(
    ("starts_on", "fen", "error"),
    [(date(2020, 1, 2), 100_00, Invalid), (date(2020, 1, 1), 0, Invalid), (date(2020, 1, 1), -5, Invalid)],
)
def test_row_that_cannot_be_a_grant_refuses_the_list(
    county: County, starts_on: date, fen: int, error: type[Exception]
) -> None:
    with use_scope(everywhere().scope):
        good, bad = make_family(), make_family()
    rows = [
        TakenOver("dibao", good.household.id, None, date(2020, 1, 1), 100_00),
        TakenOver("dibao", bad.household.id, None, starts_on, fen),
    ]
    with acting_as(county.officers.opener) as opener, pytest.raises(error):
        take_over_grants(actor=opener, document_id=county.document.id, rows=rows)
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 3


def test_recipient_in_force_is_not_taken_over_twice(county: County) -> None:
    row = TakenOver("dibao", county.families[0].household.id, None, date(2020, 1, 1), 100_00)
    with acting_as(county.officers.opener) as opener, pytest.raises(Conflict) as refusal:
        take_over_grants(actor=opener, document_id=county.document.id, rows=[row])
    assert (refusal.value.reason, refusal.value.data["row"]) == ("grant.in_force", 1)


def test_neighbour_takes_over_nobody_here(county: County) -> None:
    with use_scope(everywhere().scope):
        family = make_family()
    row = TakenOver("dibao", family.household.id, None, date(2020, 1, 1), 100_00)
    neighbour = make_actor("county_officer", FANGZI)
    audits, event_count = AuditEntry.objects.count(), EventRecord.objects.count()
    with acting_as(neighbour), pytest.raises(NotFound):
        take_over_grants(actor=neighbour, document_id=county.document.id, rows=[row])
    leader = make_actor("county_leader", HANTING)
    with acting_as(leader), pytest.raises(NotAllowed):
        take_over_grants(actor=leader, document_id=county.document.id, rows=[row])
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 3
    assert (AuditEntry.objects.count(), EventRecord.objects.count()) == (audits, event_count)


def test_document_of_another_area_takes_over_nobody(county: County) -> None:
    """The city may pay for both counties, and still a county's list names its own people only."""
    with use_scope(everywhere().scope):
        family, theirs, citys = make_family(), make_document(FANGZI), make_document(WEIFANG)
    row = TakenOver("dibao", family.household.id, None, date(2020, 1, 1), 100_00)
    for actor in (make_actor("county_officer", HANTING), make_actor("city_officer", WEIFANG)):
        with acting_as(actor):
            for document_id, error in ((theirs.id, Invalid), (new_id(), NotFound)):
                with pytest.raises(error):
                    take_over_grants(actor=actor, document_id=document_id, rows=[row])
    with acting_as(county.officers.opener) as opener:
        assert take_over_grants(actor=opener, document_id=citys.id, rows=[row]) == 1


def test_amount_is_a_dated_fact(county: County) -> None:
    grant_id = grant_of(county)
    with acting_as(county.officers.opener) as opener:
        change_grant_amount(
            actor=opener,
            grant_id=grant_id,
            valid_from=APRIL,
            monthly_fen=500_00,
            cause=ChangeCause.STANDARD,
            reason="标准提高",
        )
        assert [grant.monthly_fen for grant in list_grants_for(opener, month=APRIL) if grant.id == grant_id] == [500_00]
    assert [paid_from(grant_id, month) for month in (date(2020, 3, 1), APRIL)] == [450_00, 500_00]


def test_suspended_grant_goes_on_and_an_ended_one_does_not(county: County) -> None:
    grant_id = grant_of(county)
    with acting_as(county.officers.opener) as opener:
        suspend_grant(actor=opener, grant_id=grant_id, valid_from=APRIL, cause=ChangeCause.OTHER, reason="核查中")
        assert paid_from(grant_id, APRIL) is None
        change_grant_amount(
            actor=opener,
            grant_id=grant_id,
            valid_from=date(2020, 5, 1),
            monthly_fen=450_00,
            cause=ChangeCause.OTHER,
            reason="核查无误",
        )
        end_grant(
            actor=opener, grant_id=grant_id, valid_from=date(2020, 6, 1), cause=ChangeCause.INCOME, reason="收入超标"
        )
        with pytest.raises(StateConflict) as refusal:
            change_grant_amount(
                actor=opener,
                grant_id=grant_id,
                valid_from=date(2020, 7, 1),
                monthly_fen=1_00,
                cause=ChangeCause.OTHER,
                reason="恢复",
            )
    assert refusal.value.reason == "grant.ended"
    assert paid_from(grant_id, date(2020, 6, 1)) is None


def test_cut_while_exits_are_paused_waits_for_review(county: County) -> None:
    pause_exits()
    grant_id = grant_of(county)
    with acting_as(county.officers.opener) as opener:
        ended = end_grant(
            actor=opener, grant_id=grant_id, valid_from=APRIL, cause=ChangeCause.INCOME, reason="收入超标"
        )
        cut = change_grant_amount(
            actor=opener,
            grant_id=grant_id,
            valid_from=APRIL,
            monthly_fen=1_00,
            cause=ChangeCause.INCOME,
            reason="收入增加",
        )
    assert [(made.applied_count, len(made.postponed)) for made in (ended, cut)] == [(0, 1), (0, 1)]
    assert paid_from(grant_id, APRIL) == 450_00
    with use_scope(everywhere().scope):
        reviews = PostponedReview.objects.order_by("wanted_fen")
        assert [(review.kind, review.wanted_fen, len(review.measure_ids)) for review in reviews] == [
            ("change", 1_00, 1),
            ("end", None, 1),
        ]


@pytest.mark.parametrize("cause", [ChangeCause.DEATH, ChangeCause.FRAUD])
def test_death_and_fraud_stop_even_while_exits_are_paused(county: County, cause: ChangeCause) -> None:
    pause_exits()
    grant_id = grant_of(county)
    with acting_as(county.officers.opener) as opener:
        made = end_grant(actor=opener, grant_id=grant_id, valid_from=APRIL, cause=cause, reason="已核实")
    assert (made.applied_count, made.postponed) == (1, ())
    assert paid_from(grant_id, APRIL) is None


def test_raise_and_another_county_are_not_held_by_a_pause(county: County) -> None:
    pause_exits(FANGZI)
    grant_id = grant_of(county)
    with acting_as(county.officers.opener) as opener:
        made = change_grant_amount(
            actor=opener,
            grant_id=grant_id,
            valid_from=APRIL,
            monthly_fen=1_00,
            cause=ChangeCause.INCOME,
            reason="收入增加",
        )
    assert made.applied_count == 1
    pause_exits()
    with acting_as(county.officers.opener) as opener:
        made = change_grant_amount(
            actor=opener,
            grant_id=grant_id,
            valid_from=date(2020, 5, 1),
            monthly_fen=2_00,
            cause=ChangeCause.STANDARD,
            reason="标准提高",
        )
    assert made.applied_count == 1
    with use_scope(everywhere().scope):
        assert GrantAmount.objects.filter(grant_id=grant_id).count() == 3


def test_grant_follows_a_household_that_moves(county: County) -> None:
    grant_id = grant_of(county)
    city = make_actor("city_officer", WEIFANG)
    family = county.families[0]
    village = 370704_001_001_000
    with use_scope(city.scope):
        events.publish(RecordsMoved(family.household.id, (family.persons[0].id,), HANTING, date(2020, 3, 10), village))
        grant = Grant.objects.get(id=grant_id)
        assert (grant.area_code, set(grant.amounts.values_list("area_code", flat=True))) == (village, {village})
