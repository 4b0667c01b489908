"""Functional zones in the database: the reporting units partition the city."""

from __future__ import annotations

from itertools import pairwise

import pytest

from shouwang.areas.public import Area, get_area, reporting_units

WEIFANG = 370700_000_000_000
FREE_TRADE_VILLAGE = 370705_010_400_000


@pytest.mark.django_db
def test_units_of_the_city_neither_overlap_nor_leave_a_gap() -> None:
    spans = sorted(span for _code, _name, pieces in reporting_units(WEIFANG) for span in pieces)
    city = get_area(WEIFANG)
    assert [(a, b) for a, b in pairwise(spans) if a[1] != b[0]] == []
    assert (spans[0][0], spans[-1][1]) == city.span[0]


@pytest.mark.django_db
def test_community_inside_another_zones_subdistrict_reports_to_its_own_zone() -> None:
    holders = [
        code
        for code, _name, pieces in reporting_units(WEIFANG)
        if any(low <= FREE_TRADE_VILLAGE < high for low, high in pieces)
    ]
    assert holders == [370793_000_000_000]
    assert Area.objects.get(code=FREE_TRADE_VILLAGE).level == "village"
