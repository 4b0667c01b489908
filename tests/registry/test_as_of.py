"""What was so on a day, as known at an instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwang.kernel import clock
from shouwang.registry.models import PersonFact
from shouwang.registry.public import (
    Person,
    correct_person_fact,
    household_facts_as_of,
    members_as_of,
    person_facts_as_of,
    record_household_fact,
    record_membership,
    record_person_fact,
)
from tests.factories import HANTING, acting
from tests.registry.families import household_of, person_of

pytestmark = pytest.mark.django_db

WAGE = "income.wage"


def say(actor: object, person: Person, value: int | None, valid_from: date, recorded: datetime) -> PersonFact | None:
    with clock.at(recorded):
        return record_person_fact(
            actor=actor,  # type: ignore[arg-type]
            person_id=person.id,
            kind=WAGE,
            value=value,
            valid_from=valid_from,
            source="测试",
        )


def wage(person: Person, on: date, known_at: datetime | None = None) -> object:
    return person_facts_as_of([person.id], [WAGE], on=on, known_at=known_at)[person.id].get(WAGE)


MARCH = [clock.instant(2020, 3, day) for day in range(0 + 1, 18)]


def test_fact_holds_from_its_first_day_and_not_before() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 100, date(2020, 2, 1), MARCH[0])
        assert [wage(person, date(2020, 1, 31)), wage(person, date(2020, 2, 1))] == [None, 100]


def test_fact_recorded_late_is_unknown_before_it_was_recorded() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 100, date(2020, 2, 1), MARCH[0])
        say(actor, person, 300, date(2020, 2, 15), MARCH[9])
        on = date(2020, 3, 1)
        before, at, after = MARCH[9] - timedelta(microseconds=1), MARCH[9], MARCH[9] + timedelta(microseconds=1)
        assert [wage(person, on, moment) for moment in (before, at, after, None)] == [100, 100, 300, 300]


def test_later_record_of_the_same_day_corrects_the_earlier() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        for value in (100, 200, 300):
            say(actor, person, value, date(2020, 2, 1), MARCH[0])  # one instant: ordered by a microsecond each
        assert wage(person, date(2020, 2, 1)) == 300
        stamps = list(PersonFact.objects.order_by("recorded_at").values_list("amount", "recorded_at"))
        tick = timedelta(microseconds=1)
        assert stamps == [(100, MARCH[0]), (200, MARCH[0] + tick), (300, MARCH[0] + 2 * tick)]


def test_fact_that_is_no_longer_so_is_left_out() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 100, date(2020, 2, 1), MARCH[0])
        say(actor, person, None, date(2020, 3, 1), MARCH[1])
        assert [wage(person, date(2020, 2, 29)), wage(person, date(2020, 3, 1))] == [100, None]


def test_equal_value_writes_no_row() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 100, date(2020, 2, 1), MARCH[0])
        version = Person.objects.get(id=person.id).version
        assert say(actor, person, 100, date(2020, 3, 1), MARCH[5]) is None
        assert PersonFact.objects.count() == 1
        assert Person.objects.get(id=person.id).version == version


def test_fact_in_the_past_ends_where_the_later_one_begins() -> None:
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 300, date(2020, 3, 1), MARCH[0])
        say(actor, person, 100, date(2020, 1, 1), MARCH[1])
        assert [wage(person, date(2020, 2, 29)), wage(person, date(2020, 3, 1))] == [100, 300]


@pytest.mark.parametrize(
    ("valid_from", "value", "expected"),
    [
        # value on Jan 15, Feb 1, Feb 15, Mar 1; recorded: 100 from Jan 1, wrongly 300 from Feb 1
        (date(2020, 2, 1), 250, [100, 250, 250, 250]),
        (date(2020, 2, 10), 250, [100, 100, 250, 250]),
        (date(2020, 1, 10), 250, [250, 250, 250, 250]),
        (date(2020, 2, 1), None, [100, None, None, None]),
    ],
)
def test_correction_restores_what_held_before_until_its_own_day(
    valid_from: date, value: int | None, expected: list[int | None]
) -> None:
    days = [date(2020, 1, 15), date(2020, 2, 1), date(2020, 2, 15), date(2020, 3, 1)]
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        say(actor, person, 100, date(2020, 1, 1), MARCH[0])
        wrong = say(actor, person, 300, date(2020, 2, 1), MARCH[1])
        assert wrong is not None
        with clock.at(MARCH[8]):
            correct_person_fact(actor=actor, fact_id=wrong.id, value=value, valid_from=valid_from, source="测试")
        assert [wage(person, day) for day in days] == expected
        assert [wage(person, day, MARCH[8]) for day in days] == [100, 300, 300, 300]


def test_membership_latest_row_decides_so_nobody_lives_twice() -> None:
    with acting(area_code=HANTING) as actor:
        old, new = household_of(actor, "张永福", "张建国"), household_of(actor, "李秀英")
        child = next(m for m in members_as_of([old.id], on=date(2020, 3, 1))[old.id] if m.relation == "child")
        record_membership(
            actor=actor,
            person_id=child.person_id,
            household_id=new.id,
            relation="child",
            valid_from=date(2020, 3, 1),
            source="测试",
        )

        def names(on: date) -> list[list[str]]:
            members = members_as_of([old.id, new.id], on=on)
            return [[member.name for member in members[home.id]] for home in (old, new)]

        assert names(date(2020, 2, 29)) == [["张永福", "张建国"], ["李秀英"]]
        assert names(date(2020, 3, 1)) == [["张永福"], ["李秀英", "张建国"]]


def test_new_head_makes_the_old_one_step_down() -> None:
    with acting(area_code=HANTING) as actor:
        home = household_of(actor, "张永福", "张建国")
        child = members_as_of([home.id], on=date(2020, 3, 1))[home.id][1]
        record_membership(
            actor=actor,
            person_id=child.person_id,
            household_id=home.id,
            relation="head",
            valid_from=date(2020, 3, 1),
            source="测试",
        )
        members = members_as_of([home.id], on=date(2020, 3, 1))[home.id]
        assert [(member.name, member.relation) for member in members] == [("张建国", "head"), ("张永福", "other")]


def test_household_facts_are_read_for_many_in_one_query(django_assert_num_queries: object) -> None:
    with acting(area_code=HANTING) as actor:
        homes = [household_of(actor, "张永福"), household_of(actor, "李秀英"), household_of(actor, "王建国")]
        record_household_fact(
            actor=actor,
            household_id=homes[0].id,
            kind="urban",
            value=1,
            valid_from=date(2020, 2, 1),
            source="测试",
        )
        with django_assert_num_queries(1):  # type: ignore[operator]
            facts = household_facts_as_of([home.id for home in homes], ["urban"], on=date(2020, 2, 1))
        assert [facts[home.id] for home in homes] == [{"urban": 1}, {}, {}]


_days = st.integers(min_value=0, max_value=12)
_rows = st.lists(st.tuples(_days, _days, st.none() | st.integers(min_value=0, max_value=3)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_rows, on=_days, known=st.none() | _days)
def test_as_of_agrees_with_a_plain_reading_of_all_rows(
    said: list[tuple[int, int, int | None]], on: int, known: int | None
) -> None:
    """Oracle: walk the rows in the order in which they were recorded; the last one with the latest day wins."""
    first = date(2020, 2, 1)
    with acting(area_code=HANTING) as actor:
        person = person_of(actor)
        for valid, recorded, value in sorted(said, key=lambda row: row[1]):
            say(actor, person, value, first + timedelta(days=valid), MARCH[recorded])
        stored = PersonFact.objects.filter(person=person).values_list("valid_from", "recorded_at", "amount")
        known_at = None if known is None else MARCH[known]
        day = first + timedelta(days=on)
        candidates = [line for line in stored if line[0] <= day and (known_at is None or line[1] < known_at)]
        expected = max(candidates, key=lambda line: line[:2])[2] if candidates else None
        assert wage(person, day, known_at) == expected
        if known is None:
            spoken: dict[int, int | None] = {}
            for valid, _recorded, value in sorted(said, key=lambda row: row[1]):
                earlier = [one for one in spoken if one <= valid]
                if value != (spoken[max(earlier)] if earlier else None):  # what is so already writes no row
                    spoken[valid] = value
            before = [valid for valid in spoken if valid <= on]
            assert wage(person, day) == (spoken[max(before)] if before else None)
