"""`shouwang backup` and `shouwang restore`: the whole database in one file, and back.

Documents, workbooks and the frozen inputs of runs lie in the database: nothing of a record lies beside it.

Exit codes: 0 done (or whole, or passed), 1 refused or broken, 2 the command was not understood.
"""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from shouwang.config import database
from shouwang.kernel.terminal import print_json, progress_bars, say

from .errors import BackupError

if TYPE_CHECKING:
    from shouwang.kernel.terminal import Commands

    from .drill import Drilled
    from .making import Made, Wanted

__all__ = ["BackupError", "register"]


def register(commands: "Commands") -> None:
    backup = commands.add_parser(
        "backup",
        help="write everything into one file, or verify such a file",
        usage="shouwang backup FILE_OR_DIR [options]\n       shouwang backup verify FILE [--json]",
    )
    backup.add_argument("target", metavar="FILE_OR_DIR", help="the new file, or a folder that gets a file by date")
    backup.add_argument("file", nargs="?", metavar="FILE", help="after `verify`: the backup to read through")
    figures = backup.add_argument_group("figures that are kept with the backup, for the drill to compute again")
    figures.add_argument("--area", action="append", help="e.g. 370700; usual: the highest areas of the posts in force")
    figures.add_argument("--from", dest="since", type=date.fromisoformat, help="first day; usual: 1 January")
    figures.add_argument("--as-of", help="cut-off, e.g. 2020-03-17T24:00; usual: the last midnight")
    backup.set_defaults(run=run_backup, needs_database=False, parser=backup)
    restore = commands.add_parser("restore", help="restore a backup into an empty database; --drill tries it out")
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument(
        "--drill", action="store_true", help="restore into a scratch database, try it, drop it; touches nothing else"
    )
    restore.set_defaults(run=run_restore, needs_database=False)
    for parser in (backup, restore):
        parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run_backup(options: argparse.Namespace) -> int | None:
    if options.target == "verify" and options.file:
        return _verify(Path(options.file), as_json=options.json)
    if options.file:
        options.parser.error("one FILE_OR_DIR, or: verify FILE")
    _set_up()
    from .making import make

    with progress_bars() as report:
        made = make(Path(options.target), _wanted(options), report)
    print_json(made.as_data()) if options.json else _print_made(made)
    return None


def _verify(path: Path, *, as_json: bool) -> int:
    import django

    django.setup()
    from .checking import check

    with progress_bars() as report:
        checked = check(path, report)
    found = checked.as_data()
    if as_json:
        print_json(found)
    else:
        print(f"{path} is whole: made {found['made_at']} by Shouwang {found['shouwang']}, {found['rows']:,} rows.")
        print(f"  fingerprint  {found['fingerprint']}")
        for lacking in checked.missing_keys:
            print(f"  This installation could not restore it: it lacks key {lacking}.")
    return 0


def run_restore(options: argparse.Namespace) -> int:
    from shouwang.cli import children

    from .archive import open_archive

    archive = open_archive(options.file.absolute())
    _set_up(is_empty=True)
    with children.terminated_like_interrupted(), progress_bars() as report:
        if options.drill:
            from .drill import drill

            drilled = drill(archive, report)
        else:
            from .restoring import restore

            restored = restore(archive, database.owner_dsn(), report)
    if options.drill:
        print_json(drilled.as_data()) if options.json else _print_drilled(drilled)
        return 0 if drilled.passed else 1
    if options.json:
        print_json(restored.as_data())
    say(f"Restored: {sum(archive.manifest['tables'].values()):,} rows.")
    if restored.pending_migrations:
        say(
            f"The backup is older than this version: run `shouwang migrate` ({restored.pending_migrations} migrations)."
        )
    say("Before anyone works: `shouwang audit verify` and `shouwang ledger verify`.")
    return 0


def _set_up(*, is_empty: bool = False) -> None:
    """The server answers and Django is set up; the clock is the database's, where there is one to back up."""
    if is_empty:
        database.ensure_available()
        import django

        django.setup()
    else:
        from shouwang.cli.parser import set_up_django

        set_up_django()


def _wanted(options: argparse.Namespace) -> "Wanted":
    from shouwang.kernel import clock

    from .making import Wanted

    for code in options.area or ():
        if not code.isdigit() or len(code) > 15:
            options.parser.error(f"--area {code}: an area code has up to 15 digits")
    try:
        as_of = clock.parse_cutoff(options.as_of) if options.as_of else None
    except ValueError:
        options.parser.error(f"--as-of {options.as_of}: a cut-off looks like 2020-03-17T24:00")
    codes = [int(code.ljust(15, "0")) for code in options.area] if options.area else None
    return Wanted(area_codes=codes, since=options.since, as_of=as_of)


def _print_made(made: "Made") -> None:
    manifest = made.manifest
    rows = sum(manifest["tables"].values())
    print(f"{made.path}: {made.path.stat().st_size:,} bytes, {rows:,} rows")
    print(f"  fingerprint  {made.seal}")
    audit = manifest["audit"]
    sealed = f"block {audit['block']}, {audit['hash']}" if audit["block"] else "nothing sealed yet"
    print(f"  audit        {sealed}")
    needed = ", ".join(f"{key['id']} ({key['values']:,} values)" for key in manifest["keys"]["ring"]) or "none"
    print(f"  keys needed  {needed}, and the index key. They are not in this file: keep them apart from it.")
    for key in manifest["keys"]["ring"]:
        if key["check"] is None:
            say(f"This installation itself lacks key {key['id']}; find it, or {key['values']:,} values stay closed.")


def _print_drilled(drilled: "Drilled") -> None:
    for step in drilled.steps:
        print(f"{'ok     ' if step.passed else 'FAILED '}{step.name}: {step.found} ({step.seconds:.1f} s)")
    verdict = "passed" if drilled.passed else "FAILED"
    print(f"Drill {verdict}: {drilled.archive.path}, made {drilled.archive.manifest['made_at']}.")
