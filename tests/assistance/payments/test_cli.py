"""`shouwang run` prints a run and its new payables; asked again, the same run and none."""

from __future__ import annotations

import json

import pytest

from shouwang.assistance import cli
from shouwang.cli.parser import build_parser
from shouwang.kernel.errors import NotFound

from .setting import County

pytestmark = pytest.mark.django_db


def report(capsys: pytest.CaptureFixture[str], *extra: str) -> dict[str, object]:
    arguments = ["run", "--programme", "dibao", "--month", "2020-03", "--area", "370703", "--json", *extra]
    cli.run(build_parser().parse_args(arguments))
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_month_run_twice_from_the_command_line(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    first = report(capsys)
    again = report(capsys)
    assert (first["is_new"], first["new_payables"], first["amount_fen"]) == (True, 3, 1667_50)
    assert (again["is_new"], again["new_payables"], again["run_id"]) == (False, 0, first["run_id"])


def test_unknown_officer_is_refused(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound):
        report(capsys, "--user", "nobody")
