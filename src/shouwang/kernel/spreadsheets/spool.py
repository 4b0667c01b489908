"""What is too much to hold: pages of it in a nameless temporary file, sealed under a key that only this object has.

Guarantees: memory is a few pages, whatever the number of items; nobody else can read the pages, and they are gone with
the process, however it ends. Items are plain values; several readers, in several threads, may be under way at once.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import weakref
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

T = TypeVar("T")

_PAGE_ITEMS: Final = 256
_PAGE_SIZE: Final = 1 << 20
_PAGES_HELD: Final = 64
_KEY_BITS: Final = 128
_NONCE_BYTES: Final = 12


class Spool(Generic[T]):
    """A list on disk: appended to first, then read in order or by position."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as this object
        weakref.finalize(self, self._file.close)
        self._cipher = AESGCM(AESGCM.generate_key(_KEY_BITS))
        self._firsts = array("Q")
        self._ends = array("Q", [0])
        self._items: list[T] = []
        self._size = 0
        self._count = 0
        self._held: OrderedDict[int, list[T]] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def append(self, item: T, *, size: int = 0) -> None:
        """`size` is about how many characters the item has, so that a page of long ones stays small."""
        self._items.append(item)
        self._count += 1
        self._size += size
        if len(self._items) >= _PAGE_ITEMS or self._size >= _PAGE_SIZE:
            self._turn_page()

    def __iter__(self) -> Iterator[T]:
        for page in range(len(self._firsts)):
            yield from self._read(page)
        yield from self._items

    def __getitem__(self, position: int) -> T:
        """Raises IndexError. For one reader at a time."""
        if not 0 <= position < self._count:
            raise IndexError(position)
        page = bisect_right(self._firsts, position) - 1
        first_in_hand = self._count - len(self._items)
        if position >= first_in_hand:
            return self._items[position - first_in_hand]
        held = self._held.get(page)
        if held is None:
            held = self._held[page] = self._read(page)
            if len(self._held) > _PAGES_HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(page)
        return held[position - self._firsts[page]]

    def _turn_page(self) -> None:
        page = len(self._firsts)
        sealed = self._cipher.encrypt(_nonce(page), pickle.dumps(self._items, pickle.HIGHEST_PROTOCOL), None)
        self._file.write(sealed)
        self._firsts.append(self._count - len(self._items))
        self._ends.append(self._ends[-1] + len(sealed))
        self._items, self._size = [], 0

    def _read(self, page: int) -> list[T]:
        start, end = self._ends[page], self._ends[page + 1]
        sealed = os.pread(self._file.fileno(), end - start, start)
        items: list[T] = pickle.loads(self._cipher.decrypt(_nonce(page), sealed, None))  # noqa: S301 - sealed by us
        return items


def _nonce(page: int) -> bytes:
    """A page is written once under the key."""
    return page.to_bytes(_NONCE_BYTES, "big")
