"""beancount's `bean-check`, run as the program that an accountant runs.

beancount is under the GPL: it lives in an environment of its own, made here on first use from pinned, hashed packages,
and is never imported.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements" / "beancount.txt"
FOLDER = ROOT / ".peers" / "beancount"


def bean_check(journal: Path) -> subprocess.CompletedProcess[str]:
    """Exit code 0 and no output when beancount accepts the journal."""
    return subprocess.run([program(), "--no-cache", journal], capture_output=True, text=True, check=False)


def program() -> Path:
    FOLDER.parent.mkdir(exist_ok=True)
    found, stamp = FOLDER / "bin" / "bean-check", FOLDER / "made-from"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    with (FOLDER.parent / "beancount.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes at once: the second finds it made
        if not (found.exists() and stamp.exists() and stamp.read_text() == wanted):
            uv = Path(sys.executable).with_name("uv")
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER], check=True)
            install = [uv, "pip", "install", "--quiet", "--python", FOLDER / "bin" / "python", "--require-hashes"]
            subprocess.run([*install, "-r", REQUIREMENTS], check=True)
            stamp.write_text(wanted)
    return found
