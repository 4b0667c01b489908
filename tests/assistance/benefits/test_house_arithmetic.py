"""Nobody divides, sums or casts in a rule but through the house's helpers: the traps are silent ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import duckdb
import ibis
import pytest

from shouwang.assistance.rules.benefits import arithmetic, checks, rounding
from shouwang.assistance.rules.benefits import compile as compiling
from shouwang.assistance.rules.benefits.programmes import all_rules

FOLDER = Path(arithmetic.__file__).parent
EXPRESSIONS = sorted(
    path
    for path in FOLDER.glob("*.py")
    if "import ibis" in path.read_text(encoding="utf-8") and path.name != "arithmetic.py"
)
TEXTS = [(programme, text.version) for programme, rule in all_rules().items() for text in rule.texts]


def expression_code(path: Path) -> ast.Module:
    """The module without its plain-integer functions (`derive`..., `_..._of`), which divide as Python does."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.FunctionDef) and (node.name.startswith("derive") or node.name.endswith("_of")))
    ]
    return tree


def test_the_rules_are_found() -> None:
    assert {"dibao.py", "tekun.py", "price_subsidy.py", "keeping.py", "checks.py"} <= {
        path.name for path in EXPRESSIONS
    }


@pytest.mark.parametrize("path", EXPRESSIONS, ids=lambda path: path.name)
def test_no_division_of_expressions(path: Path) -> None:
    found = [
        node.lineno
        for node in ast.walk(expression_code(path))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv)
    ]
    assert found == [], "div_floor, share or ratio_to_fen"


@pytest.mark.parametrize("path", EXPRESSIONS, ids=lambda path: path.name)
def test_no_bare_sum_mean_or_round(path: Path) -> None:
    forbidden = {"sum", "mean", "round", "floor", "ceil", "truediv", "floordiv"}
    found = [
        (node.lineno, node.func.attr)
        for node in ast.walk(expression_code(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in forbidden
    ]
    assert found == [], "sum_fen, round_yuan"


@pytest.mark.parametrize("path", EXPRESSIONS, ids=lambda path: path.name)
def test_casts_are_to_whole_numbers(path: Path) -> None:
    found = [
        ast.unparse(node)
        for node in ast.walk(expression_code(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "cast"
        and ast.unparse(node.args[0]) != "'int64'"
    ]
    assert found == []


@pytest.mark.parametrize(("programme", "version"), TEXTS)
def test_the_text_has_only_whole_numbers(programme: str, version: str) -> None:
    """Each sum goes through DECIMAL(38, 0) to BIGINT at once; each division is cast to BIGINT at once; no doubles."""
    text = " ".join(compiling.sql(programme, version).split())
    assert re.search(r"\b(DOUBLE|FLOAT|REAL|HUGEINT)\b", text) is None
    assert set(re.findall(r"DECIMAL\([^)]*\)", text)) <= {"DECIMAL(38, 0)"}
    assert text.count("SUM(") == text.count("CAST(CAST(SUM(")
    assert text.count("AS DECIMAL(38, 0)) AS BIGINT)") == text.count("SUM(")


@pytest.mark.parametrize(("programme", "version"), TEXTS)
def test_the_text_is_standard_enough_for_spark(programme: str, version: str) -> None:
    """Compiling for another engine is the only proof here; the issue on clusters runs it."""
    assert "SELECT" in compiling.sql(programme, version, compiling.SPARK)


@pytest.mark.parametrize(("programme", "version"), TEXTS)
def test_the_text_names_the_snapshot_and_nothing_else(programme: str, version: str) -> None:
    text = compiling.sql(programme, version)
    named = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', text))
    assert {name for name in named if not re.fullmatch(r"t\d+", name)} <= {
        "grants",
        "persons",
        "holds",
        "measures",
        "standards",
    }


@pytest.mark.parametrize("check", sorted(checks.CHECKS))
def test_checks_compile(check: str) -> None:
    assert checks.sql(check).startswith(("SELECT", "WITH"))


def test_helpers_agree_with_plain_integers() -> None:
    numbers = [0, 1, 49, 50, 51, 99, 100, 4_999, 5_000, 15_000, 2**52, 2**53 - 1]
    table = ibis.table({"x": "int64"}, name="numbers")
    columns = {mode: arithmetic.round_yuan(table.x, ibis.literal(mode)) for mode in arithmetic.MODES} | {
        "floor_100": arithmetic.div_floor(table.x, 100),
        "share": arithmetic.share(table.x % 10**9, ibis.literal(1_333)),
    }
    text = str(ibis.to_sql(table.select("x", **columns), dialect="duckdb"))
    with duckdb.connect(":memory:") as connection:
        connection.execute("create table numbers (x bigint)")
        connection.executemany("insert into numbers values (?)", [[number] for number in numbers])
        for x, *rest in connection.execute(text).fetchall():
            expected = [rounding.round_yuan(x, mode) for mode in arithmetic.MODES]
            assert rest == [*expected, x // 100, rounding.share(x % 10**9, 1_333)]


def test_the_traps_are_still_there() -> None:
    """The reasons for the helpers: when one of these fails, Ibis has changed and a helper may go."""
    table = ibis.table({"x": "int64"}, name="numbers")
    assert "DOUBLE" in str(ibis.to_sql(table.select(y=table.x // 100), dialect="duckdb")) or "/" in str(
        ibis.to_sql(table.select(y=table.x // 100), dialect="duckdb")
    )
    summed = str(ibis.to_sql(table.aggregate(y=table.x.sum().cast("int64")), dialect="duckdb"))
    assert "CAST" not in summed
