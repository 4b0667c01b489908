"""A document's file as it comes in: its kind by its first bytes and its name together, and its size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

FILE_BYTES_MAX = 20 * 1024 * 1024

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTENT_TYPES: dict[str, tuple[bytes, str]] = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".ofd": (_ZIP, "application/ofd"),
    ".docx": (_ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (_ZIP, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".doc": (_OLE, "application/msword"),
    ".wps": (_OLE, "application/vnd.ms-works"),
    ".xls": (_OLE, "application/vnd.ms-excel"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}
"""By extension: the bytes such a file begins with, and the type it is served as."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as uploaded. `name` may still be a path."""

    name: str
    content: bytes

    @property
    def plain_name(self) -> str:
        name = PurePosixPath(self.name.replace("\\", "/")).name
        return "".join(letter for letter in name if letter.isprintable())[-200:]

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()


def check_file(file: IncomingFile) -> None:
    """Raises Invalid for an empty or too large file, and for one that is not what its name says."""
    if not file.content:
        raise Invalid(_("文件“%(name)s”是空的") % {"name": file.plain_name}, reason="document.file_empty")
    if len(file.content) > FILE_BYTES_MAX:
        raise Invalid(
            _("文件“%(name)s”超过 20 MB，请压缩后再传") % {"name": file.plain_name}, reason="document.file_too_large"
        )
    begins = CONTENT_TYPES.get(PurePosixPath(file.plain_name.lower()).suffix)
    if begins is None or not file.content.startswith(begins[0]):
        raise Invalid(
            _("“%(name)s”不是可以登记的文件，请上传 PDF、OFD、Word、Excel、WPS 或图片") % {"name": file.plain_name},
            reason="document.file_type",
        )


def content_type(name: str) -> str:
    known = CONTENT_TYPES.get(PurePosixPath(name.lower()).suffix)
    return known[1] if known else "application/octet-stream"
