"""`shouwang ledger export`: a file when it is whole, else none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shouwang.accounts.public import Role
from tests.factories import acting

from .bean_check import bean_check
from .books import open_book


def test_command_writes_whole_files_only(committed_db: str, tmp_path: Path) -> None:
    with acting(Role.FINANCE) as actor:
        open_book(actor, received_fen=100)
    command = [sys.executable, "-m", "shouwang.cli", "ledger", "export", "--format", "beancount", "--area", "370703"]
    out = tmp_path / "book.beancount"
    period = ["--from", "2020-01-01", "--to", "2030-12-31", "--out", str(out)]
    environment = os.environ | {"DATABASE_URL": committed_db}
    done = subprocess.run([*command, *period], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, f"1 entries in {out}")
    assert bean_check(out).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    wrong = subprocess.run([*command, "--from", "2030-01-01", "--to", "2020-01-01", "--out", str(tmp_path / "no")],
        env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert wrong.returncode != 0
    assert not (tmp_path / "no").exists()
