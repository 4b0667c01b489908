"""`shouwang selftest`: the installation's checks, one a line; exit 1 when one failed."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from shouwang.kernel.terminal import print_json

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

MARKS = {"done": "✓", "overdue": "✗"}
HINT = "!"


def register(commands: Commands) -> None:
    parser = commands.add_parser("selftest", help="check this installation; exit 1 when it is not fit for work")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from .selftest import selftest

    findings = selftest()
    is_fit = not any(finding.is_failed for finding in findings)
    if options.json:
        checks = [{"name": finding.name, **dataclasses.asdict(finding.check)} for finding in findings]
        print_json({"ok": is_fit, "checks": checks})
    else:
        for finding in findings:
            check = finding.check
            told = "；".join(part for part in (check.detail, check.advice) if part)
            print(f"{MARKS.get(check.tone, HINT)} {check.label} {check.word}{'：' if told else ''}{told}")
    return 0 if is_fit else 1
