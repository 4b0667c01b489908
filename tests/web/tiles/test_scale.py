"""Steps: in order, of equal numbers, with bounds that occur."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.web.tiles.scale import MISSING, STEPS, ZERO, scale_of

values = st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=60)


def test_twenty_different_values_make_five_steps_of_four() -> None:
    scale = scale_of(range(1, 21))
    assert [(step.key, step.low, step.high) for step in scale.steps] == [
        ("s1", 1, 4), ("s2", 5, 8), ("s3", 9, 12), ("s4", 13, 16), ("s5", 17, 20),
    ]  # fmt: skip


def test_the_largest_of_few_is_the_darkest() -> None:
    assert [step.key for step in scale_of([7, 7, 9]).steps] == ["s4", "s5"]
    assert scale_of([5]).key_of(5) == "s5"


def test_zero_and_not_reported_are_states_of_their_own() -> None:
    scale = scale_of([0, None, 3])
    assert (scale.key_of(0), scale.key_of(None)) == (ZERO, MISSING)
    assert scale.has_zero
    assert scale.has_missing
    assert not scale_of([1, 2]).has_zero


def test_a_change_has_three_steps_on_each_side() -> None:
    scale = scale_of([-90, -60, -30, 0, 10, 20, 30])
    assert [(step.key, step.low, step.high) for step in scale.steps] == [
        ("n3", -90, -90), ("n2", -60, -60), ("n1", -30, -30), ("p1", 10, 10), ("p2", 20, 20), ("p3", 30, 30),
    ]  # fmt: skip


def test_bounds_of_the_trade_are_kept() -> None:
    scale = scale_of([3, 99, 100, 450, 1000], thresholds=[100, 500])
    assert [(step.key, step.low, step.high) for step in scale.steps] == [
        ("s1", 3, 99), ("s2", 100, 450), ("s3", 1000, 1000),
    ]  # fmt: skip


@pytest.mark.parametrize("thresholds", [[0, 5], [5, 5], [9, 5], [1, 2, 3, 4, 5]])
def test_bounds_that_are_none_are_refused(thresholds: list[int]) -> None:
    with pytest.raises(ValueError, match="ascending numbers above zero"):
        scale_of([1, 2], thresholds=thresholds)


@given(values)
def test_every_value_has_one_colour_and_darker_means_more(found: list[int | None]) -> None:
    scale = scale_of(found)
    assert len(scale.steps) <= max(STEPS, 6)
    assert all(one.high < other.low for one, other in zip(scale.steps, scale.steps[1:], strict=False))
    for step in scale.steps:
        assert {step.low, step.high} <= {value for value in found if value}
    for value in found:
        scale.key_of(value)
