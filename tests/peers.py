"""Programs of others that judge what we write, each in an environment of its own in `.peers`, never imported.

Made on first use from pinned, hashed packages, and again when the pins change.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".peers"


def environment(name: str) -> Path:
    """The folder of programs of the environment that `requirements/<name>.txt` makes."""
    requirements, folder = ROOT / "requirements" / f"{name}.txt", FOLDER / name
    FOLDER.mkdir(exist_ok=True)
    stamp = folder / "made-from"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes at once: the second finds it made
        if not (stamp.exists() and stamp.read_text() == wanted):
            uv = Path(sys.executable).with_name("uv")
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
            install = [uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", "--require-hashes"]
            subprocess.run([*install, "-r", requirements], check=True)
            stamp.write_text(wanted)
    return folder / "bin"
