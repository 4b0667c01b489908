"""The demo city once a session, whole and small, on the real area data."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.areas.source import read_national, read_weifang_villages, read_zones, reporting_units
from shouwang.web.demo.city import CityAreas, DemoCity, city_areas, generate

WEIFANG = 370_700_000_000_000


def weifang_areas() -> CityAreas:
    counties = [row for row in read_national() if row.parent == WEIFANG]
    units = reporting_units(WEIFANG, counties, read_zones(), date(2020, 1, 1))
    villages = (row.code for row in read_weifang_villages())
    return city_areas(WEIFANG, villages, ((unit.code, unit.spans) for unit in units))


@pytest.fixture(scope="session")
def areas() -> CityAreas:
    return weifang_areas()


@pytest.fixture(scope="session")
def city(areas: CityAreas) -> DemoCity:
    return generate(areas)


@pytest.fixture(scope="session")
def small_city(areas: CityAreas) -> DemoCity:
    return generate(areas, scale=0.02)
