"""beancount's `bean-check`, run as the program that an accountant runs. It is under the GPL, and never imported."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import peers


def bean_check(journal: Path) -> subprocess.CompletedProcess[str]:
    """Exit code 0 and no output when beancount accepts the journal."""
    return subprocess.run([program(), "--no-cache", journal], capture_output=True, text=True, check=False)


def program() -> Path:
    return peers.environment("beancount") / "bean-check"
