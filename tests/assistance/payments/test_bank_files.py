"""The bank's files, profile by profile: what leaves, what comes back, and what is refused with nothing done."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from shouwang.assistance.bank_files import (
    PROFILES,
    LineAnswer,
    OutLine,
    OutList,
    Payer,
    answer_rows,
    lines_fingerprint,
    read_return,
)
from shouwang.assistance.bank_files.iso20022 import NAMESPACE
from shouwang.assistance.bank_files.reasons import reason_words
from shouwang.assistance.bank_files.sheets import BACK_COLUMNS
from shouwang.assistance.commands.banking import ArrangedBank, arrange_bank
from shouwang.assistance.commands.batches import take_bank_file
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import BankArrangement, PaymentBatch, PaymentOutcome
from shouwang.assistance.states import AttemptState
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid, NotAllowed
from shouwang.kernel.ids import new_id
from shouwang.kernel.spreadsheets import write_csv
from tests.factories import HANTING

from .iso_schema import complaints
from .setting import County, acting_as, answers, lines_of, reread, walk
from .test_chain import run

PAYER = Payer("寒亭区民政局专户", "37070012345678", "潍坊农商银行", "402458000012")
LINES = (
    OutLine(1, "王堃", "6217001234500000001", "农村商业银行", 450_00),
    OutLine(2, "喆·赟<&>", "6217001234500000002", "农村商业银行", 315_50),
    OutLine(3, "张三", "6217001234500000003", "", 902_01),
)
OUT = OutList(
    "DB202003-370703-01", "最低生活保障 2020-03", clock.instant(2020, 3, 18, 9), date(2020, 3, 18), LINES, PAYER
)
N = f"{{{NAMESPACE}}}"

# Order and content of each element of pain.001.001.03 that we write, after the message definition report.
STRUCTURE: dict[str, tuple[str, ...]] = {
    "Document": ("CstmrCdtTrfInitn",),
    "CstmrCdtTrfInitn": ("GrpHdr", "PmtInf"),
    "GrpHdr": ("MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"),
    "InitgPty": ("Nm",),
    "PmtInf": (
        *("PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt"),
        *("ChrgBr", "CdtTrfTxInf"),
    ),
    "Dbtr": ("Nm",),
    "DbtrAcct": ("Id", "Ccy"),
    "CdtrAcct": ("Id",),
    "Othr": ("Id",),
    "DbtrAgt": ("FinInstnId",),
    "CdtrAgt": ("FinInstnId",),
    "FinInstnId": ("ClrSysMmbId", "Nm"),
    "ClrSysMmbId": ("ClrSysId", "MmbId"),
    "ClrSysId": ("Cd",),
    "CdtTrfTxInf": ("PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"),
    "PmtId": ("InstrId", "EndToEndId"),
    "Amt": ("InstdAmt",),
    "Cdtr": ("Nm",),
    "RmtInf": ("Ustrd",),
}


def check_structure(element: ElementTree.Element) -> None:
    """Every element holds only what the standard lets follow, in its order."""
    name = element.tag.removeprefix(N)
    children = [child.tag.removeprefix(N) for child in element]
    if name == "Id" and children:
        assert children == ["Othr"]
    elif children:
        order = STRUCTURE[name]
        assert [order.index(child) for child in children] == sorted(order.index(child) for child in children), name
    else:
        assert element.text
        assert element.text.strip()
    for child in element:
        check_structure(child)


def test_pain_001_has_the_standards_structure_and_exact_sums() -> None:
    root = ElementTree.fromstring(PROFILES["iso20022"].write(OUT))
    assert root.tag == f"{N}Document"
    check_structure(root)
    assert {element.text for element in root.iter(f"{N}CtrlSum")} == {"1667.51"}
    assert {element.text for element in root.iter(f"{N}NbOfTxs")} == {"3"}
    assert [element.text for element in root.iter(f"{N}InstdAmt")] == ["450.00", "315.50", "902.01"]
    assert {element.get("Ccy") for element in root.iter(f"{N}InstdAmt")} == {"CNY"}
    assert root.findtext(f".//{N}EndToEndId") == "DB202003-370703-01-000001"
    assert root.findtext(f".//{N}MsgId") == root.findtext(f".//{N}PmtInfId") == OUT.number
    assert root.findtext(f".//{N}CreDtTm") == "2020-03-18T09:00:00"
    assert [element.text for element in root.iterfind(f".//{N}Cdtr/{N}Nm")] == ["王堃", "喆·赟<&>", "张三"]
    assert PROFILES["iso20022"].write(OUT) == PROFILES["iso20022"].write(OUT)


LONGEST = replace(
    OUT,
    number="DB202003-370703000000-R01",
    lines=(OutLine(999_999_999, "长" * 140, "6" * 34, "行" * 140, 99_999_999_999_99), OutLine(2, "一", "6", "", 1)),
    payer=Payer("户" * 140, "3" * 34, "行" * 140, "4" * 35),
)


@pytest.mark.long
@pytest.mark.parametrize("out", [OUT, LONGEST, replace(OUT, payer=replace(PAYER, bank_code=""))])
def test_pain_001_is_valid_by_the_published_schema(out: OutList) -> None:
    assert complaints(PROFILES["iso20022"].write(out), "pain.001.001.03") == []


@pytest.mark.long
def test_schema_refuses_what_is_out_of_its_order() -> None:
    """The judge sees: without it an empty answer would say nothing."""
    swapped = PROFILES["iso20022"].write(OUT).decode().replace("MsgId>", "CtrlSum>", 2).encode()
    (first, *_others) = complaints(swapped, "pain.001.001.03")
    assert "GrpHdr" in first


@pytest.mark.parametrize("change", [{"payer": None}, {"number": "X" * 36}, {"purpose": "\x01"}])
def test_pain_001_refuses_what_it_cannot_carry(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        PROFILES["iso20022"].write(replace(OUT, **change))


def test_counter_csv_is_gb18030_with_the_counters_columns() -> None:
    text = PROFILES["counter_csv"].write(OUT).decode("gb18030")
    head, first, second, _third = csv.reader(io.StringIO(text))
    assert head == ["企业批次号", "明细序号", "收款账号", "收款户名", "交易金额", "收款行名称", "附言"]
    assert first == [OUT.number, "1", LINES[0].account, "王堃", "450.00", "农村商业银行", OUT.purpose]
    assert second[3] == "喆·赟<&>"


def test_fingerprint_is_of_the_lines_and_the_same_for_every_profile() -> None:
    assert lines_fingerprint(OUT) == lines_fingerprint(replace(OUT, payer=None, made_at=clock.instant(2020, 3, 19)))
    assert lines_fingerprint(OUT) != lines_fingerprint(replace(OUT, lines=LINES[:2]))


def answers_csv(said: list[LineAnswer], *, total: str = "", encoding: str = "utf-8-sig") -> io.BytesIO:
    text = b"".join(write_csv(BACK_COLUMNS, answer_rows(said))).decode("utf-8-sig")
    file = io.BytesIO((text + (f"合计,,{total},,,\r\n" if total else "")).encode(encoding))
    file.name = "回盘.csv"
    return file


SAID = [
    LineAnswer(OUT.number, 1, 450_00, True, "", date(2020, 3, 18)),
    LineAnswer(OUT.number, 2, 315_50, False, "AC04", date(2020, 3, 18)),
]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_answers_come_in_either_encoding_with_reasons_in_our_words(encoding: str) -> None:
    returned = read_return(answers_csv(SAID, total="765.50", encoding=encoding), "回盘.csv", profile="counter_csv")
    assert [answer.reason for answer in returned.answers] == ["", "账户已销户（AC04）"]


def test_total_row_that_differs_by_a_fen_refuses_the_file() -> None:
    with pytest.raises(Invalid) as refusal:
        read_return(answers_csv(SAID, total="765.51"), "回盘.csv")
    assert refusal.value.reason == "return.total"
    assert "相差 0.01 元" in refusal.value.message


def test_reason_nobody_knows_is_shown_as_it_is() -> None:
    assert reason_words("ZZ99", "久悬户") == "ZZ99：久悬户"
    assert reason_words(" ") == "银行未说明原因"
    assert len(reason_words("AC01", "长" * 300)) == 100


def status_report(batch: str, said: list[LineAnswer], *, head: str = "", total: str = "", version: str = "03") -> str:
    def line(answer: LineAnswer) -> str:
        why = "<StsRsnInf><Rsn><Cd>AC06</Cd></Rsn><AddtlInf>司法冻结</AddtlInf></StsRsnInf>"
        return (
            f"<TxInfAndSts><OrgnlEndToEndId>{answer.batch_number}-{answer.line_number:06d}</OrgnlEndToEndId>"
            f"<TxSts>{'ACSC' if answer.is_paid else 'RJCT'}</TxSts>{'' if answer.is_paid else why}"
            f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{answer.amount_fen // 100}.{answer.amount_fen % 100:02d}</InstdAmt>'
            f"</Amt></OrgnlTxRef></TxInfAndSts>"
        )

    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>B1</MsgId><CreDtTm>2020-03-18T10:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>{total}"
        "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId>{''.join(line(one) for one in said)}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


def read_xml(text: str) -> object:
    return read_return(io.BytesIO(text.encode()), "回盘.xml")


@pytest.mark.parametrize("version", ["03", "10", "12"])
def test_pain_002_is_read_line_by_line(version: str) -> None:
    total = "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>1667.51</OrgnlCtrlSum>"
    text = status_report(OUT.number, SAID, total=total, version=version)
    returned = read_return(io.BytesIO(text.encode()), "回盘.xml")
    assert returned.answers == (SAID[0], replace(SAID[1], reason="账户已冻结（AC06）：司法冻结"))
    assert returned.declared_fen == 1667_51


@pytest.mark.long
@pytest.mark.parametrize("version", ["03", "12"])
def test_report_that_the_tests_read_is_valid_by_the_published_schema(version: str) -> None:
    total = "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>1667.51</OrgnlCtrlSum>"
    report = status_report(OUT.number, SAID, total=total, version=version)
    assert complaints(report.encode(), f"pain.002.001.{version}") == []


BOMB = '<!DOCTYPE x [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;&a;&a;">]>'
GOOD = status_report(OUT.number, SAID)
SUMS = "<NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>ACSC</DtldSts><DtldCtrlSum>450.01</DtldCtrlSum></NbOfTxsPerSts>"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD[:-30], "return.broken_xml"),
        (status_report(OUT.number, SAID, head=BOMB), "return.unsafe_xml"),
        (GOOD.replace("pain.002", "pain.001"), "return.columns"),
        (GOOD.replace("<GrpHdr>", "<Hdr>").replace("</GrpHdr>", "</Hdr>"), "return.unreadable"),
        (GOOD.replace("ACSC", "WHAT"), "return.unreadable"),
        (GOOD.replace('Ccy="CNY"', 'Ccy="USD"'), "return.unreadable"),
        (GOOD.replace("450.00", "450.001"), "return.unreadable"),
        (GOOD.replace("450.00", "4,50"), "return.unreadable"),
        (GOOD.replace("-000001", ""), "return.unreadable"),
        (status_report("", SAID), "return.no_batch"),
        (status_report(OUT.number, SAID, total=SUMS), "return.total"),
        (status_report(OUT.number, SAID, total=SUMS.replace("<DtldNbOfTxs>1", "<DtldNbOfTxs>2")), "return.count"),
        (status_report(OUT.number, []), "return.empty"),
        ("<", "return.broken_xml"),
    ],
)
def test_pain_002_that_is_not_whole_is_refused_in_words(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_xml(text)
    assert refusal.value.reason == reason
    assert not refusal.value.message.isascii()


def test_refused_whole_message_and_lines_under_way_say_so() -> None:
    refused = (
        status_report(OUT.number, [])
        .replace("PART", "RJCT")
        .replace("</GrpSts>", "</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>")
    )
    with pytest.raises(Invalid, match=r"拒收了整个文件.*文件格式有误"):
        read_xml(refused)
    with pytest.raises(Invalid, match="还没有一笔有结果"):
        read_xml(GOOD.replace("ACSC", "ACSP").replace("RJCT", "PDNG"))


def arrange(county: County, profile: str = "iso20022", **more: object) -> BankArrangement:
    arranged = ArrangedBank(
        area_code=HANTING,
        profile=profile,
        payer_name=PAYER.name,
        payer_account=PAYER.account,
        payer_bank=PAYER.bank,
        payer_bank_code=PAYER.bank_code,
    )
    with acting_as(county.officers.finance) as finance:
        return arrange_bank(actor=finance, arrangement_id=new_id(), arranged=replace(arranged, **more))


def received(county: County, batch: PaymentBatch, text: str) -> object:
    returned = read_return(io.BytesIO(text.encode()), "回盘.xml")
    with acting_as(county.officers.sender) as sender:
        return receive_return(
            actor=sender,
            batch_id=batch.id,
            answers=returned.answers,
            fingerprint=returned.fingerprint,
            declared_fen=returned.declared_fen,
        )


pytestmark_db = pytest.mark.django_db


@pytestmark_db
def test_list_goes_out_and_comes_back_as_iso_20022(county: County) -> None:
    arrange(county)
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        _batch, profile, content = take_bank_file(actor=sender, batch_id=batch.id)
        assert take_bank_file(actor=sender, batch_id=batch.id)[2] == content
    assert profile.key == "iso20022"
    root = ElementTree.fromstring(content)
    check_structure(root)
    assert root.findtext(f".//{N}DbtrAcct/{N}Id/{N}Othr/{N}Id") == PAYER.account
    said = answers(batch, failing=[2])
    total = f"<OrgnlCtrlSum>{root.findtext(f'.//{N}CtrlSum')}</OrgnlCtrlSum>"
    received(county, batch, status_report(batch.number, said, total=total))
    states = [line.state for line in lines_of(batch)]
    assert states == [AttemptState.SUCCEEDED, AttemptState.RETURNED, AttemptState.SUCCEEDED]
    with acting_as(county.officers.sender):
        assert PaymentOutcome.objects.get(kind="returned").reason == "账户已冻结（AC06）：司法冻结"


@pytestmark_db
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text, batch: text.replace(batch.number, "DB202003-370704-01"), "return.other_batch"),
        (lambda text, batch: text.replace(f"{batch.number}-000001", "DB202003-370704-01-000001"), "return.other_batch"),
        (lambda text, batch: text.replace("-000001", "-000009"), "return.unknown_line"),
        (lambda text, batch: text.replace("-000001", "-000002"), "return.line_twice"),
        (lambda text, batch: text.replace(">450.00", ">450.01"), "return.amount"),
        (lambda text, batch: text.replace("1667.50", "1667.49"), "return.total"),
        (lambda text, batch: text[:-40], "return.broken_xml"),
    ],
)
def test_bad_return_message_changes_nothing(
    county: County, spoil: Callable[[str, PaymentBatch], str], reason: str
) -> None:
    batch = walk(run(county), county.officers)
    text = status_report(batch.number, answers(batch), total="<OrgnlCtrlSum>1667.50</OrgnlCtrlSum>")
    before = counts()
    with pytest.raises(Invalid) as refusal:
        received(county, batch, spoil(text, batch))
    assert refusal.value.reason == reason or (reason == "return.line_twice" and refusal.value.reason == "return.amount")
    assert counts() == before
    assert reread(batch).state == "sent"


def counts() -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from assistance_paymentoutcome), (select count(*) from ledger_entry),"
            " (select count(*) from assistance_batchmove), (select count(*) from kernel_auditentry)"
        )
        return list(cursor.fetchone())


@pytestmark_db
def test_a_list_that_left_keeps_its_form_when_the_unit_changes_banks(county: County) -> None:
    batch = walk(run(county), county.officers)
    with clock.at(clock.instant(2020, 3, 18, 12)):
        arrange(county, "counter_csv")
        with acting_as(county.officers.sender) as sender:
            assert take_bank_file(actor=sender, batch_id=batch.id)[1].key == "xlsx"
            assert take_bank_file(actor=sender, batch_id=batch.id, file_format="counter_csv")[1].key == "counter_csv"


@pytestmark_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payer_account": ""}, "bank.payer_incomplete"),
        ({"payer_name": "", "payer_account": "", "payer_bank": ""}, "bank.payer_missing"),
        ({"payer_bank_code": "12"}, "bank.code"),
        ({"payer_account": "12"}, "account.number"),
        ({"profile": "nobody"}, "bank_file.profile"),
    ],
)
def test_arrangement_that_cannot_work_is_refused(county: County, change: dict[str, object], reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        arrange(county, **change)  # type: ignore[arg-type]
    assert refusal.value.reason == reason
    with acting_as(county.officers.finance):
        assert not BankArrangement.objects.exists()


@pytestmark_db
def test_only_finance_arranges_the_bank(county: County) -> None:
    arranged = ArrangedBank(area_code=HANTING, profile="csv")
    with acting_as(county.officers.sender) as sender, pytest.raises(NotAllowed):
        arrange_bank(actor=sender, arrangement_id=new_id(), arranged=arranged)
    with acting_as(county.officers.finance) as finance:
        once = arrange_bank(actor=finance, arrangement_id=(key := new_id()), arranged=arranged)
        assert arrange_bank(actor=finance, arrangement_id=key, arranged=arranged).id == once.id
        assert BankArrangement.objects.count() == 1
