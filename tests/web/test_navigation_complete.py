"""The side bar of the product itself: no entry without its page, and none that its reader may not open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

import shouwang
from shouwang.accounts.public import Role
from shouwang.web.navigation import NAVIGATION, navigation_for, section_for
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
    Role.PARTNER: WEIFANG,
}


@pytest.mark.parametrize("entry", ENTRIES, ids=[item.key for item in ENTRIES])
def test_every_entry_has_its_page(entry) -> None:
    assert reverse(entry.url_name).startswith("/")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_open_what_the_side_bar_offers(role: str) -> None:
    """And the pages of a trade that stand under its header."""
    client = client_of(make_actor(role, SEATS[role]))
    links = [link.url for _label, links in navigation_for(role, "/") for link in links]
    links += [link.url for item in ENTRIES if item.is_for(role) for link in section_for(item.key, role, "/")[1]]
    assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)


@pytest.mark.django_db
def test_page_of_a_trade_shows_its_other_pages_and_where_one_is() -> None:
    client = client_of(make_actor(Role.COUNTY_OFFICER, HANTING))
    item = next(item for item in ENTRIES if item.key == "runs")
    for page in item.pages:
        shown = client.get(reverse(page.url_name)).content.decode()
        nav = shown[shown.index(f'aria-label="{item.label}"') :].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', nav) == [reverse(other.url_name) for other in item.pages]
        assert re.findall(r'aria-current="page">([^<]+)<', nav) == [str(page.label)]


def test_no_header_holds_more_than_three_actions() -> None:
    """What else a trade has belongs under the header: `section_nav`."""
    crowded = {}
    for template in Path(shouwang.__file__).parent.glob("*/templates/**/*.html"):
        for header in re.findall(r"page_header.*?endpage_header", template.read_text(encoding="utf-8"), re.DOTALL):
            if header.count('class="btn') > 3:
                crowded[template.name] = header.count('class="btn')
    assert crowded == {}
