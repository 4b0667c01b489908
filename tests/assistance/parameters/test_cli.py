"""`shouwang parameters`: check a file, show what holds, propose a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shouwang.accounts.models import User
from shouwang.assistance.models import ParameterDecision, ParameterNotice
from shouwang.assistance.rules.benefits.parameters import ParametersRefused
from shouwang.cli.parser import build_parser
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.scope import FULL, use_scope
from shouwang.web.demo.city.standards import STANDARDS_FILE

from .setting import make_bureau, notice, put_in_force
from .test_pages import YAML

pytestmark = pytest.mark.django_db


def call(*arguments: str) -> object:
    options = build_parser().parse_args(["parameters", *arguments])
    return options.run(options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "寒亭.yaml"
    path.write_text(YAML, encoding="utf-8")
    return path


def test_file_is_checked_with_every_problem(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", str(file)) == 0
    assert capsys.readouterr().out == "寒亭.yaml: 1 values of 1 areas, 0 of them placeholders\n"
    file.write_text(YAML.replace('"640"', '"64000"').replace("status: confirmed", "status: sure"), encoding="utf-8")
    assert call("check", str(file)) == 1
    assert "status" in capsys.readouterr().err
    assert call("check", str(STANDARDS_FILE)) == 0


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nothing\.yaml"):
        call("check", str(tmp_path / "nothing.yaml"))


def test_what_holds_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    put_in_force(make_bureau(), notice())
    call("show", "--area", "370703", "--month", "2020-04", "--json")
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["key"], first["value"], first["from"], first["status"]) == (
        "dibao.standard.urban",
        "600",
        "2020-04-01",
        "confirmed",
    )
    call("show", "--area", "370703", "--month", "2020-03")
    line = capsys.readouterr().out.splitlines()[0].split()
    assert line == ["dibao.standard.urban", "-", "missing"]


def test_import_proposes_and_decides_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bureau = make_bureau()
    username = User.objects.get(id=bureau.officer.user_id).username
    head = ("--number", "寒民〔2020〕9号", "--title", "通知")
    call("import", str(file), "--user", username, *head, "--json")
    assert json.loads(capsys.readouterr().out)["values"] == 1
    with use_scope(FULL):
        assert (ParameterNotice.objects.count(), ParameterDecision.objects.count()) == (1, 0)
    with pytest.raises(NotFound):
        call("import", str(file), "--user", "nobody", *head)
    file.write_text(YAML.replace('"640"', '"64000"'), encoding="utf-8")
    with pytest.raises(ParametersRefused, match="不合情理"):
        call("import", str(file), "--user", username, *head)
