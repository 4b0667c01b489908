"""The demo's epidemic is commanded: the event, its groups with some holes, tasks of which some are late."""

from __future__ import annotations

import pytest

from shouwang.accounts.public import Role, actor_of
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import FULL, use_scope
from shouwang.kernel.worklist import work_for
from shouwang.response.models import Event, EventMove, Group, Task
from shouwang.response.public import command_panel_for
from shouwang.response.queries.tasks import coverage_of, late_for
from shouwang.web.demo import load_places
from shouwang.web.demo.diary import Diary
from shouwang.web.demo.load import OPENING, _draw
from shouwang.web.demo.load_command import ANQIU, HANTING, write_command
from shouwang.web.demo.town import Town
from tests.factories import GUDI, WEIFANG


@pytest.fixture
def town(db: None) -> Town:
    town = _draw(0.001)
    load_places.load_officers(town, lambda _label, _done, _total: None)
    diary = Diary()
    write_command(town, diary)
    diary.live(lambda _label, _done, _total: None)
    town.leave()
    return town


def officer(town: Town, role: str, area_code: int) -> Actor:
    username = next(one.username for one in town.city.officers if (one.role, one.area_code) == (role, area_code))
    actor = actor_of(user_id=town.user_ids[username])
    assert actor is not None
    return actor


def test_event_its_groups_and_tasks_stand_on_the_opening_morning(town: Town) -> None:
    with use_scope(FULL), clock.at(OPENING):
        event = Event.objects.get(kind="epidemic")
        assert (event.level, event.state) == (2, "open")
        assert list(EventMove.objects.filter(event=event).order_by("position").values_list("verb", flat=True)) == [
            "open", "lower",
        ]  # fmt: skip
        formed = Group.objects.filter(kind="leading").values_list("area_code", flat=True)
        assert set(formed) == {WEIFANG, HANTING, ANQIU, GUDI}
        assert Group.objects.filter(area_code=WEIFANG).count() == 12
        assert Task.objects.count() == 12
    commander = officer(town, Role.CITY_OFFICER, WEIFANG)
    with use_scope(commander.scope), clock.at(OPENING):
        covered = coverage_of(commander, Task.objects.get(title__startswith="摸排分散"))
        assert (covered.done, covered.total, covered.late) == (13, 16, 3)
        panel = command_panel_for(commander)
        assert [one.kind for one in panel.events] == ["epidemic", "key_tasks"]
        assert panel.hole_count > 3
        assert len(late_for(commander, limit=50)) == 6
    partner = officer(town, Role.PARTNER, WEIFANG)
    assert (partner.scope.spans, partner.scope.event_spans) == ((), commander.scope.spans)
    county = officer(town, Role.COUNTY_OFFICER, town.units[-1])
    with use_scope(county.scope), clock.at(OPENING):
        assert [item.title for item in work_for(county)] == [
            "摸排分散供养特困人员照料情况（演示）", "核对村（社区）值守人员名单（演示）",
        ]  # fmt: skip
