"""`shouwang selftest`: each check passes on a sound installation and names what is broken on another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction

from shouwang.areas.public import read_national
from shouwang.cli.parser import build_parser
from shouwang.kernel import deployment
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from shouwang.registry.public import PersonDetails, register_person
from shouwang.web import selftest
from shouwang.web.health import Check
from tests.factories import GUDI_VILLAGE, acting, id_number

pytestmark = pytest.mark.django_db


def found(name: str) -> tuple[str, str]:
    """Word and tone of one check."""
    check = selftest.CHECKS[name]()
    return check.word, check.tone


@pytest.fixture
def person_on_record() -> None:
    with acting() as actor:
        register_person(
            actor=actor,
            details=PersonDetails(name="王建国", id_number=id_number()),
            area_code=GUDI_VILLAGE,
            since=date(2020, 1, 1),
            source="测试",
        )


@pytest.fixture
def manifest(tmp_path: Path, settings: Any) -> Path:
    """A manifest of one file, which is there."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"main.js": {"file": "main.1.js"}}))
    (tmp_path / "main.1.js").write_text("")
    settings.DJANGO_VITE = {"default": {"manifest_path": path}}
    return path


def test_a_sound_installation_lacks_only_its_worker(manifest: Path, person_on_record: None) -> None:
    failed = [finding.name for finding in selftest.selftest() if finding.is_failed]
    assert failed == ["worker"]


def test_role_of_the_application_is_restricted() -> None:
    assert found("role") == ("受限", "done")


@pytest.mark.django_db(databases=["default", "owner"])
def test_role_that_owns_tables_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "connection", connections["owner"])
    assert found("role") == ("权限过大", "overdue")


def test_server_version_below_the_oldest_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("server_version") == ("正常", "done")
    monkeypatch.setattr(selftest, "SERVER_VERSION_MIN", 99_00_00)
    assert found("server_version") == ("过旧", "overdue")


def test_keys_without_records_are_sound() -> None:
    assert selftest.CHECKS["keys"]() == Check("密钥", "正常", "done", "底册为空，没有样本")


def test_keys_open_the_records(person_on_record: None) -> None:
    assert selftest.CHECKS["keys"]() == Check("密钥", "正常", "done", "已打开 1 个样本")


def test_keys_of_another_installation_fail(person_on_record: None, settings: Any) -> None:
    settings.SHOUWANG_KEY_RING = (("k1", bytes(32)),)
    assert found("keys") == ("不匹配", "overdue")


def test_index_key_of_another_installation_fails(person_on_record: None, settings: Any) -> None:
    settings.SHOUWANG_INDEX_KEY = bytes(32)
    assert found("keys") == ("不匹配", "overdue")


def test_keys_leave_one_note_in_the_audit(person_on_record: None) -> None:
    with use_scope(FULL):
        before = AuditEntry.objects.count()
        found("keys")
        assert AuditEntry.objects.count() == before + 1


def test_area_tree_is_whole() -> None:
    assert found("areas") == ("完整", "done")


def test_area_tree_that_lacks_an_area_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = [replace(next(read_national()), code=999_999_999_999_000), *read_national()]
    monkeypatch.setattr(selftest, "read_national", lambda: iter(shipped))
    check = selftest.CHECKS["areas"]()
    assert (check.tone, check.detail) == ("overdue", "缺 1 个")


def test_static_files_are_whole(manifest: Path) -> None:
    assert found("static_files") == ("完整", "done")


def test_static_file_that_is_missing_is_named(manifest: Path) -> None:
    (manifest.parent / "main.1.js").unlink()
    check = selftest.CHECKS["static_files"]()
    assert (check.tone, check.detail) == ("overdue", "main.1.js")


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_static_manifest_that_names_nothing_fails(manifest: Path, text: str) -> None:
    manifest.write_text(text)
    assert found("static_files") == ("缺失", "overdue")


def test_clock_of_a_demo_is_not_compared() -> None:
    assert found("clocks_agree") == ("演示", "done")


def test_clock_far_from_the_database_server_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests stand in March 2020."""
    monkeypatch.setattr(deployment, "is_demo", lambda: False)
    assert found("clocks_agree") == ("过大", "overdue")


def test_check_that_cannot_be_made_fails_and_the_others_are_made(
    monkeypatch: pytest.MonkeyPatch, manifest: Path
) -> None:
    def ask_what_is_not_there() -> Check:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select 1 from no_such_table")
        raise AssertionError

    checks: dict[str, Callable[[], Check]] = {"broken": ask_what_is_not_there, "role": selftest.CHECKS["role"]}
    monkeypatch.setattr(selftest, "CHECKS", checks)
    findings = selftest.selftest()
    assert [(finding.name, finding.is_failed) for finding in findings] == [("broken", True), ("role", False)]
    assert findings[0].check.detail == 'relation "no_such_table" does not exist'


def test_command_prints_json_and_exits_1_when_a_check_failed(
    manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = build_parser().parse_args(["selftest", "--json"])
    assert options.run(options) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["ok"] is False
    assert [check["name"] for check in printed["checks"]] == list(selftest.CHECKS)


def test_command_exits_0_when_every_check_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selftest, "CHECKS", {"role": selftest.CHECKS["role"]})
    options = build_parser().parse_args(["selftest"])
    assert options.run(options) == 0
    assert capsys.readouterr().out == "✓ 数据库角色 受限：shouwang_app\n"
