"""Two diaries lived at once: both to their end, with what the other learned, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from shouwang.web.demo.diary import Diary, moment
from shouwang.web.demo.side_by_side import live_side_by_side, plans_kept

DAY = moment(date(2020, 1, 2), 9)


def diary(*stages: str, act=lambda: None) -> Diary:
    written = Diary()
    for stage in stages:
        written.write(DAY, stage, act)
    return written


def test_what_the_other_learned_comes_back(committed_db: str) -> None:
    learned: list[str] = []
    other = diary("cases", act=lambda: learned.append("in the child"))
    brought = live_side_by_side(diary("lists"), other, lambda *_what: None, learned=lambda: learned)
    assert brought == ["in the child"]
    assert learned == []


def test_a_stage_of_both_is_counted_once(committed_db: str) -> None:
    told: list[tuple[str, int, int]] = []
    live_side_by_side(
        diary("register", "lists"), diary("register"), lambda *what: told.append(what), learned=lambda: None
    )
    assert sorted(told)[-1] == ("register", 2, 2)
    assert [what for what in told if what[0] == "lists"] == [("lists", 1, 1)]
    assert [what[1] for what in told if what[0] == "register"] == [1, 2]


def test_what_the_other_failed_of_is_raised(committed_db: str) -> None:
    def fail() -> None:
        raise ValueError("no fund")

    with pytest.raises(RuntimeError, match="no fund"):
        live_side_by_side(diary("lists"), diary("cases", act=fail), lambda *_what: None, learned=lambda: None)


def test_statements_of_a_load_are_planned_once_and_an_officers_are_not(committed_db: str) -> None:
    def kept() -> int:
        with connection.cursor() as cursor:
            for _time in range(6):
                cursor.execute("select count(*) from pg_prepared_statements where name <> %s", [""])
            (count,) = cursor.fetchone()
        return int(count)

    before = dict(connection.settings_dict["OPTIONS"])
    with plans_kept():
        assert kept() == 1
    assert kept() == 0
    assert connection.settings_dict["OPTIONS"] == before


def test_plans_are_given_up_by_a_load_that_fails(committed_db: str) -> None:
    before = dict(connection.settings_dict["OPTIONS"])
    with pytest.raises(ValueError, match="no fund"), plans_kept():
        raise ValueError("no fund")
    assert connection.settings_dict["OPTIONS"] == before
