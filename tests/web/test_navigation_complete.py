"""The side bar of the product itself: no entry without its page, and none that its reader may not open."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.web.navigation import NAVIGATION, navigation_for
from tests.accounts.clients import client_of
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor

ENTRIES = [item for group in NAVIGATION for item in group.items]
SEATS = {
    Role.GRID_WORKER: GUDI_VILLAGE,
    Role.TOWNSHIP_ASSISTANT: GUDI,
    Role.TOWNSHIP_HEAD: GUDI,
    Role.COUNTY_OFFICER: HANTING,
    Role.COUNTY_LEADER: HANTING,
    Role.FINANCE: HANTING,
    Role.CITY_OFFICER: WEIFANG,
    Role.AUDITOR: WEIFANG,
    Role.SYSADMIN: WEIFANG,
}


@pytest.mark.parametrize("entry", ENTRIES, ids=[item.key for item in ENTRIES])
def test_every_entry_has_its_page(entry) -> None:
    assert reverse(entry.url_name).startswith("/")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_open_what_the_side_bar_offers(role: str) -> None:
    client = client_of(make_actor(role, SEATS[role]))
    links = [link.url for _label, links in navigation_for(role, "/") for link in links]
    assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)
