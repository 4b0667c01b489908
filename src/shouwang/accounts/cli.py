"""`shouwang users`: the first system administrator of a new installation, who then creates everybody else on the page."""

from __future__ import annotations

import argparse
import json


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    users = commands.add_parser("users", help="create the first system administrator")
    actions = users.add_subparsers(metavar="ACTION", required=True)
    create = actions.add_parser("create", help="create a user with a first post; prints the first password once")
    create.add_argument("--username", required=True, help="3 to 40 lower-case letters, digits, dots, hyphens")
    create.add_argument("--name", required=True, help="the person's name")
    create.add_argument("--role", default="sysadmin", help="default: sysadmin")
    create.add_argument("--area", required=True, help="area code of the post, e.g. 370700")
    create.add_argument("--json", action="store_true", help="print the result as JSON")
    create.set_defaults(run=create_user)


def create_user(options: argparse.Namespace) -> None:
    from shouwang.areas.public import parse_area_code
    from shouwang.kernel import clock
    from shouwang.kernel.ids import new_id

    from .acting import as_system
    from .commands import users

    with as_system("命令行建立用户") as system:
        created = users.create_user(
            actor=system,
            user_id=new_id(),
            username=options.username,
            name=options.name,
            role=options.role,
            area_code=parse_area_code(options.area),
            from_on=clock.today(),
        )
    if options.json:
        print(json.dumps({"username": created.user.username, "password": created.password}))
    else:
        print(f"{created.user.username}: first password {created.password} (it must be changed at the first sign-in)")
