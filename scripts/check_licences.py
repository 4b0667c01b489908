"""Refuses a dependency whose licence we may not ship with: only permissive ones, and the LGPL as a library.

Python packages tell their licence through pip-licenses, npm packages through their own package.json. A licence whose
name is new here is refused until a person has read it and put its name on the list.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {
    *("0BSD", "BSD-0-Clause", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "ISC", "ISC License (ISCL)"),
    *("MIT", "MIT-0", "MIT License", "Unlicense", "The Unlicense (Unlicense)", "Zlib", "CC0-1.0", "BlueOak-1.0.0"),
    *("Apache-2.0", "Apache Software License", "PSF-2.0", "Python Software Foundation License", "Python-2.0"),
    *("PostgreSQL", "PostgreSQL License", "OFL-1.1", "CC-BY-4.0"),
    # Used whole, as libraries or tools, and never changed by us:
    *("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", "LGPL-3.0-only"),
    "GNU Lesser General Public License v2 or later (LGPLv2+)",
}
# Packages that name no licence in their metadata, and the licence that their files hold.
READ_BY_HAND = {"axe-playwright-python": "MIT"}


def main() -> int:
    packages = {**dict(python_packages()), **dict(npm_packages())}
    refused = {name: licence for name, licence in packages.items() if not is_allowed(READ_BY_HAND.get(name, licence))}
    for name, licence in refused.items():
        print(f"{name}: {licence!r} is not on the list of licences that we may ship with", file=sys.stderr)
    print(f"{len(packages)} packages, {len(refused)} licences refused")
    return 1 if refused else 0


def is_allowed(licence: str) -> bool:
    """Of alternatives (OR) one must be allowed; of parts (AND, or a list) all."""
    expression = licence.strip().removeprefix("(").removesuffix(")") if " OR " in licence else licence
    if " OR " in expression:
        return any(is_allowed(side) for side in expression.split(" OR "))
    return all(part.strip() in ALLOWED for part in re.split(r" AND |;", expression))


def python_packages() -> Iterator[tuple[str, str]]:
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--format=json", "--from=mixed"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for package in found:
        yield package["Name"].lower(), package["License"]


def npm_packages() -> Iterator[tuple[str, str]]:
    """Every package that package-lock.json installs here."""
    frontend = ROOT / "frontend"
    locked = json.loads((frontend / "package-lock.json").read_text())["packages"]
    for path in locked:
        manifest = frontend / path / "package.json"
        if path and manifest.exists():  # the lock also names builds for other machines
            licence = json.loads(manifest.read_text()).get("license", "")
            yield f"npm {path.removeprefix('node_modules/')}", licence if isinstance(licence, str) else licence["type"]


if __name__ == "__main__":
    raise SystemExit(main())
