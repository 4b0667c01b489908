"""`shouwang import`, and what a kill -9 in the middle of an import leaves behind: nothing."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from shouwang.accounts.public import User
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.registry import tasks
from shouwang.registry.commands.imports import check_import, load_import, open_import, start_load
from shouwang.registry.models import Household, ImportBatch, Membership, Person
from tests.factories import GUDI, acting
from tests.kernel.spreadsheets import files

from .books import HEADER, large_xlsx, person_row
from .test_import import family

LARGE = 12_000
LOAD_IN_CHILD = """
import sys
from shouwang.cli.parser import set_up_django
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.config.settings")
set_up_django()
from shouwang.registry.tasks import load_import_task
load_import_task.func(post_id=sys.argv[1], batch_id=sys.argv[2])
"""


def environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url}


def run_cli(url: str, actor: Actor, file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    username = User.objects.get(id=actor.user_id).username
    command = [sys.executable, "-m", "shouwang.cli", "import", str(file), "--area", "370703003", "--as", username]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False, env=environment(url))


@pytest.fixture
def assistant(committed_db: str) -> Iterator[Actor]:
    with acting("township_assistant", GUDI) as actor:
        yield actor


def test_command_rehearses_then_loads_and_writes_the_refused_rows(
    committed_db: str, assistant: Actor, tmp_path: Path
) -> None:
    file, refused = tmp_path / "名册.xlsx", tmp_path / "退回.xlsx"
    file.write_bytes(files.xlsx([HEADER, *family(), person_row("2", "王海", "370723199001011234")]))
    rehearsed = run_cli(committed_db, assistant, file, "--dry-run", "--json")
    assert rehearsed.stdout, rehearsed.stderr
    said = json.loads(rehearsed.stdout)
    assert (rehearsed.returncode, said["created"], said["refused"], said["import"]) == (1, 3, 1, None)
    assert (Person.objects.count(), ImportBatch.objects.count()) == (0, 0)

    done = run_cli(committed_db, assistant, file, "--refused", str(refused))
    assert (done.returncode, done.stdout) == (1, "共 4 行，新增 3 行，变更 0 行，未变 0 行，退回 1 行，待确认 0 行\n")
    assert "第 5 行：身份证号：身份证号校验码不符" in done.stderr
    assert Person.objects.count() == 3
    assert refused.read_bytes().startswith(b"PK")

    file.write_bytes(files.xlsx([HEADER, *family()]))
    again = run_cli(committed_db, assistant, file, "--mapping", "phone=M", "--json")
    assert again.stdout, again.stderr
    assert (again.returncode, json.loads(again.stdout)["equal"]) == (0, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mapping", "phone"], "应写成 项目=列号"),
        (["--area", "370704003"], "不在您的管辖范围内"),
        (["--as", "nobody"], "没有用户 nobody"),
    ],
)
def test_command_says_why_it_refuses(
    committed_db: str, assistant: Actor, tmp_path: Path, options: list[str], message: str
) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(files.xlsx([HEADER, *family()]))
    refused = run_cli(committed_db, assistant, file, *options)
    assert (refused.returncode, message in refused.stderr, refused.stdout) == (1, True, "")
    assert ImportBatch.objects.count() == 0


def kill_in_the_middle(child: subprocess.Popen[bytes]) -> None:
    """Kill -9 once the child has written rows that nobody else sees yet."""
    deadline = time.monotonic() + 60
    while not _is_writing():
        assert child.poll() is None, "the child ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    while _is_writing() or _holds_a_batch():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_writing() -> bool:
    """Whether another session's transaction holds the lock that an insert into the memberships takes."""
    return _is_held("relation = 'registry_membership'::regclass and mode = 'RowExclusiveLock'")


def _holds_a_batch() -> bool:
    return _is_held("locktype = 'advisory'")


def _is_held(lock: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select count(*) from pg_locks where {lock} and pid <> pg_backend_pid()
                and database = (select oid from pg_database where datname = current_database())"""
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.long
def test_killed_command_leaves_nothing_and_runs_again(committed_db: str, assistant: Actor, tmp_path: Path) -> None:
    file = tmp_path / "大.xlsx"
    file.write_bytes(large_xlsx(LARGE))
    username = User.objects.get(id=assistant.user_id).username
    command = [sys.executable, "-m", "shouwang.cli", "import", str(file), "--area", "370703003", "--as", username]
    kill_in_the_middle(subprocess.Popen(command, env=environment(committed_db), stderr=subprocess.DEVNULL))
    assert (Person.objects.count(), Household.objects.count(), ImportBatch.objects.count()) == (0, 0, 0)
    assert run_cli(committed_db, assistant, file).returncode == 0
    assert (Person.objects.count(), Membership.objects.count()) == (LARGE, LARGE)


@pytest.mark.long
def test_killed_worker_leaves_a_batch_that_is_put_back_and_loaded(committed_db: str, assistant: Actor) -> None:
    content = large_xlsx(LARGE)
    with clock.at(clock.from_timestamp(time.time())):  # the child's clock: the file must not have expired there
        batch = open_import(actor=assistant, area_code=GUDI, file_name="大.xlsx", file=io.BytesIO(content))
    check_import(actor=assistant, batch_id=batch.id)
    start_load(actor=assistant, batch_id=batch.id)
    command = [sys.executable, "-c", LOAD_IN_CHILD, str(assistant.post_id), str(batch.id)]
    kill_in_the_middle(subprocess.Popen(command, env=environment(committed_db)))
    batch.refresh_from_db()
    assert (Person.objects.count(), batch.state) == (0, "loading")
    assert tasks.revive(assistant, batch).state == "checked"
    loaded = load_import(actor=assistant, batch_id=batch.id)
    assert (loaded.state, loaded.created_count, Person.objects.count()) == ("loaded", LARGE, LARGE)
