"""Two diaries lived at once: both to their end, with what the other learned, or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.web.demo.diary import Diary, moment
from shouwang.web.demo.side_by_side import live_side_by_side

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
