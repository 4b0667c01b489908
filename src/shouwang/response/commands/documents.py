"""Registering documents. A document is one per number and issuer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

from ..files import IncomingFile, check_file
from ..models import Document, DocumentFile, DocumentReceipt
from ..policies import ensure_may_answer_for_sites, ensure_may_register_documents
from ..queries.documents import get_document
from ..states import WorkField


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which of the ten fields a document is of, who issued it together, what it passes on and whose place it takes."""

    work_field: str = WorkField.GENERAL
    co_issuers: tuple[str, ...] = ()
    forwards_id: UUID | None = None
    supersedes_id: UUID | None = None


NO_LINEAGE = Lineage()


@transaction.atomic
def register_document(
    *,
    actor: Actor,
    number: str,
    title: str,
    issuer: str,
    issued_on: date,
    area_code: int,
    file: IncomingFile | None = None,
    lineage: Lineage = NO_LINEAGE,
) -> Document:
    """Registered twice with one content it is one document. Raises Conflict when the number is taken by another.

    Raises NotFound for a document of its lineage that is not registered, Conflict for one that has a successor already.
    """
    ensure_may_register_documents(actor, area_code)
    content = {"title": title.strip(), "issued_on": issued_on, "area_code": area_code} | _lineage(lineage)
    key = {"number": number.strip(), "issuer": issuer.strip()}
    if not all((*key.values(), content["title"])):
        raise Invalid(_("文号、标题和发文机关都要填写"), reason="document.incomplete")
    if issued_on > clock.today():
        raise Invalid(_("发文日期 %(day)s 还没有到") % {"day": issued_on.isoformat()}, reason="document.future")
    if file is not None:
        check_file(file)
    try:
        with transaction.atomic():
            document = Document.objects.create(recorded_at=clock.now(), recorded_by=actor.user_id, **key, **content)
    except IntegrityError:
        existing = Document.objects.filter(**key).first()
        if existing is None:
            raise Conflict(_("被代替的文件已经有新的版本"), reason="document.superseded") from None
        return _same_document(existing, content, file)
    if file is not None:
        DocumentFile.objects.create(
            document=document,
            name=file.plain_name,
            size_bytes=len(file.content),
            sha256=file.sha256,
            content=file.content,
        )
    audit.record(
        actor=actor,
        action="document.register",
        subject=f"document:{document.id}",
        area_code=area_code,
        data={"number": document.number, "file_sha256": file.sha256.hex() if file else None},
    )
    return document


def _same_document(existing: Document, content: Mapping[str, object], file: IncomingFile | None) -> Document:
    stored = DocumentFile.objects.filter(document=existing).values_list("sha256", flat=True).first()
    same_file = (bytes(stored) if stored is not None else None) == (file.sha256 if file else None)
    if same_file and all(getattr(existing, field) == value for field, value in content.items()):
        return existing
    raise Conflict(
        _("%(issuer)s %(number)s 已经登记：%(title)s，请直接选用")
        % {"issuer": existing.issuer, "number": existing.number, "title": existing.title},
        reason="document.number_taken",
        document_id=existing.id,
    )


def _lineage(lineage: Lineage) -> dict[str, object]:
    issuers = [name for name in (" ".join(one.split()) for one in lineage.co_issuers) if name]
    if any(len(name) > 100 for name in issuers):
        raise Invalid(_("联合发文机关的名称不超过100字"), reason="document.co_issuers")
    above = (lineage.forwards_id, lineage.supersedes_id)
    forwards_id, supersedes_id = (get_document(one).id if one else None for one in above)
    return {
        "work_field": WorkField(lineage.work_field),
        "co_issuers": issuers,
        "forwards_id": forwards_id,
        "supersedes_id": supersedes_id,
    }


@transaction.atomic
def send_document(*, actor: Actor, document_id: UUID, area_codes: Sequence[int], due_on: date) -> int:
    """To units in the actor's scope, each of which owes a receipt; returns how many had not been sent it before."""
    document = get_document(document_id)
    ensure_may_register_documents(actor, actor.area_code)
    if not area_codes:
        raise Invalid(_("请选择要签收的单位"), reason="document.no_units")
    if due_on < clock.today():
        raise Invalid(_("签收期限不能早于今天"), reason="document.due")
    for code in area_codes:
        if not actor.scope.covers(get_area(code).span):
            raise NotAllowed(_("只能发给自己管辖的单位"), reason="document.outside")
    sent = set(DocumentReceipt.objects.filter(document=document).values_list("area_code", flat=True))
    fresh = sorted(set(area_codes) - sent)
    DocumentReceipt.objects.bulk_create(
        DocumentReceipt(document=document, area_code=code, due_on=due_on, sent_at=clock.now(), sent_by=actor.user_id)
        for code in fresh
    )
    audit.record(
        actor=actor, action="document.send", subject=f"document:{document.id}", area_code=actor.area_code,
        data={"count": len(fresh)},
    )  # fmt: skip
    return len(fresh)


@transaction.atomic
def receive_document(*, actor: Actor, document_id: UUID) -> DocumentReceipt:
    """签收 for the actor's own unit. Raises NotFound when nothing was sent to it; received once, it stays as it was."""
    ensure_may_answer_for_sites(actor)
    receipt = (
        DocumentReceipt.objects.select_for_update()
        .filter(actor.scope.q(), document_id=document_id, area_code=actor.area_code)
        .first()
    )
    if receipt is None:
        raise NotFound(_("这份文件没有发给您的单位"), reason="document.not_sent", document_id=document_id)
    if receipt.received_at is None:
        receipt.received_at, receipt.received_by = clock.now(), actor.user_id
        receipt.save(update_fields=["received_at", "received_by"])
        subject = f"document:{document_id}"
        audit.record(actor=actor, action="document.receive", subject=subject, area_code=actor.area_code)
    return receipt
