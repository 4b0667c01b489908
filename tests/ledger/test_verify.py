"""`verify` names what was broken behind the guards, lists what is open, and runs the checks of apps above."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from shouwang.accounts.public import Role, as_system
from shouwang.ledger import verify
from shouwang.ledger.models import Entry
from shouwang.ledger.public import Finding, Line, post_entry, register_check, reserve, verify_ledger
from tests.factories import FANGZI, GUDI, acting

from .books import TODAY, Book, move, open_book

pytestmark = pytest.mark.usefixtures("committed_db")


@contextmanager
def behind_the_guards() -> Iterator[object]:
    """The owner's cursor with triggers off: damage as a disk or an administrator does it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        yield cursor
        cursor.execute("set session_replication_role = origin")


@pytest.fixture
def book() -> Book:
    with acting(Role.FINANCE) as actor:
        made = open_book(actor, received_fen=1_000)
        post_entry(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample:1", memo="",
            lines=move(made.paid_out, made.treasury, 300),
        )  # fmt: skip
        return made


def found() -> list[tuple[str, str]]:
    with as_system("测试") as _system:
        return [(finding.check, finding.subject) for finding in verify_ledger().findings]


def test_sound_book_holds(book: Book) -> None:
    assert found() == []


def test_each_damage_is_named(book: Book) -> None:
    with as_system("测试"):
        entry = Entry.objects.get(source="sample:1")
    for statement, damage in (
        ("update ledger_posting set quantity = 299 where entry_id = %s and quantity > 0", "balanced"),
        ("update ledger_posting set area_code = {FANGZI} where entry_id = %s", "inside_its_area"),
        ("update ledger_posting set quantity = quantity * 10 where entry_id = %s", None),
        ("delete from ledger_posting where entry_id = %s", "has_postings"),
    ):
        with behind_the_guards() as cursor:
            cursor.execute("create table kept as select * from ledger_posting")
            cursor.execute(statement.format(FANGZI=FANGZI), [entry.id])
        expected = ("no_overdraft", f"account:{book.treasury.id}") if damage is None else (damage, f"entry:{entry.id}")
        assert found() == [expected]
        with behind_the_guards() as cursor:
            cursor.execute("delete from ledger_posting; insert into ledger_posting select * from kept; drop table kept")
    assert found() == []


def test_open_reservations_are_listed_and_break_nothing(book: Book) -> None:
    with acting(Role.FINANCE) as actor:
        held = reserve(
            actor=actor, area_code=GUDI, occurred_on=TODAY, source="sample-relief:7", memo="",
            lines=[Line(book.paid_out.id, 100), Line(book.treasury.id, -100)],
        )  # fmt: skip
    with as_system("测试"):
        report = verify_ledger()
    assert report.holds
    assert [(item.check, item.subject) for item in report.open_items] == [("reservation_open", f"entry:{held.id}")]


def test_check_of_another_app_runs(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_checks", {})
    register_check("sample.lines", lambda: [Finding("", "sample:1", "lines do not add up")])
    with pytest.raises(ValueError, match="already"):
        register_check("sample.lines", list)
    assert found() == [("sample.lines", "sample:1")]


def test_command_line_prints_the_report_and_exits_by_it(book: Book, committed_db: str) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"DATABASE_URL": committed_db, "DATABASE_OWNER_URL": committed_db}
        return subprocess.run(
            [sys.executable, "-m", "shouwang.cli", "ledger", "verify", "--json"],
            capture_output=True, text=True, env=environment, timeout=60, check=False,
        )  # fmt: skip

    sound = run()
    assert (sound.returncode, json.loads(sound.stdout)["entries"]) == (0, 2)
    with behind_the_guards() as cursor:
        cursor.execute(
            "delete from ledger_posting where entry_id = (select id from ledger_entry where source = 'sample:1')"
        )
    broken = run()
    assert broken.returncode == 1
    report = json.loads(broken.stdout)
    assert (report["holds"], [finding["check"] for finding in report["findings"]]) == (False, ["has_postings"])
