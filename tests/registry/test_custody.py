"""Merging and un-merging records, moving households, handing them over to another county."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.models import AuditEntry, EventRecord, SearchTerm
from shouwang.registry.models import BankAccount, HouseholdFact, Membership, PersonFact, Transfer
from shouwang.registry.public import (
    AccountDetails,
    Household,
    Person,
    household_facts_as_of,
    household_of,
    members_as_of,
    merge_persons,
    move_household,
    person_facts_as_of,
    record_bank_account,
    record_person_fact,
    refuse_transfer,
    request_transfer,
    survivors_of,
    transfer_household,
    unmerge_persons,
    withdraw_transfer,
)
from shouwang.registry.queries.duplicates import possible_duplicates
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, WEIFANG, acting
from tests.registry import families
from tests.registry.families import FANGZI_VILLAGE, SINCE, person_of

pytestmark = pytest.mark.django_db

BEFORE = clock.instant(2020, 3, 18, 9)
MERGED = clock.instant(2020, 3, 18, 10)
BETWEEN = clock.instant(2020, 3, 18, 11)
UNMERGED = clock.instant(2020, 3, 18, 12)
AFTER = clock.instant(2020, 3, 18, 13)
BIRTH = date(1960, 5, 1)


def twins(actor: object) -> tuple[Person, Person]:
    """(with a number, without): the same name and birth date."""
    numbered = person_of(actor)  # type: ignore[arg-type]
    without = person_of(actor, id_number="", no_id_reason="unregistered", sex="male", birth_on=BIRTH)  # type: ignore[arg-type]
    return numbered, without


def test_merge_and_unmerge_are_resolved_as_of() -> None:
    with acting() as actor:
        survivor, duplicate = twins(actor)
        record_person_fact(
            actor=actor, person_id=duplicate.id, kind="student", value=1, valid_from=SINCE, source="测试"
        )
        with clock.at(MERGED):
            merge_persons(actor=actor, duplicate_id=duplicate.id, survivor_id=survivor.id, reason="同一人")
        with clock.at(UNMERGED):
            unmerge_persons(actor=actor, duplicate_id=duplicate.id, reason="核对有误")

        def seen(known_at: object) -> tuple[bool, object]:
            resolved = survivors_of([duplicate.id], known_at=known_at)[duplicate.id]  # type: ignore[arg-type]
            facts = person_facts_as_of([survivor.id], ["student"], on=SINCE, known_at=known_at)  # type: ignore[arg-type]
            return resolved == survivor.id, facts[survivor.id].get("student")

        assert [seen(moment) for moment in (BEFORE, MERGED, BETWEEN, UNMERGED, AFTER, None)] == [
            (False, None),
            (False, None),  # half-open: what is recorded at the very cut-off is not known yet
            (True, 1),
            (True, 1),
            (False, None),
            (False, None),
        ]
        kinds = EventRecord.objects.filter(kind="person.merged").order_by("recorded_at")
        assert [event.payload["is_merged"] for event in kinds] == [True, False]


def test_merged_member_is_counted_once() -> None:
    with acting() as actor:
        home = families.household_of(actor, "张永福", "李秀英")
        other = families.household_of(actor, "王建国")
        survivor = members_as_of([home.id], on=SINCE)[home.id][1].person_id
        duplicate = person_of(actor, "李秀英", id_number="", no_id_reason="unregistered", sex="female", birth_on=BIRTH)
        from shouwang.registry.public import record_membership

        record_membership(
            actor=actor,
            person_id=duplicate.id,
            household_id=other.id,
            relation="other",
            valid_from=date(2020, 2, 1),
            source="测试",
        )
        merge_persons(actor=actor, duplicate_id=duplicate.id, survivor_id=survivor, reason="同一人")
        members = members_as_of([home.id, other.id], on=date(2020, 3, 1))
        assert [[m.name for m in members[one.id]] for one in (home, other)] == [["张永福"], ["王建国", "李秀英"]]
        assert household_of([survivor, duplicate.id], on=date(2020, 3, 1)) == {
            survivor: other.id,
            duplicate.id: other.id,
        }


def test_merge_that_would_make_a_chain_or_join_two_numbers_is_refused() -> None:
    with acting() as actor:
        survivor, duplicate = twins(actor)
        third = person_of(actor, id_number="", no_id_reason="unregistered", sex="male", birth_on=BIRTH)
        numbered = person_of(actor)
        merge_persons(actor=actor, duplicate_id=duplicate.id, survivor_id=third.id, reason="同一人")
        for goes, stays, reason in (
            (numbered.id, survivor.id, "merge.two_numbers"),
            (survivor.id, third.id, "merge.keep_numbered"),
            (third.id, survivor.id, "merge.has_absorbed"),
            (duplicate.id, survivor.id, "merge.merged_already"),
        ):
            with pytest.raises((Invalid, StateConflict)) as refusal:
                merge_persons(actor=actor, duplicate_id=goes, survivor_id=stays, reason="同一人")
            assert refusal.value.reason == reason
        assert AuditEntry.objects.filter(action="person.merge").count() == 2  # one a record of the one merge


def test_township_assistant_may_not_merge() -> None:
    with acting() as actor:
        survivor, duplicate = twins(actor)
    with acting("township_assistant", HANTING) as assistant, pytest.raises(NotAllowed):
        merge_persons(actor=assistant, duplicate_id=duplicate.id, survivor_id=survivor.id, reason="同一人")


def test_possible_duplicates_wait_for_a_person_and_not_again_after_the_decision() -> None:
    with acting() as actor:
        survivor, duplicate = twins(actor)
        person_of(actor, "李四", id_number="", no_id_reason="unregistered", sex="male", birth_on=BIRTH)
        assert [(pair.survivor.id, pair.duplicate.id) for pair in possible_duplicates(actor)] == [
            (survivor.id, duplicate.id)
        ]
        merge_persons(actor=actor, duplicate_id=duplicate.id, survivor_id=survivor.id, reason="同一人")
        assert possible_duplicates(actor) == []


def test_recorded_rows_are_refused_any_edit_but_custody() -> None:
    with acting() as actor:
        families.household_of(actor)
        for change in ({"valid_from": date(2019, 1, 1)}, {"relation": "other"}, {"source": "别的"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Membership.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Membership.objects.all().delete()


def test_move_inside_the_scope_takes_everything_along() -> None:
    with acting(area_code=HANTING) as county:
        home = families.household_of(county, "张永福", "张建国")
    with acting("city_officer", WEIFANG) as actor:
        move_household(
            actor=actor,
            household_id=home.id,
            to_area_code=FANGZI_VILLAGE,
            moved_on=date(2020, 2, 10),
            source="迁移证",
        )
        located = (Person, Household, Membership, HouseholdFact, PersonFact, BankAccount)
        assert {row.area_code for model in located for row in model.objects.all()} == {FANGZI_VILLAGE}
        assert set(SearchTerm.objects.values_list("area_code", flat=True)) == {FANGZI_VILLAGE}
        places = [
            household_facts_as_of([home.id], ["residence"], on=day)[home.id]["residence"]
            for day in (date(2020, 2, 9), date(2020, 2, 10))
        ]
        assert places == [f"{GUDI_VILLAGE:015d}", f"{FANGZI_VILLAGE:015d}"]


def asked_for(home: Household, *, with_household: bool = True) -> Transfer:
    """坊子 asks 寒亭 for the head of the household."""
    with acting(area_code=HANTING) as giver:
        number = Person.objects.get(id=members_as_of([home.id], on=SINCE)[home.id][0].person_id).id_number
        assert giver.scope.contains(home.area_code)
    with acting(area_code=FANGZI) as asker:
        return request_transfer(
            actor=asker,
            id_number=str(number),
            to_area_code=FANGZI_VILLAGE,
            with_household=with_household,
            moved_on=date(2020, 2, 10),
            reason="搬迁",
        )


def family_in_hanting() -> Household:
    with acting(area_code=HANTING) as actor:
        home = families.household_of(actor, "张永福", "张建国")
        head = members_as_of([home.id], on=SINCE)[home.id][0]
        record_person_fact(
            actor=actor, person_id=head.person_id, kind="income.wage", value=10_000, valid_from=SINCE, source="测试"
        )
        record_bank_account(
            actor=actor,
            person_id=head.person_id,
            details=AccountDetails("6217001234567890123", "农商银行", head.name),
            valid_from=SINCE,
            source="测试",
        )
        return home


def test_household_handed_over_is_whole_in_the_new_county_and_gone_from_the_old() -> None:
    home = family_in_hanting()
    transfer = asked_for(home)
    assert (transfer.masked_name, transfer.state) == ("张**", "requested")
    located = (Household, Person, Membership, PersonFact, HouseholdFact, BankAccount)
    with acting(area_code=FANGZI) as asker:
        assert [model.objects.count() for model in located] == [0] * 6
        with pytest.raises(NotAllowed):  # the asking county cannot answer itself
            transfer_household(actor=asker, transfer_id=transfer.id)
    with acting(area_code=HANTING) as giver:
        transfer_household(actor=giver, transfer_id=transfer.id)
        assert [model.objects.count() for model in located] == [0] * 6
        with pytest.raises(StateConflict):
            transfer_household(actor=giver, transfer_id=transfer.id)
    with acting(area_code=FANGZI) as asker:
        assert [model.objects.count() for model in located] == [1, 2, 2, 1, 2, 1]
        names = [member.name for member in members_as_of([home.id], on=date(2020, 3, 1))[home.id]]
        assert names == ["张永福", "张建国"]
        assert Transfer.objects.get().state == "handed_over"
    with acting(area_code=WEIFANG):
        event = EventRecord.objects.get(kind="records.moved")
        assert (event.area_code, event.payload["from_area_code"]) == (FANGZI_VILLAGE, GUDI_VILLAGE)


def test_person_handed_over_alone_leaves_the_household_behind() -> None:
    home = family_in_hanting()
    transfer = asked_for(home, with_household=False)
    with acting(area_code=HANTING) as giver:
        transfer_household(actor=giver, transfer_id=transfer.id)
        assert [member.name for member in members_as_of([home.id], on=date(2020, 3, 1))[home.id]] == ["张建国"]
    with acting(area_code=FANGZI):
        assert [person.name for person in Person.objects.all()] == ["张永福"]
        assert household_of([Person.objects.get().id], on=date(2020, 3, 1)) == {}


def test_transfer_is_refused_with_a_reason_or_withdrawn_and_never_twice_open() -> None:
    home = family_in_hanting()
    transfer = asked_for(home)
    with pytest.raises(Conflict) as refusal:
        asked_for(home)
    assert refusal.value.reason == "transfer.open"
    with acting(area_code=HANTING) as giver:
        with pytest.raises(Invalid):
            refuse_transfer(actor=giver, transfer_id=transfer.id, answer=" ")
        refuse_transfer(actor=giver, transfer_id=transfer.id, answer="仍在本地居住")
        assert Household.objects.count() == 1
    again = asked_for(home)
    with acting(area_code=FANGZI) as asker:
        withdraw_transfer(actor=asker, transfer_id=again.id)
        assert set(Transfer.objects.values_list("state", flat=True)) == {"refused", "withdrawn"}


def test_third_county_sees_no_request() -> None:
    transfer = asked_for(family_in_hanting())
    with acting(area_code=370702_000_000_000) as stranger:
        assert Transfer.objects.count() == 0
        with pytest.raises(NotFound):
            transfer_household(actor=stranger, transfer_id=transfer.id)
