"""`shouwang parameters`: check a file of parameters, show what holds somewhere, propose a file as a notice.

Importing proposes only: a second officer confirms on the page, never here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

    from .rules.benefits.parameters import ParameterRow


def register(commands: Commands, *, month: Callable[[str], date], area_code: Callable[[str], int]) -> None:
    """`month` and `area_code` read an argument, as `shouwang run` does."""
    parser = commands.add_parser("parameters", help="standards and parameters as dated data")
    actions = parser.add_subparsers(required=True, metavar="check | show | import")
    check = actions.add_parser("check", help="read a file of parameters and name every problem")
    check.add_argument("file", type=Path)
    check.set_defaults(run=check_file, needs_database=False)
    show = actions.add_parser("show", help="what holds in an area in a month, and by which document")
    show.add_argument("--area", required=True, type=area_code, help="e.g. 370703")
    show.add_argument("--month", required=True, type=month, help="2020-03")
    show.add_argument("--json", action="store_true", help="print data as JSON")
    show.set_defaults(run=show_values)
    load = actions.add_parser("import", help="propose a file as a notice; a second officer confirms it on the page")
    load.add_argument("file", type=Path)
    load.add_argument("--user", required=True, help="user name of the officer who proposes")
    load.add_argument("--number", required=True, help="document number 文号")
    load.add_argument("--title", required=True)
    load.add_argument("--area", type=area_code, help="who issues it (default: the officer's area)")
    load.add_argument("--retroactive", action="store_true", help="months already paid are to be settled")
    load.add_argument("--json", action="store_true", help="print data as JSON")
    load.set_defaults(run=import_file)


def _read(path: Path) -> tuple[ParameterRow, ...]:
    """Raises Invalid for a file that is not there or no text, ParametersRefused for its problems."""
    from shouwang.kernel.errors import Invalid

    from .rules.benefits.parameters import read_parameters

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: {error}", reason="parameter.file") from error
    return read_parameters(text, where=path.name)


def check_file(options: argparse.Namespace) -> int:
    """0 when the file can be used, 1 with one line a problem."""
    from shouwang.kernel.terminal import say

    from .rules.benefits.parameters import ParametersRefused, Status

    _set_up_words()
    try:
        rows = _read(options.file)
    except ParametersRefused as refused:
        problems = refused.data["problems"]
        assert isinstance(problems, tuple)
        for problem in problems:
            say(problem)
        return 1
    placeholders = sum(row.status is Status.PLACEHOLDER for row in rows)
    areas = len({row.area_code for row in rows})
    print(f"{options.file.name}: {len(rows)} values of {areas} areas, {placeholders} of them placeholders")
    return 0


def _set_up_words() -> None:
    """The texts of refusals need Django's settings, not its database."""
    import django

    django.setup()


def show_values(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import as_system
    from shouwang.kernel.terminal import print_json

    from .queries.parameter_pages import list_parameters_for

    with as_system("命令行查看标准") as system:
        holdings = list_parameters_for(system, area_code=options.area, month=options.month)
    if options.json:
        print_json(
            [
                {
                    "key": one.entry.key,
                    "label": one.entry.label,
                    "value": one.row.text if one.row else None,
                    "unit": one.row.unit if one.row else None,
                    "from": one.row.valid_from if one.row else None,
                    "area_code": one.row.area_code if one.row else None,
                    "source": one.source,
                    "status": one.state,
                }
                for one in holdings
            ]
        )
        return
    for one in holdings:
        since = f"{one.row.valid_from} {one.source_area} {one.source}" if one.row else ""
        print(f"{one.entry.key:44}{one.value or '-':24}{one.state:12} {since}")


def import_file(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import User, actor_of
    from shouwang.kernel.errors import NotFound
    from shouwang.kernel.ids import new_id
    from shouwang.kernel.scope import use_scope
    from shouwang.kernel.terminal import print_json

    from .commands.parameters import propose_parameters
    from .queries.parameter_changes import ProposedNotice, values_of

    rows = _read(options.file)
    user = User.objects.filter(username=options.user).first()
    actor = actor_of(user_id=user.id) if user else None
    if actor is None:
        raise NotFound(f"没有在岗的用户 {options.user}", username=options.user)
    proposed = ProposedNotice(
        number=options.number,
        title=options.title,
        area_code=options.area or actor.area_code,
        effective_on=min((row.valid_from for row in rows), default=date.min),
        values=values_of(rows),
        is_retroactive=options.retroactive,
    )
    with use_scope(actor.scope):
        notice = propose_parameters(actor=actor, notice_id=new_id(), proposed=proposed)
    if options.json:
        print_json({"notice_id": notice.id, "values": notice.value_count, "state": "waiting"})
        return
    print(f"notice {notice.id}: {notice.value_count} values wait for a second officer")
    print(notice.announcement)
