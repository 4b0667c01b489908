"""The generic list as csv in UTF-8, with the byte order mark by which Excel knows it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .base import OutList, ReceivedFile, ReturnFile
from .sheets import csv_bytes, read_answers


class GenericCsv:
    key = "csv"
    suffix = "csv"
    content_type = "text/csv; charset=utf-8"
    needs_payer = False

    @property
    def label(self) -> str:
        return _("通用 CSV（UTF-8）")

    def write(self, out: OutList) -> bytes:
        return csv_bytes(out)

    def recognises(self, received: ReceivedFile) -> bool:
        return received.name.lower().endswith((".csv", ".txt"))

    def read(self, received: ReceivedFile) -> ReturnFile:
        return read_answers(received)
