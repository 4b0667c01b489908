"""The generic list as a workbook: what an agent bank without a format of its own takes. The default."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .base import OutList, ReceivedFile, ReturnFile
from .sheets import read_answers, xlsx_bytes


class GenericXlsx:
    key = "xlsx"
    suffix = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    needs_payer = False

    @property
    def label(self) -> str:
        return _("通用 Excel 表")

    def write(self, out: OutList) -> bytes:
        return xlsx_bytes(out)

    def recognises(self, received: ReceivedFile) -> bool:
        return not received.name.lower().endswith((".csv", ".txt", ".xml"))

    def read(self, received: ReceivedFile) -> ReturnFile:
        return read_answers(received)
