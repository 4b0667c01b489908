"""Embedded servers of these tests live in a folder of their own, where the server's user may enter."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouwang.config import embedded


@pytest.fixture(scope="session")
def embedded_root() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to other users, and the socket path must stay short.
    folder = Path(tempfile.mkdtemp(prefix="sw-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def instance(embedded_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an instance that is not there yet; stopped and removed afterwards."""
    monkeypatch.setenv("SHOUWANG_DATA_DIR", str(embedded_root))
    name = "case"
    yield name
    embedded.stop(name)
    shutil.rmtree(embedded.status(name).data_dir.parent)
