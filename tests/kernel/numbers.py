"""Valid identity numbers for tests, with an area part (999999) that no division has."""

from __future__ import annotations

from datetime import date

from shouwang.kernel.identity import check_character


def id_number(born: date = date(1980, 1, 1), order: int = 148, area: str = "999999") -> str:
    first_17 = f"{area}{born:%Y%m%d}{order:03d}"
    return first_17 + check_character(first_17)
