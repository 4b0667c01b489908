"""`shouwang run`: a month's payments of an area, from the command line. A month already run gives its run again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from . import cli_parameters

if TYPE_CHECKING:
    from shouwang.kernel.actor import Actor
    from shouwang.kernel.terminal import Commands


PROGRAMMES = (
    "dibao",
    "tekun",
    "price_subsidy",
    "disability_living",
    "disability_nursing",
    "orphan",
    "unattended_child",
    "old_age",
    "one_off",
)
"""`states.MONTHLY` without loading models for every command; a test holds the two together."""


def register(commands: Commands) -> None:
    parser = commands.add_parser("run", help="compute a month's payments for an area and draft their lists")
    parser.add_argument("--programme", choices=PROGRAMMES)
    parser.add_argument("--month", type=_month, help="the month that is paid for, 2020-03")
    parser.add_argument("--area", type=_area_code, help="county, zone or city, e.g. 370703")
    parser.add_argument("--what-if", metavar="FILE", help="YAML of parameters and measures: what would be, unwritten")
    parser.add_argument("--user", help="user name of the officer who opens the lists (default: the system)")
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.set_defaults(run=run)
    steps = parser.add_subparsers(metavar="replay")
    again = steps.add_parser("replay", help="compute a run again from its snapshot and compare every fen")
    again.add_argument("run_id", type=UUID)
    again.add_argument("--json", action="store_true", help="print data as JSON")
    again.set_defaults(run=replay_run)
    cli_parameters.register(commands, month=_month, area_code=_area_code)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError("a month is written 2020-03") from error


def _area_code(text: str) -> int:
    if not text.isdigit() or len(text) > 15:
        raise argparse.ArgumentTypeError("an area code has up to 15 digits")
    return int(text.ljust(15, "0"))


def run(options: argparse.Namespace) -> None:
    from shouwang.kernel import money
    from shouwang.kernel.errors import Invalid
    from shouwang.kernel.terminal import print_json, progress_bars

    from .commands.runs import run_month

    for name in ("programme", "month", "area"):
        if getattr(options, name) is None:
            raise Invalid(f"run needs --{name}")
    if options.what_if:
        suppose(options)
        return
    with _acting(options.user) as actor, progress_bars() as report:
        result = run_month(
            actor=actor,
            programme=options.programme,
            benefit_month=options.month,
            area_code=options.area,
            report=report,
        )
    run = result.run
    found = {
        "run_id": str(run.id),
        "programme": run.programme,
        "month": f"{run.benefit_month:%Y-%m}",
        "area": run.area_code,
        "is_new": result.is_new,
        "new_payables": result.new_payable_count,
        "already_payable": result.already_payable_count,
        "households": run.payable_count,
        "persons": run.person_count,
        "amount_fen": run.amount_fen,
        "held": run.report,
        "batches": [batch.number for batch in result.batches],
    }
    if options.json:
        print_json(found)
        return
    print(f"run {run.id}: {result.new_payable_count:,} new payables, {result.already_payable_count:,} there before")
    for batch in result.batches:
        print(f"  {batch.number:24}{batch.line_count:>8,} lines {money.yuan(batch.amount_fen):>18}")


def suppose(options: argparse.Namespace) -> None:
    """What the file's parameters and measures would make of a month that was run; nothing is written."""
    from pathlib import Path

    from shouwang.areas.public import area_names
    from shouwang.kernel import money
    from shouwang.kernel.terminal import print_json

    from .engine.what_if import Supposed, what_if
    from .rules.supposed import read_supposed

    rows, measures = read_supposed(Path(options.what_if).read_text(encoding="utf-8"), where=options.what_if)
    with _acting(options.user) as actor:
        found = what_if(
            actor,
            programme=options.programme,
            month=options.month,
            area_code=options.area,
            supposed=Supposed(rows, measures),
        )
        names = area_names([unit.unit_code for unit in found.units])
    columns = (
        "before_count", "after_count", "gained_count", "lost_count", "raised_count", "lowered_count", "before_fen",
        "after_fen", "change_fen",
    )  # fmt: skip
    if options.json:
        print_json(
            {
                "programme": found.programme,
                "month": f"{found.month:%Y-%m}",
                **{name: found.total(name) for name in columns},
                "units": [
                    {"code": unit.unit_code, "name": names.get(unit.unit_code, "")}
                    | {name: getattr(unit, name) for name in columns}
                    for unit in found.units
                ],
            }
        )
        return
    for unit in found.units:
        print(
            f"{unit.unit_code} {names.get(unit.unit_code, '')}: +{unit.gained_count:,} -{unit.lost_count:,}"
            f" {money.yuan(unit.before_fen)} -> {money.yuan(unit.after_fen)}"
        )
    print(f"a month: {money.yuan(found.total('before_fen'))} -> {money.yuan(found.total('after_fen'))}")


def replay_run(options: argparse.Namespace) -> int:
    """0 when every line comes out as it was kept, 1 when one does not."""
    from shouwang.accounts.public import as_system
    from shouwang.kernel import money
    from shouwang.kernel.errors import NotFound
    from shouwang.kernel.terminal import print_json

    from .engine.kept import replay
    from .models import BenefitRun

    with as_system("命令行复算清册"):
        run = BenefitRun.objects.filter(id=options.run_id).first()
        if run is None:
            raise NotFound(f"没有这次发放 {options.run_id}")
        found = replay(run)
    if options.json:
        print_json(
            {
                "run_id": str(run.id),
                "lines": found.line_count,
                "amount_fen": found.amount_fen,
                "differences": found.difference_count,
            }
        )
    else:
        print(f"{found.line_count:,} lines, {money.yuan(found.amount_fen)}: {found.difference_count:,} differ")
        for one in found.differences:
            print(f"  grant {one.grant_number} person {one.person_number}: {one.kept_fen} kept, {one.computed_fen} now")
    return 1 if found.difference_count else 0


@contextmanager
def _acting(username: str | None) -> Iterator[Actor]:
    """The named officer with the scope of the posts held, or the system."""
    from shouwang.accounts.public import User, actor_of, as_system
    from shouwang.kernel.errors import NotFound
    from shouwang.kernel.scope import use_scope

    if username is None:
        with as_system("命令行生成清册") as system:
            yield system
        return
    user = User.objects.filter(username=username).first()
    actor = actor_of(user_id=user.id) if user else None
    if actor is None:
        raise NotFound(f"没有在岗的用户 {username}", username=username)
    with use_scope(actor.scope):
        yield actor
