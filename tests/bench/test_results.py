"""The benches' own arithmetic, and how a result is put on paper."""

from __future__ import annotations

import pytest
from scripts.bench.page import with_result
from scripts.bench.results import Bar, Line, Result, as_data, as_markdown, as_table, figure, percentile


def result(*lines: Line, bench: str = "pages") -> Result:
    return Result(bench, "Pages", "2 cores", "2020-03-18", (0.51, 1.0), lines)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.05, 1), (0.5, 10), (0.51, 11), (0.95, 19), (0.951, 20), (1.0, 20)]
)
def test_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile([float(number) for number in range(20, 0, -1)], share) == expected


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.5], 0.95) == 7.5


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("line", "ratio", "verdict"),
    [
        (Line("p95", 150, "ms", 150), 1.0, "kept"),
        (Line("p95", 151, "ms", 150), 151 / 150, "MISSED"),
        (Line("rate", 5_000, "/s", 5_000, Bar.TARGET), 1.0, "kept"),
        (Line("rate", 4_000, "/s", 5_000, Bar.TARGET), 1.25, "MISSED"),
        (Line("bulk", 12.0, "s", 8.0, Bar.FLOOR), 1.5, ""),
        (Line("told", 3.0, "s"), None, ""),
    ],
)
def test_ratio_and_verdict(line: Line, ratio: float | None, verdict: str) -> None:
    assert (line.ratio, line.verdict) == (ratio, verdict)


def test_result_is_kept_when_no_line_missed_its_bar() -> None:
    kept, missed = Line("a", 1, "s", 2), Line("b", 3, "s", 2)
    assert (result(kept, Line("c", 3, "s", 2, Bar.FLOOR)).is_kept, result(kept, missed).is_kept) == (True, False)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.123"), (12.34, "12.3"), (99.99, "100"), (123.4, "123"), (7, "7"), (5_000, "5,000")]
)
def test_figure_has_three_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_table_lines_up_chinese_and_latin_names() -> None:
    table = as_table(result(Line("底册", 1.5, "s"), Line("abc", 22, "s", 60)))
    assert table.splitlines() == [
        "Pages",
        "2020-03-18, 2 cores; load average 0.5 before, 1.0 after.",
        "what  measured  unit  beside    ratio        note",
        "底册       1.5  s",
        "abc         22  s     limit 60   0.37  kept",
    ]


def test_markdown_has_a_row_for_each_line() -> None:
    assert as_markdown(result(Line("home", 30, "ms p95", 150, note="p50 20"))).splitlines()[-1] == (
        "| home | 30 | ms p95 | limit 150 | 0.20 | kept | p50 20 |"
    )


def test_data_carries_bar_ratio_and_loads() -> None:
    data = as_data(result(Line("rate", 10_000, "/s", 5_000, Bar.TARGET)))
    assert data["loads"] == [0.51, 1.0]
    assert data["lines"] == [
        {"name": "rate", "measured": 10_000, "unit": "/s", "bar": 5_000, "kind": "target", "ratio": 0.5, "note": ""}
    ]


def test_page_takes_a_new_section_at_its_end_and_replaces_it_later() -> None:
    page = with_result("# Benchmarks\n", result(Line("home", 30, "ms")))
    page = with_result(page, result(Line("load", 50, "s"), bench="demo"))
    again = with_result(page, result(Line("home", 40, "ms")))
    assert again == page.replace("| home | 30 |", "| home | 40 |")
    assert again.index("bench: pages") < again.index("bench: demo")
