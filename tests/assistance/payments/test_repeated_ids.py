"""An id made with a form: the same content is the first answer, another content is refused, two at once are one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from shouwang.assistance.commands.grants import GrantChange, change_grants
from shouwang.assistance.models import GrantAmount, PostponedReview
from shouwang.assistance.states import ChangeCause, GrantChangeKind
from shouwang.kernel.errors import Conflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from tests.factories import GUDI_VILLAGE, HANTING, make_actor

from .setting import County, acting_as, everywhere, make_county, make_family, take_over
from .test_grants import APRIL, grant_of, pause_exits
from .test_races import together


def change(grant_id: UUID, change_id: UUID, fen: int = 300_00) -> GrantChange:
    return GrantChange(
        grant_id, GrantChangeKind.CHANGE, APRIL, fen, ChangeCause.INCOME, "收入变化", change_id=change_id
    )


@pytest.mark.django_db
def test_change_sent_again_is_one_and_with_other_content_refused(county: County) -> None:
    grant_id, change_id = grant_of(county), new_id()
    said = change(grant_id, change_id, 500_00)
    with acting_as(county.officers.opener) as actor:
        assert change_grants(actor=actor, changes=[said]).applied_count == 1
        assert change_grants(actor=actor, changes=[said]).applied_count == 0
        for other in (
            replace(said, monthly_fen=600_00),
            replace(said, reason="别的原因"),
            replace(said, cause=ChangeCause.MEMBERS),
            replace(said, grant_id=grant_of(county, 1)),
        ):
            with pytest.raises(Conflict) as refusal:
                change_grants(actor=actor, changes=[other])
            assert refusal.value.reason == "request.reused"
        assert GrantAmount.objects.filter(id=change_id).count() == 1


@pytest.mark.django_db
def test_postponed_change_sent_again_is_one_and_with_other_content_refused(county: County) -> None:
    pause_exits()
    said = change(grant_of(county), new_id())
    with acting_as(county.officers.opener) as actor:
        assert len(change_grants(actor=actor, changes=[said]).postponed) == 1
        assert change_grants(actor=actor, changes=[said]).postponed == ()
        with pytest.raises(Conflict, match="内容与这次不同"):
            change_grants(actor=actor, changes=[replace(said, monthly_fen=310_00)])
        assert PostponedReview.objects.count() == 1


@pytest.mark.django_db
def test_id_that_another_county_used_is_refused_in_words(county: County) -> None:
    with use_scope(everywhere().scope):
        fangzi = make_county(370704_000_000_000)
        family = make_family(370704_001_200_000)
    take_over(fangzi, [(family, 400_00)])
    with use_scope(everywhere().scope):
        theirs = family.household.grants.get().id
    used = new_id()
    with acting_as(fangzi.officers.opener) as actor:
        change_grants(actor=actor, changes=[change(theirs, used, 500_00)])
    with acting_as(county.officers.opener) as actor, pytest.raises(Conflict) as refusal:
        change_grants(actor=actor, changes=[change(grant_of(county), used, 500_00)])
    assert refusal.value.reason == "request.reused"


def test_one_id_for_two_changes_at_once_is_taken_for_one(committed_db: str) -> None:
    with use_scope(everywhere().scope):
        county = make_county()
        families = [make_family(GUDI_VILLAGE) for _ in range(2)]
    take_over(county, [(family, 450_00) for family in families])
    change_id, second = new_id(), make_actor("county_officer", HANTING)
    asked = [
        (county.officers.opener, change(grant_of(county, 0), change_id, 500_00)),
        (second, change(grant_of(county, 1), change_id, 500_00)),
    ]

    def changing(position: int) -> object:
        actor, said = asked[position]
        with use_scope(actor.scope):
            return change_grants(actor=actor, changes=[said]).applied_count

    answers = together(lambda: changing(0), lambda: changing(1))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
