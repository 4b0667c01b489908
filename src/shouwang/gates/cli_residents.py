"""`shouwang gates rotate-keys`: the keys that sign passes, made ahead, hastened, withdrawn."""

from __future__ import annotations

import argparse

from shouwang.kernel.terminal import print_json, say


def register(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rotated = actions.add_parser("rotate-keys", help="make the next signing key of passes where there is none")
    rotated.add_argument(
        "--soon", action="store_true", help="the next key signs as soon as phones have known it a week"
    )
    rotated.add_argument(
        "--withdraw", metavar="KID", help="16 hex digits: no manifest names this key any more; the next signs at once"
    )
    rotated.add_argument("--json", action="store_true", help="print the keys as JSON")
    rotated.set_defaults(run=rotate)


def rotate(options: argparse.Namespace) -> None:
    from shouwang.accounts.public import as_system
    from shouwang.kernel import clock
    from shouwang.kernel.errors import NotFound

    from .commands.keys import hasten_rotation, rotate_keys, withdraw_signing_key
    from .queries.keys import live_keys
    from .queries.passes import cards_to_reprint_count

    with as_system("命令行轮换签发密钥") as system:
        rotation = (hasten_rotation if options.soon else rotate_keys)(actor=system)
        if options.withdraw:
            key = next((one for one in live_keys(clock.now()) if bytes(one.kid).hex() == options.withdraw), None)
            if key is None:
                raise NotFound(f"没有在用的密钥 {options.withdraw}")
            withdraw_signing_key(actor=system, key_id=key.id)
        keys = [
            {
                "kid": bytes(key.kid).hex(),
                "signs_from": key.signs_from.isoformat(),
                "signs_until": key.signs_until.isoformat(),
                "believed_until": key.valid_until.isoformat(),
            }
            for key in live_keys(clock.now())
        ]
        cards = cards_to_reprint_count()
    if options.json:
        print_json({"made": len(rotation.made), "keys": keys, "cards_to_print_anew": cards})
        return
    say(f"{len(rotation.made)} keys made, {len(keys)} live, {cards:,} printed cards to print anew within 14 days.")
    for key_facts in keys:
        print(f"  {key_facts['kid']}  signs {key_facts['signs_from'][:10]} to {key_facts['signs_until'][:10]}")
