"""Facts about the sheets of an .xls file (BIFF8 in an OLE container): extent, and cells that hold an error value.

Source: [MS-CFB] for the container, [MS-XLS] for the records. Excel always saves the result of a formula in this format.
Refuses: encrypted files, files of Excel 95 and older, and whatever contradicts itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .container import broken, encrypted
from .facts import Hole, SheetFacts

_ENTRY_BYTES: Final = 128
_CHAIN_ENDS: Final = 0xFFFFFFFC  # this and above are no sectors

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA, _BOOLERR, _MULRK = 0x0006, 0x0205, 0x00BD
_CELLS: Final = frozenset({_FORMULA, _BOOLERR, _MULRK, 0x0203, 0x0204, 0x027E, 0x00FD})  # NUMBER, LABEL, RK, LABELSST
_BIFF8: Final = 0x0600
_WORKSHEET: Final = 0
_ERROR_RESULT: Final = 2


def xls_facts(data: bytes) -> dict[str, SheetFacts]:
    """Facts by sheet name. Raises Invalid for encrypted and broken files."""
    try:
        stream = _workbook_stream(data)
        return {name: _sheet_facts(stream, offset) for name, offset in _sheets(stream)}
    except (struct.error, IndexError, UnicodeDecodeError):
        raise broken() from None


def _workbook_stream(data: bytes) -> bytes:
    (shift,) = struct.unpack_from("<H", data, 30)
    fat_count, directory = struct.unpack_from("<II", data, 44)
    cutoff, mini_start = struct.unpack_from("<II", data, 56)
    if shift not in (9, 12):
        raise broken()
    size = 1 << shift

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    fat_sectors = [entry for entry in struct.unpack_from("<109I", data, 76) if entry < _CHAIN_ENDS]
    (difat,) = struct.unpack_from("<I", data, 68)
    while difat < _CHAIN_ENDS and len(fat_sectors) < fat_count:
        *entries, difat = struct.unpack(f"<{size // 4}I", sector(difat))
        fat_sectors += [entry for entry in entries if entry < _CHAIN_ENDS]
    fat = [entry for number in fat_sectors[:fat_count] for entry in struct.unpack(f"<{size // 4}I", sector(number))]

    def follow(start: int) -> bytes:
        return b"".join(sector(number) for number in _chain(fat, start))

    entries_bytes = follow(directory)
    root_start = struct.unpack_from("<I", entries_bytes, 116)[0]
    for position in range(0, len(entries_bytes), _ENTRY_BYTES):
        entry = entries_bytes[position : position + _ENTRY_BYTES]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le")
        if name not in ("Workbook", "Book"):
            continue
        start, length = struct.unpack_from("<II", entry, 116)
        if length >= cutoff:
            return follow(start)[:length]
        mini_fat = struct.unpack(f"<{len(follow(mini_start)) // 4}I", follow(mini_start))
        mini = follow(root_start)
        return b"".join(mini[number * 64 : number * 64 + 64] for number in _chain(mini_fat, start))[:length]
    raise broken()


def _chain(fat: list[int] | tuple[int, ...], start: int) -> Iterator[int]:
    """Sector numbers of a stream; a chain longer than its table is a loop."""
    for _step in range(len(fat)):
        if start >= _CHAIN_ENDS:
            return
        yield start
        start = fat[start]
    if start < _CHAIN_ENDS:
        raise broken()


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    """Record number, where its body starts, and how long it is."""
    head = struct.Struct("<HH")
    while offset + 4 <= len(stream):
        number, length = head.unpack_from(stream, offset)
        yield number, offset + 4, length
        offset += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    if struct.unpack_from("<HHH", stream, 0)[::2] != (_BOF, _BIFF8):
        raise broken()
    for number, body, length in _records(stream, 0):
        if number == _FILEPASS:
            raise encrypted()
        if number == _EOF:
            return
        if number == _BOUNDSHEET and stream[body + 5] == _WORKSHEET:
            (offset,) = struct.unpack_from("<I", stream, body)
            is_wide = stream[body + 7] & 1
            text = stream[body + 8 : body + length]
            yield text.decode("utf-16-le" if is_wide else "latin-1"), offset


def _sheet_facts(stream: bytes, offset: int) -> SheetFacts:
    facts = SheetFacts()
    position = struct.Struct("<HH")
    depth = 0
    for number, body, length in _records(stream, offset):
        if number in _CELLS and depth == 1:
            row, column = position.unpack_from(stream, body)
            last = struct.unpack_from("<H", stream, body + length - 2)[0] if number == _MULRK else column
            facts.rows = max(facts.rows, row + 1)
            facts.columns = max(facts.columns, last + 1)
            is_error = number == _BOOLERR and stream[body + 7] != 0
            if number == _FORMULA and stream[body + 12 : body + 14] == b"\xff\xff":  # a result that is no number
                is_error = stream[body + 6] == _ERROR_RESULT
            if is_error:
                facts.dig(row, column, Hole.ERROR)
        elif number == _BOF:
            depth += 1
        elif number == _EOF:
            depth -= 1
            if depth == 0:
                break
    return facts
