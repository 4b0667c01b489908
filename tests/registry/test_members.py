"""Who is who in a household: heads, relations, leaving, joining, and what a hand-over leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.registry.models import Membership
from shouwang.registry.public import (
    Household,
    NewMember,
    Person,
    change_head,
    correct_person,
    household_of,
    join_household,
    members_as_of,
    record_death,
    record_membership,
    register_household,
    register_person,
    request_transfer,
    transfer_household,
)
from shouwang.registry.queries.history import household_history, person_history
from shouwang.registry.rules.relations import relation_to_new_head
from tests import factories
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, acting, make_actor
from tests.registry.families import FANGZI_VILLAGE, SINCE, details, fresh_number, person_of
from tests.registry.families import household_of as family_of

FEBRUARY, MARCH = date(2020, 2, 1), date(2020, 3, 1)
TODAY = date(2020, 3, 18)

# (what the new head was to the old one, what the member was to the old one, what the member is to the new one)
BECOMES = [
    ("spouse", "head", "spouse"),
    ("spouse", "child", "child"),
    ("spouse", "parent", ""),
    ("child", "head", "parent"),
    ("child", "spouse", "parent"),
    ("child", "child", "sibling"),
    ("child", "grandchild", ""),  # their own child, or a brother's
    ("parent", "head", "child"),
    ("grandchild", "head", "grandparent"),
    ("child_in_law", "head", ""),
    ("child", "other", "other"),
]


@pytest.mark.parametrize(("new_head_was", "member_was", "becomes"), BECOMES)
def test_relation_to_a_new_head_is_proposed_where_it_follows(new_head_was: str, member_was: str, becomes: str) -> None:
    assert relation_to_new_head(new_head_was=new_head_was, member_was=member_was) == becomes


def said(home: Household, on: date = TODAY) -> dict[str, str]:
    """Relation by name."""
    return {member.name: member.relation for member in members_as_of([home.id], on=on)[home.id]}


def ids_of(home: Household, on: date = SINCE) -> dict[str, UUID]:
    return {member.name: member.person_id for member in members_as_of([home.id], on=on)[home.id]}


@pytest.mark.django_db
def test_head_changes_with_every_relation_on_one_day() -> None:
    with acting() as actor:
        home = family_of(actor, "张永福", "张建国", "张小红")
        ids = ids_of(home)
        relations = {ids["张永福"]: "parent", ids["张小红"]: "sibling"}
        change = partial(
            change_head,
            actor=actor,
            household_id=home.id,
            person_id=ids["张建国"],
            relations=relations,
            valid_from=MARCH,
            source="户口簿",
        )
        change(expected_version=1)
        assert said(home, FEBRUARY) == {"张永福": "head", "张建国": "child", "张小红": "child"}
        assert said(home) == {"张建国": "head", "张永福": "parent", "张小红": "sibling"}
        rows, entries = Membership.objects.count(), AuditEntry.objects.count()
        change()  # said again it is so already
        assert (Membership.objects.count(), AuditEntry.objects.count()) == (rows, entries)
        with pytest.raises(Conflict):
            change(expected_version=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of", "refusal"),
    [
        (lambda ids: (ids["张建国"], {ids["张永福"]: "parent"}, SINCE), Invalid),  # one member forgotten
        (lambda ids: (ids["张建国"], {ids["张永福"]: "head", ids["张小红"]: "sibling"}, SINCE), Invalid),
        (lambda ids: (new_id(), dict.fromkeys(ids.values(), "other"), SINCE), StateConflict),
        (lambda ids: (ids["张建国"], dict.fromkeys(ids.values(), "other"), SINCE), StateConflict),
        (lambda ids: (ids["张建国"], {}, date(2020, 3, 19)), Invalid),
    ],
)
def test_head_is_not_changed_by_half(
    of: Callable[[dict[str, UUID]], tuple[UUID, dict[UUID, str], date]], refusal: type[DomainError]
) -> None:
    with acting() as actor:
        home = family_of(actor, "张永福", "张建国", "张小红")
        person_id, relations, day = of(ids_of(home))
        before = (Membership.objects.count(), AuditEntry.objects.count(), EventRecord.objects.count())
        with pytest.raises(refusal):
            change_head(
                actor=actor,
                household_id=home.id,
                person_id=person_id,
                relations=relations,
                valid_from=day,
                source="户口簿",
            )
        assert before == (Membership.objects.count(), AuditEntry.objects.count(), EventRecord.objects.count())


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "area"), [("auditor", HANTING), ("county_officer", FANGZI)])
def test_head_is_changed_by_who_keeps_the_register_there(role: str, area: int) -> None:
    with acting() as actor:
        home = family_of(actor, "张永福", "张建国")
        ids = ids_of(home)
        rows, entries = Membership.objects.count(), AuditEntry.objects.count()
    with acting(role, area) as other, pytest.raises((NotAllowed, NotFound)):
        change_head(
            actor=other,
            household_id=home.id,
            person_id=ids["张建国"],
            relations={ids["张永福"]: "parent"},
            valid_from=MARCH,
            source="户口簿",
        )
    with use_scope(actor.scope):
        assert (Membership.objects.count(), AuditEntry.objects.count()) == (rows, entries)


@pytest.mark.django_db
def test_member_who_leaves_stands_in_both_histories_and_moves_both_versions() -> None:
    with acting() as actor:
        home, other = family_of(actor, "张永福", "张建国"), family_of(actor, "李秀英")
        leaver = ids_of(home)["张建国"]
        with clock.at(clock.instant(2020, 3, 18, 9)):
            record_membership(
                actor=actor,
                person_id=leaver,
                household_id=other.id,
                relation="spouse",
                valid_from=MARCH,
                source="结婚",
            )
        assert (said(home), said(other)) == ({"张永福": "head"}, {"李秀英": "head", "张建国": "spouse"})
        told = [(line.what, line.value) for line in household_history(actor, home.id)]
        assert told[0] == ("成员", "张建国 离开这一户")
        assert [household.version for household in Household.objects.order_by("number")] == [2, 2]
        record_membership(
            actor=actor, person_id=leaver, household_id=None, relation="", valid_from=TODAY, source="外出"
        )
        assert household_of([leaver], on=TODAY) == {}
        assert Household.objects.get(id=other.id).version == 3


@pytest.mark.django_db
def test_dead_join_no_household() -> None:
    with acting() as actor:
        home, other = family_of(actor, "张永福", "张建国"), family_of(actor, "李秀英")
        dead = ids_of(home)["张建国"]
        record_death(actor=actor, person_id=dead, died_on=MARCH, source="死亡证明")
        rows = Membership.objects.count()
        with pytest.raises(StateConflict) as refusal:
            record_membership(
                actor=actor,
                person_id=dead,
                household_id=other.id,
                relation="other",
                valid_from=MARCH,
                source="测试",
            )
        with pytest.raises(StateConflict):
            register_household(
                actor=actor,
                area_code=GUDI_VILLAGE,
                registered_on=MARCH,
                members=[NewMember("head", person_id=dead)],
                source="测试",
            )
        assert (refusal.value.reason, Membership.objects.count()) == ("person.dead", rows)


@pytest.mark.django_db
def test_person_of_the_register_founds_a_household_and_the_old_one_is_told() -> None:
    with acting() as actor:
        home = family_of(actor, "张永福", "张建国")
        new = register_household(
            actor=actor,
            area_code=GUDI_VILLAGE,
            registered_on=MARCH,
            members=[NewMember("head", person_id=ids_of(home)["张建国"])],
            source="分户",
        )
        assert (said(home), said(new)) == ({"张永福": "head"}, {"张建国": "head"})
        assert Household.objects.get(id=home.id).version == 2


@pytest.mark.django_db
def test_joining_is_one_command_and_a_double_click_is_one_member() -> None:
    with acting() as actor:
        home, request_id = family_of(actor, "张永福"), new_id()
        newborn = NewMember("child", details("张小宝"))
        join = partial(join_household, actor=actor, household_id=home.id, member=newborn, since=MARCH, source="测试")
        first, again = join(request_id=request_id), join(request_id=request_id)
        assert (first.id, Person.objects.count()) == (again.id, 2)
        with pytest.raises(Conflict) as refusal:
            join(request_id=new_id())
        assert refusal.value.reason == "person.registered"
        assert (Person.objects.count(), said(home)) == (2, {"张永福": "head", "张小宝": "child"})


@pytest.mark.django_db
def test_correction_to_a_number_held_elsewhere_is_refused_and_the_look_up_stays_logged() -> None:
    with acting(area_code=FANGZI) as theirs:
        number = str(person_of(theirs, "王某", area_code=FANGZI_VILLAGE).id_number)
    with acting() as actor:
        person = person_of(actor, id_number="", no_id_reason="unregistered", sex="male", birth_on=date(1960, 5, 1))
        with pytest.raises(Conflict) as refusal:
            correct_person(
                actor=actor,
                person_id=person.id,
                expected_version=1,
                details=details("张永福", id_number=number),
                since=TODAY,
                source="户口簿",
            )
        assert refusal.value.reason == "person.registered_elsewhere"
        assert AuditEntry.objects.filter(action="person.look_up").count() == 1
        assert Person.objects.get(id=person.id).version == 1


@pytest.mark.django_db
def test_former_member_stays_when_the_household_is_handed_over() -> None:
    with acting(area_code=HANTING) as giver:
        home = family_of(giver, "张永福", "张建国", "张小红")
        ids = ids_of(home)
        record_membership(
            actor=giver,
            person_id=ids["张小红"],
            household_id=None,
            relation="",
            valid_from=FEBRUARY,
            source="外出",
        )
        number = str(Person.objects.get(id=ids["张永福"]).id_number)
    with acting(area_code=FANGZI) as taker:
        transfer = request_transfer(
            actor=taker,
            id_number=number,
            to_area_code=FANGZI_VILLAGE,
            with_household=True,
            moved_on=MARCH,
            reason="搬迁",
        )
    with use_scope(giver.scope):
        transfer_household(actor=giver, transfer_id=transfer.id)
        stayed = Membership.objects.filter(person_id=ids["张小红"]).values_list("area_code", flat=True)
        assert set(stayed) == {GUDI_VILLAGE}
        told = {line.value for line in person_history(giver, ids["张小红"])}
        assert told == {"不在任何家庭", "已移交外地的一户 子女"}
    with use_scope(taker.scope):
        assert said(home, SINCE) == {"张永福": "head", "张建国": "child"}
        assert "张小红" not in " ".join(line.value for line in household_history(taker, home.id))


def test_two_officers_who_register_one_number_at_once_make_one_person(committed_db: str) -> None:
    """The second looks while the first has not committed: the look-up sees nobody, the unique index alone decides, and
    the loser reads whose number it is."""
    number = fresh_number()
    first, second = (make_actor("township_assistant", factories.GUDI) for _ in range(2))
    has_written, refused = threading.Event(), []

    def register(officer: Actor) -> None:
        register_person(actor=officer, details=details(id_number=number), area_code=GUDI_VILLAGE, since=SINCE)

    def register_second() -> None:
        try:
            with clock.at(clock.instant(2020, 3, 18, 8)), use_scope(second.scope):
                has_written.wait(10)
                assert Person.objects.count() == 0
                with pytest.raises(Conflict) as refusal:
                    register(second)
                refused.append(refusal.value.reason)
        finally:
            connections.close_all()

    thread = threading.Thread(target=register_second)
    thread.start()
    with use_scope(first.scope), transaction.atomic():
        register(first)
        has_written.set()
        assert _somebody_waits()
    thread.join(10)
    with use_scope(first.scope):
        assert refused == ["person.registered"]
        assert Person.objects.count() == 1
        assert AuditEntry.objects.filter(action="person.register").count() == 1


def _somebody_waits() -> bool:
    """Whether, within ten seconds, another connection waits for a lock."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks where not granted and pid <> pg_backend_pid() and locktype = 'transactionid'"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False
