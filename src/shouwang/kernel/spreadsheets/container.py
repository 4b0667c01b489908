"""Looks into a file before any parser opens it.

Guarantees: what passes is one of xlsx, xls, ods or text; is no larger than the limits, inflated size included, counted
by really inflating every member with a budget, never by the declared sizes, a piece at a time; spans no more rows,
columns and cells than the limits, so that a parser that builds a dense table cannot be made to exhaust memory.
Refuses, in the user's words: everything else, encrypted and broken files by name.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from ..errors import Invalid


@dataclass(frozen=True, slots=True)
class Limits:
    """xlsx and text stream: their limits bound time and disk. xls and ods are held in memory as a table, so theirs are
    those of the old format, which ends at 65,536 rows."""

    file_bytes: int = 64 << 20
    inflated_bytes: int = 512 << 20
    members: int = 2_000
    rows: int = 500_000
    columns: int = 256
    cells: int = 16_000_000
    text_characters: int = 256 << 20
    """Of all text cells together: one long shared string can be named by every cell."""
    held_file_bytes: int = 24 << 20
    held_inflated_bytes: int = 192 << 20
    held_rows: int = 65_536


LIMITS = Limits()


class Format(Enum):
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
_HEAD_BYTES: Final = 200
_PIECE_BYTES: Final = 64 << 10
_END_RECORD_BYTES: Final = 22
_LOCAL_HEADER_BYTES: Final = 30
_ENCRYPTED_FLAG: Final = 0x1


def measure(file: BinaryIO, limits: Limits) -> int:
    """The file's size in bytes. Raises Invalid for an empty one and one over the limit."""
    size = file.seek(0, os.SEEK_END)
    if size > limits.file_bytes:
        raise too_large(limits.file_bytes)
    if not size:
        raise Invalid(_("文件是空的，请重新选择文件"), reason="spreadsheet.empty_file")
    return size


def read_held(file: BinaryIO, limits: Limits) -> bytes:
    """The whole of a file whose format cannot be streamed."""
    file.seek(0)
    data = file.read(limits.held_file_bytes + 1)
    if len(data) > limits.held_file_bytes:
        raise too_large(limits.held_file_bytes, advice=_("，或用 Excel 或 WPS 另存为 .xlsx"))
    return data


def recognise(file: BinaryIO, filename: str) -> Format:
    """The format by content; the name decides only whether text may be a CSV file."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _recognise_zip(file, head, filename)
    if head.startswith(_OLE):
        if contains(file, _ENCRYPTED_PACKAGE):
            raise encrypted()
        return Format.XLS
    if _MARKUP.match(head):
        raise _wrong_type(_("文件“%(name)s”的内容是网页或 XML，不是电子表格"), filename)
    if filename.lower().endswith((".csv", ".txt")):
        return Format.TEXT
    raise _wrong_type(_("文件“%(name)s”不是电子表格"), filename)


def _recognise_zip(file: BinaryIO, head: bytes, filename: str) -> Format:
    names = {info.filename for info in directory(file)}
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "content.xml" in names and b"opendocument.spreadsheet" in head:
        return Format.ODS
    raise _wrong_type(_("文件“%(name)s”不是电子表格"), filename)


def contains(file: BinaryIO, wanted: bytes) -> bool:
    """Whether the bytes stand anywhere in the file."""
    file.seek(0)
    tail = b""
    while piece := file.read(_PIECE_BYTES):
        if wanted in tail + piece:
            return True
        tail = piece[-len(wanted) :]
    return False


def directory(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """The zip's members. Refuses what two zip readers could understand differently."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _END_RECORD_BYTES, 0))
    if file.read(4) != b"PK\x05\x06":
        raise broken()
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise broken() from None


def verified_members(file: BinaryIO, inflated_bytes: int, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The members by name, each inflated once to its end. The budget is for all of them together."""
    members = directory(file)
    if len(members) > limits.members:
        raise bomb()
    budget = inflated_bytes
    for info in members:
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise encrypted()
        is_text = info.filename.endswith((".xml", ".rels"))
        for piece in pieces(file, info, budget):
            budget -= len(piece)
            if is_text and b"\0" in piece:
                raise broken()  # UTF-16, which no spreadsheet program writes
    return {info.filename: info for info in members}


def pieces(file: BinaryIO, info: zipfile.ZipInfo, budget: int) -> Iterator[bytes]:
    """A member's content, by the compressed bytes themselves: the declared size is only compared at the end."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
        raise broken()
    name_bytes, extra_bytes = struct.unpack("<HH", header[26:30])
    start = info.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    packed = _packed_pieces(file, start, info.compress_size)
    if info.compress_type == zipfile.ZIP_STORED:
        contents = packed
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        contents = _inflated(packed)
    else:
        raise broken()
    size = checksum = 0
    for content in contents:
        size += len(content)
        if size > budget:
            raise bomb()
        checksum = zlib.crc32(content, checksum)
        yield content
    if size != info.file_size or checksum != info.CRC:
        raise broken()


def _packed_pieces(file: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    for at in range(start, start + size, _PIECE_BYTES):
        file.seek(at)
        piece = file.read(min(_PIECE_BYTES, start + size - at))
        if not piece:
            raise broken()
        yield piece


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in packed:
            if inflater.eof:
                raise broken()
            rest = piece
            while rest or not inflater.eof:
                content = inflater.decompress(rest, _PIECE_BYTES)
                rest = inflater.unconsumed_tail
                if content:
                    yield content
                if not rest and len(content) < _PIECE_BYTES:
                    break
    except zlib.error:
        raise broken() from None
    if not inflater.eof:
        raise broken()


def too_large(limit_bytes: int, *, advice: str = "") -> Invalid:
    words = {"megabytes": limit_bytes >> 20, "advice": advice}
    message = _("文件超过 %(megabytes)s MB，请拆分成几个文件分别导入%(advice)s") % words
    return Invalid(message, reason="spreadsheet.file_too_large")


def check_held_rows(rows: int, limits: Limits) -> None:
    """Refuses more rows than a format that is held in memory may have."""
    if rows > limits.held_rows:
        message = _("这种格式最多 %(limit)s 行，请用 Excel 或 WPS 另存为 .xlsx 后再导入") % {
            "limit": f"{limits.held_rows:,}"
        }
        raise Invalid(message, reason="spreadsheet.too_many_rows")


def check_extent(rows: int, columns: int, limits: Limits) -> None:
    """Refuses a table of more rows, columns or cells than the limits."""
    if rows > limits.rows:
        message = _("表格超过 %(limit)s 行，请拆分成几个文件分别导入") % {"limit": f"{limits.rows:,}"}
        raise Invalid(message, reason="spreadsheet.too_many_rows")
    if columns > limits.columns:
        message = _("表格超过 %(limit)s 列，请删除多余的列后再导入") % {"limit": f"{limits.columns:,}"}
        raise Invalid(message, reason="spreadsheet.too_many_columns")
    if rows * columns > limits.cells:
        message = _("表格的行数乘列数超过 %(limit)s，请删除多余的列或拆分后再导入") % {"limit": f"{limits.cells:,}"}
        raise Invalid(message, reason="spreadsheet.too_many_cells")


def broken() -> Invalid:
    message = _("文件已损坏，无法打开。请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后再导入")
    return Invalid(message, reason="spreadsheet.broken")


def encrypted() -> Invalid:
    message = _("文件设有打开密码。请用 Excel 或 WPS 去掉密码，另存后再导入")
    return Invalid(message, reason="spreadsheet.encrypted")


def bomb() -> Invalid:
    message = _("文件解压后过大，不像是正常的表格。请只保留要导入的工作表，另存为 .xlsx 后再导入")
    return Invalid(message, reason="spreadsheet.inflated_too_large")


def _wrong_type(message: str, filename: str) -> Invalid:
    advice = _("可以导入 .xlsx、.xls、.ods 和 .csv；请用 Excel 或 WPS 打开后另存为 .xlsx")
    return Invalid(f"{message % {'name': filename}}。{advice}", reason="spreadsheet.wrong_type")
