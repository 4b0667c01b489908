"""ISO 20022: a list as pain.001.001.03, its answers from pain.002.001.x.

Out: one payment information block in CNY, control sums as exact decimals, MsgId and PmtInfId are the batch's number,
EndToEndId is `<batch>-<line>`. In: any version of the status report. A transaction that the bank has settled (ACSC,
ACCC) is paid, a refused one (RJCT) is returned with its reason; one still under way stays open. The report's own counts
and sums must be what its transactions add up to. The file is read without entities or external references.

Structure after the ISO 20022 message definitions CustomerCreditTransferInitiationV03 and CustomerPaymentStatusReport.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, register_namespace, tostring

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.money import FEN_MAX

from .base import (
    LineAnswer,
    OutLine,
    OutList,
    Payer,
    ReceivedFile,
    ReturnFile,
    fingerprint,
    refuse_other_total,
    refuse_unreadable,
)
from .reasons import reason_words

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
CURRENCY = "CNY"
NAME_LENGTH, ID_LENGTH, ACCOUNT_LENGTH = 140, 35, 34

_BACK_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.\d\d\}Document")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SETTLED = frozenset({"ACSC", "ACCC"})
_REFUSED = frozenset({"RJCT"})
_UNDER_WAY = frozenset({"ACCP", "ACSP", "ACTC", "ACWC", "ACWP", "PDNG", "RCVD", "PATC"})
_LINE = re.compile(r"(?P<batch>.+)-(?P<line>\d{6,9})")


class Iso20022:
    key = "iso20022"
    suffix = "xml"
    content_type = "application/xml"
    needs_payer = True

    @property
    def label(self) -> str:
        return _("ISO 20022 报文（pain.001）")

    def write(self, out: OutList) -> bytes:
        if out.payer is None:
            raise Invalid(
                _("ISO 20022 报文要写明付款账户。请先在“代发银行”登记付款户名、账号和开户行。"),
                reason="bank_file.no_payer",
            )
        register_namespace("", NAMESPACE)
        document = Element(_tag("Document"))
        initiation = _child(document, "CstmrCdtTrfInitn")
        header = _child(initiation, "GrpHdr")
        _text(header, "MsgId", out.number, ID_LENGTH)
        _text(header, "CreDtTm", out.made_at.astimezone(clock.TZ).strftime("%Y-%m-%dT%H:%M:%S"))
        _totals(header, out)
        _text(_child(header, "InitgPty"), "Nm", out.payer.name, NAME_LENGTH)
        _payment(initiation, out, out.payer)
        indent(document)
        return bytes(tostring(document, encoding="utf-8", xml_declaration=True))

    def recognises(self, received: ReceivedFile) -> bool:
        is_markup = received.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        return is_markup or received.name.lower().endswith(".xml")

    def read(self, received: ReceivedFile) -> ReturnFile:
        return _Report(_parse(received.content)).returned(received.content)


def line_id(batch_number: str, line_number: int) -> str:
    """EndToEndId of a line: what the bank hands back with its answer."""
    return f"{batch_number}-{line_number:06d}"


def decimal_yuan(fen: int) -> str:
    """123456 -> "1234.56": a decimal of the standard, without grouping."""
    whole, cents = divmod(fen, 100)
    return f"{whole}.{cents:02d}"


def _payment(initiation: Element, out: OutList, payer: Payer) -> None:
    payment = _child(initiation, "PmtInf")
    _text(payment, "PmtInfId", out.number, ID_LENGTH)
    _text(payment, "PmtMtd", "TRF")
    _text(payment, "BtchBookg", "true")
    _totals(payment, out)
    _text(payment, "ReqdExctnDt", out.pay_on.isoformat())
    _text(_child(payment, "Dbtr"), "Nm", payer.name, NAME_LENGTH)
    account = _child(payment, "DbtrAcct")
    _text(_child(_child(account, "Id"), "Othr"), "Id", payer.account, ACCOUNT_LENGTH)
    _text(account, "Ccy", CURRENCY)
    _agent(payment, "DbtrAgt", payer.bank, payer.bank_code)
    _text(payment, "ChrgBr", "DEBT")
    for line in out.lines:
        _transfer(payment, out, line)


def _transfer(payment: Element, out: OutList, line: OutLine) -> None:
    transfer = _child(payment, "CdtTrfTxInf")
    ids = _child(transfer, "PmtId")
    _text(ids, "InstrId", str(line.number), ID_LENGTH)
    _text(ids, "EndToEndId", line_id(out.number, line.number), ID_LENGTH)
    amount = _text(_child(transfer, "Amt"), "InstdAmt", decimal_yuan(line.amount_fen))
    amount.set("Ccy", CURRENCY)
    _agent(transfer, "CdtrAgt", line.bank, "")
    _text(_child(transfer, "Cdtr"), "Nm", line.holder, NAME_LENGTH)
    _text(_child(_child(_child(transfer, "CdtrAcct"), "Id"), "Othr"), "Id", line.account, ACCOUNT_LENGTH)
    _text(_child(transfer, "RmtInf"), "Ustrd", out.purpose, NAME_LENGTH)


def _totals(parent: Element, out: OutList) -> None:
    _text(parent, "NbOfTxs", str(len(out.lines)))
    _text(parent, "CtrlSum", decimal_yuan(out.amount_fen))


def _agent(parent: Element, name: str, bank: str, bank_code: str) -> None:
    institution = _child(_child(parent, name), "FinInstnId")
    if bank_code:
        member = _child(institution, "ClrSysMmbId")
        _text(_child(member, "ClrSysId"), "Cd", "CNAPS")
        _text(member, "MmbId", bank_code, ID_LENGTH)
    _text(institution, "Nm", bank or "—", NAME_LENGTH)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _child(parent: Element, name: str) -> Element:
    return SubElement(parent, _tag(name))


def _text(parent: Element, name: str, text: str, longest: int | None = None) -> Element:
    """Raises Invalid for what the standard's field cannot carry: nothing of a name or a number is cut off."""
    if not text.strip() or _NOT_IN_XML.search(text) or (longest is not None and len(text) > longest):
        raise Invalid(
            _("“%(text)s”不能写进 ISO 20022 报文的 %(field)s，请核对资料") % {"text": text[:60], "field": name},
            reason="bank_file.field",
            field=name,
        )
    element = _child(parent, name)
    element.text = text
    return element


def _parse(content: bytes) -> Element:
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise Invalid(
            _("回盘报文里有实体定义或外部引用，可能有害，未作任何处理。请向银行重新索取。"), reason="return.unsafe_xml"
        ) from None
    except (ParseError, ValueError, LookupError):
        raise Invalid(
            _("回盘报文不完整或已损坏，不能读取，未作任何处理。请重新下载。"), reason="return.broken_xml"
        ) from None
    assert isinstance(root, Element)
    if not _BACK_NAMESPACE.fullmatch(root.tag):
        raise Invalid(
            _("这不是 ISO 20022 的 pain.002 回盘报文，未作任何处理。请上传银行返回的原文件。"), reason="return.columns"
        )
    return root


class _Report:
    """A status report, read strictly: what is missing or contradicts itself is a problem with its place."""

    def __init__(self, root: Element) -> None:
        self._space = root.tag.removesuffix("Document")
        self._report = self._must(root, "CstmrPmtStsRpt")
        self._group = self._must(self._report, "OrgnlGrpInfAndSts")
        self._batch = self._said(self._group, "OrgnlMsgId")
        self._sums: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._waiting_count = 0

    def returned(self, content: bytes) -> ReturnFile:
        if not self._batch:
            raise Invalid(_("回盘报文没有写明原报文编号，不知道是哪一批，未作任何处理"), reason="return.no_batch")
        answers: list[LineAnswer] = []
        problems: list[str] = []
        for position, (block, transaction) in enumerate(self._transactions(), 1):
            try:
                answer = self._answer(transaction, self._said(block, "OrgnlPmtInfId"))
            except Invalid as refusal:
                where = self._said(transaction, "OrgnlEndToEndId") or str(position)
                problems.append(_("第 %(row)s 笔：%(what)s") % {"row": where, "what": refusal.message})
            else:
                answers.extend([answer] if answer else [])
        refuse_unreadable(problems)
        self._check_totals()
        if not answers:
            raise Invalid(self._nothing_said(), reason="return.empty")
        return ReturnFile(tuple(answers), fingerprint(content), self._declared(), self._waiting_count)

    def _transactions(self) -> Iterator[tuple[Element, Element]]:
        for block in self._report.iterfind(f"{self._space}OrgnlPmtInfAndSts"):
            for transaction in block.iterfind(f"{self._space}TxInfAndSts"):
                yield block, transaction

    def _answer(self, transaction: Element, payment_id: str) -> LineAnswer | None:
        """None for a line that the bank has not decided yet."""
        status = self._said(transaction, "TxSts")
        if status not in _SETTLED | _REFUSED | _UNDER_WAY:
            raise Invalid(_("状态“%(status)s”不认识") % {"status": status}, reason="return.status")
        amount_fen = self._amount(transaction)
        self._sums[status] = self._sums.get(status, 0) + amount_fen
        self._counts[status] = self._counts.get(status, 0) + 1
        if status in _UNDER_WAY:
            self._waiting_count += 1
            return None
        batch, line = self._line(transaction)
        if payment_id and payment_id != self._batch:
            batch = payment_id
        is_paid = status in _SETTLED
        reason = "" if is_paid else self._reason(transaction)
        return LineAnswer(batch, line, amount_fen, is_paid, reason, self._day(transaction))

    def _line(self, transaction: Element) -> tuple[str, int]:
        match = _LINE.fullmatch(self._said(transaction, "OrgnlEndToEndId"))
        if match is None:
            raise Invalid(_("没有写明原端到端编号（EndToEndId），或者不是我们的编号"), reason="return.line_id")
        # The report names its message; a line of another list inside it shows as that other list.
        return match["batch"], int(match["line"])

    def _amount(self, transaction: Element) -> int:
        element = transaction.find(f"{self._space}OrgnlTxRef/{self._space}Amt/{self._space}InstdAmt")
        if element is None:
            raise Invalid(_("没有写明金额（OrgnlTxRef/Amt/InstdAmt）"), reason="return.no_amount")
        if element.get("Ccy") != CURRENCY:
            raise Invalid(_("币种不是人民币"), reason="return.currency")
        return _fen(element.text or "")

    def _reason(self, transaction: Element) -> str:
        information = transaction.find(f"{self._space}StsRsnInf")
        if information is None:
            return reason_words("")
        reason = information.find(f"{self._space}Rsn")
        code = "" if reason is None else self._said(reason, "Cd") or self._said(reason, "Prtry")
        notes = [note.text or "" for note in information.iterfind(f"{self._space}AddtlInf")]
        return reason_words(code, " ".join(notes))

    def _day(self, transaction: Element) -> date:
        """The day of settlement where the bank gives it, else the report's own."""
        path = f"{self._space}OrgnlTxRef/{self._space}IntrBkSttlmDt"
        said = (transaction.findtext(path) or self._said(transaction, "AccptncDtTm") or self._made_at()).strip()
        try:
            return date.fromisoformat(said[:10])
        except ValueError:
            raise Invalid(_("日期“%(day)s”不能读取") % {"day": said[:30]}, reason="return.day") from None

    def _made_at(self) -> str:
        return self._said(self._must(self._report, "GrpHdr"), "CreDtTm")

    def _declared(self) -> int | None:
        """What the report says that the original message amounted to."""
        said = self._said(self._group, "OrgnlCtrlSum")
        return _fen(said) if said else None

    def _check_totals(self) -> None:
        holders = [self._group, *self._report.iterfind(f"{self._space}OrgnlPmtInfAndSts")]
        blocks = len(holders) - 1
        for holder in holders:
            if holder is not self._group and blocks > 1:
                continue  # a block's own sums tell of its own lines; the group's tell of all
            for stated in holder.iterfind(f"{self._space}NbOfTxsPerSts"):
                status = self._said(stated, "DtldSts")
                count, total = self._said(stated, "DtldNbOfTxs"), self._said(stated, "DtldCtrlSum")
                if count and count != str(self._counts.get(status, 0)):
                    raise Invalid(
                        _("回盘报文写明状态 %(status)s 有 %(stated)s 笔，实际 %(found)s 笔，未作任何处理")
                        % {"status": status, "stated": count, "found": self._counts.get(status, 0)},
                        reason="return.count",
                    )
                if total:
                    refuse_other_total(
                        what=_("状态 %(status)s 的合计") % {"status": status},
                        stated_fen=_fen(total),
                        added_fen=self._sums.get(status, 0),
                    )

    def _nothing_said(self) -> str:
        if self._said(self._group, "GrpSts") in _REFUSED:
            words = _("银行拒收了整个文件，没有发放一笔：%(reason)s。改正后重新送银行。")
            return words % {"reason": self._reason(self._group)}
        if self._waiting_count:
            return _("银行已收到文件，还没有一笔有结果，请等后续回盘")
        return _("回盘文件里没有一行结果")

    def _must(self, parent: Element, name: str) -> Element:
        element = parent.find(f"{self._space}{name}")
        if element is None:
            raise Invalid(
                _("回盘报文缺少 %(name)s，不能读取，未作任何处理。请向银行重新索取。") % {"name": name},
                reason="return.columns",
            )
        return element

    def _said(self, parent: Element, name: str) -> str:
        return (parent.findtext(f"{self._space}{name}") or "").strip()


def _fen(text: str) -> int:
    """A decimal amount in yuan, exact: two decimals at most. Raises Invalid."""
    try:
        fen = Decimal(text.strip()).scaleb(2) if re.fullmatch(r"\s*\d{1,16}(\.\d+)?\s*", text) else None
    except InvalidOperation:
        fen = None
    if fen is None or fen != fen.to_integral_value() or fen > FEN_MAX:
        raise Invalid(_("金额“%(text)s”不能读取") % {"text": text[:30]}, reason="return.amount_text")
    return int(fen)
