"""A backup holds everything of one instant, whole or not at all, and no key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from base64 import b64encode
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import FileField

from tests import databases

from .world import FRESH_KEYS, WRITTEN_BY_ASKING, Answer, contents, environment, shouwang, spoiled, with_manifest

FILE_LIMIT_KIB = 1024


def test_backup_says_what_it_holds(made: tuple[Path, Answer], city: str) -> None:
    path, answer = made
    said = answer.data
    counted = contents(city)
    with tarfile.open(path) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["tables"].keys() == counted.keys()
    differing = {table for table, (rows, _) in counted.items() if manifest["tables"][table] != rows}
    assert differing <= WRITTEN_BY_ASKING
    assert said["rows"] == sum(manifest["tables"].values())
    assert said["audit"]["block"] == 1
    assert said["keys"] == ["k1"]
    (figures,) = said["figures"]
    assert {line["key"]: line["value"] for line in figures["figures"]}["dibao.amount"] == 90_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_backup_holds_no_key(backup: Path) -> None:
    content = backup.read_bytes()
    for key in (*(key for _, key in settings.SHOUWANG_KEY_RING), settings.SHOUWANG_INDEX_KEY):
        assert key not in content
        assert b64encode(key) not in content
        assert key.hex().encode() not in content
    assert settings.SECRET_KEY.encode() not in content


def test_backup_into_a_folder_is_named_by_its_hour(city: str, tmp_path: Path) -> None:
    answer = shouwang(city, "backup", tmp_path, "--area", "370703")
    assert answer.code == 0
    (path,) = tmp_path.iterdir()
    assert path.name.endswith(".shouwang-backup.tar")
    assert "keys needed  k1" in answer.out
    assert "keep them apart" in answer.out


def test_backup_never_overwrites(city: str, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("precious")
    answer = shouwang(city, "backup", target)
    assert (answer.code, answer.out) == (1, "")
    assert "never overwrites" in answer.refusal
    assert target.read_text() == "precious"


def test_backup_of_nothing_is_refused(target: str, tmp_path: Path) -> None:
    answer = shouwang(target, "backup", tmp_path / "b")
    assert answer.code == 1
    assert "no tables yet" in answer.refusal
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["backup"], ["backup", "a", "b"], ["backup", "a", "--area", "x"], ["backup", "a", "--as-of", "x"], ["restore"]],
)
def test_wrong_calls_exit_2(city: str, arguments: list[str]) -> None:
    assert shouwang(city, *arguments).code == 2


def test_backup_is_of_one_instant_while_others_write(city: str, server_dsn: str, tmp_path: Path) -> None:
    name = f"backup_busy_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, psycopg.conninfo.conninfo_to_dict(city)["dbname"])  # type: ignore[arg-type]
    dsn = databases.dsn_of(server_dsn, name)
    ended, written = threading.Event(), 0

    def write() -> None:
        """Two tables that belong together grow in one transaction, again and again."""
        nonlocal written
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not ended.is_set():
                with connection.transaction():
                    connection.execute("insert into one values (%s)", [written])
                    connection.execute("insert into other values (%s)", [written])
                written += 1

    with psycopg.connect(dsn) as connection:
        connection.execute("create table one (n bigint)")
        connection.execute("create table other (n bigint)")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        answer = shouwang(dsn, "backup", tmp_path / "busy", "--json")
    finally:
        ended.set()
        writer.join()
        databases.drop(server_dsn, name)
    assert answer.code == 0, answer.err
    with tarfile.open(tmp_path / "busy") as tar:
        counted = json.load(tar.extractfile("manifest.json"))["tables"]  # type: ignore[arg-type]
    assert 0 < counted["one"] == counted["other"] < written
    assert shouwang(city, "backup", "verify", tmp_path / "busy").code == 0


def test_killed_backup_leaves_no_file_and_is_begun_anew(city: str, tmp_path: Path) -> None:
    target = tmp_path / "killed"
    command = [sys.executable, "-m", "shouwang.cli", "backup", str(target)]
    with subprocess.Popen(command, env=environment(city), stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "killed.unfinished").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    assert shouwang(city, "backup", target).code == 0
    assert list(tmp_path.iterdir()) == [target]


def test_full_disk_is_told_in_one_line_and_leaves_nothing(city: str, tmp_path: Path) -> None:
    limited = ("bash", "-c", f'ulimit -f {FILE_LIMIT_KIB}; exec "$@"', "limited")
    answer = shouwang(city, "backup", tmp_path / "b", prefix=limited)
    assert answer.code == 1
    assert "File too large; nothing is left of it" in answer.refusal
    assert list(tmp_path.iterdir()) == []


def test_full_file_system(city: str, tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], check=False)
    if mounted.returncode != 0:
        pytest.skip("no file system may be mounted here")
    try:
        answer = shouwang(city, "backup", tmp_path / "b")
        assert answer.code == 1
        assert "No space left on device; nothing is left of it" in answer.refusal
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_verify_needs_no_server(backup: Path) -> None:
    nowhere = "host=127.0.0.1 port=1 user=nobody dbname=nothing"
    answer = shouwang(nowhere, "backup", "verify", backup, "--json")
    assert answer.code == 0, answer.err
    assert (answer.data["whole"], answer.data["missing_keys"]) == (True, [])


def test_verify_names_keys_that_are_missing_here(backup: Path) -> None:
    answer = shouwang("host=x dbname=x", "backup", "verify", backup, "--json", **FRESH_KEYS)
    assert answer.code == 0
    missing = answer.data["missing_keys"]
    assert missing[0].startswith("k1 (")
    assert "SHOUWANG_INDEX_KEY" in missing[1]


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("database.dump/000001", "damaged"),
        ("manifest.json", "its manifest is not what was written"),
        ("manifest.sha256", "its manifest is not what was written"),
    ],
)
def test_verify_finds_one_turned_bit(backup: Path, tmp_path: Path, member: str, said: str) -> None:
    broken = spoiled(backup, tmp_path / "broken", member, at=20)
    answer = shouwang("host=x dbname=x", "backup", "verify", broken)
    assert (answer.code, answer.out) == (1, "")
    assert said in answer.refusal


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_verify_finds_what_was_cut_off(backup: Path, tmp_path: Path, share: float) -> None:
    content = backup.read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(len(content) * share)])
    answer = shouwang("host=x dbname=x", "backup", "verify", tmp_path / "cut")
    assert answer.code == 1
    assert "no whole backup" in answer.refusal


def test_verify_counts_the_rows(backup: Path, tmp_path: Path) -> None:
    def change(manifest: dict[str, object]) -> None:
        manifest["tables"]["areas_area"] -= 1  # type: ignore[index]

    changed = with_manifest(backup, tmp_path / "b", change)
    answer = shouwang("host=x dbname=x", "backup", "verify", changed)
    assert answer.code == 1
    assert "areas_area has" in answer.refusal


def test_verify_looks_for_the_last_sealed_block(backup: Path, tmp_path: Path) -> None:
    def change(manifest: dict[str, object]) -> None:
        manifest["audit"]["hash"] = "00" * 32  # type: ignore[index]

    changed = with_manifest(backup, tmp_path / "b", change)
    answer = shouwang("host=x dbname=x", "backup", "verify", changed)
    assert answer.code == 1
    assert "the audit ends with another block" in answer.refusal


def test_verify_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("not a backup")
    answer = shouwang("host=x dbname=x", "backup", "verify", tmp_path / "b")
    assert (answer.code, "no whole backup" in answer.refusal) == (1, True)
    answer = shouwang("host=x dbname=x", "backup", "verify", tmp_path / "missing")
    assert (answer.code, "No such file" in answer.refusal) == (1, True)


def test_nothing_of_a_record_lies_beside_the_database() -> None:
    """Or the backup must learn to carry it."""
    assert [model for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)] == []
