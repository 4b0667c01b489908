"""A figure by unit on the tile-grid map, above its rows."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import User
from shouwang.kernel.scope import use_scope
from tests.factories import HANTING, WEIFANG, make_actor
from tests.reporting.world import make_family, pay

pytestmark = pytest.mark.django_db
QUERY = {"area": WEIFANG, "from": "2020-01-01", "as_of": "2020-03-17T24:00"}


def test_a_tile_opens_the_rows_of_its_unit_and_those_lead_back() -> None:
    city = make_actor("city_officer", WEIFANG)
    with use_scope(city.scope):
        household, persons = make_family(city, 1)
        pay(city, household, persons, fen=30_000)
    client = Client()
    client.force_login(User.objects.get(id=city.user_id))
    page = client.get(reverse("figure_rows", args=["dibao.amount"]), QUERY).content.decode()
    assert page.count("tile-link") == 1
    assert page.count("<title>") == 1 + 16  # the page's own, and one a unit: 市本级 has nothing
    (link,) = re.findall(r'class="tile-link" href="([^"]*)" aria-label="寒亭区 0.03 万元"', page)
    rows = client.get(link.replace("&amp;", "&")).content.decode()
    assert f"unit={HANTING}" in link
    assert "300.00" in rows
    assert "tile-map" not in rows
    assert "全部单位" in rows
