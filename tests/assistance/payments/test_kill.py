"""kill -9 in the middle of a run and of a return file: after it nothing is half done, and the same command finishes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections

from shouwang.assistance.bank_files import BACK_COLUMNS, answer_rows, read_return
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import BenefitRun, Payable, PaymentAttempt, PaymentBatch, PaymentOutcome
from shouwang.kernel.scope import use_scope
from shouwang.kernel.spreadsheets import write_csv
from shouwang.ledger.public import Account, balance_of, verify_ledger
from tests.factories import HANTING

from .setting import MARCH, acting_as, answers, everywhere, lines_of, reread, walk
from .test_chain import run
from .test_races import build

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]

_CHILD = """
import os, sys, time
import django
django.setup()
from datetime import date
from shouwang.accounts.public import actor_of
from shouwang.assistance.commands import runs
from shouwang.kernel import clock, deployment
from shouwang.kernel.scope import use_scope
from uuid import UUID

wrote = runs.write_lines
def write_and_wait(*arguments):
    answer = wrote(*arguments)
    print("half way", flush=True)
    time.sleep(60)
    return answer
runs.write_lines = write_and_wait
with clock.at(clock.instant(2020, 3, 18, 8)):
    actor = actor_of(user_id=UUID(sys.argv[1]))
    with use_scope(actor.scope):
        runs.run_month(actor=actor, programme="dibao", benefit_month=date(2020, 3, 1), area_code=int(sys.argv[2]))
"""


_RETURN_CHILD = """
import sys, time
import django
django.setup()
from uuid import UUID
from shouwang.accounts.public import actor_of
from shouwang.assistance.bank_files import read_return
from shouwang.assistance.commands import returns
from shouwang.kernel import clock
from shouwang.kernel.scope import use_scope

record = returns._record_outcomes
def record_and_wait(*arguments):
    record(*arguments)
    print("half way", flush=True)
    time.sleep(60)
returns._record_outcomes = record_and_wait
with clock.at(clock.instant(2020, 3, 18, 8)):
    actor = actor_of(user_id=UUID(sys.argv[1]))
    with use_scope(actor.scope), open(sys.argv[3], "rb") as file:
        answers = read_return(file, "return.csv").answers
        returns.receive_return(actor=actor, batch_id=UUID(sys.argv[2]), answers=answers)
"""


def counts() -> tuple[int, int, int, int]:
    with use_scope(everywhere().scope):
        models = (BenefitRun, Payable, PaymentBatch, PaymentAttempt)
        return tuple(model.objects.count() for model in models)  # type: ignore[return-value]


def test_run_killed_half_way_leaves_nothing_and_runs_again(committed_db: str) -> None:
    county = build()
    kill_half_way(_CHILD, committed_db, county.officers.opener.user_id, HANTING)
    assert counts() == (0, 0, 0, 0)
    with acting_as(county.officers.opener) as opener:
        assert run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING).is_new
    assert counts() == (1, 3, 1, 3)


def test_return_file_killed_half_way_leaves_nothing_and_is_read_again(committed_db: str, tmp_path: Path) -> None:
    county = build()
    batch = walk(run(county), county.officers)
    file = tmp_path / "return.csv"
    file.write_bytes(b"".join(write_csv(BACK_COLUMNS, answer_rows(answers(batch, failing=[2])))))
    before = standing(batch)
    kill_half_way(_RETURN_CHILD, committed_db, county.officers.sender.user_id, batch.id, file)
    assert standing(batch) == before == ("sent", ["open"] * 3, 0, 0, batch.amount_fen)
    with acting_as(county.officers.sender) as sender:
        read = read_return(io.BytesIO(file.read_bytes()), file.name)
        taken = receive_return(actor=sender, batch_id=batch.id, answers=read.answers)
        assert (taken.paid_count, taken.returned_count, taken.open_count) == (2, 1, 0)
        again = receive_return(actor=sender, batch_id=batch.id, answers=read.answers)
        assert (again.unchanged_count, again.paid_count) == (3, 0)
    with use_scope(everywhere().scope):
        assert verify_ledger().findings == []
    paid_fen = sum(answer.amount_fen for answer in read.answers if answer.is_paid)
    assert standing(batch) == ("returned", ["returned", "succeeded", "succeeded"], 3, paid_fen, 0)


def standing(batch: PaymentBatch) -> tuple[str, list[str], int, int, int]:
    """The list's state, its lines' states, its outcomes, and fen paid out and held back in the book."""
    lines = lines_of(batch)
    with use_scope(everywhere().scope):
        outcomes = PaymentOutcome.objects.filter(attempt__batch=batch).count()
        accounts = {a.kind: balance_of(a.id) for a in Account.objects.filter(fund=batch.fund)}
    paid = accounts["paid_out"].posted_fen if "paid_out" in accounts else 0
    states = sorted(line.state for line in lines)
    return reread(batch).state, states, outcomes, paid, accounts["treasury"].reserved_fen


def kill_half_way(script: str, url: str, *arguments: object) -> None:
    """Run the script until it says that it is half way, then kill it as a power cut would."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DATABASE_OWNER_URL": url,
        "DJANGO_SETTINGS_MODULE": "shouwang.config.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    child = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half way\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    wait_until_its_backend_is_gone()


def wait_until_its_backend_is_gone() -> None:
    """The server notices a dead client when it next talks to it; the test asks it to look."""
    deadline = time.monotonic() + 20
    with connections["owner"].cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)
    raise AssertionError("the killed run still holds a transaction")
