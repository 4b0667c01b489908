"""The map as a page prints it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shouwang.web.tiles.drawing import short_lines
from tests.web.test_components import rendered

WEIFANG = 370_700_000_000_000
TILES: list[dict[str, Any]] = [
    {"code": WEIFANG, "name": "市本级", "value": 5, "shown": "5", "url": "?unit=0"},
    {"code": 370_783_000_000_000, "name": "寿光市", "value": 1204, "shown": "1,204", "url": "?unit=1&q=<"},
    {"code": 370_781_000_000_000, "name": "青州市", "value": 0, "shown": "0", "url": ""},
    {"code": 370_793_000_000_000, "name": "综合保税区", "value": None, "shown": "", "url": ""},
]


def the_map(tiles: list[dict[str, Any]] = TILES, area: int = WEIFANG) -> str:
    return rendered('{% tile_map tiles area=area label="保障人数" unit="人" %}', tiles=tiles, area=area)


def test_a_tile_is_a_link_with_its_whole_name_and_value() -> None:
    links = re.findall(r'<a class="tile-link" href="([^"]*)" aria-label="([^"]*)">', the_map())
    assert links == [("?unit=1&amp;q=&lt;", "寿光市 1,204 人"), ("?unit=0", "市本级 5 人")]


def test_tiles_are_read_from_north_to_south_and_west_to_east_with_the_citys_own_last() -> None:
    assert re.findall(r"<title>([^<]*)</title>", the_map()) == ["综合保税区", "寿光市", "青州市", "市本级"]


def test_zero_and_not_reported_look_and_read_differently() -> None:
    page = the_map()
    assert 'aria-label="青州市 0 人"' in page
    assert 'aria-label="综合保税区 未报"' in page
    assert len(re.findall(r'class="tile tile-zero"', page)) == 2  # the tile and its legend
    assert len(re.findall(r'class="tile tile-missing"', page)) == 2


def test_the_table_says_the_same_as_the_map() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="num">(.*?)</td>', the_map())
    assert [(re.sub("<[^>]*>", "", name), value) for name, value in rows] == [
        ("市本级", "5"), ("寿光市", "1,204"), ("青州市", "0"), ("综合保税区", "未报"),
    ]  # fmt: skip


def test_nothing_in_it_is_styled_inline_or_scripted() -> None:
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", the_map())


def test_the_nation_shows_the_places_without_data() -> None:
    page = the_map([{"code": 370_000_000_000_000, "name": "山东省", "value": 1, "shown": "1", "url": ""}], area=0)
    assert 'aria-label="台湾 无数据"' in page
    assert "<td" in page
    assert "台湾" not in page.split("<table")[1]


def test_a_map_of_nothing_is_an_empty_map() -> None:
    assert "<svg" in the_map([], area=1)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("寿光市", ("寿光",)),
        ("固堤街道", ("固堤",)),
        ("综合保税区", ("综合保税",)),
        ("新疆维吾尔自治区", ("新疆",)),
        ("张镇", ("张镇",)),
        ("双河口彝族乡", ("双河口", "彝族")),
        ("潍坊滨海经济技术开发区", ("潍坊滨海", "经济技…")),
    ],
)
def test_short_names(name: str, lines: tuple[str, ...]) -> None:
    assert short_lines(name) == lines
