"""The refused rows of a run: their reasons on disk, four bytes a row of the sheet in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from shouwang.kernel.spreadsheets import Spool


class RefusedRows:
    """Reasons by row number; they come in any order and are given in the sheet's."""

    def __init__(self, height: int) -> None:
        """`height` is the sheet's last row number."""
        self._places = array("I", bytes(array("I").itemsize * (height + 1)))
        self._reasons: Spool[Sequence[str]] = Spool()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, reasons: Mapping[int, Sequence[str]]) -> None:
        for number, messages in reasons.items():
            self._count += not self._places[number]
            self._reasons.append(list(messages), size=sum(map(len, messages)))
            self._places[number] = len(self._reasons)

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        for number, place in enumerate(self._places):
            if place:
                yield number, self._reasons[place - 1]
