"""Places: one for each unit, no two on one, real neighbours side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.areas.public import Area, Level, read_national, reporting_units
from shouwang.web.tiles import layout
from shouwang.web.tiles.layout import Place, layout_for, made_layouts

WEIFANG = 370_700_000_000_000
NATION = 0
APART_MAX = {WEIFANG: 6, NATION: 5}
"""Pairs of real neighbours that squares cannot keep side by side, by area; a new layout may only have fewer."""


def side_by_side(one: Place, other: Place) -> bool:
    return max(abs(one.row - other.row), abs(one.column - other.column)) == 1


@pytest.mark.parametrize("area", list(APART_MAX))
def test_no_two_tiles_share_a_place(area: int) -> None:
    places = list(made_layouts()[area].places.values())
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("area", list(APART_MAX))
def test_real_neighbours_stand_side_by_side(area: int) -> None:
    made = made_layouts()[area]
    apart = [
        f"{made.names[one]}-{made.names[other]}"
        for one, other in made.neighbours
        if not side_by_side(made.places[one], made.places[other])
    ]
    assert len(apart) <= APART_MAX[area], apart


@pytest.mark.parametrize("area", list(APART_MAX))
def test_every_tile_touches_a_real_neighbour_and_says_so_once(area: int) -> None:
    made = made_layouts()[area]
    pairs = {frozenset(pair) for pair in made.neighbours}
    assert len(pairs) == len(made.neighbours)
    touching = {code for pair in pairs for code in pair if side_by_side(*(made.places[one] for one in pair))}
    assert touching == set(made.places)


def test_directions_of_weifang_are_the_real_ones() -> None:
    made = made_layouts()[WEIFANG]
    at = {name: made.places[code] for code, name in made.names.items()}
    city = at["奎文"]
    assert all(at[name].column < city.column for name in ("青州", "寿光", "临朐", "昌乐", "潍城"))
    assert all(at[name].column > city.column for name in ("昌邑", "高密", "高新", "峡山"))
    assert all(at[name].row < city.row for name in ("滨海", "寒亭"))
    assert all(at[name].row > city.row for name in ("坊子", "安丘", "诸城", "临朐", "高密", "峡山"))


def test_weifang_is_the_partition_that_it_reports_by(db: None) -> None:
    codes = {code for code, _, _ in reporting_units(WEIFANG)}
    found = layout_for(WEIFANG, codes)
    assert found.kind == "neighbours"
    assert set(found.places) == codes - {WEIFANG}
    assert set(found.below) == {WEIFANG}
    assert len(found.places) == 16


def test_the_nation_is_every_province_and_the_three_that_our_tree_lacks() -> None:
    provinces = {row.code for row in read_national() if row.level == "province"}
    found = layout_for(NATION, provinces)
    assert set(found.places) == provinces
    assert {found.names[code] for code in found.others} == {"台湾", "香港", "澳门"}
    assert not found.below


def test_a_unit_that_the_layout_does_not_know_yet_stands_below() -> None:
    new = 370_799_000_000_000
    found = layout_for(WEIFANG, [*made_layouts()[WEIFANG].places, new])
    assert set(found.below) == {new}
    assert found.below[new].row > max(place.row for place in found.places.values())


def test_a_county_is_packed_in_the_order_of_its_codes(db: None) -> None:
    county = Area.objects.filter(level=Level.COUNTY, parent_id=WEIFANG).order_by("code")[0].code
    codes = [code for code, _, _ in reporting_units(county)]
    found = layout_for(county, codes)
    assert found.kind == "packed"
    assert sorted(found.places, key=lambda code: found.places[code]) == sorted(set(codes) - {county})
    assert set(found.below) == {county}


@given(st.sets(st.integers(1, 10**15 - 1), max_size=200))
def test_packing_gives_each_unit_a_place_of_its_own(codes: set[int]) -> None:
    found = layout_for(1, codes)
    places = [*found.places.values(), *found.below.values()]
    assert len(set(places)) == len(places) == len(codes)
    assert all(place.column < layout.PACKED_COLUMNS_MAX for place in places)


def test_a_layout_that_puts_two_on_one_place_is_refused() -> None:
    entry = {"tiles": "1 0 0 甲\n2 0 0 乙", "neighbours": "", "source": ""}
    with pytest.raises(ValueError, match="乙 stands on 甲"):
        layout._made(9, entry)
