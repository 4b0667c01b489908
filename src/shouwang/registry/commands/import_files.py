"""The workbook of an import at rest: sealed in parts, in the database that every worker reaches, for a short time.

It is deleted when nothing is left to do with it: the source when every row is loaded, refused or decided, the refused
rows when the import is undone; each at the latest KEPT_HOURS after it was stored.
"""

from __future__ import annotations

import io
from datetime import timedelta
from typing import IO, Any, BinaryIO, Final

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.crypto import decrypt_bytes, encrypt_bytes
from shouwang.kernel.errors import NotFound

from ..models import ImportBatch, ImportFile
from ..states import ImportFileRole

KEPT_HOURS: Final = 72
"""Sent on a Friday afternoon, corrected on Monday morning."""

_PART_BYTES: Final = 1 << 20
_READ_BYTES: Final = 64 << 10


def store_file(batch: ImportBatch, role: str, file: IO[bytes]) -> None:
    """Put the file, from its beginning, in place of the one that was there."""
    drop_file(batch, role)
    expires_at = clock.now() + timedelta(hours=KEPT_HOURS)
    file.seek(0)
    part = 0
    while content := file.read(_PART_BYTES):
        ImportFile.objects.create(
            batch=batch,
            role=role,
            part=part,
            content=encrypt_bytes(content, purpose=_purpose(batch, role, part)),
            area_code=batch.area_code,
            expires_at=expires_at,
        )
        part += 1


def open_file(batch: ImportBatch, role: str) -> BinaryIO:
    """The file, a part of it in memory at a time; it reads from the database, so it is for the caller's transaction.
    Raises NotFound when the file was deleted."""
    raw = _SealedFile(batch, role)
    if not raw.size:
        label = ImportFileRole(role).label
        message = _("%(file)s已按规定删除（最多保留 %(hours)s 小时），请重新上传表格") % {
            "file": label,
            "hours": KEPT_HOURS,
        }
        raise NotFound(message, reason="import.file_gone")
    return io.BufferedReader(raw, _READ_BYTES)


class _SealedFile(io.RawIOBase):
    """Every part but the last has _PART_BYTES."""

    def __init__(self, batch: ImportBatch, role: str) -> None:
        super().__init__()
        self._batch = batch
        self._role = role
        self._parts = ImportFile.objects.filter(batch=batch, role=role, expires_at__gt=clock.now())
        self._held: tuple[int, bytes] = (-1, b"")
        self._at = 0
        last = self._parts.order_by("-part").values_list("part", flat=True).first()
        self.size = 0 if last is None else last * _PART_BYTES + len(self._part(last))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, _PART_BYTES)
        content = self._part(number)[start : start + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _part(self, number: int) -> bytes:
        if self._held[0] != number:
            sealed = bytes(self._parts.values_list("content", flat=True).get(part=number))
            self._held = (number, decrypt_bytes(sealed, purpose=_purpose(self._batch, self._role, number)))
        return self._held[1]


def has_file(batch: ImportBatch, role: str) -> bool:
    return ImportFile.objects.filter(batch=batch, role=role, expires_at__gt=clock.now()).exists()


def drop_file(batch: ImportBatch, role: str) -> None:
    ImportFile.objects.filter(batch=batch, role=role).delete()


def purge_expired_files() -> int:
    """Delete what has expired, within the scope on the connection; returns the number of batches concerned."""
    expired = ImportFile.objects.filter(expires_at__lte=clock.now())
    count = expired.values("batch_id").distinct().count()
    expired.delete()
    return count


def _purpose(batch: ImportBatch, role: str, part: int) -> str:
    return f"registry_importfile.{batch.id}.{role}.{part}"
