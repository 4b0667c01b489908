"""The command line's exit codes and its two streams."""

import json
import os
import subprocess
import sys

import pytest

from shouwang.config.place import CHECKOUT


def shouwang(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "src"), "SHOUWANG_INSTANCE": "cli-test"} | variables
    command = [sys.executable, "-m", "shouwang.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), ("no-such-command",), ("server",), ("serve", "--port", "x")])
def test_a_wrong_call_exits_2_and_prints_nothing_on_standard_output(arguments: tuple[str, ...]) -> None:
    done = shouwang(*arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_help_exits_0() -> None:
    assert shouwang("--help").returncode == 0


def test_status_of_a_server_that_does_not_run_exits_1_and_says_so_in_json() -> None:
    done = shouwang("server", "status", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["running"], found["instance"]) == (1, False, "cli-test")


def test_a_refusal_is_one_line_on_standard_error_and_exits_1() -> None:
    done = shouwang("server", "stop", DATABASE_URL="postgresql://web@127.0.0.1/city")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "shouwang: DATABASE_URL is set: that server is its administrator's, not ours.\n"


def test_a_database_that_does_not_answer_exits_1_with_one_line() -> None:
    done = shouwang("worker", DATABASE_URL="postgresql://web@127.0.0.1:1/city")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("shouwang: The server of DATABASE_URL does not answer:")
