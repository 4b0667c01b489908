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


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Every module, parsed once. A rule is one test over all of them: a test a file cost more than the rules."""
    return {path: ast.parse(path.read_text()) for path in MODULES}


def test_sources_are_found() -> None:
    assert len(MODULES) > 100


def test_only_the_clock_reads_the_clock(trees: dict[Path, ast.Module]) -> None:
    found = [
        f"{name_of(path)}:{line}: {owner}.{name}"
        for path, tree in trees.items()
        if name_of(path) not in MAY_READ_THE_CLOCK
        for owner, name, line in calls(tree)
        if (owner, name) in CLOCK_CALLS
    ]
    assert found == []


def test_ids_are_made_by_the_kernel(trees: dict[Path, ast.Module]) -> None:
    found = [
        f"{name_of(path)}:{line}: {owner}.{name}"
        for path, tree in trees.items()
        for owner, name, line in calls(tree)
        if name in ("uuid1", "uuid4")
    ]
    assert found == []


def test_another_app_is_used_through_its_public_module(trees: dict[Path, ast.Module]) -> None:
    found = [wrong for path, tree in trees.items() if app_of(path) in APPS for wrong in _past_the_door(path, tree)]
    assert found == []


def _past_the_door(path: Path, tree: ast.Module) -> Iterator[str]:
    own = app_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = node.module.split(".")
            if parts[0] == "shouwang" and len(parts) > 1 and parts[1] in APPS and parts[1] not in (own, "kernel"):
                is_public = len(parts) > 2 and parts[2] == "public"
                if not is_public:
                    yield f"{name_of(path)}:{node.lineno}: {node.module}"


def test_views_never_touch_a_manager(trees: dict[Path, ast.Module]) -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in trees.items()
        if "views" in (path.stem, path.parent.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert found == []


def test_no_exception_is_swallowed(trees: dict[Path, ast.Module]) -> None:
    """A bare or blanket except is never written, unless its last word is to raise the same again."""
    wrong = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            is_blanket = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            last = node.body[-1]
            if is_blanket and not (isinstance(last, ast.Raise) and last.exc is None):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def test_templates_have_no_inline_script_or_style() -> None:
    forbidden = (" style=", "<script>", "<style", " onclick=", " onchange=", " hx-on")
    templates = {path: path.read_text() for path in sorted(SOURCES.rglob("*.html"))}
    assert len(templates) > 100
    assert [(name_of(path), word) for path, text in templates.items() for word in forbidden if word in text] == []


def test_files_stay_readable() -> None:
    long = {name_of(path): len(path.read_text().splitlines()) for path in MODULES if path.stem != "styleguide"}
    assert {name: lines for name, lines in long.items() if lines > 600} == {}
