"""One clock, and cut-offs as the trade writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shouwang.kernel import clock
from shouwang.kernel.clock import instant


def test_now_inside_a_fixed_moment_stands_still_in_shanghai() -> None:
    with clock.at(datetime(2020, 3, 17, 16, 30, tzinfo=UTC)):
        assert clock.now() == instant(2020, 3, 18, 0, 30)
        assert clock.today() == date(2020, 3, 18)
        assert clock.epoch_ms() == 1_584_462_600_000


def test_fixed_moment_ends_with_its_block() -> None:
    before = clock.now()
    with clock.at(instant(2021, 1, 1)), clock.at(instant(2022, 1, 1)):
        assert clock.today() == date(2022, 1, 1)
    assert clock.now() == before


def test_fixed_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.at(datetime(2020, 1, 1)):  # noqa: DTZ001
        pass


def test_offset_reads_the_wanted_moment_even_while_the_clock_is_fixed() -> None:
    wanted = instant(2020, 3, 18, 8)
    with clock.at(instant(1999, 1, 1)):
        offset = clock.offset_to(wanted)
    assert abs(datetime.now(UTC) + offset - wanted) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-03-17T24:00", instant(2020, 3, 18)),
        ("2020-03-17 24:00", instant(2020, 3, 18)),
        ("2020-03-17T24:00:00", instant(2020, 3, 18)),
        ("2020-02-29T24:00", instant(2020, 3, 1)),
        ("2020-12-31", instant(2021, 1, 1)),
        ("20200317", instant(2020, 3, 18)),
        ("2020-03-17T18:30", instant(2020, 3, 17, 18, 30)),
        ("2020-03-17T00:00", instant(2020, 3, 17)),
        ("2020-03-17T10:30:00+00:00", instant(2020, 3, 17, 18, 30)),
    ],
)
def test_cutoff_is_half_open(text: str, expected: datetime) -> None:
    assert clock.parse_cutoff(text) == expected


@pytest.mark.parametrize("text", ["", "2020-02-30", "2020-02-30T24:00", "2020-03-17T24:01", "昨天", "2020-03"])
def test_cutoff_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock.parse_cutoff(text)
