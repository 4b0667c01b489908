"""docs/measures.md and the command line say what the code says."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import pytest

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.scope import use_scope
from shouwang.response import cli
from shouwang.response.kinds import all_kinds
from shouwang.response.library import as_markdown
from shouwang.response.public import register_document
from tests.factories import WEIFANG, make_actor
from tests.measures import issue_measure

DOCUMENT = Path(__file__).parents[2] / "docs" / "measures.md"


def test_page_of_measures_is_what_the_code_declares() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == as_markdown()


def test_every_kind_tells_a_sentence_at_both_ends_of_its_parameters() -> None:
    for kind in all_kinds():
        for end in ("minimum", "maximum"):
            values = {parameter.key: getattr(parameter, end) for parameter in kind.parameters}
            assert kind.checked(values) == values
            assert kind.sentence(values).startswith(str(kind.label))


@pytest.mark.django_db
def test_command_line_prints_what_is_in_force_that_day(capsys: pytest.CaptureFixture[str]) -> None:
    city = make_actor(Role.CITY_OFFICER, WEIFANG)
    with use_scope(city.scope):
        document = register_document(
            actor=city, number="潍民〔2020〕8号", title="通知", issuer="潍坊市民政局", issued_on=date(2020, 2, 4),
            area_code=WEIFANG,
        )  # fmt: skip
        measure = issue_measure(
            actor=city, kind="gradual_exit", parameters={"months": 6}, area_code=WEIFANG,
            from_at=clock.instant(2020, 2, 21), until_at=clock.instant(2020, 6, 1), document_id=document.id,
        )  # fmt: skip
    asked = {"area": WEIFANG, "exercises": False, "json": True}
    cli.run(argparse.Namespace(on=date(2020, 3, 1), **asked))
    assert json.loads(capsys.readouterr().out) == [
        {
            "id": str(measure.id),
            "kind": "gradual_exit",
            "title": "低保渐退：收入超过标准的家庭，低保金再发 6 个月",
            "area": "370700000000",
            "area_name": "潍坊市",
            "from": "2020-02-21T00:00+08:00",
            "until": "2020-06-01T00:00+08:00",
            "document": "潍民〔2020〕8号",
            "params": {"months": 6},
            "org_kinds": [],
            "is_exercise": False,
        }
    ]
    cli.run(argparse.Namespace(on=date(2020, 6, 1), **asked))
    assert json.loads(capsys.readouterr().out) == []
