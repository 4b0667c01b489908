"""Integer arithmetic on expressions, where Ibis and the engines would slip into doubles or 128 bits.

Every rule divides, sums and rounds through these, and a test holds that no other way is used. Why: Ibis compiles `//` and
`/` to division of doubles; it drops `.cast("int64")` after a sum, because it believes the sum to be one already; DuckDB
sums integers to HUGEINT, which it writes to Parquet as DOUBLE.
"""

from __future__ import annotations

from typing import Any

import ibis

Expression = Any
"""A column expression; Ibis gives its operators no useful static types."""

YUAN = 100
MODES = ("exact", "half_up", "ceil", "floor")


def whole(number: int) -> Expression:
    """A literal of 64 bits."""
    return ibis.literal(number, type="int64")


def at_least_zero(x: Expression) -> Expression:
    return ibis.greatest(x, whole(0))


def div_floor(x: Expression, divisor: int) -> Expression:
    """x // divisor for x >= 0, exact below 2**53: what is divided is a multiple of the divisor."""
    assert divisor > 0
    return ((x - x % divisor) / divisor).cast("int64")


def sum_fen(x: Expression) -> Expression:
    """The sum of a group as 64 bits; 0 for none."""
    return ibis.coalesce(x.sum().cast("decimal(38,0)").cast("int64"), whole(0))


def count_where(table: Expression, flag: Expression) -> Expression:
    """How many rows of a group have the flag; a filtered count is 64 bits by itself, and cheaper than a sum of ones."""
    return table.count(where=flag)


def share(x: Expression, basis_points: Expression) -> Expression:
    """`basis_points` (10,000 = 100 %) of x fen, rounded half up to the fen."""
    return div_floor(x * basis_points + whole(5_000), 10_000)


def round_yuan(fen: Expression, mode: Expression) -> Expression:
    """Whole yuan by a mode of MODES; fen >= 0. `exact` leaves the fen."""
    rest = fen % YUAN
    down = fen - rest
    up = down + (rest > 0).ifelse(whole(YUAN), whole(0))
    nearest = down + (rest >= YUAN // 2).ifelse(whole(YUAN), whole(0))
    return ibis.cases((mode == "half_up", nearest), (mode == "ceil", up), (mode == "floor", down), else_=fen)


def day_number(day: Expression) -> Expression:
    """2020-03-18 -> 20200318: age comparisons without an engine's own date arithmetic."""
    return day.year().cast("int64") * 10_000 + day.month().cast("int64") * 100 + day.day().cast("int64")


def month_number(day: Expression) -> Expression:
    """Months since the year 0, so that differences count months."""
    return day.year().cast("int64") * 12 + day.month().cast("int64")


def ratio_to_fen(numerator: Expression, per_fen: int, mode: Expression) -> Expression:
    """numerator / per_fen fen, rounded once: to the yuan by `mode`, to the nearest fen for `exact`; numerator >= 0."""
    per_yuan = per_fen * YUAN
    nearest = div_floor(numerator + whole(per_yuan // 2), per_yuan) * YUAN
    up = div_floor(numerator + whole(per_yuan - 1), per_yuan) * YUAN
    down = div_floor(numerator, per_yuan) * YUAN
    exact = div_floor(numerator + whole(per_fen // 2), per_fen)
    return ibis.cases((mode == "half_up", nearest), (mode == "ceil", up), (mode == "floor", down), else_=exact)
