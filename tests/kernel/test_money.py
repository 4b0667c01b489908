"""Fen in, fen out: exact or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import Invalid
from shouwang.kernel.money import FEN_MAX, parse_yuan, split_fen, wan_yuan, yuan


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-5, "-0.05"), (-123_400, "-1,234.00")],
)
def test_yuan_shows_every_fen(fen: int, expected: str) -> None:
    assert yuan(fen) == expected


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        (442_700_000, "442.70"),
        (4_999, "0.00"),
        (5_000, "0.01"),
        (-4_999, "0.00"),
        (-5_000, "-0.01"),
        (7_105_900_000, "7,105.90"),
    ],
)
def test_wan_yuan_rounds_half_up_and_has_no_minus_zero(fen: int, expected: str) -> None:
    assert wan_yuan(fen) == expected


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234.5", 123_450),
        (" 12 ", 1_200),
        ("0.01", 1),
        ("0.10000", 10),
        ("-0.05", -5),
        ("+3", 300),
        ("１，２３４．５６", 123_456),
        ("007", 700),
        ("90,000,000,000,000.00", FEN_MAX),
    ],
)
def test_amount_is_read_exactly(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "money.not_a_number"),
        ("1元", "money.not_a_number"),
        ("1234,567", "money.not_a_number"),
        ("1,23", "money.not_a_number"),
        (".5", "money.not_a_number"),
        ("1e3", "money.not_a_number"),
        ("NaN", "money.not_a_number"),
        ("一百", "money.not_a_number"),
        ("0.001", "money.below_fen"),
        ("0.0100000000000000000000000000000000000001", "money.below_fen"),
        ("90,000,000,000,000.01", "money.too_large"),
        ("9" * 5_000, "money.too_large"),
    ],
)
def test_amount_that_is_not_exact_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_yuan(text)
    assert refusal.value.reason == reason


@given(st.integers(-FEN_MAX, FEN_MAX))
def test_shown_amount_reads_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (5, [3, 7], [2, 3]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [1, 2], [0, 0]),
        (1, [0, 1], [0, 1]),
    ],
)
def test_split_gives_the_rest_to_the_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert split_fen(total, weights) == parts


@given(st.integers(-FEN_MAX, FEN_MAX), st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_split_sums_to_the_total_within_one_fen_of_each_share(total: int, weights: list[int]) -> None:
    parts = split_fen(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 1]])
def test_split_by_impossible_weights_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_fen(100, weights)
