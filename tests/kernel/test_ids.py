"""Ids are UUIDv7 stamped by the one clock."""

from __future__ import annotations

from shouwang.kernel import clock
from shouwang.kernel.ids import new_id


def test_id_carries_version_variant_and_the_clocks_millisecond() -> None:
    with clock.at(clock.instant(2020, 3, 18, 8)):
        made = new_id()
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert made.int >> 80 == clock.epoch_ms()


def test_ids_of_one_millisecond_differ() -> None:
    with clock.at(clock.instant(2020, 3, 18, 8)):
        assert len({new_id() for _ in range(1000)}) == 1000


def test_id_of_a_later_moment_sorts_after() -> None:
    with clock.at(clock.instant(2020, 3, 18, 8)):
        earlier = new_id()
    with clock.at(clock.instant(2020, 3, 18, 8, 1)):
        assert earlier < new_id()
