"""Lists and answers as sheets: what the profiles that write xlsx or csv share.

An answer's columns are found by the names that banks give them, in whatever profile they come; a total row, which the
reader of sheets leaves out of the data, is compared with the lines above it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Column, Kind, Sheet, Skip, read_sheet, write_csv, write_xlsx
from shouwang.kernel.spreadsheets.cells import read_amount

from .base import LineAnswer, OutList, ReceivedFile, ReturnFile, fingerprint, refuse_other_total, refuse_unreadable
from .reasons import reason_words

OutRow = Mapping[str, str | int | None]

OUT_COLUMNS = (
    Column("batch", "批次号", kind=Kind.CODE),
    Column("line", "序号", kind=Kind.COUNT),
    Column("holder", "户名", kind=Kind.TEXT),
    Column("account", "账号", kind=Kind.CODE),
    Column("bank", "开户行", kind=Kind.TEXT),
    Column("amount", "金额", kind=Kind.AMOUNT),
    Column("purpose", "用途", kind=Kind.TEXT),
)
BACK_COLUMNS = (
    Column("batch", "批次号", ("批号", "批次编号", "代发批次号", "企业批次号"), required=True, kind=Kind.CODE),
    Column("line", "序号", ("行号", "明细序号", "明细号"), required=True, kind=Kind.COUNT),
    Column("amount", "金额", ("发放金额", "交易金额", "金额(元)"), required=True, kind=Kind.AMOUNT),
    Column("result", "处理结果", ("结果", "交易结果", "状态", "处理状态", "交易状态"), required=True),
    Column("reason", "失败原因", ("退票原因", "原因", "备注", "返回信息", "失败代码", "返回码")),
    Column("day", "入账日期", ("交易日期", "处理日期", "日期"), kind=Kind.DATE),
)
_PAID_WORDS = frozenset({"成功", "已到账", "到账", "已入账", "交易成功", "处理成功"})
_RETURNED_WORDS = frozenset({"失败", "退票", "退回", "未成功", "交易失败", "处理失败"})


def out_rows(out: OutList) -> list[OutRow]:
    return [
        {
            "batch": out.number,
            "line": line.number,
            "holder": line.holder,
            "account": line.account,
            "bank": line.bank,
            "amount": line.amount_fen,
            "purpose": out.purpose,
        }
        for line in out.lines
    ]


def csv_bytes(out: OutList, *, columns: Sequence[Column] = OUT_COLUMNS, encoding: str = "utf-8-sig") -> bytes:
    """The list as csv. Raises Invalid for a character that the encoding does not have."""
    text = b"".join(write_csv(columns, out_rows(out))).decode("utf-8-sig")
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise Invalid(
            _("“%(text)s”不能用 %(encoding)s 编码写进代发文件，请改用其他格式")
            % {"text": text[error.start : error.end], "encoding": encoding.upper()},
            reason="bank_file.encoding",
        ) from None


def xlsx_bytes(out: OutList) -> bytes:
    buffer = io.BytesIO()
    write_xlsx(buffer, OUT_COLUMNS, out_rows(out), sheet_name="代发明细")
    return buffer.getvalue()


def read_answers(received: ReceivedFile) -> ReturnFile:
    """The bank's answers of a file (xlsx, xls, ods, csv). Raises Invalid naming the lines that cannot be read."""
    sheet = read_sheet(io.BytesIO(received.content), filename=received.name, columns=BACK_COLUMNS)
    if sheet.missing:
        labels = "、".join(column.label for column in sheet.missing)
        raise Invalid(
            _("这不是银行回盘文件：缺少列 %(columns)s。请上传银行返回的原文件。") % {"columns": labels},
            reason="return.columns",
        )
    answers: list[LineAnswer] = []
    problems: list[str] = []
    for row in sheet.rows(today=clock.today()):
        complaints = [problem.message for problem in row.problems] or _complaints(row.cells)
        if complaints:
            problems.append(_("第 %(row)s 行：%(what)s") % {"row": row.number, "what": "；".join(complaints)})
        else:
            answers.append(_answer(row.cells))
    refuse_unreadable(problems)
    if not answers:
        raise Invalid(_("回盘文件里没有一行结果"), reason="return.empty")
    for stated in _total_amounts(sheet):
        refuse_other_total(what=_("合计行"), stated_fen=stated, added_fen=sum(answer.amount_fen for answer in answers))
    return ReturnFile(answers=tuple(answers), fingerprint=fingerprint(received.content))


def _complaints(cells: Mapping[str, object]) -> list[str]:
    result = str(cells.get("result") or "").strip()
    if result not in _PAID_WORDS | _RETURNED_WORDS:
        return [_("处理结果“%(result)s”不认识，应为“成功”或“失败”") % {"result": result}]
    if any(cells.get(key) is None for key in ("batch", "line", "amount")):
        return [_("批次号、序号、金额都要填写")]
    return []


def _answer(cells: Mapping[str, object]) -> LineAnswer:
    line, amount, day = cells["line"], cells["amount"], cells.get("day")
    assert isinstance(line, int)
    assert isinstance(amount, int)
    is_paid = str(cells["result"]).strip() in _PAID_WORDS
    return LineAnswer(
        batch_number=str(cells["batch"]).strip(),
        line_number=line,
        amount_fen=amount,
        is_paid=is_paid,
        reason="" if is_paid else reason_words(str(cells.get("reason") or "")),
        on=day if isinstance(day, date) else clock.today(),
    )


def _total_amounts(sheet: Sheet) -> Iterable[int]:
    """The amounts of a grand total's rows; a page's or a village's own subtotal says nothing of the whole."""
    rows = {
        row.number
        for row in sheet.skipped_rows()
        if row.why is Skip.TOTAL and row.text.startswith(("合计", "总计", "共计"))
    }
    position = sheet.mapping["amount"]
    for index, cells in enumerate(sheet.grid.rows(), 1):
        if index in rows and position < len(cells):
            amount = read_amount(cells[position], unit=sheet.amount_unit)
            if amount is not None:
                yield amount


def answer_rows(answers: Sequence[LineAnswer]) -> list[OutRow]:
    """Answers as rows of `BACK_COLUMNS`: what a bank's program would send back."""
    return [
        {
            "batch": answer.batch_number,
            "line": answer.line_number,
            "amount": answer.amount_fen,
            "result": "成功" if answer.is_paid else "失败",
            "reason": answer.reason,
        }
        for answer in answers
    ]
