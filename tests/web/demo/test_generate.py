"""The same areas, seed and scale give the same city; what cannot be generated is refused."""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shouwang.web.demo.city import SEED, CityAreas, DemoCity, city_areas, generate

_ROOT = Path(__file__).parents[3]
_PRINT_HASH = """
from tests.web.demo.conftest import weifang_areas
from tests.web.demo.test_generate import fingerprint
from shouwang.web.demo.city import generate
print(fingerprint(generate(weifang_areas(), scale=0.02)))
"""


def fingerprint(city: DemoCity) -> str:
    return hashlib.sha256(repr(city).encode()).hexdigest()


def test_generation_is_repeatable(areas: CityAreas, small_city: DemoCity) -> None:
    assert fingerprint(generate(areas, scale=0.02)) == fingerprint(small_city)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_generation_does_not_depend_on_the_hash_seed(small_city: DemoCity, hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"}
    printed = subprocess.run(
        [sys.executable, "-c", _PRINT_HASH], env=environment, cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == fingerprint(small_city)


def test_another_seed_gives_other_people_and_the_same_aims(areas: CityAreas, small_city: DemoCity) -> None:
    other = generate(areas, seed=SEED + 1, scale=0.02)
    assert other.households[0] != small_city.households[0]
    for city in (other, small_city):
        dibao = [row for row in city.payments if row.programme == "dibao" and row.attempts[-1].outcome == "succeeded"]
        paid_in_time = [row for row in dibao if row.attempts[-1].settled_on.isoformat() < "2020-03-18"]
        assert len({key for row in paid_in_time for key in row.person_keys}) == 1_757


def test_the_collector_is_as_it_was(areas: CityAreas) -> None:
    generate(areas, scale=0.01)
    assert gc.isenabled()


@pytest.mark.parametrize("scale", [0.0, -0.5, 1.5])
def test_a_scale_outside_zero_to_one_is_refused(areas: CityAreas, scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate(areas, scale=scale)


def test_a_unit_without_a_profile_is_refused(areas: CityAreas) -> None:
    with pytest.raises(KeyError, match="370799000000000"):
        generate(replace(areas, units=(*areas.units, 370_799_000_000_000)), scale=0.01)


def test_a_village_that_no_unit_reports_is_refused() -> None:
    with pytest.raises(ValueError, match="370705001001000"):
        city_areas(370_700_000_000_000, [370_705_001_001_000], [(370_702_000_000_000, [(1, 2)])])


def test_statistical_towns_have_no_people_and_no_office() -> None:
    unit = (370_702_000_000_000, [(370_702_000_000_000, 370_703_000_000_000)])
    villages = [370_702_001_001_000, 370_702_400_001_000, 370_702_002_201_000]
    places = city_areas(370_700_000_000_000, villages, [unit])
    assert [village.code for village in places.villages] == [370_702_001_001_000, 370_702_002_201_000]
    assert [village.is_community for village in places.villages] == [True, False]
    assert [township.code for township in places.townships] == [370_702_001_000_000, 370_702_002_000_000]
