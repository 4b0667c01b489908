"""Where the keys come from: the environment, else a file of this installation that only its owner can read.

SHOUWANG_SECRET_KEY signs sessions; SHOUWANG_KEYS is the key ring ("id:base64,id:base64", the first one encrypts, 32
bytes each, ids of at most 4 letters); SHOUWANG_INDEX_KEY keys the blind index. A production installation sets all
three; the embedded default makes them once. Losing them loses every ID number: docs/operate/backup.md.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    secret_key: str
    key_ring: tuple[tuple[str, bytes], ...]
    index_key: bytes


def load(folder: Path) -> Secrets:
    """The keys of this installation. Raises ValueError when the environment gives only some of them."""
    names = ("SHOUWANG_SECRET_KEY", "SHOUWANG_KEYS", "SHOUWANG_INDEX_KEY")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    if not given:
        given = _own_file(folder / "keys.json", names)
    if missing := [name for name in names if name not in given]:
        raise ValueError(f"set {', '.join(missing)} too: the three keys go together")
    ring = []
    for part in given["SHOUWANG_KEYS"].split(","):
        key_id, _, encoded = part.strip().partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not 1 <= len(key_id) <= 4 or len(key) != 32:
            raise ValueError("SHOUWANG_KEYS holds id:base64 pairs; an id has 1 to 4 letters, a key 32 bytes")
        ring.append((key_id, key))
    return Secrets(
        secret_key=given["SHOUWANG_SECRET_KEY"],
        key_ring=tuple(ring),
        index_key=base64.b64decode(given["SHOUWANG_INDEX_KEY"], validate=True),
    )


def _own_file(path: Path, names: tuple[str, str, str]) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        pass
    values = {
        names[0]: secrets.token_urlsafe(48),
        names[1]: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        names[2]: base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(values, file)
    try:
        # link() refuses to overwrite: of two first starts at once, one makes the keys and both read them.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return dict(json.loads(path.read_text()))
