"""The diary replays happenings in the order of their moments, with the clock set to each."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.kernel import clock
from shouwang.web.demo.diary import Diary, moment


def test_happenings_run_in_the_order_of_their_moments() -> None:
    diary, seen = Diary(), []
    for day, name in ((3, "third"), (1, "first"), (2, "second"), (1, "first, later written")):
        diary.write(moment(date(2020, 1, day), 9), "stage", lambda name=name: seen.append((clock.today().day, name)))
    diary.live(lambda _label, _done, _total: None)
    assert seen == [(1, "first"), (1, "first, later written"), (2, "second"), (3, "third")]


def test_progress_counts_what_each_stage_counts() -> None:
    diary, told = Diary(), []
    diary.write(moment(date(2020, 1, 2), 9), "cases", lambda: None, size=3)
    diary.write(moment(date(2020, 1, 1), 9), "households", lambda: None, size=10)
    diary.write(moment(date(2020, 1, 3), 9), "cases", lambda: None)
    diary.live(lambda *what: told.append(what))
    assert told == [("households", 10, 10), ("cases", 3, 4), ("cases", 4, 4)]


def test_a_happening_that_fails_ends_the_replay() -> None:
    diary, seen = Diary(), []

    def fail() -> None:
        raise ValueError("no")

    diary.write(moment(date(2020, 1, 1), 9), "stage", fail)
    diary.write(moment(date(2020, 1, 2), 9), "stage", lambda: seen.append("after"))
    with pytest.raises(ValueError, match="no"):
        diary.live(lambda _label, _done, _total: None)
    assert seen == []
