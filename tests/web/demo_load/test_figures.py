"""The figures published for Weifang come out of the demo's rows, to the fen, and add up over the units."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date

import pytest

from shouwang.accounts.public import as_system
from shouwang.kernel import clock
from shouwang.reporting.queries import FigureTable, figures_for
from tests.factories import WEIFANG

SINCE = date(2020, 1, 1)
CUTOFF = "2020-03-17T24:00"
PUBLISHED = {
    "relief.person_times": 2_198,
    "relief.amount": 442_700_000,
    "price_subsidy.people": 103_500,
    "price_subsidy.amount": 486_420_000,
    "dibao.people": 87_840,
    "dibao.amount": 5_270_100_000,
    "tekun.people": 14_367,
    "tekun.amount": 1_835_800_000,
    "dibao_tekun.amount": 7_105_900_000,
}
"""走向世界 2020年14期 (2020-04-27): 442.70, 486.42, 5,270.10, 1,835.80 and 7,105.90 万元."""


def city_table() -> FigureTable:
    with as_system("测试") as system:
        return figures_for(system, area_code=WEIFANG, since=SINCE, as_of=clock.parse_cutoff(CUTOFF))


def test_published_figures_come_out_of_the_rows(demo_db: str) -> None:
    values = {value.figure.key: value.value for value in city_table().figures}
    assert {key: values[key] for key in PUBLISHED} == PUBLISHED


@pytest.mark.parametrize("key", PUBLISHED)
def test_figure_adds_up_over_the_reporting_units(demo_db: str, key: str) -> None:
    (figure,) = [value for value in city_table().figures if value.figure.key == key]
    assert len(figure.units) == 17  # 市本级 and the sixteen
    assert sum(unit.value for unit in figure.units) == figure.value
    assert sum(unit.rows for unit in figure.units) == figure.rows
    own, *others = figure.units
    assert (own.code, own.value) == (WEIFANG, 0)
    assert [unit.code for unit in others if unit.value == 0] == []


def test_command_line_prints_the_published_figures(demo_db: str) -> None:
    command = [sys.executable, "-m", "shouwang.cli", "figures", "--area", "370700", "--from", "2020-01-01"]
    answer = subprocess.run(
        [*command, "--as-of", CUTOFF, "--json"],
        env={**os.environ, "DATABASE_URL": demo_db},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    printed = {row["key"]: row for row in json.loads(answer.stdout)}
    assert {key: printed[key]["value"] for key in PUBLISHED} == PUBLISHED
    assert {key: printed[key]["unit"] for key in ("relief.person_times", "dibao.people", "dibao.amount")} == {
        "relief.person_times": "人次",
        "dibao.people": "人",
        "dibao.amount": "fen",
    }
    assert {row["as_of"] for row in printed.values()} == {CUTOFF}
