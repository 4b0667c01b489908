"""`shouwang import`: a township's spreadsheet, as a person's post, with a progress bar."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shouwang.kernel.actor import Actor

    from .models import ImportBatch

_LETTERS = re.compile(r"[A-Za-z]{1,3}")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "import",
        help="import a spreadsheet (.xlsx .xls .ods .csv) into the register",
        description="Loads the good rows in one transaction. Exits 1 when a row was refused or awaits a decision.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--area", required=True, help="code of the township (or village) that the rows live in")
    parser.add_argument("--as", required=True, dest="username", metavar="USERNAME", help="whose post this is done in")
    parser.add_argument("--kind", choices=["households"], default="households", help="what the rows are")
    parser.add_argument("--since", type=date.fromisoformat, help="day from which the rows hold (default today)")
    parser.add_argument("--mapping", action="append", default=[], metavar="KEY=COLUMN", help="e.g. phone=H; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="count what would happen, load nothing")
    parser.add_argument("--refused", type=Path, metavar="FILE", help="write the refused rows here (xlsx)")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.set_defaults(run=import_file)


def import_file(options: argparse.Namespace) -> int:
    from shouwang.areas.public import parse_area_code
    from shouwang.kernel.errors import Invalid
    from shouwang.kernel.scope import use_scope
    from shouwang.kernel.terminal import progress_bars

    from .commands.imports import import_content

    try:
        file = options.file.open("rb")
    except OSError as error:
        raise Invalid(f"{options.file}: {error.strerror}", reason="import.cannot_read") from None
    actor = _actor(options.username)
    with file, TemporaryFile() as refused, use_scope(actor.scope), progress_bars() as tell:
        batch = import_content(
            actor=actor,
            area_code=parse_area_code(options.area),
            file_name=options.file.name,
            file=file,
            since=options.since,
            mapping=_mapping(options.mapping),
            progress=lambda done, total: tell(options.file.name, done, total),
            is_rehearsal=options.dry_run,
            refused_to=refused,
        )
        if options.refused and refused.tell():
            refused.seek(0)
            with options.refused.open("wb") as target:
                copyfileobj(refused, target)
    _print(options, batch)
    return 1 if batch.refused_count or batch.undecided_count else 0


def _actor(username: str) -> Actor:
    from shouwang.accounts.public import User, actor_of
    from shouwang.kernel.errors import NotAllowed

    user = User.objects.filter(username=username.lower()).first()
    actor = actor_of(user_id=user.id) if user else None
    if actor is None:
        raise NotAllowed(f"没有用户 {username}，或者他没有在任的岗位", reason="import.user")
    return actor


def _mapping(pairs: list[str]) -> dict[str, int]:
    """phone=H -> {"phone": 7}."""
    from shouwang.kernel.errors import Invalid

    from .importing.columns import LABELS

    mapping = {}
    for pair in pairs:
        key, _equals, column = pair.partition("=")
        if key not in LABELS or not _LETTERS.fullmatch(column):
            known = "、".join(f"{name}（{label}）" for name, label in LABELS.items())
            raise Invalid(f"--mapping {pair}：应写成 项目=列号，如 phone=H。项目有：{known}", reason="import.mapping")
        position = 0
        for letter in column.upper():
            position = position * 26 + ord(letter) - 64
        mapping[key] = position - 1
    return mapping


def _print(options: argparse.Namespace, batch: ImportBatch) -> None:
    counts = {
        "rows": batch.row_count,
        "created": batch.created_count,
        "changed": batch.changed_count,
        "equal": batch.equal_count,
        "refused": batch.refused_count,
        "undecided": batch.undecided_count,
    }
    problems = batch.report.get("problems", [])
    if options.json:
        found = {"import": None if options.dry_run else str(batch.id), "dry_run": options.dry_run, **counts}
        print(json.dumps({**found, "problems": problems}, ensure_ascii=False, indent=2))
        return
    for problem in problems:
        print(f"第 {problem['row']} 行：{'；'.join(problem['reasons'])}", file=sys.stderr)
    words = {
        "rows": "共",
        "created": "新增",
        "changed": "变更",
        "equal": "未变",
        "refused": "退回",
        "undecided": "待确认",
    }
    print("，".join(f"{words[key]} {count:,} 行" for key, count in counts.items()))
