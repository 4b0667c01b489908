"""The backup's file: a tar that is written and read in one pass.

    database.dump/000001 ...   pg_dump's custom format, in parts of 16 MiB; `cat` puts them together
    manifest.json              what is in it, with the digest of all the above
    manifest.sha256            the digest of the manifest; the last member, so a file without it is not whole

Guarantees: a file under the asked-for name is whole and on disk (it is written under another name, synced, and linked
to its own); an existing file is never overwritten. Refuses a file that is cut off or of which a byte has changed.
"""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .errors import BackupError

FORMAT, FORMAT_VERSION = "shouwang-backup", 1
PART_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
MANIFEST, SEAL, DUMP = "manifest.json", "manifest.sha256", "database.dump/"
MANIFEST_BYTES_MAX = 64 * 1024 * 1024
SUFFIX = ".shouwang-backup.tar"

Manifest = dict[str, Any]
"""The manifest as JSON; docs/operate/backup.md names its parts."""


class Writer:
    """Writes members in order; `finish` makes the file appear under its name."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def dump(self, stream: IO[bytes]) -> dict[str, object]:
        """Copies pg_dump's output; returns what the manifest says of it."""
        digest, total, parts = hashlib.sha256(), 0, 0
        while part := _read_fully(stream, PART_BYTES):
            parts += 1
            total += len(part)
            digest.update(part)
            self._add(f"{DUMP}{parts:06d}", part)
        return {"bytes": total, "parts": parts, "sha256": digest.hexdigest()}

    def manifest(self, manifest: Manifest) -> str:
        """Ends the backup; returns the manifest's digest, by which the backup is known."""
        content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        seal = hashlib.sha256(content).hexdigest()
        self._add(MANIFEST, content)
        self._add(SEAL, seal.encode())
        return seal

    def _add(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))


@contextlib.contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """A new backup file, readable by its owner alone. Raises BackupError when `target` is there, or cannot be written."""
    draft = target.with_name(target.name + ".unfinished")
    if target.exists():
        raise BackupError(f"{target} exists; a backup never overwrites another.")
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupError(f"Cannot write {target}: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {target}.") from None
        os.ftruncate(descriptor, 0)  # what a backup that was cut off has left
        try:
            tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
            yield Writer(tar)
            tar.close()
            file.flush()
            os.fsync(descriptor)
            os.link(draft, target)
            _sync_folder(target.parent)
        except OSError as error:
            if error.errno is None:
                raise
            raise BackupError(f"Cannot write {target}: {error.strerror}; nothing is left of it.") from error
        finally:
            draft.unlink()
            with contextlib.suppress(OSError):  # a full disk refuses the buffer's rest once more when it is closed
                file.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_fully(stream: IO[bytes], size: int) -> bytes:
    """`size` bytes unless the stream ends before; a pipe hands over less at a time."""
    pieces, missing = [], size
    while missing and (piece := stream.read(min(missing, CHUNK_BYTES))):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


@dataclass
class Archive:
    """A backup file that was found complete by its table of members; its content is not yet checked."""

    path: Path
    manifest: Manifest
    seal: str
    members: list[tarfile.TarInfo] = field(repr=False)

    @property
    def dump_bytes(self) -> int:
        return int(self.manifest["dump"]["bytes"])

    def dump_pieces(self) -> Iterator[bytes]:
        """pg_dump's output in pieces. Raises BackupError at its end when it is not what the manifest says."""
        digest = hashlib.sha256()
        with self._opened() as tar:
            for member in self.members:
                if member.name.startswith(DUMP):
                    for piece in _pieces(tar, member):
                        digest.update(piece)
                        yield piece
        if digest.hexdigest() != self.manifest["dump"]["sha256"]:
            raise BackupError(f"{self.path} is damaged: the database's dump is not what was written.")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tarfile.TarFile]:
        with _readable(self.path), tarfile.open(self.path, "r:") as tar:
            yield tar


def open_archive(path: Path) -> Archive:
    """Reads the table of members and the manifest. Raises BackupError when it is no backup, not whole, or of a format
    that this version does not know."""
    with _readable(path), tarfile.open(path, "r:") as tar:
        if path.stat().st_size % tarfile.RECORDSIZE:
            raise BackupError(f"{path} is no whole backup: its end is missing.")
        members = tar.getmembers()
        content, seal = _content(tar, members, MANIFEST), _content(tar, members, SEAL)
    if content is None or seal is None:
        raise BackupError(f"{path} is no whole backup: it was cut off before its manifest.")
    if hashlib.sha256(content).hexdigest() != seal.decode(errors="replace"):
        raise BackupError(f"{path} is damaged: its manifest is not what was written.")
    manifest = json.loads(content)
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{path} is no backup of Shouwang.")
    if manifest["format_version"] != FORMAT_VERSION:
        raise BackupError(
            f"{path} is of format {manifest['format_version']}, made by Shouwang {manifest['shouwang']}; this version "
            f"reads format {FORMAT_VERSION}. Restore it with the version that made it."
        )
    return Archive(path, manifest, seal.decode(), members)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise BackupError(f"{path} is no whole backup: {error}.") from error
    except OSError as error:
        raise BackupError(f"Cannot read {path}: {error.strerror or error}.") from error


def _content(tar: tarfile.TarFile, members: list[tarfile.TarInfo], name: str) -> bytes | None:
    member = next((member for member in members if member.name == name and member.isreg()), None)
    if member is None or member.size > MANIFEST_BYTES_MAX:
        return None
    return b"".join(_pieces(tar, member))


def _pieces(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    source = tar.extractfile(member)
    if source is None:
        raise BackupError(f"{tar.name!r} is damaged: {member.name} is no file.")
    with source:
        read: Callable[[], bytes] = lambda: source.read(CHUNK_BYTES)  # noqa: E731
        yield from iter(read, b"")
