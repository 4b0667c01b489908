"""A county's workbook through one of the two doors: checked first, taken in when the officer has seen what it says.

Guarantees: checking writes nothing but the list itself; taking checks anew, takes the good rows all or nothing, and
gives every other row back with its reasons; taken twice is taken once. A row without ID number goes in only when an
officer has said who it means. The workbooks are sealed, for they name persons,
and are dropped after KEPT_HOURS. Refuses: a file without the columns it needs, a list whose rows are all refused.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import decrypt_bytes, encrypt_bytes
from shouwang.kernel.errors import Invalid, NotFound, StateConflict
from shouwang.kernel.spreadsheets import write_refused
from shouwang.kernel.spreadsheets.forms import check_mapping

from ..county_list_file import COLUMNS, ReadList, read_list
from ..models import CountyList
from ..policies import ensure_may_keep_grants
from ..queries.county_lists import SENT_BACK, CheckedList, Recipient, check_list
from ..queries.documents import get_document_for
from ..states import BY_HOUSEHOLD, GRANTED, MONTHLY, CountyListState, Door
from .grants import TakenOver, take_over_grants
from .history import PaidBefore, record_history
from .requests import digest_of, ensure_same, take_turns

KEPT_HOURS: Final = 72
"""Sent on a Friday afternoon, corrected on Monday morning."""

_REASONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class SentList:
    """A workbook as it was sent. `month` and `paid_on` stand where a row says none."""

    door: str
    programme: str
    is_by_household: bool
    document_id: UUID
    file_name: str
    content: bytes
    month: date | None = None
    paid_on: date | None = None


@transaction.atomic
def open_county_list(*, actor: Actor, list_id: UUID, sent: SentList) -> CountyList:
    """The list, checked; the same id and file again give the list that is there.

    Raises Invalid for a file as a whole, Conflict for the id with another file.
    """
    ensure_may_keep_grants(actor, [actor.area_code])
    take_turns([list_id])
    digest = digest_of(replace(sent, content=b""), sent.content)
    there = CountyList.objects.filter(id=list_id).first()
    if there is not None:
        ensure_same(bytes(there.request_digest), digest)
        return there
    _ensure_fits(sent)
    document = get_document_for(actor, sent.document_id)
    listed = CountyList(
        id=list_id,
        door=sent.door,
        programme=sent.programme,
        is_by_household=sent.is_by_household,
        month=sent.month,
        paid_on=sent.paid_on,
        document=document,
        area_code=actor.area_code,
        file_name=sent.file_name[:200],
        state=CountyListState.CHECKED,
        expires_at=clock.now() + timedelta(hours=KEPT_HOURS),
        creator_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        request_digest=digest,
    )
    read = _read(listed, sent.content)
    checked = check_list(actor, listed, read)
    listed.source = _sealed(listed, "source", sent.content)
    _keep_findings(listed, read, checked)
    listed.save(force_insert=True)
    _audit(actor, listed, "check")
    return listed


@transaction.atomic
def correct_list_columns(*, actor: Actor, list_id: UUID, mapping: Mapping[str, int]) -> CountyList:
    """Another reading of the same workbook, with the columns (item -> position from 0) as a person says; checked anew.

    Raises Invalid when a column is not there or is named twice, StateConflict when the list is taken in.
    """
    listed = _locked(actor, list_id)
    if listed.state == CountyListState.TAKEN:
        raise StateConflict(_("这份名单已经录入，不能再改列"), reason="list.taken", list_id=list_id)
    check_mapping(mapping, COLUMNS[listed.door], listed.report["labels"])
    listed.report |= {"mapping": dict(mapping)}
    listed.answers = {}  # they were given to rows that may now say another name
    read = _read(listed, _opened(listed, "source"))
    _keep_findings(listed, read, check_list(actor, listed, read))
    listed.save()
    _audit(actor, listed, "correct_columns")
    return listed


@transaction.atomic
def answer_list_rows(*, actor: Actor, list_id: UUID, answers: Mapping[int, UUID | None]) -> CountyList:
    """Whom the rows without ID number mean: a record of the register, or (None) none of them, and the row goes back.

    The answers that are there already write nothing; until the list is taken another answer replaces one, and both are in
    the audit. Raises Invalid for a row that asks nothing or a record that it does not offer, StateConflict when the list
    is taken in, NotFound when its workbook has expired.
    """
    listed = _locked(actor, list_id)
    said = {str(row): SENT_BACK if person_id is None else str(person_id) for row, person_id in answers.items()}
    if listed.answers | said == listed.answers:
        return listed
    if listed.state == CountyListState.TAKEN:
        raise StateConflict(_("这份名单已经录入，不能再改答复"), reason="list.taken", list_id=list_id)
    offered = {str(question["row"]): question["candidates"] for question in listed.report.get("questions", [])}
    for row, answer in said.items():
        if row not in offered or answer not in (SENT_BACK, *offered[row]):
            raise Invalid(_("第 %(row)s 行没有这个选项，请刷新后重选") % {"row": row}, reason="list.answer")
    listed.answers |= said
    read = _read(listed, _opened(listed, "source"))
    _keep_findings(listed, read, check_list(actor, listed, read))
    listed.save()
    _audit(actor, listed, "answer", answers=said)
    return listed


@transaction.atomic
def take_county_list(*, actor: Actor, list_id: UUID) -> CountyList:
    """Take the good rows in, by the register as it is now. Raises what the door's own command raises."""
    listed = _locked(actor, list_id)
    if listed.state == CountyListState.TAKEN:
        return listed
    read = _read(listed, _opened(listed, "source"))
    checked = check_list(actor, listed, read)
    if not checked.good:
        raise StateConflict(
            _("名单中没有一行可以录入，请改正退回的行后重新上传"), reason="list.nothing_good", list_id=list_id
        )
    if listed.door == Door.TAKE_OVER:
        take_over_grants(
            actor=actor,
            document_id=listed.document_id,
            rows=[_taken_over(listed, recipient) for recipient in checked.good],
        )
    else:
        record_history(
            actor=actor,
            document_id=listed.document_id,
            rows=[_paid_before(listed, recipient) for recipient in checked.good],
        )
    listed.state, listed.taken_at, listed.source = CountyListState.TAKEN, clock.now(), None
    _keep_findings(listed, read, checked)
    listed.save()
    _audit(actor, listed, "take")
    return listed


@transaction.atomic
def hand_out_refused(*, actor: Actor, list_id: UUID) -> tuple[CountyList, bytes]:
    """The refused rows as xlsx, under the sheet's own header; written into the audit, for it names persons."""
    listed = _locked(actor, list_id)
    content = _opened(listed, "refused")
    _audit(actor, listed, "hand_out")
    return listed, content


def purge_expired_lists() -> int:
    """Drop the workbooks that have expired, within the scope on the connection; returns the number of lists."""
    expired = CountyList.objects.filter(expires_at__lte=clock.now())
    kept = expired.exclude(source=None) | expired.exclude(refused=None)
    return kept.update(source=None, refused=None)


def _ensure_fits(sent: SentList) -> None:
    if sent.programme not in (GRANTED if sent.door == Door.TAKE_OVER else MONTHLY):
        raise Invalid(_("这个救助类别不能用名单录入"), reason="list.programme", programme=sent.programme)
    if sent.programme in GRANTED and sent.is_by_household != (sent.programme in BY_HOUSEHOLD):
        raise Invalid(_("低保按户，其他项目按人"), reason="list.subject", programme=sent.programme)


def _read(listed: CountyList, content: bytes) -> ReadList:
    return read_list(
        content,
        listed.file_name,
        door=listed.door,
        month=listed.month,
        paid_on=listed.paid_on,
        mapping=listed.report.get("mapping"),
    )


def _keep_findings(listed: CountyList, read: ReadList, checked: CheckedList) -> None:
    listed.good_count = len(checked.good)
    listed.refused_count = len(checked.reasons)
    listed.row_count = listed.good_count + listed.refused_count
    listed.amount_fen = checked.amount_fen
    header = read.sheet.header
    width = max(len(header.labels), max(read.sheet.mapping.values(), default=0) + 1)
    listed.report = {
        "labels": [*header.labels, *[""] * (width - len(header.labels))],
        "mapping": dict(read.sheet.mapping),
        "missing": read.missing,
        "problems": [
            {"row": number, "reasons": reasons} for number, reasons in list(checked.reasons.items())[:_REASONS_SHOWN]
        ],
        "skipped": list(read.skipped[:_REASONS_SHOWN]),
        "questions": [
            asdict(question) | {"candidates": [str(one) for one in question.candidates]}
            for question in checked.questions
        ],
    }
    listed.refused = None
    if checked.reasons:
        workbook = io.BytesIO()
        write_refused(workbook, read.sheet, sorted(checked.reasons.items()))
        listed.refused = _sealed(listed, "refused", workbook.getvalue())


def _taken_over(listed: CountyList, recipient: Recipient) -> TakenOver:
    person_id = None if listed.is_by_household else recipient.person_id
    row = recipient.row
    return TakenOver(listed.programme, recipient.household_id, person_id, row.month, row.amount_fen)


def _paid_before(listed: CountyList, recipient: Recipient) -> PaidBefore:
    row = recipient.row
    assert row.paid_on is not None  # county_list_file refuses a row of history without a day
    return PaidBefore(
        programme=listed.programme,
        benefit_month=row.month,
        household_id=recipient.household_id,
        person_id=None if listed.is_by_household else recipient.person_id,
        person_ids=recipient.covered,
        payee_id=recipient.person_id,
        amount_fen=row.amount_fen,
        paid_on=row.paid_on,
    )


def _locked(actor: Actor, list_id: UUID) -> CountyList:
    """Raises NotFound, NotAllowed."""
    ensure_may_keep_grants(actor, [])
    listed = CountyList.objects.select_for_update().filter(actor.scope.q(), id=list_id).first()
    if listed is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    return listed


def _sealed(listed: CountyList, role: str, content: bytes) -> bytes:
    return encrypt_bytes(content, purpose=f"assistance_countylist.{listed.id}.{role}")


def _opened(listed: CountyList, role: str) -> bytes:
    """Raises NotFound when the workbook has expired."""
    sealed = listed.source if role == "source" else listed.refused
    if sealed is None or listed.expires_at <= clock.now():
        raise NotFound(
            _("含个人信息的表格最多保留 %(hours)s 小时，已按规定删除，请重新上传") % {"hours": KEPT_HOURS},
            reason="list.file_gone",
        )
    return decrypt_bytes(bytes(sealed), purpose=f"assistance_countylist.{listed.id}.{role}")


def _audit(actor: Actor, listed: CountyList, act: str, **said: object) -> None:
    audit.record(
        actor=actor,
        action=f"county_list.{act}",
        subject=f"county_list:{listed.id}",
        area_code=listed.area_code,
        data={
            "door": listed.door,
            "programme": listed.programme,
            "document": str(listed.document_id),
            "good": listed.good_count,
            "refused": listed.refused_count,
            "amount_fen": listed.amount_fen,
            **said,
        },
    )
