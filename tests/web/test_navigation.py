"""The side bar shows each role its own trade."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.urls import include, path

from shouwang.web import navigation
from shouwang.web.navigation import NAVIGATION, navigation_for

_VIEW = lambda request: None  # noqa: E731
urlpatterns = [
    path("", _VIEW, name="home"),
    path("relief/", _VIEW, name="relief_list"),
    path("relief/runs/", _VIEW, name="run_list"),
    path("users/", _VIEW, name="user_list"),
    path("nothing/", include([])),
]
pytestmark = pytest.mark.urls(__name__)


def labels(role: str, path: str = "/") -> list[str]:
    return [str(link.label) for _, links in navigation_for(role, path) for link in links]


def current(path: str) -> list[str]:
    return [str(link.label) for _, links in navigation_for("county_officer", path) for link in links if link.is_current]


def test_county_officer_sees_casework() -> None:
    assert labels("county_officer") == ["今天", "临时救助", "资金发放"]


def test_sysadmin_sees_no_casework() -> None:
    assert labels("sysadmin") == ["今天", "用户与岗位"]


def test_entry_without_a_page_is_left_out() -> None:
    assert "在行措施" not in labels("county_officer")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ["今天"]),
        ("/relief/", ["临时救助"]),
        ("/relief/5/", ["临时救助"]),
        ("/relief/runs/7/", ["资金发放"]),
        ("/elsewhere/", []),
    ],
)
def test_one_entry_is_current(path: str, expected: list[str]) -> None:
    assert current(path) == expected


def test_every_icon_is_in_the_sprite() -> None:
    manifest = Path(navigation.__file__).parent / "static" / "dist" / "manifest.json"
    sprite = manifest.parent / json.loads(manifest.read_text())["src/icons.svg"]["file"]
    missing = [
        item.icon for group in NAVIGATION for item in group.items if f'id="{item.icon}"' not in sprite.read_text()
    ]
    assert missing == []
