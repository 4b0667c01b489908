"""A restore is all or nothing, into an empty database, with the right keys; the drill proves it and leaves no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.invariants.test_second_server import second_server  # noqa: F401

from .world import (
    FRESH_KEYS,
    WRITTEN_BY_ASKING,
    Answer,
    contents,
    environment,
    rights,
    shouwang,
    spoiled,
    tables_of,
    with_manifest,
)


def databases_like(dsn: str, pattern: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select datname::text from pg_database where datname like %s", [pattern])
        return [name for (name,) in rows.fetchall()]


def test_everything_comes_back(city: str, backup: Path, target: str) -> None:
    answer = shouwang(target, "restore", backup, "--json")
    assert answer.code == 0, answer.err
    before, after = contents(city), contents(target)
    differing = {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}
    assert differing <= WRITTEN_BY_ASKING
    assert after["kernel_auditentry"][0] <= before["kernel_auditentry"][0]
    assert rights(target) == rights(city)
    assert shouwang(target, "audit", "verify").code == 0
    assert shouwang(target, "ledger", "verify").code == 0
    assert answer.data["pending_migrations"] == 0


def test_backup_of_what_was_restored_holds_the_same(
    backup: Path, made: tuple[Path, Answer], target: str, tmp_path: Path
) -> None:
    assert shouwang(target, "restore", backup).code == 0
    period = ["--area", "370700", "--from", "2020-01-01", "--as-of", "2020-03-17T24:00"]
    again = shouwang(target, "backup", tmp_path / "again", *period, "--json")
    first = made[1].data
    assert again.code == 0, again.err
    assert {**again.data, "file": 0, "fingerprint": 0, "bytes": 0, "made_at": 0, "seconds": 0} == {
        **first, "file": 0, "fingerprint": 0, "bytes": 0, "made_at": 0, "seconds": 0,
    }  # fmt: skip


def test_database_that_holds_something_is_left_alone(backup: Path, target: str) -> None:
    with psycopg.connect(target) as connection:
        connection.execute("create table precious as select 42 as answer")
    answer = shouwang(target, "restore", backup)
    assert (answer.code, answer.out) == (1, "")
    assert "holds 1 tables" in answer.refusal
    assert contents(target)["precious"][0] == 1


def test_missing_key_is_told_before_anything_is_written(backup: Path, target: str) -> None:
    answer = shouwang(target, "restore", backup, **FRESH_KEYS)
    assert answer.code == 1
    assert "lacks keys of the backup: k1 (" in answer.refusal
    assert tables_of(target) == 0
    assert "no tables yet" in shouwang(target, "audit", "verify").refusal


def test_another_key_under_the_same_id_is_a_missing_key(backup: Path, target: str) -> None:
    other = {**FRESH_KEYS, "SHOUWANG_KEYS": FRESH_KEYS["SHOUWANG_KEYS"].replace("k9:", "k1:")}
    answer = shouwang(target, "restore", backup, **other)
    assert answer.code == 1
    assert "another key of that id" in answer.refusal


def test_backup_of_a_newer_version_is_refused(backup: Path, target: str, tmp_path: Path) -> None:
    def newer(manifest: dict[str, object]) -> None:
        manifest["migrations"]["ledger"].append("0099_of_tomorrow")  # type: ignore[index]
        manifest["shouwang"] = "9.0"

    answer = shouwang(target, "restore", with_manifest(backup, tmp_path / "b", newer))
    assert answer.code == 1
    assert "made by a newer version, Shouwang 9.0" in answer.refusal
    assert "ledger.0099_of_tomorrow" in answer.refusal

    def other_format(manifest: dict[str, object]) -> None:
        manifest["format_version"] = 2

    answer = shouwang(target, "restore", with_manifest(backup, tmp_path / "c", other_format))
    assert (answer.code, "is of format 2" in answer.refusal) == (1, True)
    assert tables_of(target) == 0


def test_damaged_backup_leaves_the_database_empty_and_a_whole_one_can_follow(
    backup: Path, target: str, tmp_path: Path
) -> None:
    size = backup.stat().st_size
    broken = spoiled(backup, tmp_path / "broken", "database.dump/000001", at=size // 2)
    answer = shouwang(target, "restore", broken)
    assert answer.code == 1
    assert "damaged" in answer.refusal
    assert tables_of(target) == 0
    assert "unfinished restore" in shouwang(target, "serve").refusal
    assert shouwang(target, "restore", backup).code == 0
    assert tables_of(target) > 50


def test_killed_restore_says_so_and_is_begun_anew(backup: Path, target: str) -> None:
    command = [sys.executable, "-m", "shouwang.cli", "restore", str(backup)]
    with subprocess.Popen(command, env=environment(target), stderr=subprocess.DEVNULL) as process:
        _wait_until_rows_are_written(target, process)
        process.send_signal(signal.SIGKILL)
    said = shouwang(target, "audit", "verify")
    assert said.code == 1
    assert f"holds an unfinished restore of {backup}" in said.refusal
    assert "unfinished restore" in shouwang(target, "migrate").refusal
    assert "unfinished restore" in shouwang(target, "backup", backup.parent / "b").refusal
    assert tables_of(target) == 0
    again = shouwang(target, "restore", backup)
    assert again.code == 0, again.err
    assert shouwang(target, "audit", "verify").code == 0


def _wait_until_rows_are_written(dsn: str, process: subprocess.Popen[bytes]) -> None:
    """psql's session has written something that nobody else sees."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            assert process.poll() is None
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and application_name = 'psql' and backend_xid is not null"
            ).fetchone()
            if row and row[0]:
                return
            time.sleep(0.02)


@pytest.mark.long
def test_killed_at_any_moment_it_is_all_or_nothing(backup: Path, empty_database: Callable[[], str], city: str) -> None:
    started = time.monotonic()
    assert shouwang(empty_database(), "restore", backup).code == 0
    whole_takes = time.monotonic() - started
    expected = tables_of(city)
    for share in (0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0):
        dsn = empty_database()
        command = [sys.executable, "-m", "shouwang.cli", "restore", str(backup)]
        with subprocess.Popen(command, env=environment(dsn), stderr=subprocess.DEVNULL) as process:
            time.sleep(whole_takes * share)
            process.send_signal(signal.SIGKILL)
        time.sleep(1)
        if tables_of(dsn) == 0:
            assert shouwang(dsn, "restore", backup).code == 0
        assert tables_of(dsn) == expected
        assert shouwang(dsn, "audit", "verify").code == 0


def test_two_restores_at_once(backup: Path, target: str) -> None:
    with psycopg.connect(target, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtext('shouwang restore'))")
        answer = shouwang(target, "restore", backup)
    assert (answer.code, "under way" in answer.refusal) == (1, True)


def test_drill_passes_and_leaves_nothing(backup: Path, city: str) -> None:
    before = contents(city)
    answer = shouwang(city, "restore", "--drill", backup, "--json")
    assert answer.code == 0, answer.err
    steps = {step["name"].split()[0]: step for step in answer.data["steps"]}
    assert answer.data["passed"]
    assert list(steps) == ["restore", "audit", "ledger", "figures"]
    assert "21 figures are the same" in steps["figures"]["found"]
    assert databases_like(city, "shouwang_drill_%") == []
    assert contents(city) == before


def test_drill_finds_a_figure_that_is_not_the_same(backup: Path, city: str, tmp_path: Path) -> None:
    def change(manifest: dict[str, object]) -> None:
        manifest["figures"][0]["figures"][0]["value"] += 1  # type: ignore[index]

    changed = with_manifest(backup, tmp_path / "b", change)
    answer = shouwang(city, "restore", "--drill", changed)
    assert answer.code == 1
    assert "FAILED figures 370700000000000" in answer.out
    assert "Drill FAILED" in answer.out


def test_drill_finds_an_audit_that_was_tampered_with(server_dsn: str, city: str, tmp_path: Path) -> None:
    name = f"backup_tampered_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, str(psycopg.conninfo.conninfo_to_dict(city)["dbname"]))
    dsn = databases.dsn_of(server_dsn, name)
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute("update kernel_auditentry set actor_name = '别人' where block_number = 1")
        assert shouwang(dsn, "backup", tmp_path / "b").code == 0
        answer = shouwang(dsn, "restore", "--drill", tmp_path / "b")
    finally:
        databases.drop(server_dsn, name)
    assert answer.code == 1
    assert "FAILED audit verify: entry" in answer.out


def test_drill_that_was_killed_is_cleared_away_by_the_next(backup: Path, city: str) -> None:
    command = [sys.executable, "-m", "shouwang.cli", "restore", "--drill", str(backup)]
    environ = environment(city)
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (left := databases_like(city, "shouwang_drill_%")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    time.sleep(1)
    assert shouwang(city, "restore", "--drill", backup).code == 0
    assert left
    assert databases_like(city, "shouwang_drill_%") == []


@pytest.mark.long
def test_the_demo_citys_backup_passes_its_drill(server_dsn: str, demo_database: str, tmp_path: Path) -> None:
    dsn = databases.dsn_of(server_dsn, demo_database)
    assert shouwang(dsn, "backup", tmp_path / "b").code == 0
    answer = shouwang(dsn, "restore", "--drill", tmp_path / "b", "--json")
    assert answer.code == 0, answer.out
    assert answer.data["passed"]


@pytest.mark.long
def test_to_the_second_server_and_back(
    backup: Path,
    city: str,
    second_server: str,  # noqa: F811
    target: str,
    tmp_path: Path,
) -> None:
    """From the embedded server to another release under another owner, and from there into the embedded one again."""
    name = f"backup_second_{os.getpid()}"
    databases.drop(second_server, name)
    databases.clone(second_server, name, None)
    there = databases.dsn_of(second_server, name)
    try:
        answer = shouwang(there, "restore", backup)
        assert answer.code == 0, answer.err
        assert rights(there) == rights(city)
        drilled = shouwang(there, "restore", "--drill", backup)
        assert drilled.code == 0, drilled.out
        moved = {table: rows for table, (rows, _) in contents(there).items()}
        assert shouwang(there, "backup", tmp_path / "back").code == 0
    finally:
        databases.drop(second_server, name)
    assert shouwang(target, "restore", tmp_path / "back").code == 0
    back = {table: rows for table, (rows, _) in contents(target).items()}
    assert {table for table in moved if moved[table] != back[table]} <= WRITTEN_BY_ASKING
    assert shouwang(target, "ledger", "verify").code == 0
