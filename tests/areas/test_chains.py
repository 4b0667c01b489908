"""From an area out to its province: what a functional zone runs lies in the zone."""

from __future__ import annotations

import pytest

from shouwang.areas.models import ZonePart
from shouwang.areas.public import area_chains
from shouwang.kernel.errors import NotFound
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, WEIFANG

pytestmark = pytest.mark.django_db
SHANDONG = 370000_000_000_000


def test_chain_goes_out_to_the_province() -> None:
    chains = area_chains([GUDI_VILLAGE, WEIFANG])
    assert chains == {GUDI_VILLAGE: (GUDI_VILLAGE, GUDI, HANTING, WEIFANG, SHANDONG), WEIFANG: (WEIFANG, SHANDONG)}


def test_part_of_a_zone_follows_the_zone_and_the_zone_its_city() -> None:
    for part in ZonePart.objects.filter(valid_to=None):
        assert area_chains([part.part_id])[part.part_id] == (part.part_id, part.zone_id, WEIFANG, SHANDONG)


def test_unknown_area_is_refused() -> None:
    with pytest.raises(NotFound, match="没有区划代码 123"):
        area_chains([HANTING, 123])
