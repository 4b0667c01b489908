"""The audit is written with the command, sealed into a chain, and its first broken row is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app

from shouwang.kernel import audit, clock
from shouwang.kernel.anchors import Anchor, parse_anchor
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import CLOSED, FULL, use_scope
from tests.factories import FANGZI, HANTING, acting


def record(area_code: int = HANTING, **data: object) -> UUID:
    with acting(area_code=area_code) as actor, transaction.atomic():
        return audit.record(actor=actor, action="thing.do", subject="thing:1", area_code=area_code, data=data)


def entries() -> list[AuditEntry]:
    with use_scope(FULL):
        return list(AuditEntry.objects.filter(action="thing.do").order_by("block_number", "id"))


@pytest.mark.django_db
def test_entry_says_who_did_what_where_and_when() -> None:
    with acting(area_code=HANTING) as actor, transaction.atomic():
        audit.record(actor=actor, action="thing.do", subject="thing:1", area_code=HANTING, data={"on": clock.today()})
    (entry,) = entries()
    assert (entry.user_id, entry.post_id, entry.actor_name) == (actor.user_id, actor.post_id, actor.name)
    assert (entry.recorded_at, entry.area_code, entry.data) == (clock.now(), HANTING, {"on": "2020-03-18"})


@pytest.mark.django_db
def test_anyone_may_append_and_only_the_area_may_read() -> None:
    with acting(area_code=HANTING) as actor, use_scope(CLOSED), transaction.atomic():
        audit.record(actor=actor, action="thing.do", subject="thing:1", area_code=FANGZI)
        assert AuditEntry.objects.filter(action="thing.do").count() == 0
    with acting(area_code=FANGZI):
        assert AuditEntry.objects.filter(action="thing.do").count() == 1


@pytest.mark.django_db
def test_entry_is_neither_changed_nor_deleted() -> None:
    record()
    (entry,) = entries()
    for statement in (
        "update kernel_auditentry set action = 'x' where id = %s",
        "delete from kernel_auditentry where id = %s",
    ):
        with (
            use_scope(FULL),
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [entry.id])


@pytest.mark.django_db
def test_sealing_covers_every_area_once_and_the_tail_is_counted() -> None:
    audit.seal()
    before = audit.verify()
    record(HANTING)
    record(FANGZI)
    assert audit.verify() == replace(before, unsealed=2)
    assert audit.seal() == 2
    assert audit.seal() == 0
    after = audit.verify()
    assert (after.blocks, after.entries) == (before.blocks + 1, before.entries + 2)
    assert (after.unsealed, after.broken, after.anchor) == (0, None, str(audit.last_anchor()))


@pytest.mark.django_db
def test_long_tail_is_sealed_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    audit.seal()
    before = audit.verify()
    monkeypatch.setattr(audit, "BLOCK_ENTRIES_MAX", 2)
    for number in range(5):
        record(number=number, share=0.1, name="堃")
    assert audit.seal() == 5
    after = audit.verify()
    assert (after.blocks, after.entries) == (before.blocks + 3, before.entries + 5)
    assert (after.unsealed, after.broken) == (0, None)


def as_owner(url: str, statement: str, *parameters: object) -> None:
    """What somebody with the owner's password could do: switch the triggers off and rewrite."""
    with psycopg.connect(url, autocommit=True, options="-c session_replication_role=replica") as owner:
        owner.execute(statement, parameters)  # type: ignore[arg-type]


def change(url: str, first: AuditEntry, _last: AuditEntry) -> str:
    as_owner(url, "update kernel_auditentry set data = '{\"amount_fen\": 1}' where id = %s", first.id)
    return f"entry {first.id} in block {first.block_number}: changed (thing.do thing:1)"


def remove(url: str, _first: AuditEntry, last: AuditEntry) -> str:
    as_owner(url, "delete from kernel_auditentry where id = %s", last.id)
    return f"entry {last.id} in block {last.block_number}: removed"


def remove_block(url: str, first: AuditEntry, _last: AuditEntry) -> str:
    as_owner(url, "delete from kernel_auditblock where number = %s", first.block_number)
    return f"block {first.block_number} is missing"


def rewrite_block(url: str, first: AuditEntry, _last: AuditEntry) -> str:
    as_owner(
        url,
        "update kernel_auditblock set entry_hashes[1] = sha256(entry_hashes[1]) where number = %s",
        first.block_number,
    )
    return f"block {first.block_number}: its hash does not fit its entries"


def unpair_block(url: str, first: AuditEntry, _last: AuditEntry) -> str:
    as_owner(url, "update kernel_auditblock set entry_ids[1] = null where number = %s", first.block_number)
    return f"block {first.block_number}: its entries and their digests do not pair"


def unseal(url: str, _first: AuditEntry, last: AuditEntry) -> str:
    as_owner(url, "update kernel_auditentry set block_number = null where id = %s", last.id)
    sealed = AuditEntry.objects.exclude(block_number=None).count()
    return f"{sealed} rows say they are sealed, the blocks hold {sealed + 1}"


@pytest.mark.parametrize("tamper", [change, remove, remove_block, rewrite_block, unpair_block, unseal])
def test_tampering_as_owner_is_found_and_the_first_broken_row_named(
    committed_db: str, tamper: Callable[[str, AuditEntry, AuditEntry], str]
) -> None:
    audit.seal()
    record(number=1)
    record(number=2)
    audit.seal()
    record(number=3)
    audit.seal()
    first, *_rest, last = entries()
    with use_scope(FULL):
        expected = tamper(committed_db, first, last)
    assert audit.verify().broken == expected


def cut_off(url: str, number: int) -> None:
    """The last block and its entries, taken away whole: what is left is a chain that holds."""
    as_owner(url, "delete from kernel_auditblock where number >= %s", number)
    as_owner(url, "delete from kernel_auditentry where block_number >= %s", number)


def sealed_twice() -> Anchor:
    record(number=1)
    audit.seal()
    record(number=2)
    audit.seal()
    noted = audit.last_anchor()
    assert noted is not None
    return noted


def test_block_cut_off_whole_is_found_by_its_anchor_alone(committed_db: str) -> None:
    noted = sealed_twice()
    assert audit.verify([noted]).broken is None
    cut_off(committed_db, noted.number)
    assert audit.verify().broken is None
    assert audit.verify([noted]).broken == f"block {noted.number} is missing: it was noted as {noted}"


def test_chain_made_anew_is_found_by_its_anchor_alone(committed_db: str) -> None:
    noted = sealed_twice()
    cut_off(committed_db, noted.number)
    record(number=3)
    audit.seal()
    assert audit.verify().broken is None
    printed = parse_anchor(f"{noted.number}:{noted.printed}")
    assert (
        audit.verify([printed]).broken == f"block {noted.number}: it was noted as {printed}, and has another hash now"
    )


@pytest.mark.parametrize("text", ["", "7", "7:", "7:abc", "x:3f2a91bc77d012ab", "7:3f2a91bc77d0z2ab", "7:" + "a" * 65])
def test_text_that_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_anchor(text)


def test_anchor_from_the_command_line_and_verified_against_a_file(committed_db: str, tmp_path: Path) -> None:
    record(number=1)
    code, answer = run(committed_db, "anchor")
    noted = parse_anchor(str(answer["anchor"]))
    assert (code, noted) == (0, audit.last_anchor())
    assert run(committed_db, "verify", "--anchor", str(noted))[1]["anchor"] == str(noted)
    notes = tmp_path / "anchors.txt"
    notes.write_text(f"{noted}\n")
    assert run(committed_db, "verify", "--against", str(notes))[0] == 0
    cut_off(committed_db, noted.number)
    assert run(committed_db, "verify")[0] == 0
    for asked in (["--anchor", str(noted)], ["--against", str(notes)]):
        code, report = run(committed_db, "verify", *asked)
        assert (code, report["broken"]) == (1, f"block {noted.number} is missing: it was noted as {noted}")


def test_command_line_prints_the_report_and_exits_1_when_broken(committed_db: str) -> None:
    record(number=1)
    assert run(committed_db, "seal")[0] == 0
    record(number=2)
    code, report = run(committed_db, "verify")
    assert (code, report["unsealed"], report["broken"]) == (0, 1, None)
    first = entries()[0]
    change(committed_db, first, first)
    code, report = run(committed_db, "verify")
    assert (code, report["broken"]) == (1, f"entry {first.id} in block 1: changed (thing.do thing:1)")


def run(url: str, action: str, *more: str) -> tuple[int, dict[str, object]]:
    command = [sys.executable, "-m", "shouwang.cli", "audit", action, "--json", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"DATABASE_URL": url})
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_worker_knows_sealing_as_a_task_of_every_minute() -> None:
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["kernel.seal_audit"] == "* * * * *"


def test_worker_seals_under_the_applications_role(committed_db: str) -> None:
    """What another task of the hour records after the seal waits for the next one."""
    record(number=1)
    app.configure_task("kernel.seal_audit").defer(timestamp=0)
    command = [sys.executable, "-m", "django", "procrastinate", "worker", "--one-shot"]
    subprocess.run(command, capture_output=True, check=True, env=os.environ | {"DATABASE_URL": committed_db})
    assert [entry.block_number for entry in entries()] == [1]
    assert audit.verify().broken is None
