"""The clerk's cases through the compiled SQL: the amount, the ordinary amount, the reasons, and the explanation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from shouwang.assistance.rules.benefits.catalogue import catalogue
from shouwang.assistance.rules.benefits.explain import explain
from shouwang.assistance.rules.benefits.reasons import WORDS, reasons_of
from shouwang.kernel.money import parse_yuan

from .cases import Case, read_cases
from .snapshots import Snapshot, record_of

CASES = read_cases()
_FIRST_UNIT = 370_799_001_000_000

Line = dict[str, Any]


@pytest.fixture(scope="module")
def lines() -> dict[str, list[Line]]:
    """Each case is a unit with its own parameters; all cases of a programme and text run at once, as a city would."""
    snapshots: dict[tuple[str, str], Snapshot] = defaultdict(lambda: Snapshot([]))
    case_of: dict[int, str] = {}
    for number, case in enumerate(CASES):
        unit_code = _FIRST_UNIT + number
        case_of[unit_code] = str(case)
        case.add_to(snapshots[case.programme, case.version], unit_code, household_id=number + 1)
    found: dict[str, list[Line]] = defaultdict(list)
    for (programme, version), snapshot in snapshots.items():
        for line in snapshot.run(programme, version):
            found[case_of[line["unit_code"]]].append(line)
    return found


def test_labels_name_one_parameter_each() -> None:
    labels = [entry.label for entry in catalogue().values()]
    assert len(set(labels)) == len(labels)


def test_names_of_cases_are_their_own() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names) >= 140


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, lines: dict[str, list[Line]]) -> None:
    expected = case.body["期望"]
    if expected.get("不生成"):
        assert lines[str(case)] == []
        return
    (line,) = lines[str(case)]
    assert line["amount_fen"] == case.amount_fen
    assert line["ordinary_fen"] == parse_yuan(str(expected.get("一般情况下", expected["金额"])))
    words = {str(WORDS[reason]) for reason in reasons_of(line["reasons"])}
    assert words == set(expected.get("原因", []))
    explanation = explain(case.programme, case.version, record_of(line), case.standards())
    assert explanation.amount_fen == case.amount_fen
    if "算式" in expected:
        assert explanation.formula == expected["算式"]
    if "怎样变化" in expected:
        assert list(explanation.changes) == expected["怎样变化"]
