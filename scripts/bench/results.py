"""What a bench finds, and how it is told: a table for people, plain data for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Bar(Enum):
    """What a measurement stands beside."""

    LIMIT = "limit"
    """It must not go above."""
    TARGET = "target"
    """It must not fall below."""
    FLOOR = "floor"
    """The cheapest way of doing the same: told, with no verdict."""


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement, in `unit`. Without a `bar` it is told only."""

    name: str
    measured: float
    unit: str
    bar: float | None = None
    kind: Bar = Bar.LIMIT
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """At most 1 when a limit or a target is kept; how many times its floor a measurement costs."""
        if self.bar is None:
            return None
        return self.bar / self.measured if self.kind is Bar.TARGET else self.measured / self.bar

    @property
    def verdict(self) -> str:
        if self.ratio is None or self.kind is Bar.FLOOR:
            return ""
        return "kept" if self.ratio <= 1 else "MISSED"


@dataclass(frozen=True, slots=True)
class Result:
    """What one bench found; `loads` are the machine's load averages when it began and when it ended."""

    bench: str
    title: str
    machine: str
    began_on: str
    loads: tuple[float, float]
    lines: Sequence[Line] = field(default_factory=tuple)

    @property
    def is_kept(self) -> bool:
        return all(line.verdict != "MISSED" for line in self.lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed. Raises ValueError for none."""
    if not values:
        raise ValueError("a percentile of nothing")
    rank = max(-(-len(values) * round(share * 1000) // 1000), 1)
    return sorted(values)[rank - 1]


def figure(value: float) -> str:
    """Three significant digits, whole above a hundred."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


HEADER = ("what", "measured", "unit", "beside", "ratio", "", "note")


def cells(line: Line) -> tuple[str, ...]:
    bar = "" if line.bar is None else f"{line.kind.value} {figure(line.bar)}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    return (line.name, figure(line.measured), line.unit, bar, ratio, line.verdict, line.note)


def as_table(result: Result) -> str:
    rows = [HEADER, *(cells(line) for line in result.lines)]
    widths = [max(_columns(row[column]) for row in rows) for column in range(len(HEADER))]
    text = [result.title, about(result)]
    for row in rows:
        padded = (
            " " * (width - _columns(cell)) + cell if column in (1, 4) else cell + " " * (width - _columns(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        text.append("  ".join(padded).rstrip())
    return "\n".join(text)


def as_markdown(result: Result) -> str:
    lines = [f"## {result.title}", "", about(result), "", _row(HEADER), "|---|---:|---|---|---:|---|---|"]
    return "\n".join([*lines, *(_row(cells(line)) for line in result.lines)])


def as_data(result: Result) -> dict[str, object]:
    return {
        "bench": result.bench,
        "machine": result.machine,
        "began_on": result.began_on,
        "loads": list(result.loads),
        "is_kept": result.is_kept,
        "lines": [
            {
                "name": line.name,
                "measured": round(line.measured, 3),
                "unit": line.unit,
                "bar": None if line.bar is None else round(line.bar, 3),
                "kind": line.kind.value,
                "ratio": None if line.ratio is None else round(line.ratio, 3),
                "note": line.note,
            }
            for line in result.lines
        ],
    }


def about(result: Result) -> str:
    before, after = result.loads
    return f"{result.began_on}, {result.machine}; load average {before:.1f} before, {after:.1f} after."


def _columns(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _row(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |"
