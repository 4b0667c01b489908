"""Where a key was seen first, for more keys than memory should hold."""

from __future__ import annotations

import sqlite3
import weakref


class FirstSeen:
    """Numbers by key, on disk beyond a megabyte. It stores 64-bit hashes under a secret of this process, never a key: in
    a million keys two meet by chance once in 37 million files."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # a nameless temporary file
        weakref.finalize(self, self._database.close)
        self._database.execute("pragma cache_size = -1024")
        self._database.execute("pragma journal_mode = off")
        self._database.execute("create table seen (key integer primary key, number integer not null)")
        self._database.execute("begin")

    def setdefault(self, key: str, number: int) -> int:
        """The number that the key was first given."""
        hashed = hash(key)
        made = self._database.execute("insert or ignore into seen values (?, ?)", (hashed, number))
        return number if made.rowcount else self._number(hashed)

    def _number(self, hashed: int) -> int:
        (number,) = self._database.execute("select number from seen where key = ?", (hashed,)).fetchone()
        return int(number)
