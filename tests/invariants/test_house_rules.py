"""Rules of the house that no library's linter knows, held over every source file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src" / "shouwang"
MODULES = sorted(path for path in SOURCES.rglob("*.py") if "migrations" not in path.parts)

CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
    ("time", "time"),
    ("timezone", "localdate"),
}
MAY_READ_THE_CLOCK = {"kernel/clock.py"}
APPS = ("kernel", "areas", "accounts", "registry", "ledger", "response", "gates", "assistance", "reporting", "web")


def calls(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            yield node.func.value.id, node.func.attr, node.lineno


def name_of(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def app_of(path: Path) -> str:
    return path.relative_to(SOURCES).parts[0]


def test_sources_are_found() -> None:
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) not in MAY_READ_THE_CLOCK], ids=name_of)
def test_only_the_clock_reads_the_clock(path: Path) -> None:
    found = [
        f"{line}: {owner}.{name}"
        for owner, name, line in calls(ast.parse(path.read_text()))
        if (owner, name) in CLOCK_CALLS
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_ids_are_made_by_the_kernel(path: Path) -> None:
    found = [
        f"{line}: {owner}.{name}"
        for owner, name, line in calls(ast.parse(path.read_text()))
        if name in ("uuid1", "uuid4")
    ]
    assert found == []


@pytest.mark.parametrize("path", [path for path in MODULES if app_of(path) in APPS], ids=name_of)
def test_another_app_is_used_through_its_public_module(path: Path) -> None:
    own = app_of(path)
    wrong = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = node.module.split(".")
            if parts[0] == "shouwang" and len(parts) > 1 and parts[1] in APPS and parts[1] not in (own, "kernel"):
                is_public = len(parts) > 2 and parts[2] == "public"
                if not is_public:
                    wrong.append(f"{node.lineno}: {node.module}")
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if "views" in (path.stem, path.parent.name)], ids=name_of)
def test_views_never_touch_a_manager(path: Path) -> None:
    found = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_exception_is_swallowed(path: Path) -> None:
    """A bare or blanket except is never written, unless its last word is to raise the same again."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ExceptHandler):
            continue
        is_blanket = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        )
        last = node.body[-1]
        if is_blanket and not (isinstance(last, ast.Raise) and last.exc is None):
            wrong.append(node.lineno)
    assert wrong == []


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.html")), ids=name_of)
def test_templates_have_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    for forbidden in (" style=", "<script>", "<style", " onclick=", " onchange=", " hx-on"):
        assert forbidden not in text


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem not in ("styleguide",)], ids=name_of)
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 600
