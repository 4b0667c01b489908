"""`shouwang gates rotate-keys`: what it makes and says."""

from __future__ import annotations

import json

import pytest

from shouwang.cli.parser import build_parser
from shouwang.gates.models import SigningKey
from shouwang.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> None:
    options = build_parser().parse_args(["gates", "rotate-keys", *arguments])
    options.run(options)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_keys_are_made_once_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    for made in (2, 0):
        run("--json")
        said = told(capsys)
        assert (said["made"], len(said["keys"]), said["cards_to_print_anew"]) == (made, 2, 0)  # type: ignore[arg-type]
    assert SigningKey.objects.count() == 2


def test_withdrawn_key_is_named_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    run("--json")
    first = told(capsys)["keys"][0]["kid"]  # type: ignore[index]
    run("--withdraw", first, "--json")
    assert first not in {key["kid"] for key in told(capsys)["keys"]}  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        run("--withdraw", "0123456789abcdef")
