"""Events: opened, raised and lowered, ended; several at once; exercises in their sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.response.models import Event, EventMove
from shouwang.response.public import NewEvent, change_level, end_event, events_open, get_event, open_event
from shouwang.response.queries.events import get_event_for, level_at, list_events_for
from shouwang.response.states_command import EVENT_AFTER, EventState, EventVerb
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

from .command import STARTED, city, opened

pytestmark = pytest.mark.django_db

LATER = clock.instant(2020, 3, 8, 9)


def relevel(actor: Actor, event: Event, level: int, at: Any = LATER, reason: str = "疫情缓解") -> Event:
    with use_scope(actor.scope):
        version = Event.objects.get(id=event.id).version
        return change_level(actor=actor, event_id=event.id, expected_version=version, level=level, at=at, reason=reason)


def ended(actor: Actor, event: Event, at: Any = LATER, reason: str = "终止响应") -> Event:
    with use_scope(actor.scope):
        version = Event.objects.get(id=event.id).version
        return end_event(actor=actor, event_id=event.id, expected_version=version, at=at, reason=reason)


def rows() -> tuple[int, int, int, int]:
    with use_scope(city().scope):
        return (
            Event.objects.count(),
            EventMove.objects.count(),
            EventRecord.objects.filter(kind__startswith="event.").count(),
            AuditEntry.objects.filter(action__startswith="event.").count(),
        )


def test_level_follows_its_moves_and_is_known_for_every_instant() -> None:
    actor = city()
    event = relevel(actor, opened(actor), 2)
    assert (event.level, event.state) == (2, EventState.OPEN)
    event = ended(actor, event, clock.instant(2020, 3, 18, 7))
    assert (event.level, event.state, event.ended_at) == (2, EventState.ENDED, clock.instant(2020, 3, 18, 7))
    with use_scope(actor.scope):
        verbs = list(event.moves.order_by("position").values_list("verb", "level"))
        known = [level_at(event, at) for at in (STARTED - timedelta(seconds=1), STARTED, LATER, event.ended_at)]
    assert verbs == [("open", 1), ("lower", 2), ("end", None)]
    assert known == [None, 1, 2, None]


@pytest.mark.parametrize("verb", [verb for verb in EventVerb if verb != EventVerb.OPEN])
@pytest.mark.parametrize("state", list(EventState))
def test_every_pair_of_state_and_verb(state: EventState, verb: EventVerb) -> None:
    actor = city()
    event = opened(actor, level=2)
    if state == EventState.ENDED:
        ended(actor, event)
    before = rows()
    act = {
        EventVerb.RAISE: lambda: relevel(actor, event, 1),
        EventVerb.LOWER: lambda: relevel(actor, event, 3),
        EventVerb.END: lambda: ended(actor, event),
    }[verb]
    if (state, verb) in EVENT_AFTER:
        assert act().state == EVENT_AFTER[state, verb]
        with use_scope(actor.scope):
            assert event.moves.order_by("-position").values_list("verb", flat=True)[0] == verb
        return
    with pytest.raises(StateConflict):
        act()
    assert rows() == before


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"level": None}, "event.level"),
        ({"level": 5}, "event.level"),
        ({"kind": "key_tasks"}, "event.level"),
        ({"kind": "party"}, "event.incomplete"),
        ({"title": " "}, "event.incomplete"),
        ({"reason": " "}, "event.reason"),
        ({"started_at": clock.instant(2020, 3, 18, 9)}, "event.future"),
    ],
)
def test_event_that_cannot_be_is_refused(changes: dict[str, Any], reason: str) -> None:
    actor, before = city(), rows()
    with pytest.raises(Invalid) as refused:
        opened(actor, **changes)
    assert refused.value.reason == reason
    assert rows() == before


@pytest.mark.parametrize(
    ("level", "at", "reason", "error"),
    [
        (1, LATER, "x", Invalid),
        (7, LATER, "x", Invalid),
        (2, LATER, " ", Invalid),
        (2, STARTED - timedelta(seconds=1), "x", Invalid),
        (2, clock.instant(2020, 3, 18, 9), "x", Invalid),
    ],
)
def test_level_is_not_changed_without_a_new_one_a_reason_and_a_time_in_order(
    level: int, at: Any, reason: str, error: type[Exception]
) -> None:
    actor = city()
    event = opened(actor)
    before = rows()
    with pytest.raises(error):
        relevel(actor, event, level, at, reason)
    assert rows() == before


def test_key_tasks_of_the_year_have_no_level() -> None:
    actor = city()
    event = opened(actor, kind="key_tasks", title="2020年重点工作", level=None)
    with pytest.raises(StateConflict):
        relevel(actor, event, 1)
    with use_scope(actor.scope), pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(id=event.id).update(level=1)


@pytest.mark.parametrize(
    ("role", "by", "area", "allowed"),
    [
        (Role.CITY_OFFICER, WEIFANG, WEIFANG, True),
        (Role.CITY_OFFICER, WEIFANG, HANTING, True),
        (Role.COUNTY_LEADER, HANTING, HANTING, True),
        (Role.COUNTY_LEADER, HANTING, WEIFANG, False),
        (Role.COUNTY_LEADER, HANTING, FANGZI, False),
        (Role.COUNTY_OFFICER, HANTING, HANTING, False),
        (Role.TOWNSHIP_HEAD, GUDI, GUDI, False),
        (Role.AUDITOR, WEIFANG, WEIFANG, False),
        (Role.SYSADMIN, WEIFANG, WEIFANG, False),
        (Role.PARTNER, WEIFANG, WEIFANG, False),
    ],
)
def test_only_the_authority_of_the_whole_area_opens_and_ends(role: str, by: int, area: int, allowed: bool) -> None:
    standing, actor = opened(city(), area), make_actor(role, by)
    before = rows()
    if allowed:
        assert opened(actor, area).area_code == area
        assert ended(actor, standing).state == EventState.ENDED
        return
    with pytest.raises(NotAllowed):
        opened(actor, area)
    with use_scope(actor.scope), pytest.raises((NotAllowed, NotFound)):
        end_event(actor=actor, event_id=standing.id, expected_version=1, at=LATER, reason="结束")
    assert rows() == before


def test_event_is_seen_where_it_reaches_and_nowhere_else() -> None:
    actor = city()
    whole, part = opened(actor), opened(actor, HANTING, kind="flood", title="弥河洪水", level=3)
    seen = {}
    for area in (WEIFANG, HANTING, FANGZI, 370600_000_000_000):
        reader = make_actor(Role.AUDITOR, area)
        with use_scope(reader.scope):
            seen[area] = {event.id for event in list_events_for(reader)}
            assert seen[area] == set(Event.objects.values_list("id", flat=True))
            assert set(EventMove.objects.values_list("event_id", flat=True)) == seen[area]
    assert seen == {
        WEIFANG: {whole.id, part.id}, HANTING: {whole.id, part.id}, FANGZI: {whole.id}, 370600_000_000_000: set(),
    }  # fmt: skip
    neighbour = make_actor(Role.COUNTY_LEADER, FANGZI)
    with use_scope(neighbour.scope), pytest.raises(NotFound):
        get_event_for(neighbour, part.id)
    with use_scope(neighbour.scope), pytest.raises(NotFound):
        get_event(part.id)


def test_several_events_are_open_in_a_place_and_an_exercise_only_when_asked_for() -> None:
    actor = city()
    epidemic, flood = opened(actor), opened(actor, HANTING, kind="flood", level=3, started_at=LATER)
    drill = opened(actor, HANTING, kind="earthquake", title="地震演练", is_exercise=True, started_at=LATER)
    ended(actor, flood, clock.instant(2020, 3, 10))
    with use_scope(actor.scope):
        assert [event.id for event in events_open(HANTING, LATER)] == [flood.id, epidemic.id]
        assert [event.id for event in events_open(GUDI, clock.instant(2020, 3, 10))] == [epidemic.id]
        assert [event.id for event in events_open(GUDI, clock.instant(2020, 3, 9).date())] == [flood.id, epidemic.id]
        assert [event.id for event in events_open(FANGZI, LATER, include_exercises=True)] == [epidemic.id]
        assert {event.id for event in events_open(HANTING, LATER, include_exercises=True)} == {
            flood.id, epidemic.id, drill.id,
        }  # fmt: skip
        assert events_open(HANTING, STARTED - timedelta(seconds=1)) == []


def test_event_sent_twice_is_one_event_and_another_with_its_id_is_refused() -> None:
    actor, event_id = city(), new_id()
    new = NewEvent("epidemic", "疫情", WEIFANG, 1, STARTED, "省启动")
    with use_scope(actor.scope):
        first = open_event(actor=actor, event_id=event_id, new=new)
        before = rows()
        assert open_event(actor=actor, event_id=event_id, new=new) == first
        with pytest.raises(Conflict):
            open_event(actor=actor, event_id=event_id, new=NewEvent("flood", "洪水", WEIFANG, 1, STARTED, "汛情"))
    assert rows() == before


def test_second_officer_at_once_is_told_that_it_moved() -> None:
    actor = city()
    event = opened(actor)
    with use_scope(actor.scope):
        change_level(actor=actor, event_id=event.id, expected_version=1, level=2, at=LATER, reason="缓解")
        with pytest.raises(Conflict) as refused:
            end_event(actor=actor, event_id=event.id, expected_version=1, at=LATER, reason="终止")
    assert refused.value.reason == "event.stale"


def test_nothing_of_an_event_is_edited() -> None:
    actor = city()
    event = opened(actor)
    with use_scope(actor.scope):
        for change in ({"title": "x"}, {"area_code": HANTING}, {"is_exercise": True}, {"started_at": LATER}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Event.objects.filter(id=event.id).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            EventMove.objects.filter(event=event).update(level=4)
        with pytest.raises(DatabaseError), transaction.atomic():
            Event.objects.filter(id=event.id).delete()
