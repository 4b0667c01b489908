"""代发工资类 csv as bank counters take it: GB18030 without a mark, the columns of the counter's own template."""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.kernel.spreadsheets import Column, Kind

from .base import OutList, ReceivedFile, ReturnFile
from .sheets import csv_bytes, read_answers

COLUMNS = (
    Column("batch", "企业批次号", kind=Kind.CODE),
    Column("line", "明细序号", kind=Kind.COUNT),
    Column("account", "收款账号", kind=Kind.CODE),
    Column("holder", "收款户名", kind=Kind.TEXT),
    Column("amount", "交易金额", kind=Kind.AMOUNT),
    Column("bank", "收款行名称", kind=Kind.TEXT),
    Column("purpose", "附言", kind=Kind.TEXT),
)


class CounterCsv:
    key = "counter_csv"
    suffix = "csv"
    content_type = "text/csv; charset=gb18030"
    needs_payer = False

    @property
    def label(self) -> str:
        return _("柜面代发 CSV（GB18030）")

    def write(self, out: OutList) -> bytes:
        return csv_bytes(out, columns=COLUMNS, encoding="gb18030")

    def recognises(self, received: ReceivedFile) -> bool:
        return received.name.lower().endswith((".csv", ".txt"))

    def read(self, received: ReceivedFile) -> ReturnFile:
        return read_answers(received)
