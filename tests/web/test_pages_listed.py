"""docs/pages.md names every address of the product, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

PAGES = Path(__file__).parents[2] / "docs" / "pages.md"


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_address_is_listed_once() -> None:
    section = PAGES.read_text(encoding="utf-8").partition("## Every address")[2]
    listed = [
        name
        for row in section.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    assert sorted(listed) == sorted(set(names(get_resolver().url_patterns)))
